"""Lists: a Consulta as filter, order and the place to go on from (keyset pagination).

MongoDB orders values of different types one type after the other, but `$gt` and `$lt` only compare within
one. A page that ends on an odd document (a date kept as text, a field that is missing) must still be
followed by all the others, so the condition names the types that come after as well.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from bson.decimal128 import Decimal128
from bson.int64 import Int64
from bson.objectid import ObjectId
from bson.regex import Regex
from bson.timestamp import Timestamp
from pymongo import ASCENDING, DESCENDING
from pymongo.collation import Collation

from core.domain.models.consulta import Columna, Consulta, Filtro

Condicion = dict[str, Any]

ESPANOL = Collation(locale="es")
"""Order of texts for people: accents and ñ where they belong, small letters first."""
NADA: Condicion = {"_id": {"$in": []}}
"""Lets no document through, and costs the server nothing."""

ES_TAREA: Condicion = {"_id": {"$regex": r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\z"}}
"""Its id is one of ours: documents under another kind of id are no tareas, whoever put them there."""
_ANNO_1 = datetime(1, 1, 1, tzinfo=UTC)
_ANNO_9999 = datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)
_DIA = (
    r"(?!000[01]|9999)\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
    r"|(?:\d\d(?:0[48]|[2468][048]|[13579][26])|2000)-02-29"
)
_HORA = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,6})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?"
_INSTANTE = rf"^(?:{_DIA})(?:[T ]{_HORA})?\z"
"""A text that `documento.a_tarea` reads as an instant: not every one, but none that it does not."""
ILEGIBLES: tuple[Condicion, ...] = (
    {"version": {"$type": "array"}},  # what is said of a field is said of an array of such values as well
    {"version": {"$not": {"$type": ["int", "long", "null"]}, "$exists": True}},
    *(
        condicion
        for campo, tipo in (
            ("titulo", "string"),
            ("descripcion", "string"),
            ("estado", "string"),
            ("eliminada", "bool"),
        )
        for condicion in (
            {campo: {"$type": "array"}},
            {campo: {"$not": {"$type": [tipo, "null"]}, "$exists": True}},
        )
    ),
    *(
        condicion
        for fecha in ("creada_en", "actualizada_en")
        for condicion in (
            {fecha: {"$type": "array"}},
            {fecha: {"$not": {"$type": ["date", "string", "null"]}, "$exists": True}},
            {fecha: {"$type": "string", "$not": {"$regex": _INSTANTE}}},
            {fecha: {"$lt": _ANNO_1}},
            {fecha: {"$gt": _ANNO_9999}},
        )
    ),
)
"""What nobody could write back as it was: no whole number for a version, a date that Python does not have, a
text or a mark that is none."""
_SIN_VERSION: Condicion = {"version": None}
"""It has no place among the pendientes, which are read in the order of their versions."""
ORDEN_PENDIENTES = [("version", ASCENDING), ("_id", ASCENDING)]
COLUMNAS_DE_TEXTO = frozenset({Columna.TITULO, Columna.DESCRIPCION})
_PATRON_MAX = 32_000  # bytes; the server refuses longer ones
_TIPOS = (
    *("null", "number", "string", "object", "array", "binData"),
    *("objectId", "bool", "date", "timestamp", "regex"),
)
"""The server's types in the order in which it sorts them."""
_TIPOS_DEL_DRIVER: tuple[tuple[type, str], ...] = (
    (bool, "bool"),  # before int, whose subclass it is
    (int, "number"),
    (float, "number"),
    (Decimal128, "number"),
    (str, "string"),
    (dict, "object"),
    (list, "array"),
    (bytes, "binData"),
    (UUID, "binData"),
    (ObjectId, "objectId"),
    (Timestamp, "timestamp"),
    (Regex, "regex"),
)


def condicion_de(filtro: Filtro) -> Condicion:
    """The documents that the filter lets through; those without our fields count as living."""
    condiciones: Condicion = {}
    if not filtro.eliminadas:
        condiciones["eliminada"] = {"$ne": True}
    elif not filtro.vivas:
        condiciones["eliminada"] = True
    if filtro.solo_pendientes:
        condiciones["pendiente"] = True
    if filtro.estado is not None:
        condiciones["estado"] = str(filtro.estado)
    if filtro.texto:
        condiciones |= texto_de(filtro)
    return condiciones


def cuenta_de(filtro: Filtro) -> tuple[Condicion, dict[str, Any]]:
    """The tareas that the filter lets through, and the options of the question.

    Left to itself the server goes by the ids, for which it has an index, and fetches the documents one by
    one: four times slower than to read all of them as they lie.
    """
    condicion = condicion_de(filtro)
    if "_id" in condicion:  # NADA
        return condicion, {}
    con_indice = filtro.solo_pendientes or filtro.estado is not None
    return condicion | ES_TAREA, {} if con_indice else {"hint": [("$natural", 1)]}


def texto_de(filtro: Filtro) -> Condicion:
    """The part of the filter that no index serves; empty when there is none."""
    if not filtro.texto:
        return {}
    patron = _patron(filtro.texto)
    return {"$or": [{"titulo": patron}, {"descripcion": patron}]} if patron else NADA


def orden_de(consulta: Consulta) -> list[tuple[str, int]]:
    """The sort: the column, ties by id, both in the same direction so that one index serves both."""
    sentido = DESCENDING if consulta.descendente else ASCENDING
    return [(str(consulta.columna), sentido), ("_id", sentido)]


def colacion_de(consulta: Consulta) -> Collation | None:
    """Texts are ordered as a reader expects; the rest as the server keeps it."""
    return ESPANOL if consulta.columna in COLUMNAS_DE_TEXTO else None


def valor_de_cursor(crudo: object) -> str | datetime | bool | None:
    """What a cursor carries of the stored value; None when the value is nothing a cursor can carry."""
    return crudo if isinstance(crudo, str | bool | datetime) else None


def tras(condicion: Condicion, consulta: Consulta, valor: object, id: str) -> Condicion:
    """`condicion` and, in the consulta's order, behind the document with that value and id."""
    campo, comparar = str(consulta.columna), "$lt" if consulta.descendente else "$gt"
    posicion = _TIPOS.index(_tipo(valor))
    despues = _TIPOS[:posicion] if consulta.descendente else _TIPOS[posicion + 1 :]
    ramas: list[Condicion] = [{campo: {"$eq": valor}, "_id": {comparar: id}}]
    if valor is not None:
        ramas.append({campo: {comparar: valor}})
    if "null" in despues:
        ramas.append({campo: None})  # $type does not see a field that is missing
    if otros := [tipo for tipo in despues if tipo not in ("null", "array")]:
        ramas.append({campo: {"$type": otros}})
    return {"$and": [condicion, {"$or": ramas}]} if condicion else {"$or": ramas}


def _patron(texto: str) -> Condicion | None:
    """A case-insensitive plain substring; None when no stored text can hold it."""
    normal = unicodedata.normalize("NFC", texto)
    escapado = re.sub(r"([\\^$.|?*+()\[\]{}])", r"\\\1", normal)
    try:
        demasiado = len(escapado.encode()) > _PATRON_MAX
    except UnicodeEncodeError:
        return None
    if demasiado or "\x00" in normal:
        return None
    return {"$regex": escapado, "$options": "i"}


def _tipo(valor: object) -> str:
    """The name of a value's type in the server, as far as the driver's types tell."""
    if valor is None:
        return "null"
    return next((nombre for tipo, nombre in _TIPOS_DEL_DRIVER if isinstance(valor, tipo)), "date")


def pendientes_tras(tras: tuple[int, UUID] | None) -> Condicion:
    """Rows that the other store may lack, from the one after (version, id) on."""
    # A batch must not be short, or end, because of documents that are none.
    condicion: Condicion = {"pendiente": True, **ES_TAREA, "$nor": [*ILEGIBLES, _SIN_VERSION]}
    if tras is not None:
        version, id = tras
        condicion["version"] = {"$gte": Int64(version)}
        condicion["$or"] = [{"version": {"$gt": Int64(version)}}, {"_id": {"$gt": str(id)}}]
    return condicion


def pendientes_ilegibles() -> Condicion:
    """Those that are left out there, for what cannot be read as it is."""
    return {"pendiente": True, **ES_TAREA, "$or": [*ILEGIBLES, _SIN_VERSION]}
