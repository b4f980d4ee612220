"""What has to happen in a run before its verdict says anything."""

from __future__ import annotations

from collections.abc import Iterator

from tests.torture.historia import ACEPTADAS
from tests.torture.plan import Resultado

ESCASEZ = "lo que apenas ocurrió"
"""Its name among the checks."""
OPERACIONES_POR_S = 2.0
"""Slower than that, the operators stood still: they do tens a second on a machine that is busy."""
FALTAS_ESPERADAS = 0.2
"""Of the faults that were meant to begin, at least so many: several at once wait for each other."""
VIDAS = 1.5
"""In so many mean lives of the operators, some of them is killed."""


def escasez(resultado: Resultado) -> Iterator[str]:
    """What there was too little of, for the length of the run; nothing where it is worth a verdict."""
    plan, historia = resultado.plan, resultado.historia
    if len(historia) < OPERACIONES_POR_S * plan.segundos:
        yield f"solo {len(historia)} operaciones en {plan.segundos:g} s"
    if not any(uno.muta and uno.fin in ACEPTADAS for uno in historia):
        yield "ninguna escritura confirmada"
    if not any(uno.vistas for uno in historia):
        yield "ninguna lectura que viera una tarea"
    faltas = sum(resultado.faltas.values())
    if faltas < max(1.0, FALTAS_ESPERADAS * plan.segundos / plan.cada_s):
        yield f"solo {faltas} faltas en {plan.segundos:g} s"
    vida_s = plan.trato.vida_s
    if vida_s and plan.segundos >= VIDAS * vida_s and not resultado.muertes:
        yield "ningún operador matado"
    if not resultado.calmas_s:
        yield "ninguna cura"
