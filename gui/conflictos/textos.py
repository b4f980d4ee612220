"""How a conflict is told to an operator: one line, plain, whatever the tarea holds."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QCoreApplication

from core.conflictos import Campo, campos_distintos
from core.domain.models.conflicto import ConflictoVisto, RecuentoConflictos, Resolucion
from core.domain.models.tarea import Tarea
from gui.tareas.textos import cuando


def difiere_en(visto: ConflictoVisto) -> str:
    """In what the loser differs from what is there now."""
    perdedora, actual = visto.perdedora, visto.actual
    if actual is None:
        return _tr("La tarea ya no existe")
    if perdedora.eliminada and not actual.eliminada and visto.guardado.resolucion == Resolucion.REPARACION:
        return _tr("Estaba eliminada")
    if perdedora.eliminada and not actual.eliminada:
        return _tr("Se perdió un borrado")
    if actual.eliminada and not perdedora.eliminada:
        return _tr("Ahora está eliminada")
    nombres = [_nombre(campo) for campo in campos_distintos(perdedora, actual)]
    return ", ".join(nombres).capitalize() if nombres else _tr("Ya dice lo mismo")


def de_quien(tarea: Tarea, propio: str) -> str:
    """The installation that wrote it; `propio` is the number of this one."""
    if tarea.nodo and tarea.nodo == propio:
        return _tr("Este puesto")
    return _tr("Puesto {nodo}").format(nodo=tarea.nodo) if tarea.nodo else _tr("Otro programa")


def autoria(tarea: Tarea, propio: str) -> str:
    """Who wrote it and when: "Puesto 00a7, hoy a las 10:42 · eliminada"."""
    cuando_ = cuando(tarea.actualizada_en, ahora=datetime.now(UTC))
    return f"{de_quien(tarea, propio)}, {cuando_}" + (_tr(" · eliminada") if tarea.eliminada else "")


def momento(ms: int) -> datetime:
    """Milliseconds since the epoch as an instant."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def que_se_decidio(visto: ConflictoVisto) -> str:
    """How it was resolved and when; empty while it is open."""
    guardado = visto.guardado
    if guardado.resuelta_en_ms is None:
        return ""
    que = (
        {
            Resolucion.GANADORA: _tr("Se conservó lo que había"),
            Resolucion.PERDEDORA: _tr("Se restauró lo perdido"),
            Resolucion.MEZCLA: _tr("Se guardó algo de cada uno"),
            Resolucion.REPARACION: _tr("Lo reemplazó una reparación"),
            Resolucion.REEMPLAZADA: _tr("Lo reemplazó lo que se decidió de otro"),
        }.get(Resolucion(guardado.resolucion))
        if guardado.resolucion in set(Resolucion)
        else None
    )
    cuando_ = cuando(momento(guardado.resuelta_en_ms), ahora=datetime.now(UTC))
    return f"{que or _tr('Resuelto')} {cuando_}"


def cuantos(recuento: RecuentoConflictos) -> str:
    """The count in the rail; empty for none."""
    if not recuento.abiertos:
        return ""
    return f"{recuento.abiertos}+" if recuento.hay_mas else str(recuento.abiertos)


def _nombre(campo: Campo) -> str:
    return {
        Campo.TITULO: _tr("título"),
        Campo.DESCRIPCION: _tr("descripción"),
        Campo.ESTADO: _tr("estado"),
    }[campo]


def _tr(texto: str) -> str:
    return QCoreApplication.translate("Conflictos", texto)
