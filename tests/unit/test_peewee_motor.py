"""The connections that are lent: closing them races with those who take them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.peewee.motor import Conexion
from adapters.peewee.sqlite import MotorSqlite
from core.domain.errors import AlmacenNoDisponible


class TomadaEnMedio(deque[Conexion]):
    """Idle connections of which another thread takes the last one whenever somebody has just looked."""

    def __len__(self) -> int:
        return max(1, super().__len__())


@pytest.fixture
def motor(tmp_path: Path) -> Iterator[MotorSqlite]:
    with closing(MotorSqlite(f"sqlite:///{tmp_path / 'tareas.db'}", timeout_s=3.0)) as motor:
        yield motor


def test_cerrar_no_tropieza_con_quien_toma_la_ultima_conexion(motor: MotorSqlite) -> None:
    motor.ping(1.0)
    for reserva in (motor._operaciones, motor._pings):
        reserva.libres = TomadaEnMedio(reserva.libres)

    motor.close()

    with pytest.raises(AlmacenNoDisponible, match="cerrado"):
        motor.ping(1.0)


def test_tomar_no_tropieza_con_quien_toma_la_ultima_conexion(motor: MotorSqlite) -> None:
    motor._pings.libres = TomadaEnMedio()

    assert motor.ping(1.0).rol == "archivo local"


def test_cortar_lo_que_ya_esta_cerrado_no_abre_nada(motor: MotorSqlite) -> None:
    conexion = motor.conectar(time.monotonic() + 3)
    conexion.cerrar()

    conexion.cortar()

    assert conexion.db.is_closed()
