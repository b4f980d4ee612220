"""Both values of a difference side by side, field by field, as plain text; nothing is hidden."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from core.diferencias import NOMBRE_MAX, FilaVista, Pareja
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.reparacion import CampoDetalle
from core.domain.ports.reparacion import BYTES
from core.instantes import EPOCA
from core.reparacion import textos_de, vista_de
from core.textos import a_la_vista

_DE_LA_CASA: Final = frozenset({"id", "_id", "version_comun", "pendiente", "nodo"})
"""Bookkeeping: shown where something is wrong with it."""
_TEXTOS: Final = frozenset({"titulo", "descripcion", "estado"})
_NUMEROS: Final = ("$numberInt", "$numberLong", "$numberDouble", "$numberDecimal")


def campos_de(pareja: Pareja, crudos: Mapping[NombreAlmacen, str]) -> tuple[CampoDetalle, ...]:
    """Every field that one of them has.

    Args:
        crudos: each row as a JSON text that tells all of it; empty for a row that is not there.
    """
    de_cada = {nombre: _textos(vista_de(pareja, nombre), crudos.get(nombre, "")) for nombre in NombreAlmacen}
    defectos = {campo for vista in (pareja.sql, pareja.mongo) if vista for campo in vista.defectos}
    sql, mongo = (de_cada[nombre] for nombre in NombreAlmacen)
    return tuple(
        CampoDetalle(
            nombre=nombre,
            sql=sql.get(nombre),
            mongo=mongo.get(nombre),
            distinto=sql.get(nombre) != mongo.get(nombre) or nombre[:NOMBRE_MAX] in defectos,
        )
        for nombre in dict.fromkeys((*sql, *mongo))
    )


def _textos(vista: FilaVista | None, crudo: str) -> dict[str, str]:
    if vista is None:
        return {}
    textos = textos_de(vista)
    for campo, valor in _leer(crudo).items():
        mal = campo[:NOMBRE_MAX] in vista.defectos
        if mal or not (campo in textos or campo in _DE_LA_CASA):
            textos[campo] = a_la_vista(_dicho(campo, valor))
    return textos


def _leer(crudo: str) -> dict[str, Any]:
    leido = json.loads(crudo or "{}")
    return {campo: valor for campo, valor in leido.items() if campo != BYTES}


def _dicho(campo: str, valor: Any) -> str:
    """A value that no write of ours leaves there, with what it is where that may be what is wrong with it."""
    if isinstance(valor, str):
        return valor if campo in _TEXTOS else f"{valor} (texto)"
    if valor is None:
        return "(nulo)"
    if isinstance(valor, bool):
        return f"{'sí' if valor else 'no'} (lógico)"
    if isinstance(valor, int | float):
        return f"{valor} (número)"
    if isinstance(valor, dict) and len(valor) == 1:
        ((clave, contenido),) = valor.items()
        if clave in _NUMEROS:
            return f"{contenido} (número)"
        if clave == "$date":
            return f"{_fecha(contenido)} (fecha)"
    que = "lista" if isinstance(valor, list) else "objeto"
    return f"{json.dumps(valor, ensure_ascii=False)} ({que})"


def _fecha(contenido: Any) -> str:
    ms = str(contenido.get("$numberLong") if isinstance(contenido, dict) else contenido)
    try:
        return (EPOCA + timedelta(milliseconds=int(ms))).isoformat(sep=" ", timespec="milliseconds")
    except (OverflowError, ValueError):
        return ms
