"""What the banner says of the quarantine: rows that one store lacks, rows that only lack a mark. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from core.domain.models.apartada import Apartada
from gui.widgets.formato import cuenta


def anuncio_de_cuarentena(apartadas: Sequence[Apartada]) -> tuple[str, str]:
    """Title and detail; there is at least one."""
    sin_copiar = [una for una in apartadas if not una.en_ambas]
    sin_confirmar = len(apartadas) - len(sin_copiar)
    if not sin_copiar:
        return _sin_confirmar(sin_confirmar), _tr("No les falta nada: solo se reintenta anotarlo.")
    if len(sin_copiar) == 1:
        detalle = _tr("Está a salvo donde está y se reintenta sola; las demás se copian igual.")
    else:
        detalle = _tr("Están a salvo donde están y se reintentan solas; las demás se copian igual.")
    if sin_confirmar:
        detalle = f"{_sin_confirmar(sin_confirmar)}. {detalle}"
    return _sin_copiar(sin_copiar), detalle


def _sin_copiar(apartadas: Sequence[Apartada]) -> str:
    if len(apartadas) == 1:
        return _tr("1 tarea no se puede copiar a {destino}").format(destino=apartadas[0].origen.otro.etiqueta)
    return _tr("{n} tareas no se pueden copiar").format(n=cuenta(len(apartadas)))


def _sin_confirmar(cuantas: int) -> str:
    if cuantas == 1:
        return _tr("1 tarea está en ambas bases de datos, sin confirmar")
    return _tr("{n} tareas están en ambas bases de datos, sin confirmar").format(n=cuenta(cuantas))


def _tr(texto: str) -> str:
    return QCoreApplication.translate("Cuarentena", texto)
