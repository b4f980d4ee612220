"""What can happen to an SQLite file while the program runs."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.peewee import PeeweeTareaRepository
from adapters.peewee.consultas import LenguajeSqlite, consultas_pagina
from core.domain.errors import (
    AlmacenNoDisponible,
    AlmacenSoloLectura,
    ConfiguracionInvalida,
    EsquemaSinAdoptar,
    OperacionFallida,
)
from core.domain.models.almacen import Escritura
from core.domain.models.consulta import Columna, Consulta, Filtro
from core.domain.models.importacion import SuerteFila
from core.domain.models.tarea import Tarea
from tests.contract.datos import fila, filas_variadas, sobre
from tests.fakes import reloj_de_prueba
from tests.servidores.espera import esperar

Abrir = Callable[..., PeeweeTareaRepository]


@pytest.fixture
def ruta(tmp_path: Path) -> Path:
    return tmp_path / "datos" / "tareas.db"


@pytest.fixture
def abrir(ruta: Path) -> Iterator[Abrir]:
    """Opens repositories on the same file, and closes them."""
    abiertos: list[PeeweeTareaRepository] = []

    def abrir(timeout_s: float = 3.0) -> PeeweeTareaRepository:
        abiertos.append(
            PeeweeTareaRepository(f"sqlite:///{ruta}", reloj=reloj_de_prueba(), timeout_s=timeout_s)
        )
        return abiertos[-1]

    yield abrir
    for repositorio in abiertos:
        repositorio.close()


def test_la_carpeta_y_el_archivo_se_crean_al_primer_uso(abrir: Abrir, ruta: Path) -> None:
    repositorio = abrir()
    assert not ruta.parent.exists()
    assert repositorio.contar() == 0
    assert ruta.is_file()


@pytest.mark.parametrize("url", ["sqlite:///", "sqlite:///:memory:", "mysql://x/y", "tareas.db", ""])
def test_una_direccion_que_no_sirve_se_dice_al_construir(url: str) -> None:
    with pytest.raises(ConfiguracionInvalida, match="SQL_URL"):
        PeeweeTareaRepository(url, reloj=reloj_de_prueba())


def test_un_archivo_borrado_no_renace_vacio(abrir: Abrir, ruta: Path) -> None:
    repositorio = abrir()
    repositorio.escribir(Escritura(fila()))
    ruta.unlink()
    for operacion in (lambda: repositorio.ping(1.0), repositorio.contar, lambda: repositorio.list()):
        with pytest.raises(AlmacenNoDisponible, match="ya no está"):
            operacion()
    with pytest.raises(AlmacenNoDisponible, match="ya no está"):
        repositorio.escribir(Escritura(fila()))
    assert not ruta.exists()


def test_un_archivo_sustituido_se_nota(abrir: Abrir, ruta: Path) -> None:
    repositorio, otro = abrir(), abrir()
    repositorio.escribir(Escritura(fila()))
    ruta.rename(ruta.with_suffix(".viejo"))
    otro.preparar()
    for operacion in (lambda: repositorio.ping(1.0), repositorio.contar):
        with pytest.raises(AlmacenNoDisponible, match="sustituido"):
            operacion()


def test_un_archivo_que_no_es_de_sqlite_se_dice(abrir: Abrir, ruta: Path) -> None:
    ruta.parent.mkdir()
    ruta.write_bytes(b"esto no es una base de datos" * 100)
    repositorio = abrir()
    with pytest.raises(AlmacenNoDisponible, match="no es una base de datos SQLite"):
        repositorio.ping(1.0)
    with pytest.raises(AlmacenNoDisponible, match="no es una base de datos SQLite"):
        repositorio.contar()


def test_un_bloqueo_ajeno_acaba_en_una_negativa_a_tiempo(abrir: Abrir, ruta: Path) -> None:
    repositorio = abrir(timeout_s=0.5)
    repositorio.escribir(Escritura(fila()))
    with closing(sqlite3.connect(ruta, isolation_level=None)) as ajena:
        ajena.execute("BEGIN EXCLUSIVE")
        inicio_s = time.monotonic()
        with pytest.raises(OperacionFallida, match="bloqueado"):
            repositorio.escribir(Escritura(fila()))
        assert time.monotonic() - inicio_s < 1.0
        inicio_s = time.monotonic()
        assert repositorio.ping(3.0).rol == "archivo local", "un archivo ocupado está vivo"
        assert time.monotonic() - inicio_s < 0.5
        ajena.execute("ROLLBACK")
    assert repositorio.escribir(Escritura(fila())).aplicada


def test_una_escritura_espera_a_que_el_bloqueo_ajeno_pase(abrir: Abrir, ruta: Path) -> None:
    repositorio = abrir()
    repositorio.preparar()
    with closing(sqlite3.connect(ruta, isolation_level=None, check_same_thread=False)) as ajena:
        ajena.execute("BEGIN IMMEDIATE")
        liberar = threading.Timer(0.4, lambda: ajena.execute("COMMIT"))
        liberar.start()
        assert repositorio.escribir(Escritura(fila())).aplicada
        liberar.join()


def test_interrumpir_acaba_con_lo_que_espera(abrir: Abrir, ruta: Path) -> None:
    repositorio = abrir(timeout_s=20.0)
    repositorio.preparar()
    with closing(sqlite3.connect(ruta, isolation_level=None)) as ajena, ThreadPoolExecutor(1) as hilo:
        ajena.execute("BEGIN EXCLUSIVE")
        escritura = hilo.submit(repositorio.escribir, Escritura(fila()))
        esperar(lambda: repositorio._motor._en_uso, que="la escritura empieza")
        inicio_s = time.monotonic()
        repositorio.interrumpir()
        with pytest.raises(OperacionFallida):
            escritura.result(timeout=5)
        assert time.monotonic() - inicio_s < 1.0
        ajena.execute("ROLLBACK")
    assert repositorio.escribir(Escritura(fila())).aplicada, "después se puede seguir usando"


def test_una_busqueda_larga_acaba_en_su_plazo(abrir: Abrir, ruta: Path) -> None:
    repositorio = abrir(timeout_s=0.3)
    repositorio.preparar()
    with closing(sqlite3.connect(ruta)) as ajena:
        ajena.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000) "
            "INSERT INTO tareas (id, titulo, descripcion) "
            "SELECT printf('%08x-0000-4000-8000-000000000000', i), 't', hex(zeroblob(2500)) FROM n"
        )
        ajena.commit()
    inicio_s = time.monotonic()
    with pytest.raises(OperacionFallida, match=r"no contestó en 0\.3 s"):
        repositorio.contar(Filtro(texto="no está ñ"))
    assert time.monotonic() - inicio_s < 1.0


def test_lo_que_no_se_puede_escribir_se_ve_en_el_ping(abrir: Abrir, monkeypatch: pytest.MonkeyPatch) -> None:
    abrir().preparar()
    # The tests may run as root, to whom every file is writable: the system's answer is what is set here.
    monkeypatch.setattr(os, "access", lambda _ruta, modo: modo != os.W_OK)
    repositorio = abrir()
    assert repositorio.ping(1.0).solo_lectura
    assert repositorio.contar() == 0


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root to become nobody")
def test_un_archivo_de_solo_lectura_se_lee_y_no_se_escribe(tmp_path: Path) -> None:
    """As a user who may only read: in a process of its own, since root may write everything."""
    carpeta = tmp_path / "ajena"
    ruta = carpeta / "tareas.db"
    with closing(PeeweeTareaRepository(f"sqlite:///{ruta}", reloj=reloj_de_prueba())) as repositorio:
        repositorio.escribir(Escritura(fila("a la vista")))
    for parte in (carpeta, *carpeta.parents):
        if parte.owner() == "root" and Path(tempfile.gettempdir()) in parte.parents:
            parte.chmod(0o755)
    programa = (
        "import os; from contextlib import closing\n"
        "from adapters.peewee import PeeweeTareaRepository\n"
        "from core.domain.errors import AlmacenSoloLectura\n"
        "from tests.contract.datos import fila; from tests.fakes import reloj_de_prueba\n"
        "from core.domain.models.almacen import Escritura\n"
        "os.setgid(65534); os.setuid(65534)\n"
        f"with closing(PeeweeTareaRepository('sqlite:///{ruta}', reloj=reloj_de_prueba())) as r:\n"
        "    assert r.ping(1.0).solo_lectura\n"
        "    assert [t.titulo for t in r.list()] == ['a la vista']\n"
        "    try:\n        r.escribir(Escritura(fila()))\n"
        "    except AlmacenSoloLectura as error:\n        print(error)\n"
    )
    salida = subprocess.run(
        [sys.executable, "-c", programa], capture_output=True, text=True, timeout=30, check=False
    )
    assert (salida.stdout.strip(), salida.stderr) == (
        "El archivo SQLite es de solo lectura y no admite escrituras.",
        "",
    )
    assert issubclass(AlmacenSoloLectura, OperacionFallida)


def test_un_esquema_mas_nuevo_se_rechaza(abrir: Abrir, ruta: Path) -> None:
    abrir().preparar()
    with closing(sqlite3.connect(ruta)) as ajena:
        ajena.execute("UPDATE dual_tareas_meta SET valor = '99' WHERE clave = 'esquema'")
        ajena.commit()
    with pytest.raises(OperacionFallida, match="versión más nueva"):
        abrir().contar()


def test_varios_programas_preparan_a_la_vez_sin_estorbarse(abrir: Abrir) -> None:
    repositorios = [abrir(timeout_s=10.0) for _ in range(6)]
    salida = threading.Barrier(len(repositorios))

    def preparar(repositorio: PeeweeTareaRepository) -> int:
        salida.wait(10)
        repositorio.preparar()
        return repositorio.contar()

    with ThreadPoolExecutor(len(repositorios)) as grupo:
        assert list(grupo.map(preparar, repositorios)) == [0] * len(repositorios)


def _tabla_vieja(ruta: Path, definicion: str, *filas: tuple[object, ...]) -> None:
    ruta.parent.mkdir()
    with closing(sqlite3.connect(ruta)) as ajena:
        ajena.execute(f"CREATE TABLE tareas ({definicion})")
        for una in filas:
            ajena.execute(f"INSERT INTO tareas VALUES ({', '.join('?' * len(una))})", una)
        ajena.commit()


def test_una_tabla_ajena_no_se_toca_sin_permiso(abrir: Abrir, ruta: Path) -> None:
    _tabla_vieja(ruta, "id text primary key, titulo, descripcion, estado", ("x", "t", "d", "PENDIENTE"))
    with pytest.raises(EsquemaSinAdoptar, match="version, version_comun, pendiente, nodo, eliminada"):
        abrir().contar()
    with closing(sqlite3.connect(ruta)) as ajena:
        assert ajena.execute("SELECT * FROM tareas").fetchall() == [("x", "t", "d", "PENDIENTE")]


def test_una_tabla_ajena_se_adopta_sin_perder_nada(abrir: Abrir, ruta: Path) -> None:
    original = fila("Vieja", descripcion="de antes")
    otra = fila("Otra")
    _tabla_vieja(
        ruta,
        "id char(32) primary key, titulo varchar(200), descripcion text, estado varchar(20),"
        " creada_en datetime, prioridad integer",
        (original.id.hex, "Vieja", "de antes", "COMPLETADA", "2020-05-06 07:08:09.123456", 5),
        (str(otra.id).upper(), "Otra", None, None, None, None),
    )
    repositorio = abrir()
    repositorio.preparar(adoptar=True)
    vieja, nueva = repositorio.leer(original.id), repositorio.leer(otra.id)
    assert vieja is not None
    assert nueva is not None
    assert (vieja.titulo, vieja.descripcion, vieja.estado) == ("Vieja", "de antes", "COMPLETADA")
    assert vieja.creada_en.isoformat() == "2020-05-06T07:08:09.123000+00:00"
    assert (vieja.version, vieja.version_comun, vieja.pendiente) == (1, 0, True)
    assert (nueva.descripcion, nueva.estado) == ("", "PENDIENTE")
    assert len(repositorio.list()) == 2
    assert [una.id for una in repositorio.pendientes(tras=None, limite=10)] == sorted([original.id, otra.id])
    editada = sobre(vieja, version=500, titulo="Editada")
    assert repositorio.escribir(editada).aplicada
    assert repositorio.leer(original.id) == editada.fila
    with closing(sqlite3.connect(ruta)) as ajena:
        assert ajena.execute("SELECT prioridad FROM tareas WHERE titulo = 'Editada'").fetchone() == (5,)


@pytest.mark.parametrize(
    ("definicion", "valores", "motivo"),
    [
        ("id integer primary key, titulo text", (7, "t"), "el id «7» no es un UUID"),
        ("codigo text, titulo text", ("7", "t"), "no tiene una columna «id»"),
        ("id text, titulo text, dueño text not null", (str(fila().id), "t", "yo"), "«dueño» es obligatoria"),
        ("id text, titulo text, creada_en text", (str(fila().id), "t", "ayer"), "la fecha «ayer»"),
    ],
    ids=["id_entero", "sin_id", "columna_obligatoria", "fecha"],
)
def test_lo_que_no_se_puede_adoptar_queda_como_estaba(
    abrir: Abrir, ruta: Path, definicion: str, valores: tuple[object, ...], motivo: str
) -> None:
    _tabla_vieja(ruta, definicion, valores)
    with pytest.raises(OperacionFallida, match=motivo):
        abrir().preparar(adoptar=True)
    with closing(sqlite3.connect(ruta)) as ajena:
        assert ajena.execute("SELECT * FROM tareas").fetchall() == [valores]
        assert len(ajena.execute("PRAGMA table_info(tareas)").fetchall()) == len(valores)


def test_ids_repetidos_no_se_adoptan(abrir: Abrir, ruta: Path) -> None:
    repetido = fila().id
    _tabla_vieja(ruta, "id text, titulo text", (repetido.hex, "una"), (str(repetido), "otra"))
    with pytest.raises(OperacionFallida, match="ids repetidos"):
        abrir().preparar(adoptar=True)


def test_una_fila_puesta_a_mano_no_impide_ver_las_demas(abrir: Abrir, ruta: Path) -> None:
    repositorio = abrir()
    repositorio.escribir(Escritura(fila("buena")))
    rara = fila().id
    with closing(sqlite3.connect(ruta)) as ajena:
        ajena.execute("INSERT INTO tareas (id, titulo) VALUES ('no es un uuid', 'mala')")
        ajena.execute("INSERT INTO tareas (id, titulo, creada_en) VALUES (?, 'rara', 'ayer')", (str(rara),))
        ajena.commit()
    assert {una.titulo for una in repositorio.list()} == {"buena", "rara"}
    pagina = repositorio.listar(Consulta(limite=1))
    assert len(repositorio.listar(Consulta(limite=5, tras=pagina.siguiente))) == 1


def test_cien_hilos_no_dejan_cien_conexiones(abrir: Abrir) -> None:
    repositorio = abrir(timeout_s=20.0)
    with ThreadPoolExecutor(100) as grupo:
        assert set(grupo.map(lambda _: repositorio.contar(), range(300))) == {0}
    assert len(repositorio._motor._operaciones.libres) <= 4
    assert not repositorio._motor._en_uso


def test_un_almacen_cerrado_lo_dice(abrir: Abrir) -> None:
    repositorio = abrir()
    repositorio.contar()
    repositorio.close()
    with pytest.raises(AlmacenNoDisponible, match="cerrado"):
        repositorio.contar()


def test_el_archivo_queda_con_la_durabilidad_pedida(abrir: Abrir) -> None:
    repositorio = abrir()
    ajustes = repositorio._motor.ejecutar(
        lambda conexion: (conexion.fila("PRAGMA synchronous"), conexion.fila("PRAGMA journal_mode"))
    )
    seguro = "truncate" if sqlite3.sqlite_version_info < (3, 51, 3) else "wal"
    assert ajustes == ((2,), (seguro,))


@pytest.mark.parametrize("columna", Columna)
@pytest.mark.parametrize("sondeo", [0, 3, 20, 1000])
def test_una_busqueda_da_lo_mismo_sondee_lo_que_sondee(
    abrir: Abrir, monkeypatch: pytest.MonkeyPatch, columna: Columna, sondeo: int
) -> None:
    repositorio = abrir()
    repositorio.escribir_lote([Escritura(una) for una in filas_variadas()])
    consulta = Consulta(filtro=Filtro(texto="eta"), columna=columna, limite=4)
    esperadas = [una.id for una in repositorio.listar(replace(consulta, limite=100))]
    assert len(esperadas) == 26
    monkeypatch.setattr(LenguajeSqlite, "sondeo", sondeo)
    vistas = []
    while True:
        pagina = repositorio.listar(consulta)
        vistas += [una.id for una in pagina]
        if pagina.siguiente is None:
            break
        consulta = replace(consulta, tras=pagina.siguiente)
    assert vistas == esperadas


@pytest.mark.parametrize("descendente", [False, True], ids=["sube", "baja"])
def test_los_titulos_van_como_en_un_diccionario_espanol(abrir: Abrir, descendente: bool) -> None:
    esperados = ["abeja", "Álamo", "alba", "Área", "nube", "NUEZ", "ñandú", "Ñu", "oca", "ópera", "zorro"]
    repositorio = abrir()
    repositorio.escribir_lote([Escritura(fila(titulo=titulo)) for titulo in reversed(esperados)])
    consulta = Consulta(columna=Columna.TITULO, descendente=descendente, limite=4)
    vistos: list[str] = []
    while True:
        pagina = repositorio.listar(consulta)
        vistos += [una.titulo for una in pagina]
        if pagina.siguiente is None:
            break
        consulta = replace(consulta, tras=pagina.siguiente)
    assert vistos == (esperados[::-1] if descendente else esperados)


@pytest.mark.parametrize(
    "columna", [Columna.ACTUALIZADA_EN, Columna.CREADA_EN, Columna.TITULO, Columna.ESTADO]
)
def test_las_paginas_salen_de_un_indice(abrir: Abrir, columna: Columna) -> None:
    repositorio = abrir()
    repositorio.escribir_lote([Escritura(una) for una in filas_variadas()])
    for filtro in (Filtro(), Filtro(texto="eta")):
        consulta = Consulta(columna=columna, limite=5, filtro=filtro)
        consulta = replace(consulta, tras=repositorio.listar(consulta).siguiente)
        plan = _plan(repositorio, consulta)
        clave = "<expr>" if columna is Columna.TITULO else columna
        assert re.search(rf"SEARCH \w+ USING INDEX tareas_\w+ \(\(?{clave}", plan), plan


def _plan(repositorio: PeeweeTareaRepository, consulta: Consulta) -> str:
    motor = repositorio._motor

    def explicar(conexion: Any) -> str:
        sentencia = consultas_pagina(consulta, motor.lenguaje, motor.formato)[0]
        texto, parametros = conexion.db.get_sql_context().sql(sentencia).query()
        return "\n".join(str(fila[3]) for fila in conexion.filas(f"EXPLAIN QUERY PLAN {texto}", parametros))

    return motor.ejecutar(explicar)


def test_importar_no_pisa_una_fila_adoptada(tmp_path: Path) -> None:
    archivo = tmp_path / "vieja.db"
    tarea = Tarea(titulo="de antes")
    with sqlite3.connect(archivo) as conexion:
        conexion.execute(
            "CREATE TABLE tareas (id text PRIMARY KEY, titulo text, descripcion text, estado text)"
        )
        conexion.execute("INSERT INTO tareas VALUES (?, 'la vieja', '', 'PENDIENTE')", (str(tarea.id),))
    conexion.close()
    with closing(PeeweeTareaRepository(f"sqlite:///{archivo}", reloj=reloj_de_prueba())) as repositorio:
        repositorio.preparar(adoptar=True)
        (resultado,) = repositorio.importar_lote([tarea])
        assert resultado.suerte is SuerteFila.DISTINTA
        leida = repositorio.leer(tarea.id)
        assert leida is not None
        assert leida.titulo == "la vieja"
        assert repositorio.escribir(Escritura(replace(tarea, version=1 << 40), 0)).aplicada is False
