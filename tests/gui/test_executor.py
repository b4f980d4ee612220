"""QtExecutor keeps the promises of concurrent.futures.Executor, and the bridge loses no result."""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, wait
from functools import partial
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from adapters.events import BusEventos
from core.domain.errors import DualTareasError
from core.domain.events import EscriturasConfirmadas
from core.domain.models.almacen import NombreAlmacen
from gui.bridge import Puente
from gui.executor import QtExecutor, carriles_qt

PLAZO_S = 10.0


def test_devuelve_el_resultado_y_la_excepcion_de_cada_encargo() -> None:
    with QtExecutor(2, "prueba") as ejecutor:
        assert ejecutor.submit(pow, 2, 10).result(PLAZO_S) == 1024
        assert isinstance(ejecutor.submit(int, "x").exception(PLAZO_S), ValueError)
        assert list(ejecutor.map(str, range(50), timeout=PLAZO_S)) == [str(n) for n in range(50)]


def test_mil_excepciones_inmediatas_vuelven_todas_a_quien_pregunta() -> None:
    with QtExecutor(2, "prueba") as ejecutor:
        futuros = [ejecutor.submit(int, "x") for _ in range(1000)]
        assert all(isinstance(futuro.exception(PLAZO_S), ValueError) for futuro in futuros)


def test_un_encargo_cancelado_antes_de_empezar_no_se_ejecuta() -> None:
    with QtExecutor(1, "prueba") as ejecutor:
        puerta, hechos = threading.Event(), list[str]()
        primero = ejecutor.submit(puerta.wait, PLAZO_S)
        segundo = ejecutor.submit(hechos.append, "segundo")
        assert segundo.cancel()
        puerta.set()
        assert primero.result(PLAZO_S)
        assert ejecutor.submit(lambda: "tercero").result(PLAZO_S) == "tercero"
        with pytest.raises(CancelledError):
            segundo.result(PLAZO_S)
        assert hechos == []


def test_lo_que_ya_corre_no_se_puede_cancelar() -> None:
    with QtExecutor(1, "prueba") as ejecutor:
        empezado, puerta = threading.Event(), threading.Event()

        def correr() -> bool:
            empezado.set()
            return puerta.wait(PLAZO_S)

        futuro = ejecutor.submit(correr)
        assert empezado.wait(PLAZO_S)
        assert not futuro.cancel()
        puerta.set()
        assert futuro.result(PLAZO_S)


def test_cerrar_cancelando_descarta_la_cola_y_no_admite_mas() -> None:
    ejecutor = QtExecutor(1, "prueba")
    empezado, puerta = threading.Event(), threading.Event()

    def correr() -> bool:
        empezado.set()
        return puerta.wait(PLAZO_S)

    corriendo = ejecutor.submit(correr)
    assert empezado.wait(PLAZO_S)
    en_cola = [ejecutor.submit(int) for _ in range(5)]
    ejecutor.shutdown(wait=False, cancel_futures=True)
    assert not wait(en_cola, PLAZO_S).not_done
    assert all(futuro.cancelled() for futuro in en_cola)
    with pytest.raises(RuntimeError):
        ejecutor.submit(int)
    puerta.set()
    assert corriendo.result(PLAZO_S)
    assert ejecutor.esperar(int(PLAZO_S * 1000))


def test_cerrar_sin_cancelar_termina_lo_pedido() -> None:
    ejecutor = QtExecutor(2, "prueba")
    futuros = [ejecutor.submit(pow, n, 2) for n in range(100)]
    ejecutor.shutdown()
    assert [futuro.result(0) for futuro in futuros] == [n * n for n in range(100)]


def test_los_hilos_llevan_nombre_y_conservan_sus_datos_locales() -> None:
    """A connection kept in a threading.local must outlive the piece of work that opened it."""
    local = threading.local()

    def contar() -> tuple[str, int]:
        local.veces = getattr(local, "veces", 0) + 1
        return threading.current_thread().name, local.veces

    with QtExecutor(1, "DualRepo-op-sql") as ejecutor:
        vistos = [ejecutor.submit(contar).result(PLAZO_S) for _ in range(20)]
    assert vistos == [("DualRepo-op-sql_0", veces) for veces in range(1, 21)]


def test_no_abre_mas_hilos_de_los_dichos() -> None:
    with QtExecutor(3, "prueba") as ejecutor:
        barrera = threading.Barrier(3)

        def nombre(n: int) -> str:
            if n < 3:
                barrera.wait(PLAZO_S)
            return threading.current_thread().name

        nombres = set(ejecutor.map(nombre, range(30), timeout=PLAZO_S))
    assert len(nombres) == 3


def test_un_ejecutor_olvidado_se_despide_solo() -> None:
    ejecutor: QtExecutor | None = QtExecutor(2, "olvidado")
    assert ejecutor is not None
    assert ejecutor.submit(int).result(PLAZO_S) == 0
    final = ejecutor._final
    ejecutor = None
    assert not final.alive


def test_carriles_qt_da_cuatro_ejecutores_distintos() -> None:
    carriles = carriles_qt()
    ejecutores = {*carriles.ping.values(), *carriles.operacion.values()}
    assert len(ejecutores) == 4
    nombre = carriles.operacion[NombreAlmacen.MONGO].submit(lambda: threading.current_thread().name)
    assert nombre.result(PLAZO_S) == "DualRepo-op-mongo_0"
    carriles.close()


@pytest.fixture
def ejecutor(qtbot: QtBot) -> Iterator[QtExecutor]:
    with QtExecutor(4, "prueba") as ejecutor:
        yield ejecutor


def test_5000_resultados_llegan_todos_al_hilo_de_la_ventana(qtbot: QtBot, ejecutor: QtExecutor) -> None:
    puente = Puente(ejecutor)
    llegados: list[int] = []
    hilos: set[int] = set()

    def exito(n: int) -> None:
        llegados.append(n)
        hilos.add(threading.get_ident())

    def encargo(n: int) -> Any:
        return lambda: n

    for n in range(5000):
        puente.lanzar(encargo(n), exito=exito, error=lambda fallo: pytest.fail(str(fallo)))
    qtbot.waitUntil(lambda: len(llegados) == 5000, timeout=20_000)
    assert sorted(llegados) == list(range(5000))
    assert hilos == {threading.get_ident()}
    puente.cerrar()


@pytest.mark.errores_esperados("Error inesperado en una tarea de fondo")
def test_un_error_del_mundo_llega_sin_ruido_y_uno_nuestro_se_anota(
    qtbot: QtBot, ejecutor: QtExecutor, caplog: pytest.LogCaptureFixture
) -> None:
    puente = Puente(ejecutor)
    errores: list[BaseException] = []

    def fallar(error: Exception) -> Any:
        def funcion() -> None:
            raise error

        return funcion

    with caplog.at_level(logging.ERROR, "gui.bridge"):
        puente.lanzar(fallar(DualTareasError("sin base")), exito=lambda _: None, error=errores.append)
        qtbot.waitUntil(lambda: len(errores) == 1)
        assert not caplog.records
        puente.lanzar(fallar(KeyError("x")), exito=lambda _: None, error=errores.append)
        qtbot.waitUntil(lambda: len(errores) == 2)
        assert "KeyError" in caplog.text
        caplog.clear()
    puente.cerrar()


def test_un_puente_cerrado_no_llama_a_nadie(qtbot: QtBot, ejecutor: QtExecutor) -> None:
    puente = Puente(ejecutor)
    llamadas: list[object] = []
    puerta = threading.Event()
    futuro = puente.lanzar(lambda: puerta.wait(PLAZO_S), exito=llamadas.append, error=llamadas.append)
    puente.cerrar()
    puerta.set()
    wait([futuro], PLAZO_S)
    assert puente.lanzar(int, exito=llamadas.append, error=llamadas.append).cancelled()
    centinela = Puente(ejecutor)
    fin: list[int] = []
    centinela.lanzar(int, exito=fin.append, error=lambda _: None)
    qtbot.waitUntil(lambda: fin == [0])
    assert llamadas == []
    centinela.cerrar()


def test_los_eventos_llegan_en_orden_y_en_el_hilo_de_la_ventana(qtbot: QtBot, ejecutor: QtExecutor) -> None:
    bus, puente = BusEventos(), Puente(ejecutor)
    vistos: list[tuple[int, EscriturasConfirmadas]] = []
    puente.evento.connect(lambda evento: vistos.append((threading.get_ident(), evento)))
    puente.conectar_bus(bus)
    eventos = [EscriturasConfirmadas(((str(n), n),)) for n in range(100)]

    def publicar_todos() -> None:
        for evento in eventos:
            bus.publicar(evento)

    hilo = threading.Thread(target=publicar_todos)
    hilo.start()
    hilo.join(PLAZO_S)
    qtbot.waitUntil(lambda: len(vistos) == 100)
    assert vistos == [(threading.get_ident(), evento) for evento in eventos]
    puente.cerrar()
    bus.publicar(eventos[0])


class _Receptor(QWidget):
    """A widget that only who waits for its answer keeps alive; it tells in which thread it dies."""

    def __init__(self, respuestas: list[object], hilos: list[int]) -> None:
        super().__init__()
        self._respuestas = respuestas
        weakref.finalize(self, lambda: hilos.append(threading.get_ident()))

    def recibir(self, respuesta: object) -> None:
        self._respuestas.append(respuesta)

    def trabajar(self) -> int:
        return 7


@pytest.mark.parametrize("como", ["un valor", "un error", "su propia función"])
def test_quien_espera_una_respuesta_muere_en_el_hilo_de_la_ventana(qtbot: QtBot, como: str) -> None:
    """A worker that lets go of a widget last destroys it, and with it whatever Qt is about to do with it."""
    respuestas: list[object] = []
    hilos: list[int] = []
    suelto, visto = threading.Event(), threading.Event()
    with QtExecutor(1, "prueba") as ejecutor:
        puente, receptor = Puente(ejecutor), _Receptor(respuestas, hilos)
        funciones: dict[str, Callable[[], int]] = {
            "un valor": lambda: 7,
            "un error": partial(_fallar, DualTareasError("sin base")),
            "su propia función": receptor.trabajar,
        }
        futuro = puente.lanzar(funciones[como], exito=receptor.recibir, error=receptor.recibir)
        del funciones
        # In the worker, after the answer was handed over: it takes its time to let go.
        futuro.add_done_callback(lambda _: (visto.set(), suelto.wait(PLAZO_S)))
        qtbot.waitUntil(lambda: bool(respuestas))
        assert visto.wait(PLAZO_S)
        del receptor, futuro
        assert hilos == [threading.get_ident()]
        suelto.set()
        puente.cerrar()


def _fallar(error: Exception) -> int:
    raise error
