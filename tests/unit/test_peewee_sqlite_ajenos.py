"""Rows that another program put into an SQLite file: they are shown as far as they can be, or not counted."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from adapters.peewee import PeeweeTareaRepository
from core.domain.models.consulta import Consulta, Filtro
from core.domain.models.tarea import EstadoTarea, Tarea
from tests.fakes import reloj_de_prueba


@pytest.fixture
def ruta(tmp_path: Path) -> Path:
    return tmp_path / "tareas.db"


@pytest.fixture
def ajena(ruta: Path) -> Iterator[sqlite3.Connection]:
    """The other program's connection."""
    with closing(sqlite3.connect(ruta, isolation_level=None)) as conexion:
        yield conexion


@pytest.fixture
def repositorio(ruta: Path) -> Iterator[PeeweeTareaRepository]:
    with closing(PeeweeTareaRepository(f"sqlite:///{ruta}", reloj=reloj_de_prueba())) as repositorio:
        yield repositorio


def test_las_filas_con_otro_id_no_se_cuentan(
    repositorio: PeeweeTareaRepository, ajena: sqlite3.Connection
) -> None:
    tarea = repositorio.save(Tarea(titulo="una"))
    for malo in ("raro", tarea.id.hex, str(tarea.id).upper()):
        ajena.execute("INSERT INTO tareas (id, titulo) VALUES (?, 'una')", (malo,))
    for filtro in (
        Filtro(),
        Filtro(texto="una"),
        Filtro(texto="UNA", estado=EstadoTarea.PENDIENTE),
        Filtro(solo_pendientes=True, eliminadas=True),
    ):
        assert repositorio.contar(filtro) == len(repositorio.list(Consulta(filtro=filtro)).tareas) == 1
    assert repositorio.contar(Filtro(texto="otra")) == 0


def test_un_nulo_de_otro_programa_se_lee_como_texto_vacio(
    repositorio: PeeweeTareaRepository, ajena: sqlite3.Connection
) -> None:
    ajena.execute("CREATE TABLE tareas (id text PRIMARY KEY, titulo, descripcion, estado)")
    repositorio.preparar(adoptar=True)
    id = uuid4()
    ajena.execute("INSERT INTO tareas (id, titulo) VALUES (?, 'Ñandú')", (str(id),))
    tarea = repositorio.leer(id)
    assert tarea is not None
    assert (tarea.descripcion, tarea.estado) == ("", EstadoTarea.PENDIENTE)
    assert [fila.id for fila in repositorio.list(Consulta(filtro=Filtro(texto="ñandú")))] == [id]
    assert repositorio.pendientes(tras=None, limite=10) == [tarea]


def test_una_fecha_sin_zona_es_utc_este_donde_este_quien_la_lee(
    repositorio: PeeweeTareaRepository, ajena: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As SQLite's own CURRENT_TIMESTAMP writes it, for a program that goes on inserting."""
    tarea = repositorio.save(Tarea(titulo="de otro programa"))
    ajena.execute("UPDATE tareas SET creada_en = '2024-05-01 10:00:00' WHERE id = ?", (str(tarea.id),))
    ajena.commit()
    monkeypatch.setenv("TZ", "America/Bogota")
    time.tzset()
    try:
        leida = repositorio.leer(tarea.id)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert leida is not None
    assert leida.creada_en == datetime(2024, 5, 1, 10, tzinfo=UTC)
