"""Closing the window ends its process within a second, frozen database or not, and loses no save."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from adapters.logs import ARCHIVO
from tests.conftest import RAIZ, Medir
from tests.servidores import ServidorMongo, ServidorPostgres, esperar

PLAZO_S = 20.0
CIERRE_S = 1.0
"""What is promised from the window's closing to the process's end, seconds."""
MARGEN_S = 0.5
"""What a busy machine, and a signal that waits for the next event, may add to it, seconds."""
SIN_ESPERAR = "Se cierra sin esperar a una base de datos que no responde"


class ProgramaAparte:
    """The program in a process of its own, on these two servers."""

    def __init__(self, datos: Path, url_sql: str, url_mongo: str) -> None:
        self._datos = datos
        self._dicho = datos.parent / "dicho.txt"
        self._errores = datos.parent / "errores.txt"
        with self._dicho.open("wb") as dicho, self._errores.open("wb") as errores:
            self.proceso = subprocess.Popen(
                [sys.executable, "-m", "tests.gui.programa_aparte"],
                stdin=subprocess.PIPE,
                stdout=dicho,
                stderr=errores,
                cwd=RAIZ,
                env=os.environ
                | {
                    "DUAL_TAREAS_DATOS": str(datos),
                    "ORM": "dual",
                    "SQL_URL": url_sql,
                    "MONGO_URL": url_mongo,
                    "QT_QPA_PLATFORM": "offscreen",
                },
            )

    def mandar(self, orden: str) -> None:
        assert self.proceso.stdin is not None
        self.proceso.stdin.write(f"{orden}\n".encode())
        self.proceso.stdin.flush()

    def esperar_que_diga(self, linea: str) -> None:
        esperar(
            lambda: linea in self._dicho.read_text(encoding="utf-8").splitlines(),
            plazo_s=PLAZO_S,
            que=f"{linea!r}; errores: {self.errores}",
        )

    def esperar_en_registro(self, parte: str, *, veces: int) -> None:
        esperar(lambda: self.registro.count(parte) >= veces, plazo_s=PLAZO_S, que=f"{parte!r} en el registro")

    @property
    def registro(self) -> str:
        archivo = self._datos / ARCHIVO
        return archivo.read_text(encoding="utf-8") if archivo.exists() else ""

    @property
    def errores(self) -> str:
        return self._errores.read_text(encoding="utf-8")

    def cerrar_y_medir_s(self, pedir: Callable[[], None]) -> float:
        """Ask it to close; seconds until its process has ended."""
        inicio_s = time.monotonic()
        pedir()
        self.proceso.wait(timeout=PLAZO_S)
        return time.monotonic() - inicio_s

    def matar(self) -> None:
        if self.proceso.poll() is None:
            self.proceso.kill()
            self.proceso.wait(timeout=PLAZO_S)
        assert self.proceso.stdin is not None
        self.proceso.stdin.close()


@pytest.fixture
def url_sql(postgres_propio: ServidorPostgres) -> str:
    return postgres_propio.crear_base("cierre")


@pytest.fixture
def programa(tmp_path: Path, url_sql: str, mongo_propio: ServidorMongo) -> Iterator[ProgramaAparte]:
    programa = ProgramaAparte(tmp_path / "datos", url_sql, mongo_propio.url("cierre"))
    programa.esperar_que_diga("lista")
    yield programa
    programa.matar()


def _titulos(url_sql: str) -> list[str]:
    with psycopg.connect(url_sql) as conexion:
        return [titulo for (titulo,) in conexion.execute("SELECT titulo FROM tareas")]


@pytest.mark.parametrize("congelada", ["sql", "mongo"])
@pytest.mark.parametrize("como", ["la ventana", "SIGTERM"])
def test_el_proceso_acaba_a_tiempo_con_una_base_congelada(
    programa: ProgramaAparte,
    postgres_propio: ServidorPostgres,
    mongo_propio: ServidorMongo,
    url_sql: str,
    congelada: str,
    como: str,
    medir: Medir,
) -> None:
    programa.mandar("guardar Antes")
    programa.esperar_que_diga("guardada Antes")
    servidor = postgres_propio if congelada == "sql" else mongo_propio
    servidor.congelar()
    programa.mandar("guardar En vuelo")
    programa.esperar_en_registro("Ping previo a BDD para save de", veces=2)
    duracion_s = programa.cerrar_y_medir_s(
        lambda: (
            programa.mandar("cerrar")
            if como == "la ventana"
            else programa.proceso.send_signal(signal.SIGTERM)
        )
    )
    servidor.descongelar()
    medir(f"fin del proceso con {congelada} congelada, por {como}", duracion_s, "s")
    assert programa.proceso.returncode == 0, programa.errores
    assert duracion_s <= CIERRE_S + MARGEN_S
    assert "Antes" in _titulos(url_sql)


def test_el_proceso_acaba_a_tiempo_cuando_todo_responde(programa: ProgramaAparte, medir: Medir) -> None:
    duracion_s = programa.cerrar_y_medir_s(lambda: programa.mandar("cerrar"))
    medir("fin del proceso cuando todo responde", duracion_s, "s")
    assert programa.proceso.returncode == 0, programa.errores
    assert duracion_s <= CIERRE_S + MARGEN_S
    assert SIN_ESPERAR not in programa.registro
    assert programa.errores == ""


def test_el_proceso_acaba_aunque_se_cierre_mientras_arranca(
    tmp_path: Path, url_sql: str, mongo_propio: ServidorMongo
) -> None:
    """A frozen database before the window has ever heard of it."""
    mongo_propio.congelar()
    programa = ProgramaAparte(tmp_path / "datos", url_sql, mongo_propio.url("cierre"))
    programa.mandar("cerrar")  # read at its first turn of the event loop
    try:
        programa.esperar_que_diga("cerrando")
        duracion_s = programa.cerrar_y_medir_s(lambda: None)
    finally:
        programa.matar()
        mongo_propio.descongelar()
    assert programa.proceso.returncode == 0, programa.errores
    assert duracion_s <= CIERRE_S + MARGEN_S
