"""What the banner says of conflicts: how many, whose, of which tarea. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from PySide6.QtCore import QCoreApplication

from core.domain.models.conflicto import RecuentoConflictos
from core.domain.models.tarea import Tarea
from gui.avisos.aviso import Nivel
from gui.conflictos.textos import cuantos, de_quien
from gui.tareas.textos import citado


@dataclass(frozen=True, slots=True, kw_only=True)
class Anuncio:
    """What is told.

    Attributes:
        tarea: the id of the one that it is about; None when it is about several, or nobody knows.
    """

    nivel: Nivel
    titulo: str
    detalle: str
    uno: bool
    tarea: UUID | None = None


def anuncio_de_perdida(perdedora: Tarea) -> Anuncio:
    """The operator's own write has just lost."""
    return Anuncio(
        nivel=Nivel.AVISO,
        titulo=_tr("Su cambio de {titulo} perdió contra otro más reciente").format(
            titulo=citado(perdedora.titulo)
        ),
        detalle=_tr("Lo que usted guardó se conserva entero: compare ambos y decida."),
        uno=True,
        tarea=perdedora.id,
    )


def anuncio_de_nuevos(nuevos: int, perdedoras: Sequence[Tarea], propio: str) -> Anuncio:
    """The copying has found some; `perdedoras` are the newest, as far as they could be read."""
    if nuevos == 1 and perdedoras:
        return _de_uno(perdedoras[0], propio)
    titulo = (
        _tr("Hay un conflicto nuevo") if nuevos == 1 else _tr("Hay {n} conflictos nuevos").format(n=nuevos)
    )
    que = _tr(
        "Dos personas cambiaron la misma tarea sin verse. Ganó el cambio más reciente y el otro se "
        "conserva entero."
    )
    detalle = " ".join(parte for parte in (que, _de_este_puesto(perdedoras, propio)) if parte)
    return Anuncio(nivel=Nivel.AVISO, titulo=titulo, detalle=detalle, uno=nuevos == 1)


def anuncio_de_abiertos(recuento: RecuentoConflictos, perdedoras: Sequence[Tarea], propio: str) -> Anuncio:
    """Some were open before the program was: nothing new, and nothing to be afraid of."""
    uno = recuento.abiertos == 1 and not recuento.hay_mas
    una = perdedoras[0] if uno and perdedoras else None
    if una is not None:
        titulo = _tr("Hay un conflicto por resolver en {titulo}").format(titulo=citado(una.titulo))
    elif uno:
        titulo = _tr("Hay un conflicto por resolver")
    else:
        titulo = _tr("Hay {n} conflictos por resolver").format(n=cuantos(recuento))
    calma = _tr("Lo que se perdió se conserva entero hasta que alguien decida.")
    quien = _de_este_puesto(perdedoras, propio)
    return Anuncio(
        nivel=Nivel.INFO,
        titulo=titulo,
        detalle=" ".join(parte for parte in (calma, quien) if parte),
        uno=uno,
        tarea=una.id if una is not None else None,
    )


def _de_uno(perdedora: Tarea, propio: str) -> Anuncio:
    quien = de_quien(perdedora, propio)
    return Anuncio(
        nivel=Nivel.AVISO,
        titulo=_tr("Un cambio de {titulo} perdió contra otro más reciente").format(
            titulo=citado(perdedora.titulo)
        ),
        detalle=_tr("El cambio que perdió es de {quien}. Se conserva entero: compare ambos y decida.").format(
            quien=quien[:1].lower() + quien[1:]
        ),
        uno=True,
        tarea=perdedora.id,
    )


def _de_este_puesto(perdedoras: Sequence[Tarea], propio: str) -> str:
    propias = sum(1 for una in perdedoras if propio and una.nodo == propio)
    if not propias:
        return ""
    if len(perdedoras) == 1:
        return _tr("El cambio que perdió es de este puesto.")
    if propias == 1:
        return _tr("Uno de los cambios que perdieron es de este puesto.")
    return _tr("{n} de los cambios que perdieron son de este puesto.").format(n=propias)


def _tr(texto: str) -> str:
    return QCoreApplication.translate("Conflictos", texto)
