"""Ctrl+C ends a comparison at once, whatever the servers do."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import cast

import pytest

from adapters.cli.verificacion import comparar, veredicto
from adapters.container import Contenedor
from core.domain.errors import AlmacenNoDisponible
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.verificacion import InformeVerificacion


def informe() -> InformeVerificacion:
    return InformeVerificacion(metodo="resumen", empezada_ms=1)


class Falso:
    """A container that compares as the test says."""

    def __init__(self, hacer: Callable[[threading.Event], InformeVerificacion]) -> None:
        self._hacer = hacer

    def verificar(self, *, parar: threading.Event, progreso: object) -> InformeVerificacion:
        return self._hacer(parar)


def comparado(hacer: Callable[[threading.Event], InformeVerificacion]) -> InformeVerificacion | None:
    return comparar(cast(Contenedor, Falso(hacer)))


def test_ctrl_c_no_espera_a_un_servidor_que_no_contesta() -> None:
    soltar, pedida_s = threading.Event(), [0.0]

    def congelado(_parar: threading.Event) -> InformeVerificacion:
        pedida_s[0] = time.monotonic()
        os.kill(os.getpid(), signal.SIGINT)
        soltar.wait(30)
        return informe()

    try:
        assert comparado(congelado) is None
        assert time.monotonic() - pedida_s[0] < 0.5
    finally:
        soltar.set()


def test_ctrl_c_para_la_comparacion() -> None:
    def atento(parar: threading.Event) -> InformeVerificacion:
        os.kill(os.getpid(), signal.SIGINT)
        assert parar.wait(10)
        return informe()

    assert comparado(atento) is None


def test_lo_que_falla_en_el_hilo_lo_oye_quien_espera() -> None:
    def caido(_parar: threading.Event) -> InformeVerificacion:
        raise AlmacenNoDisponible(NombreAlmacen.SQL, "no contesta")

    with pytest.raises(AlmacenNoDisponible, match="no contesta"):
        comparado(caido)


def test_el_veredicto_no_dice_iguales_si_no_se_sabe() -> None:
    duda = informe()
    duda.filas_sql = duda.filas_mongo = 3
    assert veredicto(duda).startswith("✓")
    duda.en_vuelo = 2
    assert veredicto(duda).startswith("? No se pudo saber: 2 tareas cambian sin parar")
    assert veredicto(informe()) == "? No se pudo saber: no había nada que comparar."
