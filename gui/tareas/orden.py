"""Where a changed row belongs among rows that a store has ordered. Of Qt only the order of words."""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any, Protocol

from PySide6.QtCore import QCollator, QLocale

from core.domain.models.consulta import Columna, Filtro
from core.domain.models.tarea import Tarea

_TEXTOS = (Columna.TITULO, Columna.DESCRIPCION)
_DICCIONARIO = QCollator(QLocale(QLocale.Language.Spanish))
_como_en_el_diccionario: Callable[[Any], Any] = cmp_to_key(_DICCIONARIO.compare)


class Filas(Protocol):
    """Rows by index."""

    def __len__(self) -> int: ...

    def __getitem__(self, indice: int, /) -> Tarea: ...


def lugar(filas: Filas, tarea: Tarea, columna: Columna, *, descendente: bool) -> int:
    """The index at which `tarea` goes into `filas`, which does not hold it.

    Texts in the order of a Spanish dictionary, then by id. A store may order text a little differently;
    then the row stands a few lines off until the list is refreshed, which is better than reading the list
    again for one row.
    """
    clave = _clave(tarea, columna)
    bajo, alto = 0, len(filas)
    while bajo < alto:
        medio = (bajo + alto) // 2
        otra = _clave(filas[medio], columna)
        if (otra > clave) if descendente else (otra < clave):
            bajo = medio + 1
        else:
            alto = medio
    return bajo


def _clave(tarea: Tarea, columna: Columna) -> tuple[Any, str]:
    valor = columna.valor_de(tarea)
    return (_como_en_el_diccionario(valor) if columna in _TEXTOS else valor), str(tarea.id)


def se_ve(tarea: Tarea, filtro: Filtro) -> bool:
    """Whether the filter lets the row through, but for its text, which only the store can judge."""
    if not (filtro.eliminadas if tarea.eliminada else filtro.vivas):
        return False
    return filtro.estado is None or tarea.estado is filtro.estado
