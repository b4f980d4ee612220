"""The watchdog: cuts what is late, leaves alone what has ended."""

from __future__ import annotations

import threading
import time

import pytest

from adapters.peewee.vigilante import Vigilante
from tests.servidores.espera import esperar


def test_corta_lo_que_pasa_de_su_plazo_y_a_tiempo() -> None:
    cortado = threading.Event()
    inicio_s = time.monotonic()
    with Vigilante().vigilar(inicio_s + 0.1, cortado.set) as plazo:
        assert cortado.wait(2)
        assert 0.1 <= time.monotonic() - inicio_s < 0.6
    assert plazo.vencido


def test_lo_que_termino_a_tiempo_no_se_corta() -> None:
    vigilante = Vigilante()
    cortes: list[str] = []
    with vigilante.vigilar(time.monotonic() + 0.05, lambda: cortes.append("terminada")) as terminada:
        pass
    posterior = threading.Event()
    with vigilante.vigilar(time.monotonic() + 0.1, posterior.set):
        assert posterior.wait(2)
    assert not cortes
    assert not terminada.vencido


def test_un_plazo_mas_corto_adelanta_a_los_que_esperan() -> None:
    vigilante = Vigilante()
    largo, corto = threading.Event(), threading.Event()
    with vigilante.vigilar(time.monotonic() + 30, largo.set) as plazo:
        esperar(lambda: vigilante._hilo, que="el vigilante está en marcha")
        with vigilante.vigilar(time.monotonic() + 0.05, corto.set):
            assert corto.wait(2)
        assert not plazo.vencido
        assert not largo.is_set()


def test_muchos_plazos_se_cortan_todos_en_orden() -> None:
    vigilante = Vigilante()
    orden: list[int] = []
    ahora = time.monotonic()
    plazos = [
        vigilante.vigilar(ahora + 0.05 + n / 1000, lambda n=n: orden.append(n)) for n in range(49, -1, -1)
    ]
    esperar(lambda: len(orden) == 50, que="todos cortados")
    assert orden == list(range(50))
    assert all(plazo.vencido for plazo in plazos)


def test_al_terminar_no_queda_a_medias_un_corte() -> None:
    """Whoever leaves the context waits for a cut that has begun: its connection is still its own."""
    vigilante = Vigilante()
    empezado, seguir = threading.Event(), threading.Event()
    hechos: list[str] = []

    def cortar() -> None:
        empezado.set()
        seguir.wait(5)
        hechos.append("cortado")

    def llamada() -> None:
        with vigilante.vigilar(time.monotonic() + 0.02, cortar):
            empezado.wait(5)
            seguir.set()
        hechos.append("fuera")

    hilo = threading.Thread(target=llamada)
    hilo.start()
    hilo.join(5)
    assert hechos == ["cortado", "fuera"]


@pytest.mark.errores_esperados("al cortar una operación")
def test_un_corte_que_falla_no_deja_sin_vigilante_a_los_siguientes() -> None:
    vigilante = Vigilante()

    def fallar() -> None:
        raise RuntimeError("no se deja cortar")

    with vigilante.vigilar(time.monotonic() + 0.01, fallar) as primero:
        esperar(lambda: not primero.activo, que="el primero venció")
        cortado = threading.Event()
        with vigilante.vigilar(time.monotonic() + 0.01, cortado.set):
            assert cortado.wait(2)
    assert primero.vencido
