"""The health monitor and the pings it sends, over stores in memory."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

import adapters
from adapters.health.monitor import HealthMonitor
from adapters.health.pinger import Pinger
from adapters.health.registro import RegistroSalud
from adapters.vuelo import SinEmpezar, SinRespuesta, Vuelo
from core.domain.errors import AlmacenNoDisponible
from core.domain.events import Evento, SaludObservada
from core.domain.models.almacen import NombreAlmacen
from core.health import EstadoSalud, PoliticaSalud
from tests.fakes import AlmacenEnMemoria

SQL = NombreAlmacen.SQL
PLAZO_S = 5.0
RAPIDA = PoliticaSalud(intervalo_s=0.02, intervalo_caida_s=0.02, reintento_s=0.01, caducidad_s=0.5)


def hasta(condicion: Callable[[], bool]) -> None:
    limite = time.monotonic() + PLAZO_S
    tic = threading.Event()
    while not condicion():
        assert time.monotonic() < limite, "la condición no se cumplió a tiempo"
        tic.wait(0.002)


@contextmanager
def vigilado(almacen: AlmacenEnMemoria, *, timeout_s: float = 0.1) -> Iterator[RegistroSalud]:
    registro = RegistroSalud([SQL], politica=RAPIDA)
    with ThreadPoolExecutor(1) as ejecutor:
        monitor = HealthMonitor([Pinger(almacen, ejecutor, registro, timeout_s=timeout_s)], registro)
        monitor.start()
        try:
            yield registro
        finally:
            monitor.close()


def test_el_monitor_ve_caer_y_volver_a_un_almacen() -> None:
    almacen = AlmacenEnMemoria(SQL)
    with vigilado(almacen) as registro:
        hasta(lambda: registro.estado(SQL) is EstadoSalud.OK)
        almacen.fallar_con = AlmacenNoDisponible(SQL, "conexión rechazada")
        hasta(lambda: registro.conocida_caida(SQL))
        assert registro.instantanea(SQL).ultimo_error == "conexión rechazada"
        almacen.fallar_con = None
        hasta(lambda: registro.estado(SQL) is EstadoSalud.OK)


def test_un_ping_que_no_vuelve_cuenta_como_caida() -> None:
    almacen, suelta = AlmacenEnMemoria(SQL), threading.Event()
    almacen.antes = lambda _metodo: suelta.wait(PLAZO_S) and None
    with vigilado(almacen) as registro:
        try:
            hasta(lambda: registro.estado(SQL) is EstadoSalud.CAIDA)
        finally:
            suelta.set()


def test_sin_monitor_el_estado_caduca_y_no_queda_en_verde() -> None:
    almacen = AlmacenEnMemoria(SQL)
    with vigilado(almacen) as registro:
        hasta(lambda: registro.estado(SQL) is EstadoSalud.OK)
    hasta(lambda: registro.estado(SQL) is EstadoSalud.DESCONOCIDA)


@pytest.mark.errores_esperados("falló de forma inesperada")
def test_un_error_sin_traducir_es_una_caida_y_se_registra() -> None:
    almacen = AlmacenEnMemoria(SQL)
    almacen.fallar_con = ZeroDivisionError()
    with vigilado(almacen) as registro:
        hasta(lambda: registro.estado(SQL) is EstadoSalud.CAIDA)
        assert "ZeroDivisionError" in registro.instantanea(SQL).ultimo_error


def test_cada_observacion_se_publica() -> None:
    eventos: list[Evento] = []
    registro = RegistroSalud([SQL], politica=RAPIDA, publicar=eventos.append)
    with ThreadPoolExecutor(1) as ejecutor:
        pinger = Pinger(AlmacenEnMemoria(SQL), ejecutor, registro, timeout_s=1)
        pinger.esperar(pinger.pedir())
    (evento,) = eventos
    assert isinstance(evento, SaludObservada)
    assert (evento.antes.estado, evento.ahora.estado) == (EstadoSalud.DESCONOCIDA, EstadoSalud.OK)


def test_un_ping_pedido_durante_otro_se_suma_a_el() -> None:
    almacen, suelta = AlmacenEnMemoria(SQL), threading.Event()
    almacen.antes = lambda _metodo: suelta.wait(PLAZO_S) and None
    with ThreadPoolExecutor(1) as ejecutor:
        pinger = Pinger(almacen, ejecutor, RegistroSalud([SQL]), timeout_s=PLAZO_S)
        primero, segundo = pinger.pedir(), pinger.pedir()
        suelta.set()
        assert primero is segundo
        pinger.esperar(primero)
    assert almacen.llamadas.count("ping") == 1


def test_el_plazo_de_una_llamada_empieza_cuando_corre_y_no_en_la_cola() -> None:
    suelta = threading.Event()
    with ThreadPoolExecutor(1) as ejecutor:
        delante = Vuelo(ejecutor, lambda: suelta.wait(PLAZO_S))
        detras = Vuelo(ejecutor, lambda: "hecho")
        threading.Timer(0.2, suelta.set).start()
        assert detras.esperar(0.1, cola_s=PLAZO_S) == "hecho"
        assert delante.futuro.result(PLAZO_S)


def test_una_llamada_que_no_empezo_se_retira_y_nunca_corre() -> None:
    suelta, corrio = threading.Event(), threading.Event()
    with ThreadPoolExecutor(1) as ejecutor:
        Vuelo(ejecutor, lambda: suelta.wait(PLAZO_S))
        detras = Vuelo(ejecutor, corrio.set)
        with pytest.raises(SinEmpezar):
            detras.esperar(1, cola_s=0.05)
        suelta.set()
    assert not corrio.is_set()


def test_una_llamada_que_no_vuelve_se_da_por_sin_respuesta() -> None:
    suelta = threading.Event()
    with ThreadPoolExecutor(1) as ejecutor:
        vuelo = Vuelo(ejecutor, lambda: suelta.wait(PLAZO_S))
        with pytest.raises(SinRespuesta):
            vuelo.esperar(0.05, cola_s=1)
        suelta.set()


def test_el_timeout_de_la_propia_llamada_no_se_confunde_con_el_nuestro() -> None:
    def falla() -> None:
        raise TimeoutError("del driver")

    with ThreadPoolExecutor(1) as ejecutor, pytest.raises(TimeoutError, match="del driver"):
        Vuelo(ejecutor, falla).esperar(1, cola_s=1)


def test_un_carril_que_se_cierra_despierta_a_quien_espera_su_turno() -> None:
    suelta = threading.Event()
    ejecutor = ThreadPoolExecutor(1)
    Vuelo(ejecutor, lambda: suelta.wait(PLAZO_S))
    detras = Vuelo(ejecutor, lambda: None)
    ejecutor.shutdown(wait=False, cancel_futures=True)
    inicio_s = time.monotonic()
    with pytest.raises(SinEmpezar):
        detras.esperar(1, cola_s=PLAZO_S)
    assert time.monotonic() - inicio_s < PLAZO_S / 2
    suelta.set()


def test_un_ping_colgado_se_cuenta_una_sola_vez() -> None:
    almacen, suelta = AlmacenEnMemoria(SQL), threading.Event()
    almacen.antes = lambda _metodo: suelta.wait(PLAZO_S) and None
    registro = RegistroSalud([SQL], politica=RAPIDA)
    with ThreadPoolExecutor(1) as ejecutor:
        pinger = Pinger(almacen, ejecutor, registro, timeout_s=0.05)
        pinger.pedir()
        hasta(lambda: pinger.en_el_aire() and registro.estado(SQL) is EstadoSalud.CAIDA)
        for _ in range(5):
            assert pinger.en_el_aire()
            with pytest.raises(AlmacenNoDisponible):  # however many writes wait for it
                pinger.esperar(pinger.pedir())
        assert registro.instantanea(SQL).fallos_seguidos == 1
        suelta.set()


def test_una_llamada_que_acaba_justo_al_vencer_el_plazo_da_su_resultado() -> None:
    class Futuro(Future[str]):
        def result(self, timeout: float | None = None) -> str:
            if timeout is not None:
                self.set_result("hecho")  # between the time-out and the look at it
                raise TimeoutError
            return super().result(0)

    vuelo: Vuelo[str]
    with ThreadPoolExecutor(1) as ejecutor:
        vuelo = Vuelo(ejecutor, lambda: "")
        vuelo.futuro.result(PLAZO_S)
        vuelo.futuro = Futuro()
        assert vuelo.esperar(0.01, cola_s=1) == "hecho"


HABITACIONES = sorted(uno.name for uno in pkgutil.iter_modules(adapters.__path__, "adapters."))
"""Each module and package right below adapters, as whoever needs just that one would import it."""


@pytest.mark.parametrize("modulo", HABITACIONES)
def test_cada_habitacion_se_abre_por_si_sola(modulo: str) -> None:
    subprocess.run([sys.executable, "-c", f"import {modulo}"], check=True, timeout=60)
