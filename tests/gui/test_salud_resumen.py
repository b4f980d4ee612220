"""The counts of the status bar: soon after a change, also under a stream of them, never two at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from pytestqt.qtbot import QtBot

from core.domain.errors import LecturaImposible
from core.domain.events import EscrituraTerminada, SaludObservada
from core.domain.models.almacen import Desenlace, ResultadoAlmacen, ResultadoEscritura
from core.domain.models.consulta import Resumen
from core.health import SaludAlmacen
from gui.bridge import Puente
from gui.executor import QtExecutor
from gui.salud.resumen import VigiaResumen
from tests.gui.fuente_falsa import MONGO, SQL

PLAZO_MS = 5000
RESUMEN = Resumen(total=3, pendientes={SQL: 1, MONGO: None})
Vigilar = Callable[[Callable[[], Resumen]], VigiaResumen]


@pytest.fixture
def vigilar(qtbot: QtBot) -> Iterator[Vigilar]:
    with QtExecutor(2, "prueba") as ejecutor:
        puente = Puente(ejecutor)
        yield lambda resumir: VigiaResumen(puente, resumir, puente)
        puente.cerrar()


def escritura() -> EscrituraTerminada:
    uno, otro = (ResultadoAlmacen(almacen=a, desenlace=Desenlace.CONFIRMADA) for a in (SQL, MONGO))
    return EscrituraTerminada(
        ResultadoEscritura(operacion="save", entidad_id=str(uuid4()), sql=uno, mongo=otro)
    )


def test_un_chorro_de_escrituras_no_aplaza_la_cuenta_para_siempre(vigilar: Vigilar, qtbot: QtBot) -> None:
    vigia = vigilar(lambda: RESUMEN)
    recibidos: list[Resumen] = []
    vigia.resumido.connect(recibidos.append)

    def escribir_y_mirar() -> bool:
        vigia.recibir(escritura())
        return bool(recibidos)

    qtbot.waitUntil(escribir_y_mirar, timeout=PLAZO_MS)
    assert recibidos[0] is RESUMEN


def test_nunca_hay_dos_cuentas_a_la_vez_y_la_ultima_ve_el_ultimo_cambio(
    vigilar: Vigilar, qtbot: QtBot
) -> None:
    puerta, en_curso, maximo, veces = threading.Event(), [0], [0], [0]

    def resumir() -> Resumen:
        en_curso[0] += 1
        veces[0] += 1
        maximo[0] = max(maximo[0], en_curso[0])
        assert puerta.wait(PLAZO_MS / 1000)
        en_curso[0] -= 1
        return RESUMEN

    vigia = vigilar(resumir)
    vigia.pedir()
    qtbot.waitUntil(lambda: veces[0] == 1, timeout=PLAZO_MS)
    vigia.pedir()
    vigia.recibir(escritura())
    puerta.set()
    qtbot.waitUntil(lambda: veces[0] == 2, timeout=PLAZO_MS)
    assert maximo[0] == 1


def test_un_ping_sin_cambio_no_cuenta_nada(vigilar: Vigilar) -> None:
    vigia = vigilar(lambda: RESUMEN)
    salud = SaludAlmacen(almacen=SQL)
    vigia.recibir(SaludObservada(salud, salud))
    assert not vigia._pronto.isActive()


def test_una_cuenta_imposible_deja_la_anterior_y_se_repite(vigilar: Vigilar, qtbot: QtBot) -> None:
    fallos = [LecturaImposible("Ninguna base de datos responde.")]

    def resumir() -> Resumen:
        if fallos:
            raise fallos.pop()
        return RESUMEN

    vigia = vigilar(resumir)
    recibidos: list[Resumen] = []
    vigia.resumido.connect(recibidos.append)
    vigia.pedir()
    qtbot.waitUntil(lambda: not fallos and not vigia._en_curso, timeout=PLAZO_MS)
    assert recibidos == []
    vigia.pedir()
    qtbot.waitUntil(lambda: recibidos == [RESUMEN], timeout=PLAZO_MS)
