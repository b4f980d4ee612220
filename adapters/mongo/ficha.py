"""Who a MongoDB database is, and which one is its twin (see `AlmacenConFicha`)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pymongo.database import Database

from adapters.fichas import (
    CLAVES,
    IDENTIDAD,
    LATIDO,
    PAREJA,
    POR_RELLENAR,
    PUNTO,
    a_ficha,
    a_texto,
    identidad_nueva,
    uuid_o_nada,
)
from adapters.mongo.documento import Documento
from adapters.mongo.repositorio import MongoTareaRepository
from core.domain.models.pareja import Ficha, Latido, PorRellenar
from core.domain.ports.pareja import SONDAS

_MARCAS = ["pendiente", "eliminada"]
_PRIMERAS: list[list[Documento]] = [
    [
        {"$match": {"_id": {"$gte": str(sonda)}}},
        {"$sort": {"_id": 1}},
        {"$limit": 1},
        {"$project": dict.fromkeys(_MARCAS, 1)},
    ]
    for sonda in SONDAS
]
# In one request: over a slow network each takes its time, and all have one deadline.
_EN_CADA_PARTE: list[Documento] = [
    *_PRIMERAS[0],
    *({"$unionWith": {"coll": "tareas", "pipeline": primera}} for primera in _PRIMERAS[1:]),
]


class FichaMongo:
    """The notes of a MongoTareaRepository's database."""

    def __init__(self, repositorio: MongoTareaRepository) -> None:
        self._repositorio = repositorio

    def ficha(self) -> Ficha:
        """See `AlmacenConFicha.ficha`."""
        notas = self._notas()
        if IDENTIDAD not in notas:
            self._anotar(IDENTIDAD, {"$setOnInsert": {"valor": identidad_nueva()}})
            notas = self._notas()
        return a_ficha(notas, tiene_filas=self._hay({}))

    def muestra(self, limite: int, *, nuevas: bool) -> Sequence[UUID]:
        """See `AlmacenConFicha.muestra`."""
        orden = [("version", -1 if nuevas else 1)]

        def leer(base: Database[Documento]) -> list[Documento]:
            # Bounded whatever the documents are: the index on version gives the end, the filter comes after.
            return list(base["tareas"].find({}, _MARCAS, sort=orden, limit=limite))

        return _en_ambas(self._repositorio._ejecutar(leer))

    def repartidas(self) -> Sequence[UUID]:
        """See `AlmacenConFicha.repartidas`."""
        documentos = self._repositorio._ejecutar(lambda base: list(base["tareas"].aggregate(_EN_CADA_PARTE)))
        return list(dict.fromkeys(_en_ambas(documentos)))

    def ultima_version(self) -> int:
        """See `AlmacenConFicha.ultima_version`."""
        ultimo = self._repositorio._ejecutar(
            lambda base: base["tareas"].find_one({}, ["version"], sort=[("version", -1)])
        )
        version = (ultimo or {}).get("version")
        return int(version) if isinstance(version, int) else 0

    def anotar_pareja(self, identidad: str) -> None:
        """See `AlmacenConFicha.anotar_pareja`."""
        self._anotar(PAREJA, {"$set": {"valor": identidad}})

    def anotar_por_rellenar(self, nota: PorRellenar | None) -> None:
        """See `AlmacenConFicha.anotar_por_rellenar`."""
        self._anotar(POR_RELLENAR, {"$set": {"valor": a_texto(nota)}})

    def anotar_latido(self, latido: Latido) -> None:
        """See `AlmacenConFicha.anotar_latido`."""
        self._anotar(LATIDO, {"$set": {"valor": a_texto(latido)}})

    def olvidar_punto(self) -> None:
        """See `AlmacenConFicha.olvidar_punto`."""
        self._anotar(PUNTO, {"$set": {"valor": ""}})

    def _notas(self) -> dict[str, str]:
        def leer(base: Database[Documento]) -> list[Documento]:
            return list(base["dual_tareas_meta"].find({"_id": {"$in": list(CLAVES)}}))

        return {str(nota["_id"]): str(nota.get("valor", "")) for nota in self._repositorio._ejecutar(leer)}

    def _anotar(self, clave: str, cambio: Documento) -> None:
        self._repositorio._ejecutar(
            lambda base: base["dual_tareas_meta"].update_one({"_id": clave}, cambio, upsert=True),
            escritura=True,
        )

    def _hay(self, condicion: Documento) -> bool:
        una = self._repositorio._ejecutar(lambda base: base["tareas"].find_one(condicion, projection=["_id"]))
        return una is not None


def _en_ambas(documentos: Sequence[Documento]) -> list[UUID]:
    ids = [uno["_id"] for uno in documentos if uno.get("pendiente") is False and not uno.get("eliminada")]
    return [uuid for id in ids if (uuid := uuid_o_nada(id)) is not None]
