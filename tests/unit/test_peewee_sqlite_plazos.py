"""No call on an SQLite file outlives its deadline: many short statements, a folder that does not answer."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from adapters.peewee import sqlite
from adapters.peewee.errores import Fase
from adapters.peewee.motor import Conexion
from adapters.peewee.sqlite import MotorSqlite
from core.domain.errors import AlmacenNoDisponible, OperacionFallida
from tests.servidores.espera import esperar


@pytest.fixture
def ruta(tmp_path: Path) -> Path:
    return tmp_path / "tareas.db"


@pytest.fixture
def motor(ruta: Path) -> Iterator[MotorSqlite]:
    motor = MotorSqlite(f"sqlite:///{ruta}", timeout_s=3.0)
    motor.preparar(adoptar=False, plazo_s=3.0)
    yield motor
    motor.close()


def cuantas(ruta: Path) -> int:
    with closing(sqlite3.connect(ruta)) as otra:
        return int(otra.execute("SELECT count(*) FROM tareas").fetchone()[0])


def poner(conexion: Conexion, n: int) -> None:
    conexion.cambiar("INSERT INTO tareas (id, titulo) VALUES (?, 'una')", (str(n),))


def test_el_corte_entre_dos_sentencias_no_se_pierde(motor: MotorSqlite, ruta: Path) -> None:
    def lote(conexion: Conexion) -> None:
        poner(conexion, 1)
        conexion.cortar()  # nothing runs at this moment that could be interrupted
        poner(conexion, 2)

    with pytest.raises(OperacionFallida):
        motor.ejecutar(lote, fase=Fase.ESCRIBIR)
    assert cuantas(ruta) == 0


def test_el_corte_antes_de_guardar_deshace_el_lote(motor: MotorSqlite, ruta: Path) -> None:
    def lote(conexion: Conexion) -> None:
        poner(conexion, 1)
        conexion.cortar()

    with pytest.raises(OperacionFallida):
        motor.ejecutar(lote, fase=Fase.ESCRIBIR)
    assert cuantas(ruta) == 0
    motor.ejecutar(lambda conexion: poner(conexion, 3), fase=Fase.ESCRIBIR)
    assert cuantas(ruta) == 1


def test_un_lote_de_sentencias_cortas_acaba_en_su_plazo(motor: MotorSqlite, ruta: Path) -> None:
    despues: list[int] = []

    def lote(conexion: Conexion) -> None:
        poner(conexion, 1)
        esperar(lambda: conexion.db.cortada.is_set(), que="el vigilante corta")
        for n in range(1000):
            conexion.filas("SELECT 1")
            despues.append(n)

    with pytest.raises(OperacionFallida, match=r"no contestó en 0\.2 s"):
        motor.ejecutar(lote, fase=Fase.ESCRIBIR, plazo_s=0.2)
    assert not despues
    assert cuantas(ruta) == 0


def test_una_carpeta_que_no_responde_no_retiene_a_nadie_mas_alla_de_su_plazo(
    ruta: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vuelve = threading.Event()
    de_verdad = sqlite._identidad

    def colgada(ruta: Path) -> tuple[int, int] | None:
        assert vuelve.wait(20)
        return de_verdad(ruta)

    def hilos() -> int:
        return sum(hilo.name == "DualRepo-archivo" for hilo in threading.enumerate())

    monkeypatch.setattr(sqlite, "_identidad", colgada)
    motor = MotorSqlite(f"sqlite:///{ruta}", timeout_s=0.3)
    with closing(motor), ThreadPoolExecutor(4) as otros:
        inicio_s = time.monotonic()
        intentos = [otros.submit(motor.ping, 0.3) for _ in range(4)]
        for intento in intentos:
            with pytest.raises(AlmacenNoDisponible, match="no responde"):
                intento.result(10)
        assert time.monotonic() - inicio_s < 2.0
        assert hilos() == 1
        vuelve.set()
        esperar(lambda: not hilos(), que="la apertura que llegó tarde se cierra")
        assert motor.ping(3.0).rol == "archivo local"
