"""Digests of documents, made by the server itself (see `AlmacenRevisable.resumir`).

A document's digest is `$toHashedIndexKey` of its canonical text: id, both instants in milliseconds, version,
tombstone, the lengths of titulo and estado in bytes, and titulo, estado, descripcion one after the other,
joined by U+001F: the lengths keep texts that hold that character themselves from passing for others.

That text hides a field of another type, and one of no program of ours. So each field's type is looked at, and
then the size of the whole document, which has no room for anything else. Limits are not looked at: what is
beyond them here differs from SQL, or is beyond them there, too, where they are checked.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from bson.codec_options import CodecOptions
from bson.int64 import Int64
from pymongo.database import Database
from pymongo.errors import OperationFailure

from adapters.mongo.conexion import Conexion
from adapters.mongo.documento import Documento
from adapters.mongo.saludo import Saludo
from core.diferencias import Cubo
from core.domain.errors import AlmacenNoDisponible
from core.domain.models.almacen import NombreAlmacen
from core.textos import es_texto

T = TypeVar("T")

RESUMEN_S: Final = 3_600.0
"""Deadline of one pass over all documents, seconds; a frozen server is noticed otherwise."""
HUELLAS_S: Final = 60.0
"""Deadline of the digests of some thousand documents, each of which may hold a long text, seconds."""
MODULO: Final = 2**32
LEGIBLE: Final[Documento] = {"$regex": "(?:)"}
"""Of a text: that it is one of UTF-8. Nothing else matches any expression, not even an empty one."""
_NO_ES_UTF8: Final = 34459
"""What the server answers when it is to cut such a text."""
_CON_ROTOS: Final[CodecOptions[Documento]] = CodecOptions(unicode_decode_error_handler="surrogateescape")
_SEPARADOR: Final = "\x1f"
_NATURAL: Final = {"$natural": 1}
_TIPOS: Final = {
    "titulo": "string",
    "descripcion": "string",
    "estado": "string",
    "nodo": "string",
    "creada_en": "date",
    "actualizada_en": "date",
    "version": "long",
    "version_comun": "long",
    "pendiente": "bool",
    "eliminada": "bool",
}
_TEXTOS: Final = ("_id", *(campo for campo, tipo in _TIPOS.items() if tipo == "string"))
_VALOR: Final = {"string": 5, "date": 8, "long": 8, "bool": 1}
# BSON: a document is its length, its fields and a 0; a field its type, its name, a 0 and its value; a text
# its length, its bytes and a 0 (https://bsonspec.org/spec.html).
_FIJO: Final = 5 + sum(2 + len(campo) + _VALOR[tipo] for campo, tipo in {"_id": "string", **_TIPOS}.items())


def _bytes(campo: str) -> Documento:
    return {"$strLenBytes": f"${campo}"}


def _texto(expresion: object) -> Documento:
    return {"$toString": expresion}


def _canonico() -> Documento:
    partes: list[Any] = [
        "$_id",
        _texto({"$toLong": "$creada_en"}),
        _texto({"$toLong": "$actualizada_en"}),
        _texto("$version"),
        {"$cond": ["$eliminada", "1", "0"]},
        _texto(_bytes("titulo")),
        _texto(_bytes("estado")),
    ]
    con_separador = [uno for parte in partes for uno in (parte, _SEPARADOR)]
    return {"$concat": [*con_separador, "$titulo", "$estado", "$descripcion"]}


# In this order: what is no text has no length.
_BIEN: Final[Documento] = {
    "$and": [
        *({"$eq": [{"$type": f"${campo}"}, tipo]} for campo, tipo in _TIPOS.items()),
        {"$eq": [{"$bsonSize": "$$ROOT"}, {"$add": [_FIJO, *map(_bytes, _TEXTOS)]}]},
    ]
}
_OPERADOR: Final = "$toHashedIndexKey"
_HUELLA: Final[Documento] = {_OPERADOR: _canonico()}


def _en(prefijo: str) -> Documento:
    # A comparison with a text lets texts through alone, in the order of their bytes.
    siguiente = siguiente_prefijo(prefijo)
    return {"_id": {"$gte": prefijo, **({"$lt": siguiente} if siguiente else {})}}


def siguiente_prefijo(prefijo: str) -> str:
    """The least text above all that begin so; empty where there is none."""
    sin_tope = prefijo.rstrip("\U0010ffff")
    if not sin_tope:
        return ""
    ultimo = ord(sin_tope[-1]) + 1
    return sin_tope[:-1] + chr(0xE000 if ultimo == 0xD800 else ultimo)


# Both halves look at every document, which takes no time beside digesting one. The server does one command in
# one thread. Texts below "8" and from there on: the first has to let no other values through either.
_PARTES: Final[tuple[Documento, Documento]] = ({"_id": {"$gte": "", "$lt": "8"}}, {"_id": {"$gte": "8"}})


def _sumar(base: Database[Documento], cuales: Documento, largo: int, **opciones: Any) -> dict[str, Cubo]:
    etapas = [
        {"$match": cuales},
        {
            "$group": {
                "_id": {"$substrCP": ["$_id", 0, largo]},
                "filas": {"$sum": 1},
                "suma": {"$sum": {"$cond": [_BIEN, {"$mod": [_HUELLA, Int64(MODULO)]}, math.nan]}},
            }
        },
    ]
    cursor = base["tareas"].aggregate(etapas, **opciones)
    return {uno["_id"]: _cubo(uno["filas"], uno["suma"]) for uno in cursor}


def _cubo(filas: int, suma: float) -> Cubo:
    # One that is no number makes no number of the whole sum: that there are doubtful ones, not how many.
    return Cubo(filas, 0, 1) if math.isnan(suma) else Cubo(filas, int(suma) % MODULO, 0)


def _huellas(base: Database[Documento], cuales: Documento) -> dict[str, str]:
    etapas: list[Documento] = [
        {"$match": cuales},
        {"$project": {"huella": {"$cond": [_BIEN, _HUELLA, None]}}},
    ]
    cursor = base["tareas"].with_options(codec_options=_CON_ROTOS).aggregate(etapas)
    return {uno["_id"]: _hexadecimal(uno["huella"]) for uno in cursor}


def _hexadecimal(huella: int | None) -> str:
    return "" if huella is None else int(huella).to_bytes(8, "little", signed=True).hex()


_MUESTRA: Final = "ñandú \x1f \U0001f389"
_HUELLA_DE_MUESTRA: Final = 336386493083027501


class LadoMongo:
    """Digests of the documents of a repository's database."""

    nombre = NombreAlmacen.MONGO
    _conexion: Conexion

    def __init__(self) -> None:
        self._cancelado = threading.Event()
        # Its own, so that cancelling cuts nobody else's work; made when it is needed.
        self._larga: Conexion | None = None
        self._lock = threading.Lock()
        # There are ids that are no UTF-8: they are left out everywhere, and only `ilegibles` tells them.
        self._hay_rotos = False

    def existe(self) -> bool:
        """See `AlmacenRevisable.existe`."""
        return bool(
            self._conexion.ejecutar(lambda base: base.list_collection_names(filter={"name": "tareas"}))
        )

    def latir(self) -> None:
        """See `AlmacenRevisable.latir`."""
        Saludo(self._conexion).ping(self._conexion.timeout_s)

    def motivo_sin_resumen(self) -> str:
        """See `AlmacenRevisable.motivo_sin_resumen`."""
        return self._conexion.ejecutar(_motivo_sin_resumen)

    def resumir(self, prefijo: str, largo: int) -> Mapping[str, Cubo]:
        """See `AlmacenRevisable.resumir`."""
        conexion = self._abrir()

        def sumar(cuales: Documento, **opciones: Any) -> dict[str, Cubo]:
            return conexion.ejecutar(
                lambda base: self._sin_rotos(lambda: _sumar(base, self._legible(cuales), largo, **opciones)),
                plazo_s=RESUMEN_S,
            )

        def de_la_parte(parte: Documento) -> dict[str, Cubo]:
            return sumar(parte, hint=_NATURAL)  # in the order in which they lie

        if prefijo:
            return sumar(_en(prefijo))
        with ThreadPoolExecutor(len(_PARTES), thread_name_prefix="DualRepo-resumen") as hilos:
            primera, segunda = hilos.map(de_la_parte, _PARTES)
        return {**primera, **segunda}

    def huellas(self, prefijos: Sequence[str]) -> Mapping[str, str]:
        """See `AlmacenRevisable.huellas`."""
        if not prefijos:
            return {}
        cuales = {"$or": [_en(prefijo) for prefijo in prefijos]}
        return self._abrir().ejecutar(
            lambda base: self._sin_rotos(
                lambda: _huellas(base, self._legible(cuales)), lambda leidas: leidas
            ),
            plazo_s=HUELLAS_S,
        )

    def _legible(self, condicion: Documento) -> Documento:
        return {"$and": [condicion, {"_id": LEGIBLE}]} if self._hay_rotos else condicion

    def _sin_rotos(self, leer: Callable[[], T], ids: Callable[[T], Iterable[str]] = lambda _leido: ()) -> T:
        """What was read, without the rows whose ids are no UTF-8: of most databases, all there is."""
        try:
            leido = leer()
            if self._hay_rotos or all(map(es_texto, ids(leido))):
                return leido
        except OperationFailure as error:
            if self._hay_rotos or error.code != _NO_ES_UTF8:
                raise
        self._hay_rotos = True
        return leer()

    def cancelar(self) -> None:
        """See `AlmacenRevisable.cancelar`: the server ends what nobody waits for any more."""
        self._cancelado.set()
        self.soltar()

    def soltar(self) -> None:
        """See `AlmacenRevisable.soltar`."""
        with self._lock:
            larga, self._larga = self._larga, None
        if larga is not None:
            larga.close()

    def _abrir(self) -> Conexion:
        with self._lock:
            if self._cancelado.is_set():
                raise AlmacenNoDisponible(self.nombre, "La verificación se canceló.")
            if self._larga is None:
                self._larga = self._conexion.otra()
            return self._larga


def _motivo_sin_resumen(base: Database[Documento]) -> str:
    """A look at one document is enough: a server that has none has nothing to digest either."""
    etapas: list[Documento] = [
        {"$limit": 1},
        {"$project": {"_id": 0, "huella": {_OPERADOR: {"$literal": _MUESTRA}}}},
    ]
    try:
        uno = next(iter(base["tareas"].aggregate(etapas)), None)
    except OperationFailure:
        return "Este servidor de MongoDB no tiene $toHashedIndexKey"
    bien = uno is None or uno["huella"] == _HUELLA_DE_MUESTRA
    return "" if bien else "Este servidor de MongoDB calcula $toHashedIndexKey de otro modo"
