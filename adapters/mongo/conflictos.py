"""The values that lost, in MongoDB: kept, listed, read by key, resolved."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from bson.int64 import Int64
from pymongo import DESCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from adapters.mongo.consultas import ES_TAREA
from adapters.mongo.documento import Documento, a_tarea, de_conflicto
from adapters.repositorio_base import RepositorioDeUnAlmacen
from core.domain.models.almacen import Conflicto
from core.domain.models.conflicto import ClaveConflicto, ConflictoGuardado, LugarConflicto

T = TypeVar("T")
_ORDEN = [("cuando_ms", DESCENDING), ("id", DESCENDING), ("version", DESCENDING)]
# Holds for a missing field, too: a program of an older schema that still runs writes none.
_ABIERTOS: Documento = {"resuelta_en_ms": None}
_RESUELTOS: Documento = {"resuelta_en_ms": {"$ne": None}}
_ENTERO: Documento = {"$type": ["int", "long"]}
_NUESTROS: Documento = {
    "id": ES_TAREA["_id"],
    "version": _ENTERO,
    "version_ganadora": _ENTERO,
    "cuando_ms": _ENTERO,
    "$or": [{"resuelta_en_ms": None}, {"resuelta_en_ms": _ENTERO}],
}
"""What a hand has put beside them has no place in the list, and must not keep the others from being seen."""


def guardar(base: Database[Documento], conflicto: Conflicto) -> None:
    """See `Almacen.guardar_conflicto`."""
    clave = _clave(conflicto.perdedora.id, conflicto.perdedora.version)
    try:
        base["conflictos"].update_one(clave, {"$setOnInsert": de_conflicto(conflicto)}, upsert=True)
    except DuplicateKeyError:
        return  # somebody kept the same value in between


def listar(
    base: Database[Documento], *, tras: LugarConflicto | None, limite: int, resueltos: bool
) -> list[ConflictoGuardado]:
    """See `Almacen.listar_conflictos`."""
    condiciones = [_RESUELTOS if resueltos else _ABIERTOS, _NUESTROS]
    if tras is not None:
        condiciones.append({"$or": _por_detras(tras)})
    condicion = {"$and": condiciones}
    documentos = base["conflictos"].find(condicion, sort=_ORDEN, limit=limite, batch_size=limite + 1)
    return [_a_guardado(documento) for documento in documentos]


def leer(base: Database[Documento], claves: Sequence[ClaveConflicto]) -> list[ConflictoGuardado]:
    """See `Almacen.leer_conflictos`."""
    if not claves:
        return []
    ids = list({str(id) for id, _ in claves})
    queridas = set(claves)
    hallados = map(_a_guardado, base["conflictos"].find({"$and": [{"id": {"$in": ids}}, _NUESTROS]}))
    return [uno for uno in hallados if uno.clave in queridas]


def resolver(base: Database[Documento], clave: ClaveConflicto, resolucion: str, cuando_ms: int) -> bool:
    """See `Almacen.resolver_conflicto`."""
    documento = _clave(*clave)
    cambio = {"$set": {"resuelta_en_ms": Int64(cuando_ms), "resolucion": resolucion}}
    if base["conflictos"].update_one({**documento, **_ABIERTOS}, cambio).matched_count:
        return True
    return base["conflictos"].find_one(documento, projection={"_id": 1}) is not None


def reabrir(base: Database[Documento], clave: ClaveConflicto) -> bool:
    """See `Almacen.reabrir_conflicto`."""
    cambio = {"$set": {"resuelta_en_ms": None, "resolucion": ""}}
    return base["conflictos"].update_one(_clave(*clave), cambio).matched_count > 0


def _clave(id: UUID, version: int) -> Documento:
    return {"id": str(id), "version": Int64(version)}


def _por_detras(lugar: LugarConflicto) -> list[Documento]:
    cuando_ms, id, version = lugar
    mismo = {"cuando_ms": Int64(cuando_ms)}
    return [
        {"cuando_ms": {"$lt": Int64(cuando_ms)}},
        {**mismo, "id": {"$lt": str(id)}},
        {**mismo, "id": str(id), "version": {"$lt": Int64(version)}},
    ]


def _a_guardado(documento: Mapping[str, Any]) -> ConflictoGuardado:
    perdedora = a_tarea({**documento, "_id": documento["id"]})
    assert perdedora is not None, "asked for by the text of a UUID"
    resuelta_en_ms = documento.get("resuelta_en_ms")
    return ConflictoGuardado(
        conflicto=Conflicto(
            perdedora=perdedora,
            version_ganadora=int(documento["version_ganadora"]),
            cuando_ms=int(documento["cuando_ms"]),
        ),
        resuelta_en_ms=None if resuelta_en_ms is None else int(resuelta_en_ms),
        resolucion=documento.get("resolucion", ""),
    )


class RepositorioConConflictos(RepositorioDeUnAlmacen, ABC):
    """The half of the port that is about conflicts."""

    @abstractmethod
    def _ejecutar(self, funcion: Callable[[Database[Documento]], T], *, escritura: bool = False) -> T:
        """Run it inside one deadline."""

    def guardar_conflicto(self, conflicto: Conflicto) -> None:
        """See `Almacen.guardar_conflicto`."""
        self._ejecutar(partial(guardar, conflicto=conflicto), escritura=True)

    def contar_conflictos(self) -> int:
        """See `Almacen.contar_conflictos`."""
        return self._ejecutar(
            lambda base: base["conflictos"].count_documents({"$and": [_ABIERTOS, _NUESTROS]})
        )

    def listar_conflictos(
        self, *, tras: LugarConflicto | None, limite: int, resueltos: bool = False
    ) -> Sequence[ConflictoGuardado]:
        """See `Almacen.listar_conflictos`."""
        return self._ejecutar(partial(listar, tras=tras, limite=limite, resueltos=resueltos))

    def leer_conflictos(self, claves: Sequence[ClaveConflicto]) -> Sequence[ConflictoGuardado]:
        """See `Almacen.leer_conflictos`."""
        return self._ejecutar(partial(leer, claves=claves))

    def resolver_conflicto(self, id: UUID, version: int, resolucion: str, cuando_ms: int) -> bool:
        """See `Almacen.resolver_conflicto`."""
        return self._ejecutar(
            partial(resolver, clave=(id, version), resolucion=resolucion, cuando_ms=cuando_ms),
            escritura=True,
        )

    def reabrir_conflicto(self, id: UUID, version: int) -> bool:
        """See `Almacen.reabrir_conflicto`."""
        return self._ejecutar(partial(reabrir, clave=(id, version)), escritura=True)
