"""The protocol's rules, attacked by programs that nobody thought of (see `tests.maquina`).

`MAQUINA_VECES=20` makes twenty times as many of them.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.maquina import VECES
from tests.maquina.mundo import Mundo
from tests.maquina.programa import buscar, fallo_de, mundo_en_marcha, programa_al_azar

SEMILLAS, LARGO = 600, 300
EJEMPLOS, REGLAS = 100, 40

quien = st.integers(0, 2)
dos = st.integers(0, 1)
turno = st.integers(0, 7)


@pytest.fixture(autouse=True)
def _sin_registro() -> Iterator[None]:
    """Every fault is on purpose, and writing a million lines about them would be most of the work."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


class MaquinaDelProtocolo(RuleBasedStateMachine):
    """The instructions of `Mundo` as rules; what must hold is looked at when the program has ended."""

    mundo: Mundo

    def __init__(self) -> None:
        super().__init__()
        self._pila = ExitStack()
        self.mundo = self._pila.enter_context(mundo_en_marcha())

    @rule(quien=quien, cual=dos, antiguedad=st.integers(0, 3), eliminar=dos)
    def guardar(self, quien: int, cual: int, antiguedad: int, eliminar: int) -> None:
        self.mundo.guardar(quien, cual, antiguedad, eliminar)

    @rule(quien=quien, origen=dos)
    def drenar(self, quien: int, origen: int) -> None:
        self.mundo.drenar(quien, origen)

    @rule(quien=quien)
    def confirmar(self, quien: int) -> None:
        self.mundo.confirmar(quien)

    @rule(quien=quien)
    def repetir(self, quien: int) -> None:
        self.mundo.repetir(quien)

    @rule(quien=quien, cual=dos)
    def importar(self, quien: int, cual: int) -> None:
        self.mundo.importar(quien, cual)

    @rule(quien=quien)
    def morir(self, quien: int) -> None:
        self.mundo.morir(quien)

    @rule(almacen=dos, como=st.integers(0, 2))
    def cortar(self, almacen: int, como: int) -> None:
        self.mundo.cortar(almacen, como)

    @rule(almacen=dos)
    def entregar(self, almacen: int) -> None:
        self.mundo.entregar(almacen, 0)

    @rule(ms=st.sampled_from([1, 40, 3000, -5000]))
    def esperar(self, ms: int) -> None:
        self.mundo.esperar(ms)

    @rule(cuantos=st.integers(1, 60), orden=st.integers(0, 999))
    def avanzar(self, cuantos: int, orden: int) -> None:
        azar = random.Random(orden)
        for _ in range(cuantos):
            self.mundo.avanzar(azar.randrange(12), 0)

    @rule(turno=turno, falla=st.integers(1, 4))
    def fallar(self, turno: int, falla: int) -> None:
        self.mundo.avanzar(turno, falla)

    def teardown(self) -> None:
        with self._pila:
            self.mundo.comprobar()


def probar_maquina(ejemplos: int, *, acortar: bool = True) -> None:
    """Run it. Raises AssertionError, with the shortest program that shows the fault."""
    run_state_machine_as_test(
        MaquinaDelProtocolo,
        settings=settings(
            max_examples=ejemplos,
            stateful_step_count=REGLAS,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink] if acortar else [Phase.generate],
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.timeout(400 * VECES)  # of which it needs a few seconds, unless it has a fault to cut down
def test_ningun_programa_de_hypothesis_rompe_el_protocolo() -> None:
    probar_maquina(EJEMPLOS * VECES)


@pytest.mark.timeout(120 * VECES)
def test_ningun_programa_al_azar_rompe_el_protocolo() -> None:
    fallo, pasos = buscar(range(SEMILLAS * VECES), LARGO)
    assert not fallo, fallo
    assert pasos > 150 * SEMILLAS * VECES  # or next to nothing was tried


def test_el_mismo_programa_da_siempre_la_misma_historia() -> None:
    historias = []
    for _ in range(2):
        with mundo_en_marcha() as mundo:
            for nombre, *numeros in programa_al_azar(7, LARGO):
                getattr(mundo, nombre)(*numeros)
            mundo.comprobar()
            filas = [
                (fila.id, fila.version, fila.descripcion)
                for almacen in mundo.almacenes.values()
                for fila in almacen.filas.values()
            ]
            historias.append((filas, mundo.reconocidas, mundo.planificador.pasos))
    assert historias[0] == historias[1]
    assert historias[0][1]


def test_los_programas_al_azar_hacen_de_todo() -> None:
    reconocidas = importadas = conflictos = comunes = rechazadas = 0
    for semilla in range(60):
        with mundo_en_marcha() as mundo:
            for nombre, *numeros in programa_al_azar(semilla, LARGO):
                getattr(mundo, nombre)(*numeros)
            mundo.comprobar()
            reconocidas += len(mundo.reconocidas)
            importadas += sum(marca.startswith("[archivo") for marca in mundo.reconocidas)
            rechazadas += len(mundo.rechazadas)
            comunes += len(mundo.comunes)
            conflictos += sum(len(almacen.conflictos) for almacen in mundo.almacenes.values())
    cuentas = (reconocidas, importadas, conflictos, comunes, rechazadas)
    assert min(cuentas) >= 10, cuentas
    assert not fallo_de([])[0]
