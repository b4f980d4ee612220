"""What is known of a store that lacks something outlives a pass that fails, and further misses."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from adapters.health.atrasos import Atraso
from adapters.health.registro import RegistroSalud
from adapters.nodo import ahora_ms
from adapters.replicacion.motor import MotorReplicacion
from adapters.replicacion.replicador import Replicador
from core.domain.errors import AlmacenNoDisponible, OperacionFallida
from core.domain.events import Evento, ReplicacionDetenida
from core.domain.models.almacen import NombreAlmacen, Pong
from core.domain.models.tarea import Tarea
from core.health import PingRespondido
from tests.fakes import AlmacenEnMemoria
from tests.servidores import esperar

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO


class Mundo:
    """Both stores in memory, what is known of them, and an engine."""

    def __init__(self) -> None:
        self.sql, self.mongo = AlmacenEnMemoria(SQL), AlmacenEnMemoria(MONGO)
        self.registro = RegistroSalud(replicada=True)
        for nombre in NombreAlmacen:
            self.registro.observar(nombre, PingRespondido(Pong(latencia_ms=1)))
        motor = MotorReplicacion({SQL: self.sql, MONGO: self.mongo}, ahora_ms=ahora_ms)
        self.replicador = Replicador(motor, self.registro, publicar=lambda _evento: None, intervalo_s=0.02)


@pytest.fixture
def mundo() -> Iterator[Mundo]:
    mundo = Mundo()
    yield mundo
    mundo.replicador.close(5)


@pytest.mark.parametrize("metodo", ["pendientes", "escribir_lote"])
def test_una_pasada_que_se_corta_no_olvida_lo_que_falta(mundo: Mundo, metodo: str) -> None:
    """It has not looked at everything: a read of what it did not come to must still go to the other store."""
    falta = uuid4()
    mundo.registro.anotar_faltas(MONGO, [falta], son_todas=True)
    mundo.sql.save(Tarea(titulo="pendiente"))
    almacen = mundo.sql if metodo == "pendientes" else mundo.mongo
    almacen.fallos[metodo] = AlmacenNoDisponible(almacen.nombre, "se cayó a mitad")
    with pytest.raises(AlmacenNoDisponible):
        mundo.replicador.sincronizar()
    assert mundo.registro.faltan_en(MONGO) == {falta}
    del almacen.fallos[metodo]
    mundo.replicador.sincronizar()
    assert mundo.registro.faltan_en(MONGO) == frozenset()


def test_tras_una_pasada_fallida_no_recibe_escrituras(mundo: Mundo) -> None:
    """It might refuse each of them as it refused the pass."""
    mundo.registro.marcar_atrasada(SQL)
    mundo.registro.admitir_escrituras(SQL)
    assert not mundo.registro.aplaza(SQL)
    mundo.sql.fallos["pendientes"] = OperacionFallida(SQL, "disco lleno")
    mundo.replicador.start()
    esperar(lambda: mundo.registro.aplaza(SQL), que="la pasada falla y deja de recibir escrituras")


def test_otra_falta_no_cierra_las_escrituras_que_ya_se_admitian() -> None:
    """Or a steady stream of writes that it misses would keep it far behind for ever."""
    atraso = Atraso()
    atraso.marcar()
    atraso.casi = True
    atraso.marcar()
    assert (atraso.atrasada, atraso.aplaza) == (True, False)


def test_la_primera_falta_de_uno_al_dia_si_las_cierra() -> None:
    atraso = Atraso(casi=True)  # as it was when it last came up to date
    atraso.marcar()
    assert (atraso.atrasada, atraso.aplaza) == (True, True)


def test_de_una_copia_que_no_pasa_se_dice_el_motivo_una_vez_y_que_ya_pasa(mundo: Mundo) -> None:
    eventos: list[Evento] = []
    motor = MotorReplicacion({SQL: mundo.sql, MONGO: mundo.mongo}, ahora_ms=ahora_ms)
    mundo.sql.fallos["pendientes"] = OperacionFallida(SQL, "Le falta la clave.")
    replicador = Replicador(motor, mundo.registro, publicar=eventos.append, intervalo_s=0.02)
    replicador.start()

    def dichas() -> list[Evento]:
        return [uno for uno in eventos if isinstance(uno, ReplicacionDetenida)]

    try:
        esperar(lambda: mundo.sql.llamadas.count("pendientes") > 3)
        assert dichas() == [ReplicacionDetenida(SQL, "Le falta la clave.")]
        del mundo.sql.fallos["pendientes"]
        esperar(lambda: len(dichas()) > 1)
        assert dichas()[1:] == [ReplicacionDetenida(SQL, "")]
    finally:
        replicador.close(5)
