"""How a backfill gives way: the size of its pages and its pauses, by a clock of ours."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from adapters.health.compuerta import Compuerta
from adapters.replicacion.cortesia import (
    CALMA_S,
    DESCANSOS,
    HUECO_S,
    LOTE_INICIAL,
    LOTE_MAX,
    LOTE_MIN,
    OBJETIVO_AMABLE_S,
    OBJETIVO_S,
    PAUSA_MAX_S,
    Cortesia,
)


@dataclass
class Reloj:
    s: float = 100.0

    def __call__(self) -> float:
        return self.s


def escribir(compuerta: Compuerta) -> None:
    with compuerta.escritura():
        pass


def test_sin_nadie_crece_hasta_el_tope_y_no_descansa() -> None:
    cortesia = Cortesia(Compuerta())
    assert (cortesia.lote, cortesia.hay_operadores) == (LOTE_INICIAL, False)
    for _ in range(9):
        assert cortesia.tras(cortesia.lote, OBJETIVO_S / 4, amable=False) == 0
    assert cortesia.lote == LOTE_MAX
    cortesia.tras(LOTE_MAX, OBJETIVO_S * 1.25, amable=False)
    assert cortesia.lote == LOTE_MAX * 0.8


def test_una_pagina_que_no_iba_llena_no_hace_crecer_a_las_demas() -> None:
    cortesia = Cortesia(Compuerta())
    cortesia.tras(LOTE_INICIAL - 1, OBJETIVO_S / 4, amable=False)
    cortesia.tras(3, OBJETIVO_S * 9, amable=False)
    assert cortesia.lote == LOTE_INICIAL


def test_quien_escribe_se_nota_al_empezar_y_durante_un_rato() -> None:
    compuerta, reloj = Compuerta(), Reloj()
    escribir(compuerta)
    cortesia = Cortesia(compuerta, ahora_s=reloj)
    assert cortesia.lote == LOTE_MIN
    visto = [cortesia.hay_operadores]
    for segundos in (CALMA_S - 0.1, 0.2):
        reloj.s += segundos
        visto.append(cortesia.hay_operadores)
    with compuerta.escritura():
        visto.append(cortesia.hay_operadores)
    assert visto == [True, True, False, True]


def test_con_alguien_las_paginas_tardan_poco_y_se_descansa_varias_veces_mas() -> None:
    compuerta = Compuerta()
    escribir(compuerta)
    cortesia = Cortesia(compuerta)
    assert cortesia.tras(LOTE_MIN, OBJETIVO_AMABLE_S / 2, amable=True) == DESCANSOS * OBJETIVO_AMABLE_S / 2
    assert cortesia.lote == 2 * LOTE_MIN
    assert cortesia.tras(2 * LOTE_MIN, 9.0, amable=True) == PAUSA_MAX_S
    assert cortesia.lote == LOTE_MIN


def test_la_pagina_siguiente_espera_a_que_acabe_la_escritura_en_vuelo_pero_no_siempre() -> None:
    compuerta, esperas = Compuerta(), list[float]()
    cortesia = Cortesia(compuerta)
    cortesia.descansar(0.2, esperas.append)
    assert esperas == [0.2]
    with ExitStack() as pila:
        pila.enter_context(compuerta.escritura())

        def acabar_a_la_tercera(segundos: float) -> None:
            esperas.append(segundos)
            if len(esperas) == 4:
                pila.close()

        cortesia.descansar(0.1, acabar_a_la_tercera)
    assert len(esperas) == 4
    with compuerta.escritura():
        cortesia.descansar(0.0, esperas.append)
    assert sum(esperas[4:]) == pytest.approx(HUECO_S)
