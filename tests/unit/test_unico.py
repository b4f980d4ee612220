"""One store in the place of two: the same outcomes and events."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from adapters.health.registro import RegistroSalud
from adapters.unico import RepositorioUnico
from core.domain.errors import (
    AlmacenNoDisponible,
    ConflictoDeVersion,
    EscrituraIncierta,
    NingunAlmacenDisponible,
    ResultadoDesconocido,
    TareaNoEncontrada,
)
from core.domain.events import EscrituraTerminada, Evento
from core.domain.models.almacen import Desenlace, NombreAlmacen
from core.domain.models.tarea import Tarea
from tests.fakes import AlmacenEnMemoria, reloj_de_prueba

SQL = NombreAlmacen.SQL


@dataclass
class Banco:
    almacen: AlmacenEnMemoria = field(default_factory=lambda: AlmacenEnMemoria(SQL))
    eventos: list[Evento] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.unico = RepositorioUnico(
            self.almacen,
            reloj=reloj_de_prueba(),
            registro=RegistroSalud([SQL]),
            publicar=lambda evento: (
                self.eventos.append(evento) if isinstance(evento, EscrituraTerminada) else None
            ),
        )

    def ultimo(self) -> Desenlace:
        evento = self.eventos[-1]
        assert isinstance(evento, EscrituraTerminada)
        (uno,) = evento.resultado.por_almacen
        return uno.desenlace


@pytest.fixture
def banco() -> Banco:
    return Banco()


def test_guardar_lo_dice_de_su_unico_almacen(banco: Banco) -> None:
    tarea = banco.unico.save(Tarea(titulo="una"))
    assert banco.almacen.filas[tarea.id].pendiente  # for the day when there are two
    assert banco.ultimo() is Desenlace.CONFIRMADA


def test_una_respuesta_perdida_se_puede_repetir_sin_chocar_con_uno_mismo(banco: Banco) -> None:
    banco.almacen.respuestas_perdidas["escribir"] = ResultadoDesconocido(SQL, "se cortó")
    tarea = Tarea(titulo="una")
    with pytest.raises(EscrituraIncierta) as excepcion:
        banco.unico.save(tarea)
    assert banco.ultimo() is Desenlace.DESCONOCIDA
    banco.almacen.respuestas_perdidas.clear()
    enviada = excepcion.value.resultado.tarea
    assert enviada is not None
    assert banco.unico.save(tarea, version=enviada.version).version == enviada.version


def test_un_conflicto_trae_lo_que_hay(banco: Banco) -> None:
    base = banco.unico.save(Tarea(titulo="base"))
    banco.unico.save(replace(base, titulo="de otra"))
    with pytest.raises(ConflictoDeVersion) as excepcion:
        banco.unico.save(replace(base, titulo="mía"))
    assert excepcion.value.actual.titulo == "de otra"
    assert banco.ultimo() is Desenlace.CONFLICTO


def test_una_caida_conocida_no_se_vuelve_a_pagar(banco: Banco) -> None:
    banco.almacen.fallar_con = AlmacenNoDisponible(SQL, "conexión rechazada")
    for _ in range(2):
        with pytest.raises(NingunAlmacenDisponible):
            banco.unico.save(Tarea(titulo="una"))
    intentos = banco.almacen.llamadas.count("escribir")
    with pytest.raises(NingunAlmacenDisponible):
        banco.unico.save(Tarea(titulo="una"))
    assert banco.almacen.llamadas.count("escribir") == intentos


def test_eliminar_deja_una_lapida_y_lo_que_no_hay_no_se_elimina(banco: Banco) -> None:
    tarea = banco.unico.save(Tarea(titulo="una"))
    banco.unico.eliminar(tarea.id, base=tarea)
    assert banco.almacen.filas[tarea.id].eliminada
    with pytest.raises(TareaNoEncontrada):
        banco.unico.eliminar(tarea.id)
