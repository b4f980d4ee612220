"""Pendientes that nobody can read: looked for now and then, told of in every pass."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from adapters.replicacion import motor as modulo
from adapters.replicacion.cola import MIRAR_CADA_S, Ilegibles
from adapters.replicacion.cuarentena import SIN_LEER, Cuarentena
from adapters.replicacion.motor import MotorReplicacion
from core.domain.errors import AlmacenError, AlmacenNoDisponible, OperacionFallida, ResultadoDesconocido
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.tarea import Tarea
from tests.contract.datos import fila
from tests.fakes import AlmacenEnMemoria

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO


class ConIlegible(AlmacenEnMemoria):
    """Holds rows of which a value cannot be read."""

    def __init__(self, *malas: Tarea) -> None:
        super().__init__(SQL)
        self.malas = list(malas)

    def pendientes_ilegibles(self, *, limite: int) -> Sequence[Tarea]:
        super().pendientes_ilegibles(limite=limite)
        return self.malas[:limite]


class Reloj:
    s = 1_000.0

    def ms(self) -> int:
        return int(self.s * 1000)


@pytest.fixture
def reloj() -> Reloj:
    return Reloj()


def test_se_mira_de_vez_en_cuando_y_cuando_toca_reintentar(reloj: Reloj) -> None:
    almacen, cuarentena = ConIlegible(fila(version=5)), Cuarentena(reloj.ms)
    ilegibles = Ilegibles(cuarentena, ahora_s=lambda: reloj.s)
    assert ilegibles.mirar(almacen) == almacen.malas
    assert ilegibles.mirar(almacen) is None
    cuarentena.apartar(SQL, almacen.malas[0], SIN_LEER)
    assert ilegibles.mirar(almacen) is None
    cuarentena.reintentar()
    assert ilegibles.mirar(almacen) == almacen.malas
    cuarentena.soltar(SQL, almacen.malas[0].id)
    reloj.s += MIRAR_CADA_S - 1
    assert ilegibles.mirar(almacen) is None
    reloj.s += 1
    assert ilegibles.mirar(almacen) == almacen.malas


@pytest.mark.parametrize("error", [OperacionFallida, ResultadoDesconocido])
def test_si_mirar_tarda_demasiado_no_detiene_la_pasada(reloj: Reloj, error: type[AlmacenError]) -> None:
    almacen = ConIlegible()
    almacen.fallos["pendientes_ilegibles"] = error(SQL, "tarda demasiado")
    assert Ilegibles(Cuarentena(reloj.ms), ahora_s=lambda: reloj.s).mirar(almacen) is None
    almacen.fallos["pendientes_ilegibles"] = AlmacenNoDisponible(SQL, "se cayó")
    with pytest.raises(AlmacenNoDisponible):
        Ilegibles(Cuarentena(reloj.ms), ahora_s=lambda: reloj.s).mirar(almacen)


def test_cada_pasada_habla_de_ellas_mire_o_no_hasta_que_se_corrigen(
    reloj: Reloj, monkeypatch: pytest.MonkeyPatch
) -> None:
    mala = fila(version=5)
    sql, mongo = ConIlegible(mala), AlmacenEnMemoria(MONGO)
    monkeypatch.setattr(modulo, "Ilegibles", lambda suya: Ilegibles(suya, ahora_s=lambda: reloj.s))
    motor = MotorReplicacion({SQL: sql, MONGO: mongo}, ahora_ms=reloj.ms)
    for _ in range(3):
        assert motor.drenar(SQL).apartadas == {mala.id: SIN_LEER}
    assert sql.llamadas.count("pendientes_ilegibles") == 1
    assert [una.intentos for una in motor.cuarentena.todas()] == [1]
    sql.malas.clear()
    sql.filas[mala.id] = mala
    motor.cuarentena.reintentar()
    informe = motor.drenar(SQL)
    assert (informe.copiadas, informe.apartadas, motor.cuarentena.todas()) == (1, {}, ())
