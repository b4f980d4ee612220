"""The pages of a backfill: every row comes by, first what is not pendiente, then the queue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch
from uuid import UUID

import pytest

from adapters.mongo.lotes import LotesMongo
from adapters.replicacion.rellenables import rellenables
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.tarea import Tarea
from core.domain.ports import relleno
from core.domain.ports.relleno import COLA, ID, INICIO, PENDIENTE, VERSION, AlmacenRellenable, FilaRelleno
from tests.integration.revision import MONGO, SQL, Par, abrir_par, de_hace, url_sqlite


@pytest.fixture(params=["postgres", "sqlite"])
def par(request: pytest.FixtureRequest, tmp_path: Path, mongo_url: str) -> Iterator[Par]:
    sql = request.getfixturevalue("postgres_url") if request.param == "postgres" else url_sqlite(tmp_path)
    with abrir_par(sql, mongo_url) as ambos:
        yield ambos


@pytest.fixture(autouse=True)
def ventanas_pequenas() -> Iterator[None]:
    """So that some of them hold no row that is not pendiente, and some are cut in the middle."""
    with patch.object(relleno, "VENTANA_MIN", 7):
        yield


def leidas(lotes: AlmacenRellenable, limite: int) -> list[FilaRelleno]:
    """All pages; no more of them than there can be."""
    filas: list[FilaRelleno] = []
    tras = INICIO
    for _ in range(200):
        pagina = lotes.pagina(tras=tras, limite=limite)
        assert not pagina.sin_leer
        assert len(pagina.filas) <= limite
        filas += pagina.filas
        if pagina.siguiente is None:
            return filas
        tras = pagina.siguiente
    raise AssertionError("it does not end")


def mezcladas() -> list[Tarea]:
    """Some runs of pendientes longer than a window, and a version that nine of them share."""
    filas = [de_hace(n, f"n {n}", contador=n % 32, pendiente=n % 23 < 17) for n in range(60)]
    return [
        replace(fila, version=filas[30].version) if 26 <= n < 35 else fila for n, fila in enumerate(filas)
    ]


@pytest.mark.parametrize("origen", [SQL, MONGO])
@pytest.mark.parametrize("limite", [1, 4, 100])
def test_cada_fila_pasa_una_vez_y_las_pendientes_al_final_como_se_escribieron(
    par: Par, origen: NombreAlmacen, limite: int
) -> None:
    filas = mezcladas()
    par.poner(filas, origen)
    vistas = leidas(rellenables(par.almacenes)[origen], limite)
    fuera = sorted((fila for fila in filas if not fila.pendiente), key=lambda fila: fila.id)
    cola = sorted((fila for fila in filas if fila.pendiente), key=lambda fila: (fila.version, fila.id))
    assert [UUID(str(fila[ID])) for fila in vistas] == [fila.id for fila in (*fuera, *cola)]


@pytest.mark.parametrize("origen", [SQL, MONGO])
def test_donde_todo_es_pendiente_y_donde_nada_lo_es(par: Par, origen: NombreAlmacen) -> None:
    lotes = rellenables(par.almacenes)[origen]
    assert leidas(lotes, 3) == []
    par.poner([de_hace(n, f"n {n}", contador=n, pendiente=True) for n in range(20)], origen)
    cola = leidas(lotes, 3)
    assert [fila[PENDIENTE] for fila in cola] == [True] * 20
    assert lotes.confirmar_vistas(cola)
    assert [fila[PENDIENTE] for fila in leidas(lotes, 3)] == [False] * 20


def test_una_mirada_que_tarda_no_da_por_confirmado_ni_por_pendiente_nada(
    mongo_url: str, tmp_path: Path
) -> None:
    with abrir_par(url_sqlite(tmp_path), mongo_url) as par, patch("adapters.mongo.lotes._MIRADA_S", 1e-6):
        filas = mezcladas()
        par.poner(filas, MONGO)
        assert len(leidas(LotesMongo(par.almacenes[MONGO]), 4)) == len(filas)  # type: ignore[arg-type]


@pytest.mark.parametrize("origen", [SQL, MONGO])
def test_de_las_que_comparten_una_version_se_confirma_solo_la_que_se_dice(
    par: Par, origen: NombreAlmacen
) -> None:
    """As after a hand has copied rows, version and all."""
    filas = [fila for fila in mezcladas() if fila.pendiente]
    par.poner(filas, origen)
    lotes = rellenables(par.almacenes)[origen]
    cola = list(lotes.pagina(tras=COLA, limite=100).filas)
    version = next(fila[VERSION] for fila in cola if sum(una[VERSION] == fila[VERSION] for una in cola) > 1)
    dichas = [fila for n, fila in enumerate(cola) if fila[VERSION] != version or n % 2]
    assert lotes.confirmar_vistas(dichas)
    quedan = {UUID(str(fila[ID])) for fila in leidas(lotes, 100) if fila[PENDIENTE]}
    assert quedan == {UUID(str(fila[ID])) for fila in cola} - {UUID(str(fila[ID])) for fila in dichas}
    assert quedan
