"""Where a tarea is, as far as this window knows: from its marks and from what the last write was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QCoreApplication

from core.domain.models.almacen import Desenlace, NombreAlmacen, ResultadoEscritura
from core.domain.models.tarea import Tarea


@dataclass(frozen=True, slots=True)
class Presencia:
    """A tarea in one store.

    Attributes:
        almacen: which.
        signo: one character that tells it without colour.
        palabra: what to say besides the sign; empty when it is there, the ordinary case.
        tono: the role of the palette.
        detalle: one sentence for a tooltip.
    """

    almacen: NombreAlmacen
    signo: str
    palabra: str
    tono: str
    detalle: str

    @property
    def texto(self) -> str:
        """As shown: "Mongo … por copiar"."""
        return " ".join(parte for parte in (corto(self.almacen), self.signo, self.palabra) if parte)


def corto(almacen: NombreAlmacen) -> str:
    """The store's name where there is little room."""
    return "SQL" if almacen is NombreAlmacen.SQL else "Mongo"


def presencias(
    tarea: Tarea,
    *,
    leida_de: NombreAlmacen,
    almacenes: Sequence[NombreAlmacen],
    resultado: ResultadoEscritura | None = None,
    por_rellenar: frozenset[NombreAlmacen] = frozenset(),
) -> tuple[Presencia, ...]:
    """One for each store that the program runs on.

    Args:
        leida_de: the store that the row was read from.
        resultado: the outcome of the write that made this very version, when this window made it.
        por_rellenar: the stores that lack what the marks say that they have.
    """
    if len(almacenes) == 1 or not tarea.pendiente:
        return tuple(
            _le_falta(almacen) if almacen in por_rellenar and almacen is not leida_de else _esta(almacen)
            for almacen in almacenes
        )
    if resultado is not None and resultado.tarea is not None and resultado.tarea.version == tarea.version:
        return tuple(_segun(resultado, almacen) for almacen in almacenes)
    return tuple(_esta(almacen) if almacen is leida_de else _falta(almacen) for almacen in almacenes)


def _segun(resultado: ResultadoEscritura, almacen: NombreAlmacen) -> Presencia:
    dicho = resultado.de(almacen)
    if dicho.confirmada:
        return _esta(almacen)
    if dicho.desenlace is Desenlace.DESCONOCIDA:
        detalle = _tr("%1 no contestó: puede haberla guardado o no. Se comprobará sola.")
        return Presencia(almacen, "?", _tr("sin respuesta"), "warn", _con(detalle, almacen, dicho.error))
    if dicho.desenlace is Desenlace.CONFLICTO:
        detalle = _tr("%1 tiene otra versión de esta tarea.")
        return Presencia(almacen, "≠", _tr("conflicto"), "error", _con(detalle, almacen, dicho.error))
    if dicho.desenlace is Desenlace.APLAZADA:
        detalle = _tr("%1 se está poniendo al día: la recibirá a continuación, en orden.")
        return Presencia(almacen, "…", _tr("se copiará"), "info", _con(detalle, almacen))
    return _falta(almacen, dicho.error)


@cache  # each row of the list that waits for nothing shows these
def _esta(almacen: NombreAlmacen) -> Presencia:
    return Presencia(almacen, "✓", "", "ok", _con(_tr("Guardada en %1."), almacen))


def _falta(almacen: NombreAlmacen, error: str = "") -> Presencia:
    detalle = _tr("Puede faltar en %1; se copiará sola cuando responda.")
    return Presencia(almacen, "…", _tr("por copiar"), "warn", _con(detalle, almacen, error))


@cache
def _le_falta(almacen: NombreAlmacen) -> Presencia:
    detalle = _tr("Estaba en %1, que se vació o es otra: tendrá que copiarse.")
    return Presencia(almacen, "…", _tr("sin copiar"), "warn", _con(detalle, almacen))


def _con(frase: str, almacen: NombreAlmacen, error: str = "") -> str:
    dicho = frase.replace("%1", almacen.etiqueta)
    return f"{dicho} {error}".strip()


def _tr(texto: str) -> str:
    return QCoreApplication.translate("Presencia", texto)
