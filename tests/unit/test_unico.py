"""One store in the place of two: the same outcomes and events."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from uuid import uuid4

import pytest

from adapters.health.registro import RegistroSalud
from adapters.unico import RepositorioUnico
from core.domain.errors import (
    AlmacenNoDisponible,
    ConflictoDeVersion,
    EscrituraIncierta,
    EscrituraRechazada,
    NingunAlmacenDisponible,
    OperacionFallida,
    ResultadoDesconocido,
    TareaNoEncontrada,
)
from core.domain.events import EscrituraTerminada, Evento
from core.domain.models.almacen import Desenlace, NombreAlmacen
from core.domain.models.importacion import SuerteFila
from core.domain.models.tarea import Tarea
from core.health import Fallo
from tests.fakes import AlmacenEnMemoria, reloj_de_prueba

SQL = NombreAlmacen.SQL


@dataclass
class Banco:
    almacen: AlmacenEnMemoria = field(default_factory=lambda: AlmacenEnMemoria(SQL))
    eventos: list[Evento] = field(default_factory=list)
    timeout_s: float = 3.0

    def __post_init__(self) -> None:
        self.registro = RegistroSalud([SQL])
        self.unico = RepositorioUnico(
            self.almacen,
            reloj=reloj_de_prueba(),
            registro=self.registro,
            timeout_s=self.timeout_s,
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
    banco.almacen.fallos["leer"] = AlmacenNoDisponible(SQL, "se cortó")
    tarea = Tarea(titulo="una")
    with pytest.raises(EscrituraIncierta) as excepcion:
        banco.unico.save(tarea)
    assert banco.ultimo() is Desenlace.DESCONOCIDA
    banco.almacen.respuestas_perdidas.clear()
    enviada = excepcion.value.resultado.tarea
    assert enviada is not None
    assert banco.unico.save(tarea, version=enviada.version).version == enviada.version


def test_una_respuesta_perdida_se_aclara_releyendo(banco: Banco) -> None:
    banco.almacen.respuestas_perdidas["escribir"] = ResultadoDesconocido(SQL, "se cortó")
    tarea = banco.unico.save(Tarea(titulo="una"))
    assert banco.ultimo() is Desenlace.CONFIRMADA
    assert banco.almacen.filas[tarea.id].version == tarea.version


def test_una_respuesta_perdida_de_lo_que_no_esta_sigue_sin_saberse(banco: Banco) -> None:
    banco.almacen.fallos["escribir"] = ResultadoDesconocido(SQL, "se cortó")
    with pytest.raises(EscrituraIncierta):
        banco.unico.save(Tarea(titulo="una"))
    assert banco.ultimo() is Desenlace.DESCONOCIDA


def test_un_lote_se_cuenta_como_cualquier_escritura(banco: Banco) -> None:
    resultados = banco.unico.importar_lote([Tarea(titulo="una"), Tarea(titulo="otra")])
    assert [uno.suerte for uno in resultados] == [SuerteFila.NUEVA, SuerteFila.NUEVA]
    assert banco.ultimo() is Desenlace.CONFIRMADA


def test_un_lote_no_espera_a_quien_se_sabe_caido(banco: Banco) -> None:
    banco.registro.observar(SQL, Fallo("caída", agotado=True))
    with pytest.raises(NingunAlmacenDisponible, match="ni enviado nada"):
        banco.unico.importar_lote([Tarea(titulo="una")])
    assert banco.almacen.llamadas == []


def test_una_lectura_que_falla_se_nota(banco: Banco) -> None:
    banco.almacen.fallar_con = AlmacenNoDisponible(SQL, "se cayó")
    lecturas = (banco.unico.list, banco.unico.contar, banco.unico.resumen)
    for leer in lecturas:
        with pytest.raises(AlmacenNoDisponible):
            leer()
    assert banco.registro.conocida_caida(SQL)


@pytest.mark.parametrize("metodo", ["escribir", "leer"])
def test_un_plazo_agotado_basta_para_darla_por_caida(metodo: str) -> None:
    banco, tic = Banco(timeout_s=0.02), threading.Event()
    banco.almacen.antes = lambda _metodo: tic.wait(0.03)
    banco.almacen.fallos[metodo] = AlmacenNoDisponible(SQL, "no respondió")
    with pytest.raises((AlmacenNoDisponible, NingunAlmacenDisponible)):
        banco.unico.save(Tarea(titulo="una")) if metodo == "escribir" else banco.unico.get(uuid4())
    assert banco.registro.conocida_caida(SQL)


def test_un_no_no_dice_nada_de_su_salud(banco: Banco) -> None:
    banco.almacen.fallar_con = OperacionFallida(SQL, "no cabe")
    for _ in range(3):
        with pytest.raises(EscrituraRechazada):
            banco.unico.save(Tarea(titulo="una"))
    assert not banco.registro.conocida_caida(SQL)


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
