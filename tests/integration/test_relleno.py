"""The backfill on real databases: all rows, resumed where it was, while operators work."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.health.compuerta import Compuerta
from adapters.nodo import ahora_ms
from adapters.replicacion.informe import InformePasada
from adapters.replicacion.motor import Control, MotorReplicacion
from adapters.replicacion.rellenables import rellenables
from adapters.replicacion.relleno import Relleno
from adapters.verificacion.almacenes import con_fichas
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.tarea import Tarea
from tests.integration.revision import MONGO, SQL, Par, abrir_par, de_hace, url_sqlite

CUANTAS = 1_800


@pytest.fixture(params=["postgres", "sqlite"])
def par(request: pytest.FixtureRequest, tmp_path: Path, mongo_url: str) -> Iterator[Par]:
    """Both stores, empty."""
    sql = request.getfixturevalue("postgres_url") if request.param == "postgres" else url_sqlite(tmp_path)
    with abrir_par(sql, mongo_url) as ambos:
        yield ambos


def relleno_de(par: Par) -> Relleno:
    return Relleno(
        par.almacenes, rellenables(par.almacenes), par.crudos, con_fichas(par.almacenes), Compuerta()
    )


def llenar(par: Par, origen: NombreAlmacen) -> list[Tarea]:
    """Confirmed rows, pendientes and tombstones that this store alone has."""
    filas = [
        de_hace(1, f"n {n}", contador=n % 32, pendiente=n % 3 == 0, eliminada=n % 5 == 0)
        for n in range(CUANTAS)
    ]
    par.poner(filas, origen)
    return filas


def drenar_ambos(par: Par) -> None:
    motor = MotorReplicacion(par.almacenes, ahora_ms=ahora_ms)
    for origen in (SQL, MONGO, SQL, MONGO):
        motor.drenar(origen)


def exigir_iguales(par: Par) -> None:
    assert par.verificar(pagina=1_000).iguales
    assert not any(almacen.pendientes(tras=None, limite=1) for almacen in par.almacenes.values())


@pytest.mark.parametrize("origen", [SQL, MONGO])
def test_copia_todas_las_filas_tambien_las_confirmadas(par: Par, origen: NombreAlmacen) -> None:
    filas = llenar(par, origen)
    informe = relleno_de(par).rellenar(origen)
    assert (informe.miradas, informe.copiadas, informe.apartadas) == (CUANTAS, CUANTAS, {})
    assert informe.confirmadas == sum(fila.pendiente for fila in filas)
    exigir_iguales(par)


def test_cancelado_sigue_donde_quedo(par: Par) -> None:
    llenar(par, SQL)
    vistas: list[InformePasada] = []
    primera = relleno_de(par).rellenar(
        SQL, Control(cancelar=lambda: len(vistas) == 2, progreso=vistas.append)
    )
    assert primera.cancelada
    segunda = relleno_de(par).rellenar(SQL)
    assert segunda.miradas == CUANTAS - primera.miradas
    exigir_iguales(par)


def test_un_destino_vaciado_empieza_desde_el_principio(par: Par) -> None:
    llenar(par, MONGO)
    vistas: list[InformePasada] = []
    relleno_de(par).rellenar(MONGO, Control(cancelar=lambda: len(vistas) == 2, progreso=vistas.append))
    par.almacenes[SQL]._motor.ejecutar(  # type: ignore[attr-defined]
        lambda conexion: conexion.cambiar("DELETE FROM tareas")
    )
    assert relleno_de(par).rellenar(MONGO).copiadas == CUANTAS
    exigir_iguales(par)


def test_no_pisa_ni_resucita_lo_que_el_destino_ya_tiene(par: Par) -> None:
    vieja = de_hace(2, "vieja")
    par.poner([vieja])
    nueva = replace(de_hace(1, "nueva"), id=vieja.id, eliminada=True, pendiente=True)
    par.almacenes[MONGO].reemplazar(replace(nueva, version_comun=vieja.version), vieja.version)
    assert relleno_de(par).rellenar(SQL).copiadas == 0
    drenar_ambos(par)
    assert par.almacenes[SQL].leer(vieja.id).eliminada
    exigir_iguales(par)


def test_mientras_los_operadores_editan_eliminan_y_crean(par: Par) -> None:
    filas, fin = llenar(par, SQL), threading.Event()
    vivas = [fila for fila in filas if not fila.eliminada]
    hechas: dict[object, Tarea] = {}

    def operar() -> None:
        azar, sql = random.Random(7), par.almacenes[SQL]
        while not fin.is_set():
            fila = sql.leer(azar.choice(vivas).id)
            if fila is not None and not fila.eliminada:
                hecha = (
                    sql.eliminar(fila.id) if azar.random() < 0.3 else sql.save(replace(fila, titulo="otra"))
                )
                hechas[hecha.id] = hecha
            nueva = sql.save(Tarea(titulo="nueva"))
            hechas[nueva.id] = nueva

    operador = threading.Thread(target=operar)
    operador.start()
    try:
        informe = relleno_de(par).rellenar(SQL)
    finally:
        fin.set()
        operador.join(10)
    assert hechas
    assert informe.copiadas >= CUANTAS
    drenar_ambos(par)
    exigir_iguales(par)
    for hecha in hechas.values():
        assert all(almacen.leer(hecha.id).misma_escritura(hecha) for almacen in par.almacenes.values())
    assert par.almacenes[MONGO].contar_conflictos() == par.almacenes[SQL].contar_conflictos() == 0
