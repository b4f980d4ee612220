"""Raw access to the MongoDB store for verification and purging (see `AlmacenRevisable`).

It borrows the repository's client and deadlines and nothing else: documents are decoded here in a way of
their own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from bson.codec_options import CodecOptions, DatetimeConversion
from bson.datetime_ms import DatetimeMS
from bson.int64 import Int64
from bson.min_key import MinKey
from pymongo import DeleteOne
from pymongo.collection import Collection
from pymongo.database import Database

from adapters.mongo.documento import Documento
from adapters.mongo.repositorio import MongoTareaRepository
from adapters.mongo.revision_resumen import LEGIBLE, LadoMongo
from core.diferencias import CAMPOS, FilaVista, fila_vista
from core.domain.errors import OperacionFallida
from core.domain.models.almacen import NombreAlmacen
from core.domain.ports.revision import MODULO_PULSO
from core.textos import a_la_vista, es_texto

LARGO_S: Final = 60.0
"""Deadline of a page that skips most of what it reads, seconds."""
_TIPOS: Final[dict[str, type]] = {
    "eliminada": bool,
    "pendiente": bool,
    "nodo": str,
    "version": int,
    "version_comun": int,
}
_MARCAS: Final = frozenset({"pendiente", "version_comun"})
_CONOCIDOS: Final = frozenset({"_id", *CAMPOS, *_TIPOS})


class Campos(dict[str, Any]):
    """A document as it lies there, which may hold a field several times.

    Attributes:
        repetidos: names and values of those before the last one, which is the one that counts.
    """

    repetidos: tuple[tuple[str, Any], ...] = ()

    def __setitem__(self, nombre: str, valor: Any) -> None:
        """Called by the driver for each field, in their order."""
        if nombre in self:
            self.repetidos = (*self.repetidos, (nombre, self[nombre]))
        dict.__setitem__(self, nombre, valor)


# Milliseconds as they lie there: no year is out of reach, and no time zone is thought of. What is no UTF-8
# must not pass for the character that stands for it elsewhere.
_CRUDO: Final[CodecOptions[Documento]] = CodecOptions(
    document_class=Campos,
    datetime_conversion=DatetimeConversion.DATETIME_MS,
    unicode_decode_error_handler="surrogateescape",
)


class RevisionMongo(LadoMongo):
    """Raw access to a MongoTareaRepository's database."""

    def __init__(self, repositorio: MongoTareaRepository) -> None:
        super().__init__()
        self._conexion = repositorio._conexion

    def pagina(self, *, tras: str, limite: int, solo_lapidas: bool = False) -> Sequence[FilaVista]:
        """See `AlmacenRevisable.pagina`."""

        def leer(base: Database[Documento]) -> list[Documento]:
            if not tras:
                _comprobar(base)
            # A comparison with a text lets texts through alone, in the order of their bytes.
            condicion: Documento = {"_id": {"$gt": tras} if tras else {"$gte": ""}}
            if solo_lapidas:
                condicion["eliminada"] = True
            return list(_tareas(base).find(self._legible(condicion), sort=[("_id", 1)], limit=limite))

        documentos = self._conexion.ejecutar(
            lambda base: self._sin_rotos(lambda: leer(base), lambda leidos: (uno["_id"] for uno in leidos)),
            plazo_s=LARGO_S if solo_lapidas else None,
        )
        return [_vista(documento) for documento in documentos]

    def leer(self, ids: Sequence[str]) -> dict[str, FilaVista]:
        """See `AlmacenRevisable.leer`."""
        documentos = self._conexion.ejecutar(
            lambda base: list(_tareas(base).find({"_id": {"$in": list(ids)}}))
        )
        return {documento["_id"]: _vista(documento) for documento in documentos}

    def ilegibles(self, limite: int) -> Sequence[str]:
        """See `AlmacenRevisable.ilegibles`."""
        # Two ranges of the index on either side of the texts, instead of a look at every document.
        otros = {"_id": {"$not": LEGIBLE if self._hay_rotos else {"$gte": ""}}}
        documentos = self._conexion.ejecutar(
            lambda base: list(_tareas(base).find(otros, projection=["_id"], limit=limite)), plazo_s=LARGO_S
        )
        ids = [documento["_id"] for documento in documentos]
        return [a_la_vista(id if isinstance(id, str) else repr(id)) for id in ids]

    def columnas_ajenas(self) -> tuple[str, ...]:
        """See `AlmacenRevisable.columnas_ajenas`: here each document that has one is told."""
        return ()

    def pulso(self) -> tuple[int, int]:
        """See `AlmacenRevisable.pulso`."""

        # A condition that all meet makes it read the index of versions, and no document.
        resto = {"$mod": ["$version", Int64(MODULO_PULSO)]}
        es_entera = {"$in": [{"$type": "$version"}, ["long", "int"]]}
        etapas: list[Documento] = [
            {"$match": {"version": {"$gte": MinKey()}}},
            {"$group": {"_id": None, "n": {"$sum": 1}, "suma": {"$sum": {"$cond": [es_entera, resto, 0]}}}},
        ]
        pulsos = self._conexion.ejecutar(lambda base: list(base["tareas"].aggregate(etapas)), plazo_s=LARGO_S)
        return (pulsos[0]["n"], int(pulsos[0]["suma"])) if pulsos else (0, 0)

    def purgar(self, lapidas: Sequence[tuple[str, int]]) -> set[str]:
        """See `AlmacenRevisable.purgar`."""
        if not lapidas:
            return set()
        ordenes = [
            DeleteOne({"_id": id, "version": version, "eliminada": True, "pendiente": False})
            for id, version in lapidas
        ]
        ids = [id for id, _ in lapidas]

        def borrar(base: Database[Documento]) -> set[str]:
            base["tareas"].bulk_write(ordenes, ordered=False)
            # What was not deleted is still there, changed; what was made anew since then counts as that too.
            return set(ids) - set(base["tareas"].distinct("_id", {"_id": {"$in": ids}}))

        return self._conexion.ejecutar(borrar, escritura=True)

    def nota(self, clave: str) -> str | None:
        """See `AlmacenRevisable.nota`."""
        documento = self._conexion.ejecutar(lambda base: base["dual_tareas_meta"].find_one({"_id": clave}))
        return None if documento is None else str(documento.get("valor"))

    def anotar(self, clave: str, valor: str) -> None:
        """See `AlmacenRevisable.anotar`."""
        self._conexion.ejecutar(
            lambda base: base["dual_tareas_meta"].update_one(
                {"_id": clave}, {"$set": {"valor": valor}}, upsert=True
            ),
            escritura=True,
        )


def _tareas(base: Database[Documento]) -> Collection[Documento]:
    return base["tareas"].with_options(codec_options=_CRUDO)


def _comprobar(base: Database[Documento]) -> None:
    if not base.list_collection_names(filter={"name": "tareas"}):
        raise OperacionFallida(
            NombreAlmacen.MONGO,
            "En MongoDB no hay una colección «tareas»: compruebe la base que nombra MONGO_URL, o créela con "
            "«dual-tareas preparar».",
        )


def _vista(documento: Documento) -> FilaVista:
    """The row of a document that was read as `_CRUDO` says."""
    valores: dict[str, Any] = dict(documento)
    repetidos = [nombre for nombre, _ in documento.repetidos] if isinstance(documento, Campos) else []
    for campo in ("creada_en", "actualizada_en"):
        valor = valores.get(campo)
        # A text is what a date is not: it must not pass for one that the other store holds as digits.
        valores[campo] = int(valor) if isinstance(valor, DatetimeMS) else None
    vista = fila_vista(
        documento["_id"],
        valores,
        de_otro_tipo=[
            *(campo for campo, tipo in _TIPOS.items() if not _es(documento.get(campo), tipo)),
            *("id" if nombre == "_id" else nombre for nombre in repetidos if nombre in _CONOCIDOS),
        ],
        desconocidos=[campo for campo in documento if campo not in _CONOCIDOS],
    )
    return replace(vista, resto=_resto(documento, vista.defectos)) if vista.defectos else vista


def _resto(documento: Documento, defectos: Sequence[str]) -> str:
    """A digest of all of it but of the marks, which come and go, where they are what they should be."""
    repetidos = documento.repetidos if isinstance(documento, Campos) else ()
    campos = sorted(documento.keys() - (_MARCAS - set(defectos)))
    visto = repr((repetidos, [(campo, documento[campo]) for campo in campos]))
    return hashlib.sha256(visto.encode("utf-8", "surrogatepass")).hexdigest()


def _es(valor: object, tipo: type) -> bool:
    if tipo is str:
        return es_texto(valor)
    return isinstance(valor, tipo) and (tipo is bool or not isinstance(valor, bool))
