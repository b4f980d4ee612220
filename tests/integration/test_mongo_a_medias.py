"""What a MongoDB that is there did of an operation, and what is told of the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from adapters.mongo import MongoTareaRepository
from adapters.mongo.conexion import Conexion
from core.domain.errors import OperacionFallida, ResultadoDesconocido
from core.domain.models.almacen import Escritura
from tests.contract.datos import fila, sobre
from tests.fakes import reloj_de_prueba

DEMASIADO = "x" * 17_000_000
"""More than a document can hold: the driver refuses the whole request that it is in."""


@pytest.fixture
def repositorio(mongo_url: str) -> Iterator[MongoTareaRepository]:
    with closing(MongoTareaRepository(mongo_url, reloj=reloj_de_prueba())) as repositorio:
        repositorio.preparar()
        yield repositorio


def test_lo_que_falla_en_la_segunda_peticion_no_niega_lo_que_guardo_la_primera(
    repositorio: MongoTareaRepository,
) -> None:
    una = fila("una")
    with pytest.raises(ResultadoDesconocido, match="solo quedó guardada una parte"):
        repositorio.escribir_lote([Escritura(una), sobre(una, version=200, descripcion=DEMASIADO)])
    assert repositorio.leer(una.id) == una


def test_si_no_ha_entrado_nada_el_rechazo_es_cierto(repositorio: MongoTareaRepository) -> None:
    una = fila("una")
    repositorio.escribir(Escritura(una))
    # A refusal of its version first: that request changes nothing.
    with pytest.raises(OperacionFallida):
        repositorio.escribir_lote(
            [Escritura(fila(id=una.id, version=150)), sobre(una, version=200, descripcion=DEMASIADO)]
        )
    assert repositorio.leer(una.id) == una


def test_una_lectura_lenta_no_es_un_servidor_caido(mongo_url: str) -> None:
    # Longer than the driver leaves between two looks at the server.
    with closing(Conexion(mongo_url, base=None, timeout_s=2.6)) as conexion:
        conexion.ejecutar(lambda base: base["tareas"].insert_many([{} for _ in range(100)]), escritura=True)
        with pytest.raises(OperacionFallida, match="tardaba demasiado"):
            conexion.ejecutar(lambda base: list(base["tareas"].find({"$where": "sleep(50) || true"})))
