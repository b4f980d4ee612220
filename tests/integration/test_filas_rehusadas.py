"""PostgreSQL refuses rows by a rule of its own: what was acknowledged stays in sight."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from adapters.container import Contenedor
from adapters.settings import Ajustes
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.tarea import Tarea
from core.health import EstadoSalud
from tests.servidores.espera import esperar

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO
DESCARTA = """
CREATE FUNCTION descartar() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER descarta BEFORE INSERT OR UPDATE ON tareas FOR EACH ROW EXECUTE FUNCTION descartar()
"""


@pytest.fixture
def contenedor(tmp_path: Path, postgres_url: str, mongo_url: str) -> Iterator[Contenedor]:
    ajustes = Ajustes(
        datos=tmp_path, orm="dual", sql_url=SecretStr(postgres_url), mongo_url=SecretStr(mongo_url)
    )
    with Contenedor(ajustes) as contenedor:
        yield contenedor


@pytest.mark.parametrize(
    ("regla", "deshacer"),
    [
        ("CREATE UNIQUE INDEX unicas ON tareas (lower(titulo))", "DROP INDEX unicas"),
        (
            "ALTER TABLE tareas ADD CONSTRAINT zetas CHECK (titulo <> 'OTRA' AND NOT eliminada)",
            "ALTER TABLE tareas DROP CONSTRAINT zetas",
        ),
        (DESCARTA, "DROP TRIGGER descarta ON tareas"),
    ],
    ids=["índice único", "check", "disparador que descarta"],
)
def test_lo_que_sql_rehusa_se_lee_de_mongo_y_se_copia_cuando_lo_admite(
    contenedor: Contenedor, postgres_url: str, regla: str, deshacer: str
) -> None:
    repositorio = contenedor.repositorio
    editada, borrada, _ = (repositorio.save(Tarea(titulo=titulo)) for titulo in ("vieja", "zeta", "otra"))
    esperar(lambda: _pendientes(contenedor) == {SQL: 0, MONGO: 0}, que="todo confirmado")
    with psycopg.connect(postgres_url, autocommit=True) as conexion:
        conexion.execute(regla)
        assert repositorio.save(replace(editada, titulo="OTRA")).pendiente
        repositorio.eliminar(borrada.id)
        esperar(lambda: bool(contenedor.cuarentena()) and _en_calma(contenedor), que="lo rehusado, apartado")
        for _ in range(2):
            leida, pagina = repositorio.get(editada.id), repositorio.list()
            assert leida is not None
            assert leida.titulo == "OTRA"
            assert {tarea.titulo for tarea in pagina} == {"OTRA", "otra"}
            assert (pagina.almacen, "que no admite" in pagina.aviso) == (MONGO, True)
            contenedor.sincronizar()
        conexion.execute(deshacer)
    contenedor.reintentar_apartadas()
    esperar(lambda: _pendientes(contenedor) == {SQL: 0, MONGO: 0}, que="copiado")
    esperar(lambda: repositorio.list().almacen is SQL, que="SQL, entera otra vez")
    assert {tarea.titulo for tarea in repositorio.list()} == {"OTRA", "otra"}
    assert repositorio.list().aviso == ""


def _pendientes(contenedor: Contenedor) -> dict[NombreAlmacen, int | None]:
    return dict(contenedor.repositorio.resumen().pendientes)


def _en_calma(contenedor: Contenedor) -> bool:
    return all(contenedor.estado_salud(nombre) is EstadoSalud.OK for nombre in NombreAlmacen)
