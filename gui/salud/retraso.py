"""What a store that is behind still lacks, how fast it gets it, and how that is said."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from gui.widgets.formato import cuenta, duracion, localidad

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraso:
    """A store against the other one.

    Attributes:
        pendientes: tareas that it may lack.
        ritmo_por_s: rows a second that it gets now; None while nothing is being copied.
        restante_s: seconds until it has them all at that rate; None when that cannot be told.
        pausada: the operator has paused the copying.
        sabido: the store that has them could be asked; else none counted does not mean none.
    """

    pendientes: int
    ritmo_por_s: float | None = None
    restante_s: float | None = None
    pausada: bool = False
    sabido: bool = True


def pendientes_en_palabras(retraso: Retraso) -> str:
    """«nada pendiente», «1 pendiente», «1.234 pendientes», «sin contar» where nobody could ask."""
    cuantas = retraso.pendientes
    if not cuantas and not retraso.sabido:
        return translate("Salud", "sin contar")
    if not cuantas:
        return translate("Salud", "nada pendiente")
    if cuantas == 1:
        return translate("Salud", "1 pendiente")
    return translate("Salud", "{n} pendientes").format(n=cuenta(cuantas))


def ritmo_en_palabras(ritmo_por_s: float) -> str:
    """«850/s»; a slow one keeps a decimal, so that it does not look as if it stood still."""
    decimales = 0 if ritmo_por_s >= 10 else 1
    return f"{localidad().toString(ritmo_por_s, 'f', decimales)}/s"


def restante_en_palabras(restante_s: float) -> str:
    """«queda menos de 1 s», «quedan 12 s»."""
    if restante_s < 1:
        return translate("Salud", "queda menos de 1 s")
    if restante_s < 2:
        return translate("Salud", "queda 1 s")
    return translate("Salud", "quedan {t}").format(t=duracion(restante_s))


def marcha(retraso: Retraso) -> str:
    """How the copying goes: «850/s · quedan 12 s», «en pausa», or nothing to be said of it."""
    if retraso.pausada:
        return translate("Salud", "en pausa")
    if retraso.ritmo_por_s is None:
        return ""
    partes = [ritmo_en_palabras(retraso.ritmo_por_s)]
    if retraso.restante_s is not None:
        partes.append(restante_en_palabras(retraso.restante_s))
    return " · ".join(partes)


def resumen_de_retraso(retraso: Retraso) -> str:
    """«1.234 pendientes · 850/s · quedan 12 s»."""
    partes = (pendientes_en_palabras(retraso), marcha(retraso))
    return " · ".join(parte for parte in partes if parte)


def resumen_breve_de_retraso(retraso: Retraso) -> str:
    """The same where there is little room: how many, and how long it takes."""
    partes = [pendientes_en_palabras(retraso)]
    if retraso.pausada:
        partes.append(translate("Salud", "en pausa"))
    elif retraso.restante_s is not None:
        partes.append(restante_en_palabras(retraso.restante_s))
    return " · ".join(partes)
