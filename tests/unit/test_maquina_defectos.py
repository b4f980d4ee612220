"""The machine finds known mistakes: each is put into the code, and has to show itself soon."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest

from adapters.dual.desenlace import desenlace_de
from adapters.replicacion.empujar import empujar
from core.domain.errors import AlmacenError
from core.domain.models.almacen import Desenlace, Escrito, Escritura
from core.domain.models.tarea import Tarea
from core.domain.models.version import RelojHibrido, Reserva
from core.domain.ports.almacen import Almacen
from tests.fakes import AlmacenEnMemoria
from tests.maquina.programa import acortar, fallo_de, primer_fallo
from tests.unit.test_maquina import probar_maquina

SEMILLAS, LARGO = range(1000), 300
_aplicar = AlmacenEnMemoria._aplicar


@pytest.fixture(autouse=True)
def _sin_registro() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def confirmar_a_ciegas(almacen: AlmacenEnMemoria, pares: Sequence[tuple[UUID, int]]) -> None:
    for id, _version in pares:
        if (fila := almacen.filas.get(id)) is not None:
            almacen.filas[id] = replace(fila, version_comun=fila.version, pendiente=False)


def aplicar_hasta_la_base(almacen: AlmacenEnMemoria, escritura: Escritura) -> Escrito:
    actual = almacen.filas.get(escritura.fila.id)
    if actual is not None and actual.version <= escritura.base:
        almacen.filas[escritura.fila.id] = escritura.fila
        return Escrito(True)
    return _aplicar(almacen, escritura)


def aplicar_sobre_lapidas(almacen: AlmacenEnMemoria, escritura: Escritura) -> Escrito:
    actual = almacen.filas.get(escritura.fila.id)
    if actual is not None and actual.eliminada:
        almacen.filas[escritura.fila.id] = escritura.fila
        return Escrito(True)
    return _aplicar(almacen, escritura)


def perdida_es_fallida(error: AlmacenError) -> Desenlace:
    desenlace = desenlace_de(error)
    return Desenlace.FALLIDA if desenlace is Desenlace.DESCONOCIDA else desenlace


def empujar_siempre_vale(almacen: Almacen, fila: Tarea, **kwargs: Any) -> bool:
    empujar(almacen, fila, **kwargs)
    return True


def nada_se_pierde(_perdedora: Tarea, _ganadora: Tarea) -> bool:
    return False


def reservar_solo_en_memoria(reloj: RelojHibrido, reserva: Reserva) -> None:
    reloj._reservado = reserva


DEFECTOS: dict[str, dict[str, object]] = {
    "confirmar sin comparar versiones": {"tests.fakes.AlmacenEnMemoria.confirmar": confirmar_a_ciegas},
    "aplicar hasta la base": {"tests.fakes.AlmacenEnMemoria._aplicar": aplicar_hasta_la_base},
    "escribir sobre lápidas": {"tests.fakes.AlmacenEnMemoria._aplicar": aplicar_sobre_lapidas},
    "olvidar a la perdedora": {
        "adapters.replicacion.empujar.pierde_algo": nada_se_pierde,
        "adapters.replicacion.motor.pierde_algo": nada_se_pierde,
        "adapters.dual.convergencia.pierde_algo": nada_se_pierde,
    },
    "respuesta perdida es fallo": {"adapters.dual.despacho.desenlace_de": perdida_es_fallida},
    "olvidar las versiones dadas al morir": {
        "core.domain.models.version.RelojHibrido._ampliar": reservar_solo_en_memoria
    },
    "dar por común lo que no se empujó": {"adapters.replicacion.motor.empujar": empujar_siempre_vale},
}


@pytest.mark.parametrize("defecto", DEFECTOS)
def test_los_programas_al_azar_encuentran_el_defecto(defecto: str) -> None:
    with con_defecto(defecto):
        _programa, fallo, _pasos = primer_fallo(SEMILLAS, LARGO)
    assert fallo


def test_hypothesis_encuentra_un_defecto() -> None:
    with con_defecto("olvidar a la perdedora"), pytest.raises(AssertionError, match="reconocidas y perdidas"):
        probar_maquina(1_000, acortar=False)  # it ends with the first that fails


def test_del_programa_que_falla_queda_lo_que_hace_falta() -> None:
    with con_defecto("escribir sobre lápidas"):
        programa, _fallo, _pasos = primer_fallo(SEMILLAS, LARGO // 2)
        corto = acortar(programa)
        assert fallo_de(corto)[0]
        for cual in range(len(corto)):
            assert not fallo_de(corto[:cual] + corto[cual + 1 :])[0]
    assert len(corto) < LARGO / 5
    assert not fallo_de(corto)[0]  # the program is well: it was the mistake


def con_defecto(defecto: str) -> ExitStack:
    """The code with that mistake in it."""
    pila = ExitStack()
    for nombre, valor in DEFECTOS[defecto].items():
        pila.enter_context(patch(nombre, valor))
    return pila
