"""The judge is judged: each known bug is put into every operator, and some check has to fail."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.servidores import BancoDePruebas
from tests.torture.errores import NOMBRES
from tests.torture.plan import Plan, Resultado
from tests.torture.plantilla import Trato
from tests.torture.prueba import Prueba


@dataclass(frozen=True, slots=True)
class Escenario:
    """The faults under which a bug shows soonest, and the checks that may name it.

    Attributes:
        solo: names of the faults.
        delata: checks of which one has to fail.
        tareas: hot tareas.
    """

    solo: frozenset[str]
    delata: frozenset[str]
    tareas: int = 24


INTENTOS = 4
"""Short runs, each with another seed, in which a bug has to show: what it needs may not come up in one."""
_PERDIDAS = "escrituras confirmadas perdidas"
_DIFIEREN = "filas que difieren entre las dos bases"
_PARTIDAS = frozenset({"vistas partidas", "red cortada"})
ESCENARIOS: dict[str, Escenario] = {
    "confirmar-a-ciegas": Escenario(_PARTIDAS, frozenset({_PERDIDAS, _DIFIEREN})),
    "sin-comparar": Escenario(_PARTIDAS, frozenset({_PERDIDAS, _DIFIEREN, "versiones que retroceden"})),
    "comparar-con-menor": Escenario(_PARTIDAS, frozenset({_PERDIDAS})),
    "leer-de-la-atrasada": Escenario(
        frozenset({"red cortada", "SIGKILL"}), frozenset({"lecturas atrasadas sin decirlo"})
    ),
    "perdida-es-fallo": Escenario(
        frozenset({"ambas respuestas tiradas"}), frozenset({"rastros de escrituras fallidas"})
    ),
    "olvidar-a-la-perdedora": Escenario(_PARTIDAS, frozenset({_PERDIDAS})),
    "confirmar-con-una": Escenario(_PARTIDAS, frozenset({_DIFIEREN})),
    "contar-la-direccion": Escenario(_PARTIDAS, frozenset({"secretos en el registro"})),
    "purgar-por-edad": Escenario(_PARTIDAS, frozenset({"tareas resucitadas", _DIFIEREN, _PERDIDAS})),
}


Correr = Callable[[Plan], Resultado]


def autocomprobar(semilla: int, errores: Sequence[str] = NOMBRES, *, segundos: float = 12.0) -> int:
    """Run those bugs and tell what caught each; 0 if all were caught, and nothing where there was none."""
    assert set(ESCENARIOS) == set(NOMBRES)
    with BancoDePruebas() as banco:
        postgres, mongo = banco.postgres(fsync=False), banco.mongo()

        def correr(plan: Plan) -> Resultado:
            with tempfile.TemporaryDirectory(prefix="dual-tareas-tortura-") as temporal:
                return Prueba(plan, postgres, mongo, Path(temporal)).correr()

        return juzgar_al_juez(correr, semilla, errores, segundos=segundos)


def juzgar_al_juez(correr: Correr, semilla: int, errores: Sequence[str], *, segundos: float) -> int:
    """As `autocomprobar`, with somebody else's runs.

    A judge that cries at everything notices every bug: under the faults of each, the program without any bug
    has to pass, or nothing was shown.
    """
    distintos = {(uno.solo, uno.tareas): uno for uno in map(ESCENARIOS.__getitem__, errores)}
    for escenario in distintos.values():
        fallan = _fallan(correr(_plan(escenario, "", semilla, segundos)))
        faltas = ", ".join(sorted(escenario.solo))
        _decir(f"sin error, con {faltas}", bien=not fallan, fallan=fallan)
        if fallan:
            sys.stdout.write("NULA: sin ningún error sembrado ya falla\n")
            return 1
    escapados = [error for error in errores if not _delatado(correr, error, semilla, segundos)]
    sys.stdout.write(f"{len(errores) - len(escapados)} de {len(errores)} errores delatados\n")
    return 1 if escapados else 0


def _delatado(correr: Correr, error: str, semilla: int, segundos: float) -> bool:
    for intento in range(INTENTOS):
        fallan = _fallan(correr(plan_de(error, semilla + intento, segundos)))
        if delatado := bool(fallan.keys() & ESCENARIOS[error].delata):
            break
    _decir(f"{error} (intento {intento + 1})", bien=delatado, fallan=fallan)
    return delatado


def _fallan(resultado: Resultado) -> dict[str, int]:
    return {nombre: len(males) for nombre, males in resultado.veredicto.items() if males}


def _decir(que: str, *, bien: bool, fallan: dict[str, int]) -> None:
    detalle = ", ".join(f"{nombre} {cuantas}" for nombre, cuantas in fallan.items()) or "nada"
    sys.stdout.write(f"{'✓' if bien else '✗'} {que}: {detalle}\n")
    sys.stdout.flush()


def plan_de(error: str, semilla: int, segundos: float) -> Plan:
    """A short run in which that bug has every chance to show."""
    return _plan(ESCENARIOS[error], error, semilla, segundos)


def _plan(escenario: Escenario, error: str, semilla: int, segundos: float) -> Plan:
    return Plan(
        segundos=segundos,
        semilla=semilla,
        trato=Trato(semilla=semilla, tareas=escenario.tareas, descanso_s=0.03, vida_s=0.0, error=error),
        operadores=3,
        solo=escenario.solo,
        fase_s=4.0,
        cada_s=0.5,
        lluvia_s=0.0,
        purgar=False,
    )
