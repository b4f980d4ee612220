"""What each cell of the list says."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from PySide6.QtCore import QCoreApplication

from core.domain.models.tarea import Tarea
from gui.tareas.presencia import Presencia
from gui.tareas.textos import SIN_FECHA, fecha, forma_y_palabra, una_linea


class Col(IntEnum):
    """The columns as shown."""

    TITULO = 0
    ESTADO = 1
    ACTUALIZADA = 2
    ALMACENES = 3


def cabecera(columna: Col) -> str:
    """The name of a column."""
    return {
        Col.TITULO: _tr("Título"),
        Col.ESTADO: _tr("Estado"),
        Col.ACTUALIZADA: _tr("Actualizada"),
        Col.ALMACENES: _tr("Almacenes"),
    }[columna]


def texto(tarea: Tarea, columna: Col, presencias: Sequence[Presencia], en_vuelo: str) -> str:
    """The cell on one line; `en_vuelo` is what is being done to the tarea just now."""
    if columna is Col.TITULO:
        return una_linea(tarea.titulo)
    if columna is Col.ESTADO:
        return forma_y_palabra(tarea.estado)
    if columna is Col.ACTUALIZADA:
        return fecha(tarea.actualizada_en)
    return en_vuelo or "   ".join(presencia.texto for presencia in presencias)


def consejo(tarea: Tarea, columna: Col, presencias: Sequence[Presencia]) -> str:
    """What more there is to say about the cell."""
    if columna is Col.TITULO:
        return tarea.titulo
    if columna is Col.ACTUALIZADA and tarea.actualizada_en == SIN_FECHA:
        return _tr("No se sabe cuándo: la base de datos no tiene esta fecha, o no se puede leer.")
    if columna is Col.ALMACENES:
        return "\n".join(presencia.detalle for presencia in presencias)
    return texto(tarea, columna, presencias, "")


def _tr(texto: str) -> str:
    return QCoreApplication.translate("Celdas", texto)
