"""The register of node numbers on real databases: whoever comes first has the number, in whatever order."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from adapters.container import Contenedor
from adapters.mongo import MongoTareaRepository
from adapters.peewee import PeeweeTareaRepository
from adapters.registro_nodo import RegistroDeNodos, registros_de
from adapters.repositorio_base import RepositorioDeUnAlmacen
from adapters.settings import Ajustes
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.tarea import Tarea
from core.domain.models.version import descomponer
from tests.integration.revision import url_sqlite
from tests.servidores.espera import esperar

SQL = NombreAlmacen.SQL


@pytest.fixture(params=["sqlite", "postgres", "mongo", "mongo_suelto"])
def registro(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RegistroDeNodos]:
    almacen: RepositorioDeUnAlmacen
    if request.param == "sqlite":
        almacen = PeeweeTareaRepository(url_sqlite(tmp_path))
    elif request.param == "postgres":
        almacen = PeeweeTareaRepository(request.getfixturevalue("postgres_url"))
    else:
        almacen = MongoTareaRepository(request.getfixturevalue(f"{request.param}_url"))
    with closing(almacen):
        (registro,) = registros_de({almacen.nombre: almacen}).values()
        yield registro


def test_el_numero_es_del_primero_y_se_le_puede_repetir(registro: RegistroDeNodos) -> None:
    assert registro.reclamar(7, "una/0", ahora_ms=1) == "una/0"
    assert registro.reclamar(7, "otra/0", ahora_ms=2) == "una/0"
    assert registro.reclamar(7, "una/0", ahora_ms=3) == "una/0"
    assert registro.reclamar(8, "otra/0", ahora_ms=4) == "otra/0"


def test_de_ocho_a_la_vez_lo_tiene_uno_y_todos_saben_quien(registro: RegistroDeNodos) -> None:
    registro.reclamar(1, "nadie/0", ahora_ms=1)  # the schema is there
    with ThreadPoolExecutor(8) as hilos:
        duenos = list(hilos.map(lambda n: registro.reclamar(9, f"i{n}/0", ahora_ms=n), range(8)))
    assert len(set(duenos)) == 1


def test_el_programa_deja_un_numero_que_es_de_otro_y_escribe_con_el_nuevo(tmp_path: Path) -> None:
    url = url_sqlite(tmp_path)
    ajustes = Ajustes(datos=tmp_path / "datos", orm="peewee", sql_url=SecretStr(url))
    (tmp_path / "datos" / "nodos").mkdir(parents=True)
    (tmp_path / "datos" / "nodos" / "0").write_text("77\n", encoding="ascii")
    with closing(PeeweeTareaRepository(url)) as almacen:
        registros_de({SQL: almacen})[SQL].reclamar(77, "otra/0", ahora_ms=1)
        with Contenedor(ajustes) as contenedor:
            archivo = tmp_path / "datos" / "nodos" / "0"
            esperar(lambda: archivo.read_text(encoding="ascii") != "77\n")
            nuevo = int(archivo.read_text(encoding="ascii"))
            esperar(
                lambda: descomponer(contenedor.repositorio.save(Tarea(titulo="una")).version).nodo == nuevo
            )
