"""This machine's clock is set wrong, on real servers: nothing is written until it is right again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace

import pytest

from adapters.dual import DualTareaRepository
from adapters.mongo import MongoTareaRepository
from adapters.nodo import ahora_ms
from adapters.peewee import PeeweeTareaRepository
from core.domain.errors import RelojDesajustado
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.tarea import Tarea
from core.domain.models.version import RelojHibrido, descomponer


class RelojDelEquipo:
    """The wall clock of this process, so many seconds off."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.desvio_s = 0.0
        hora, hora_ns = time.time, time.time_ns
        monkeypatch.setattr(time, "time", lambda: hora() + self.desvio_s)
        monkeypatch.setattr(time, "time_ns", lambda: hora_ns() + int(self.desvio_s * 1e9))


@pytest.fixture
def equipo(monkeypatch: pytest.MonkeyPatch) -> RelojDelEquipo:
    return RelojDelEquipo(monkeypatch)


@pytest.fixture
def dual(postgres_url: str, mongo_url: str) -> Iterator[DualTareaRepository]:
    with ExitStack() as pila:
        sql = pila.enter_context(closing(PeeweeTareaRepository(postgres_url)))
        mongo = pila.enter_context(closing(MongoTareaRepository(mongo_url)))
        reloj = RelojHibrido(nodo=3, ahora_ms=ahora_ms)
        dual = DualTareaRepository(sql_repository=sql, mongo_repository=mongo, reloj=reloj)
        yield pila.enter_context(closing(dual))


@pytest.mark.errores_esperados("no se ha enviado a ninguna base de datos")
@pytest.mark.parametrize("desvio_s", [-3_600.0, -61.0, 61.0, 86_400.0])
def test_se_rehusa_escribir_en_ambos_se_sigue_leyendo_y_se_recupera_solo(
    dual: DualTareaRepository, equipo: RelojDelEquipo, desvio_s: float
) -> None:
    guardada = dual.save(Tarea(titulo="antes"))
    equipo.desvio_s = desvio_s
    with pytest.raises(RelojDesajustado) as recogido:
        dual.save(replace(guardada, titulo="con mala hora"))
    assert recogido.value.desfases_ms.keys() == set(NombreAlmacen)
    for desfase_ms in recogido.value.desfases_ms.values():
        assert abs(desfase_ms + desvio_s * 1000) < 1000
    leida = dual.get(guardada.id)
    assert leida is not None
    assert leida.titulo == "antes"
    equipo.desvio_s = 0.0
    despues = dual.save(replace(guardada, titulo="con buena hora"))
    assert despues.version > guardada.version
    assert abs(descomponer(despues.version).ms - ahora_ms()) < 5_000  # the bad hour left no trace


@pytest.mark.parametrize("desvio_s", [-50.0, 50.0])
def test_por_debajo_de_un_minuto_se_escribe_y_las_versiones_siguen_creciendo(
    dual: DualTareaRepository, equipo: RelojDelEquipo, desvio_s: float
) -> None:
    versiones = [dual.save(Tarea(titulo="una")).version]
    for desvio in (desvio_s, 0.0, desvio_s):
        equipo.desvio_s = desvio
        versiones.append(dual.save(Tarea(titulo="otra")).version)
    assert versiones == sorted(versiones)
