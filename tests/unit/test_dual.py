"""The dual repository's rules, over stores in memory that fail on demand."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from uuid import uuid4

import pytest

from adapters.dual import DualTareaRepository
from adapters.dual.carriles import Carriles
from adapters.health.registro import RegistroSalud
from adapters.nodo import ahora_ms
from adapters.replicacion.motor import MotorReplicacion
from adapters.replicacion.replicador import Replicador
from core.domain.errors import (
    AlmacenError,
    AlmacenNoDisponible,
    ConflictoDeVersion,
    CursorCaducado,
    EscrituraIncierta,
    EscrituraRechazada,
    LecturaImposible,
    NingunAlmacenDisponible,
    OperacionFallida,
    ResultadoDesconocido,
    TareaInvalida,
    VersionAgotada,
)
from core.domain.events import EscrituraTerminada, Evento
from core.domain.models.almacen import Desenlace, NombreAlmacen, Pong, ResultadoEscritura
from core.domain.models.consulta import Consulta
from core.domain.models.importacion import SuerteFila
from core.domain.models.tarea import Tarea
from core.domain.models.version import RelojHibrido
from core.health import Fallo
from tests.fakes import AlmacenEnMemoria, RelojDePrueba, reloj_de_prueba

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO
PLAZO_S = 5.0


@dataclass
class Banco:
    """A dual repository over two stores in memory, and what it published."""

    sql: AlmacenEnMemoria
    mongo: AlmacenEnMemoria
    dual: DualTareaRepository
    eventos: list[Evento] = field(default_factory=list)

    @property
    def resultados(self) -> list[ResultadoEscritura]:
        return [evento.resultado for evento in self.eventos if isinstance(evento, EscrituraTerminada)]

    def caer(self, *almacenes: AlmacenEnMemoria) -> None:
        for almacen in almacenes:
            almacen.fallar_con = AlmacenNoDisponible(almacen.nombre, "conexión rechazada")

    def hasta(self, condicion: Callable[[], bool]) -> None:
        limite = time.monotonic() + PLAZO_S
        tic = threading.Event()
        while not condicion():
            assert time.monotonic() < limite, "la condición no se cumplió a tiempo"
            tic.wait(0.005)


@pytest.fixture
def banco() -> Iterator[Banco]:
    reloj = RelojHibrido(nodo=1, ahora_ms=RelojDePrueba(paso_ms=1))
    sql, mongo = AlmacenEnMemoria(SQL, reloj=reloj), AlmacenEnMemoria(MONGO, reloj=reloj)
    eventos: list[Evento] = []
    dual = DualTareaRepository(
        sql_repository=sql,
        mongo_repository=mongo,
        reloj=reloj,
        publicar=eventos.append,
        ping_timeout_s=0.3,
        operacion_timeout_s=0.3,
    )
    yield Banco(sql, mongo, dual, eventos)
    dual.close()


def mensajes(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(registro.levelname, registro.getMessage()) for registro in caplog.records]


# -- dispatch ---------------------------------------------------------------------------------------


def test_save_escribe_la_misma_fila_en_ambos_y_la_confirma_despues(banco: Banco) -> None:
    tarea = banco.dual.save(Tarea(titulo="uno"))
    assert banco.sql.filas[tarea.id].version == banco.mongo.filas[tarea.id].version == tarea.version > 0
    assert not tarea.pendiente
    banco.hasta(lambda: not banco.sql.filas[tarea.id].pendiente and not banco.mongo.filas[tarea.id].pendiente)
    assert banco.sql.filas[tarea.id] == banco.mongo.filas[tarea.id]
    assert banco.sql.filas[tarea.id].version_comun == tarea.version


def test_la_fila_nace_pendiente_por_si_el_programa_muere_antes_de_confirmar(banco: Banco) -> None:
    banco.sql.fallos["confirmar"] = banco.mongo.fallos["confirmar"] = OperacionFallida(SQL, "ahora no")
    tarea = banco.dual.save(Tarea(titulo="uno"))
    assert banco.sql.filas[tarea.id].pendiente
    assert banco.mongo.filas[tarea.id].pendiente


def test_los_dos_pings_y_las_dos_escrituras_van_en_paralelo(banco: Banco) -> None:
    barreras = {"ping": threading.Barrier(2), "escribir": threading.Barrier(2)}

    def antes(metodo: str) -> None:
        if metodo in barreras:
            barreras[metodo].wait(PLAZO_S)  # breaks unless both stores are in it at once

    banco.sql.antes = banco.mongo.antes = antes
    banco.dual.save(Tarea(titulo="uno"))
    assert banco.resultados[-1].en_ambos


@pytest.mark.parametrize("caido", [SQL, MONGO])
def test_con_uno_caido_escribe_en_el_otro_y_lo_dice(
    banco: Banco, caido: NombreAlmacen, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="adapters.dual")
    ido, vivo = (banco.sql, banco.mongo) if caido is SQL else (banco.mongo, banco.sql)
    banco.caer(ido)
    tarea = banco.dual.save(Tarea(titulo="uno"))
    assert vivo.filas[tarea.id].pendiente
    assert "escribir" not in ido.llamadas
    resultado = banco.resultados[-1]
    assert resultado.de(caido).desenlace is Desenlace.NO_DISPONIBLE
    assert resultado.de(caido.otro).confirmada
    corto = "SQL" if caido is SQL else "Mongo"
    assert ("WARNING", f"🔴 {corto} no disponible: conexión rechazada") in mensajes(caplog)
    assert (
        "WARNING",
        f"⚠️ {caido.etiqueta} no disponible. save de {tarea.id} se guardará SOLO en {caido.otro.etiqueta}.",
    ) in mensajes(caplog)
    motor = "Mongo" if caido is SQL else "Peewee"
    assert ("DEBUG", f"✓ Operación {motor} (solo) completada") in mensajes(caplog)


def test_un_id_se_sigue_por_el_registro(banco: Banco, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="adapters.dual")
    tarea = banco.dual.save(Tarea(titulo="uno"))
    assert mensajes(caplog) == [
        ("INFO", f"🏓 Ping previo a BDD para save de {tarea.id}..."),
        ("INFO", f"🔄 save dual iniciado para {tarea.id}"),
        ("DEBUG", "✓ Operación Peewee completada"),
        ("DEBUG", "✓ Operación Mongo completada"),
        ("INFO", f"✅ save dual exitoso para {tarea.id}"),
    ]


@pytest.mark.errores_esperados("Ninguna base de datos", "no confirmado")
def test_con_los_dos_caidos_no_envia_nada_y_lo_dice(banco: Banco) -> None:
    banco.caer(banco.sql, banco.mongo)
    with pytest.raises(NingunAlmacenDisponible, match="ninguna base de datos") as excepcion:
        banco.dual.save(Tarea(titulo="uno"))
    assert "escribir" not in banco.sql.llamadas + banco.mongo.llamadas
    assert banco.resultados == [excepcion.value.resultado]


@pytest.mark.errores_esperados("Ninguna base de datos", "no confirmado")
def test_una_caida_conocida_no_se_vuelve_a_pagar(banco: Banco) -> None:
    banco.caer(banco.sql, banco.mongo)
    with pytest.raises(NingunAlmacenDisponible):
        banco.dual.save(Tarea(titulo="uno"))
    with pytest.raises(NingunAlmacenDisponible):
        banco.dual.save(Tarea(titulo="uno"))
    pings = banco.sql.llamadas.count("ping"), banco.mongo.llamadas.count("ping")
    with pytest.raises(NingunAlmacenDisponible):
        banco.dual.save(Tarea(titulo="dos"))
    assert (banco.sql.llamadas.count("ping"), banco.mongo.llamadas.count("ping")) == pings


def test_la_primera_escritura_tras_la_vuelta_va_a_ambos(banco: Banco) -> None:
    banco.caer(banco.mongo)
    banco.dual.save(Tarea(titulo="uno"))
    banco.dual.save(Tarea(titulo="dos"))
    assert banco.dual.registro.conocida_caida(MONGO)
    banco.mongo.fallar_con = None
    banco.hasta(lambda: not banco.dual.registro.conocida_caida(MONGO))  # nobody has asked it yet
    banco.dual.save(Tarea(titulo="tres"))
    assert banco.resultados[-1].en_ambos


def test_un_almacen_de_solo_lectura_no_recibe_escrituras(banco: Banco) -> None:
    banco.mongo.pong = Pong(latencia_ms=1, solo_lectura=True)
    banco.dual.save(Tarea(titulo="uno"))
    assert "escribir" not in banco.mongo.llamadas
    assert banco.resultados[-1].mongo.desenlace is Desenlace.NO_DISPONIBLE


def test_un_ping_colgado_no_retiene_la_escritura_mas_de_su_plazo(banco: Banco) -> None:
    suelta = threading.Event()
    banco.mongo.antes = lambda metodo: suelta.wait(PLAZO_S) and None if metodo == "ping" else None
    try:
        banco.dual.save(Tarea(titulo="uno"))
    finally:
        suelta.set()
    assert banco.resultados[-1].mongo.desenlace is Desenlace.NO_DISPONIBLE
    assert banco.resultados[-1].sql.confirmada


def test_una_respuesta_perdida_es_desconocida_y_no_fallida(banco: Banco) -> None:
    banco.mongo.respuestas_perdidas["escribir"] = ResultadoDesconocido(MONGO, "se cortó la conexión")
    tarea = banco.dual.save(Tarea(titulo="uno"))
    assert banco.resultados[-1].mongo.desenlace is Desenlace.DESCONOCIDA
    assert tarea.pendiente


def test_una_escritura_que_no_vuelve_es_desconocida_y_la_siguiente_no_espera(banco: Banco) -> None:
    suelta = threading.Event()
    banco.mongo.antes = lambda metodo: suelta.wait(PLAZO_S) and None if metodo == "escribir" else None
    try:
        banco.dual.save(Tarea(titulo="uno"))
        assert banco.resultados[-1].mongo.desenlace is Desenlace.DESCONOCIDA
        banco.dual.save(Tarea(titulo="dos"))
        assert banco.resultados[-1].mongo.desenlace is Desenlace.NO_DISPONIBLE
    finally:
        suelta.set()


@pytest.mark.errores_esperados("no confirmado")
def test_si_ninguno_contesta_es_incierta_y_repetirla_es_la_misma_escritura(banco: Banco) -> None:
    for almacen in (banco.sql, banco.mongo):
        almacen.respuestas_perdidas["escribir"] = ResultadoDesconocido(almacen.nombre, "sin respuesta")
        almacen.fallos["leer"] = AlmacenNoDisponible(almacen.nombre, "sin respuesta")
    tarea = Tarea(titulo="uno")
    with pytest.raises(EscrituraIncierta) as excepcion:
        banco.dual.save(tarea)
    enviada = excepcion.value.resultado.tarea
    assert enviada is not None
    banco.sql.respuestas_perdidas.clear()
    banco.mongo.respuestas_perdidas.clear()
    repetida = banco.dual.save(tarea, version=enviada.version)
    assert repetida.version == enviada.version
    assert banco.sql.filas[tarea.id].version == enviada.version


@pytest.mark.errores_esperados("no confirmado", "no se ha enviado")
@pytest.mark.parametrize("ahora", [AlmacenNoDisponible, OperacionFallida])
@pytest.mark.parametrize("operacion", ["save", "eliminar"])
def test_de_repetir_en_vano_una_incierta_se_dice_que_la_anterior_aun_puede_llegar(
    banco: Banco, operacion: str, ahora: type[AlmacenError]
) -> None:
    base = banco.dual.save(Tarea(titulo="base"))
    almacenes = (banco.sql, banco.mongo)

    def escribir(repite: Tarea | None) -> Tarea:
        if operacion == "eliminar":
            return banco.dual.eliminar(base.id, base=base, repite=repite)
        return banco.dual.save(replace(base, titulo="otra"), version=repite.version if repite else None)

    for almacen in almacenes:
        almacen.fallos["escribir"] = ResultadoDesconocido(almacen.nombre, "sin respuesta")
    with pytest.raises(EscrituraIncierta) as primera:
        escribir(None)
    enviada = primera.value.resultado.tarea
    for almacen in almacenes:
        del almacen.fallos["escribir"]
        almacen.fallos["ping" if ahora is AlmacenNoDisponible else "escribir"] = ahora(almacen.nombre, "no")
    with pytest.raises(EscrituraIncierta, match="el intento anterior se envió y aún puede llegar") as otra:
        escribir(enviada)
    assert "ni enviado nada" not in str(otra.value)
    assert enviada is not None
    assert otra.value.resultado.tarea is not None
    assert otra.value.resultado.tarea.version == enviada.version


def test_una_respuesta_perdida_se_aclara_releyendo(banco: Banco) -> None:
    for almacen in (banco.sql, banco.mongo):
        almacen.respuestas_perdidas["escribir"] = ResultadoDesconocido(almacen.nombre, "se cortó")
    tarea = banco.dual.save(Tarea(titulo="uno"))
    assert banco.resultados[-1].en_ambos
    assert banco.sql.filas[tarea.id].version == tarea.version


@pytest.mark.errores_esperados("no confirmado")
def test_si_ambos_rechazan_se_dice_que_nada_se_guardo(banco: Banco) -> None:
    for almacen in (banco.sql, banco.mongo):
        almacen.fallos["escribir"] = OperacionFallida(almacen.nombre, "disco lleno")
    with pytest.raises(EscrituraRechazada, match="disco lleno"):
        banco.dual.save(Tarea(titulo="uno"))


@pytest.mark.errores_esperados("Error interno")
def test_un_error_interno_en_un_almacen_no_oculta_que_el_otro_guardo(banco: Banco) -> None:
    banco.mongo.fallos["escribir"] = ZeroDivisionError()
    tarea = banco.dual.save(Tarea(titulo="uno"))
    assert tarea.id in banco.sql.filas
    assert banco.resultados[-1].mongo.desenlace is Desenlace.DESCONOCIDA


def test_lo_que_un_almacen_no_admitiria_no_se_envia_a_ninguno(banco: Banco) -> None:
    for titulo in ("", "x" * 201, "nulo\x00", "\ud800"):
        with pytest.raises(TareaInvalida):
            banco.dual.save(Tarea(titulo=titulo))
    assert banco.sql.llamadas == banco.mongo.llamadas == []


def test_funciona_sobre_un_executor_ajeno_que_sigue_siendo_del_llamador() -> None:
    with ThreadPoolExecutor(4) as ejecutor:
        dual = DualTareaRepository(
            sql_repository=AlmacenEnMemoria(SQL),
            mongo_repository=AlmacenEnMemoria(MONGO),
            executor=ejecutor,
            reloj=reloj_de_prueba(),
        )
        dual.save(Tarea(titulo="uno"))
        dual.close()
        assert ejecutor.submit(lambda: 1).result(PLAZO_S) == 1


def test_los_hilos_propios_se_llaman_dualrepo(banco: Banco) -> None:
    nombres: set[str] = set()
    banco.sql.antes = lambda _metodo: nombres.add(threading.current_thread().name)
    banco.dual.save(Tarea(titulo="uno"))
    assert nombres
    assert all(nombre.startswith("DualRepo-") for nombre in nombres)


# -- conflicts --------------------------------------------------------------------------------------


def test_editar_sobre_una_version_vieja_es_un_conflicto_y_no_pisa_nada(banco: Banco) -> None:
    base = banco.dual.save(Tarea(titulo="uno"))
    banco.dual.save(replace(base, titulo="de otra"))
    with pytest.raises(ConflictoDeVersion) as excepcion:
        banco.dual.save(replace(base, titulo="mía"))
    assert excepcion.value.actual.titulo == "de otra"
    assert {almacen.filas[base.id].titulo for almacen in (banco.sql, banco.mongo)} == {"de otra"}


def test_dos_que_ven_un_almacen_cada_uno_convergen_y_la_perdedora_se_conserva(banco: Banco) -> None:
    base = banco.dual.save(Tarea(titulo="base"))
    banco.hasta(lambda: not banco.mongo.filas[base.id].pendiente)
    banco.sql.fallar_con = AlmacenNoDisponible(SQL, "no llego")
    otra = banco.dual.save(replace(base, titulo="solo en mongo"))
    banco.sql.fallar_con = None
    banco.hasta(lambda: not banco.dual.registro.conocida_caida(SQL))
    mia = banco.dual.save(replace(base, titulo="más nueva"))
    assert mia.version > otra.version
    assert {almacen.filas[base.id].titulo for almacen in (banco.sql, banco.mongo)} == {"más nueva"}
    assert [uno.perdedora.titulo for uno in banco.mongo.conflictos.values()] == ["solo en mongo"]


def test_si_la_mia_es_la_mas_vieja_se_conserva_y_se_me_dice() -> None:
    atrasado = RelojHibrido(nodo=1, ahora_ms=RelojDePrueba(1_000_000))
    adelantado = RelojHibrido(nodo=2, ahora_ms=RelojDePrueba(1_005_000))
    sql, mongo = AlmacenEnMemoria(SQL), AlmacenEnMemoria(MONGO)
    dual = DualTareaRepository(sql_repository=sql, mongo_repository=mongo, reloj=atrasado)
    base = dual.save(Tarea(titulo="base"))
    mongo.filas[base.id] = replace(
        base, titulo="de la otra", version=adelantado.siguiente(), version_comun=base.version, pendiente=True
    )
    with pytest.raises(ConflictoDeVersion) as excepcion:
        dual.save(replace(base, titulo="mía"))
    assert excepcion.value.actual.titulo == "de la otra"
    assert {almacen.filas[base.id].titulo for almacen in (sql, mongo)} == {"de la otra"}
    conservadas = {uno.perdedora.titulo for uno in (*sql.conflictos.values(), *mongo.conflictos.values())}
    assert conservadas == {"mía"}
    dual.close()


def _con_una_mas_nueva_en_mongo(banco: Banco, base: Tarea, *, adelanto_ms: int) -> Tarea:
    """Somebody who sees MongoDB alone, with a clock ahead of ours, has written there."""
    reloj = RelojHibrido(nodo=2, ahora_ms=lambda: 1_750_000_000_000 + adelanto_ms)
    otra = replace(
        base, titulo="de la otra", version=reloj.siguiente(), version_comun=base.version, pendiente=True
    )
    banco.mongo.filas[base.id] = otra
    return otra


def test_quien_pierde_lo_sabe_aunque_no_se_pueda_poner_la_ganadora(banco: Banco) -> None:
    base = banco.dual.save(Tarea(titulo="base"))
    _con_una_mas_nueva_en_mongo(banco, base, adelanto_ms=60_000)
    banco.sql.fallos["reemplazar"] = AlmacenNoDisponible(SQL, "se cayó ahora")
    with pytest.raises(ConflictoDeVersion) as excepcion:
        banco.dual.save(replace(base, titulo="mía"))
    assert excepcion.value.actual.titulo == "de la otra"
    assert [uno.perdedora.titulo for uno in banco.mongo.conflictos.values()] == ["mía"]


def test_de_un_conflicto_y_una_respuesta_perdida_decide_lo_que_hay(banco: Banco) -> None:
    base = banco.dual.save(Tarea(titulo="base"))
    _con_una_mas_nueva_en_mongo(banco, base, adelanto_ms=-60_000_000)  # older than ours will be
    banco.sql.respuestas_perdidas["escribir"] = ResultadoDesconocido(SQL, "se cortó")
    mia = banco.dual.save(replace(base, titulo="mía"))
    assert {almacen.filas[base.id].titulo for almacen in (banco.sql, banco.mongo)} == {"mía"}
    assert banco.sql.filas[base.id].version == mia.version


@pytest.mark.errores_esperados("no confirmado")
def test_de_un_conflicto_y_una_respuesta_que_no_se_puede_aclarar_no_se_dice_que_nada_cambio(
    banco: Banco,
) -> None:
    base = banco.dual.save(Tarea(titulo="base"))
    _con_una_mas_nueva_en_mongo(banco, base, adelanto_ms=60_000)
    banco.sql.respuestas_perdidas["escribir"] = ResultadoDesconocido(SQL, "se cortó")
    banco.sql.fallos["leer"] = AlmacenNoDisponible(SQL, "se cortó")
    with pytest.raises(EscrituraIncierta):
        banco.dual.save(replace(base, titulo="mía"))


def test_en_dos_conflictos_se_muestra_el_valor_mas_nuevo(banco: Banco) -> None:
    base = banco.dual.save(Tarea(titulo="base"))
    banco.hasta(lambda: not banco.mongo.filas[base.id].pendiente)
    banco.sql.filas[base.id] = replace(base, titulo="menos nueva", version=base.version + (1 << 22))
    _con_una_mas_nueva_en_mongo(banco, base, adelanto_ms=60_000)
    with pytest.raises(ConflictoDeVersion) as excepcion:
        banco.dual.save(replace(base, titulo="mía"))
    assert excepcion.value.actual.titulo == "de la otra"


def test_una_escritura_identica_no_deja_perdedora(banco: Banco) -> None:
    base = banco.dual.save(Tarea(titulo="base"))
    banco.hasta(lambda: not banco.mongo.filas[base.id].pendiente)
    banco.caer(banco.sql)
    banco.dual.save(replace(base, titulo="lo mismo"))
    banco.sql.fallar_con = None
    banco.hasta(lambda: not banco.dual.registro.conocida_caida(SQL))
    banco.dual.save(replace(base, titulo="lo mismo"))
    assert banco.sql.conflictos == banco.mongo.conflictos == {}
    assert banco.sql.filas[base.id].version == banco.mongo.filas[base.id].version


@pytest.mark.errores_esperados("no confirmado")
def test_repetir_un_borrado_incierto_es_la_misma_lapida(banco: Banco) -> None:
    base = banco.dual.save(Tarea(titulo="base"))
    for almacen in (banco.sql, banco.mongo):
        almacen.respuestas_perdidas["escribir"] = ResultadoDesconocido(almacen.nombre, "se cortó")
        almacen.fallos["leer"] = AlmacenNoDisponible(almacen.nombre, "se cortó")
    with pytest.raises(EscrituraIncierta) as excepcion:
        banco.dual.eliminar(base.id, base=base)
    for almacen in (banco.sql, banco.mongo):
        almacen.respuestas_perdidas.clear()
        almacen.fallos.clear()
    enviada = excepcion.value.resultado.tarea
    repetida = banco.dual.eliminar(base.id, base=base, repite=enviada)
    assert enviada is not None
    assert (repetida.version, repetida.actualizada_en) == (enviada.version, enviada.actualizada_en)


def test_un_almacen_que_solo_va_atrasado_acepta_la_escritura_nueva(banco: Banco) -> None:
    base = banco.dual.save(Tarea(titulo="uno"))
    banco.hasta(lambda: not banco.sql.filas[base.id].pendiente)
    banco.caer(banco.mongo)
    segunda = banco.dual.save(replace(base, titulo="dos"))
    banco.mongo.fallar_con = None
    banco.hasta(lambda: not banco.dual.registro.conocida_caida(MONGO))
    tercera = banco.dual.save(replace(segunda, titulo="tres"))
    assert banco.mongo.filas[base.id].version == banco.sql.filas[base.id].version == tercera.version
    assert banco.sql.conflictos == banco.mongo.conflictos == {}


def test_confirmar_no_borra_la_marca_de_una_escritura_mas_nueva(banco: Banco) -> None:
    base = banco.dual.save(Tarea(titulo="uno"))
    banco.hasta(lambda: not banco.sql.filas[base.id].pendiente)
    banco.caer(banco.mongo)
    nueva = banco.dual.save(replace(base, titulo="dos"))
    banco.sql.confirmar([(base.id, base.version)])
    assert banco.sql.filas[base.id].version == nueva.version
    assert banco.sql.filas[base.id].pendiente


# -- deletes and reads ------------------------------------------------------------------------------


def test_eliminar_deja_una_lapida_en_ambos_y_restaurar_la_revive(banco: Banco) -> None:
    tarea = banco.dual.save(Tarea(titulo="uno"))
    lapida = banco.dual.eliminar(tarea.id, base=tarea)
    assert banco.sql.filas[tarea.id].eliminada
    assert banco.mongo.filas[tarea.id].eliminada
    assert banco.dual.get(tarea.id) is None
    banco.dual.save(replace(lapida, eliminada=False))
    assert banco.dual.get(tarea.id) is not None


def test_una_lapida_es_una_respuesta_y_no_se_pregunta_mas_alla(banco: Banco) -> None:
    tarea = banco.dual.save(Tarea(titulo="uno"))
    banco.caer(banco.mongo)
    banco.dual.eliminar(tarea.id, base=tarea)
    banco.mongo.fallar_con = None
    assert banco.mongo.filas[tarea.id].titulo == "uno"  # the other store still has it
    banco.mongo.llamadas.clear()
    assert banco.dual.get(tarea.id) is None
    assert "leer" not in banco.mongo.llamadas


def test_lectura_usa_mongo_si_sql_cae_y_lo_dice(banco: Banco) -> None:
    tarea = banco.dual.save(Tarea(titulo="uno"))
    banco.caer(banco.sql)
    leida = banco.dual.get(tarea.id)
    assert leida is not None
    assert leida.titulo == "uno"
    pagina = banco.dual.list()
    assert pagina.almacen is MONGO
    assert "SQL no responde" in pagina.aviso
    assert [una.titulo for una in pagina] == ["uno"]


def test_lectura_pregunta_al_otro_si_el_principal_no_la_tiene(banco: Banco) -> None:
    tarea = Tarea(titulo="solo en mongo")
    banco.mongo.save(tarea)
    leida = banco.dual.get(tarea.id)
    assert leida is not None
    assert banco.dual.get(uuid4()) is None


def test_sin_ningun_almacen_la_lectura_lo_dice(banco: Banco) -> None:
    banco.caer(banco.sql, banco.mongo)
    with pytest.raises(LecturaImposible, match=r"SQL.*MongoDB"):
        banco.dual.list()


def test_la_pagina_siguiente_tambien_dice_de_donde_viene(banco: Banco) -> None:
    for numero in range(3):
        banco.dual.save(Tarea(titulo=str(numero)))
    banco.caer(banco.sql)
    primera = banco.dual.list(Consulta(limite=2))
    segunda = banco.dual.list(Consulta(limite=2, tras=primera.siguiente))
    assert segunda.almacen is MONGO
    assert "MongoDB" in segunda.aviso


def test_lo_que_solo_guardo_uno_se_lee_de_el_hasta_que_el_otro_se_pone_al_dia(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sql, mongo = AlmacenEnMemoria(SQL), AlmacenEnMemoria(MONGO)
    registro = RegistroSalud(replicada=True)
    dual = DualTareaRepository(
        sql_repository=sql,
        mongo_repository=mongo,
        registro=registro,
        reloj=RelojHibrido(nodo=1, ahora_ms=ahora_ms),
    )
    base = dual.save(Tarea(titulo="vieja"))
    sql.fallos["escribir"] = OperacionFallida(SQL, "bloqueada")
    dual.save(replace(base, titulo="nueva"))
    leida = dual.get(base.id)
    assert leida is not None
    assert leida.titulo == "nueva"
    pagina = dual.list()
    assert (pagina.aviso, pagina.atrasada) == ("SQL se está poniendo al día: leído de MongoDB.", False)
    assert dual.resumen().aviso == ""
    assert "puede no ser lo último" not in caplog.text
    mongo.fallar_con = AlmacenNoDisponible(MONGO, "se cayó")
    pagina, faltan = dual.list(), "A SQL le pueden faltar los últimos cambios: MongoDB no responde (se cayó)."
    assert (pagina.aviso, pagina.atrasada, dual.resumen().aviso) == (faltan, True, faltan)
    dual.get(base.id)
    dual.contar()
    for que in (f"get {base.id}", "contar"):
        assert f"⚠️ Lectura ({que}) que puede no ser lo último: {faltan}" in caplog.text
    mongo.fallar_con = None
    sql.fallos.clear()
    marca = registro.marca_de_atraso(SQL)
    MotorReplicacion({SQL: sql, MONGO: mongo}, ahora_ms=lambda: 1).drenar(MONGO)
    registro.marcar_al_dia(SQL, marca)
    assert dual.list().almacen is SQL
    dual.close()


@pytest.mark.parametrize("seguidos", [1, 2, 3])
def test_lo_propio_que_solo_tiene_uno_se_lee_aunque_se_le_reinicie_la_conexion(seguidos: int) -> None:
    """Or else it is said that the last changes may be missing."""
    sql, mongo = AlmacenEnMemoria(SQL), AlmacenEnMemoria(MONGO)
    dual = DualTareaRepository(
        sql_repository=sql,
        mongo_repository=mongo,
        registro=RegistroSalud(replicada=True),
        reloj=RelojHibrido(nodo=1, ahora_ms=ahora_ms),
    )
    base = dual.save(Tarea(titulo="vieja"))
    mongo.fallos["escribir"] = OperacionFallida(MONGO, "bloqueada")
    dual.save(replace(base, titulo="nueva"))
    reinicios = [AlmacenNoDisponible(SQL, "se reinició la conexión")] * seguidos

    def reiniciar(metodo: str) -> None:
        if metodo == "listar" and reinicios:
            raise reinicios.pop()

    sql.antes = reiniciar
    pagina = dual.list()
    dual.close()
    assert [una.titulo for una in pagina] == (["nueva"] if seguidos < 2 else ["vieja"])
    reserva = "A MongoDB le pueden faltar los últimos cambios: SQL no responde (se reinició la conexión)."
    assert pagina.aviso == ("" if seguidos < 2 else reserva)


def test_lo_leido_antes_de_ponerse_al_dia_lleva_la_reserva_de_entonces() -> None:
    sql, mongo = AlmacenEnMemoria(SQL), AlmacenEnMemoria(MONGO)
    registro = RegistroSalud(replicada=True)
    dual = DualTareaRepository(sql_repository=sql, mongo_repository=mongo, registro=registro)
    dual.save(Tarea(titulo="vieja"))
    dual.list()  # the first read looks at what each lacks
    for nombre in (SQL, MONGO):
        registro.marcar_atrasada(nombre)

    def ponerse_al_dia(metodo: str) -> None:
        if metodo == "listar":
            registro.marcar_al_dia(SQL, registro.marca_de_atraso(SQL))

    sql.antes = ponerse_al_dia
    pagina = dual.list()
    assert pagina.aviso.startswith("A SQL le pueden faltar los últimos cambios")
    assert pagina.atrasada
    pagina = dual.list()
    assert (pagina.aviso, pagina.atrasada) == ("", False)
    dual.close()


def test_si_ambos_van_atrasados_se_lee_del_que_recibe_las_escrituras_y_se_dice() -> None:
    sql, mongo = AlmacenEnMemoria(SQL), AlmacenEnMemoria(MONGO)
    registro = RegistroSalud(replicada=True)
    dual = DualTareaRepository(sql_repository=sql, mongo_repository=mongo, registro=registro)
    base = dual.save(Tarea(titulo="vieja"))
    for nombre in (SQL, MONGO):  # each was away for a while, and only MongoDB has been looked through since
        registro.marcar_atrasada(nombre)
    registro.admitir_escrituras(MONGO)
    dual.save(replace(base, titulo="nueva"))
    pagina = dual.list()
    assert [tarea.titulo for tarea in pagina] == ["nueva"]
    assert pagina.aviso == (
        "A MongoDB le pueden faltar los últimos cambios: ambas bases de datos se están poniendo al día."
    )
    dual.close()


def test_lo_que_un_almacen_se_perdio_antes_de_arrancar_no_se_lee_de_el() -> None:
    sql, mongo = AlmacenEnMemoria(SQL), AlmacenEnMemoria(MONGO)
    vieja = replace(sql.save(Tarea(titulo="vieja")), pendiente=False)
    sql.filas[vieja.id] = mongo.filas[vieja.id] = vieja
    mongo.save(replace(vieja, titulo="nueva"))  # by another program, while SQL was away
    registro = RegistroSalud(replicada=True)
    dual = DualTareaRepository(
        sql_repository=sql, mongo_repository=mongo, registro=registro, reloj=reloj_de_prueba()
    )
    leida = dual.get(vieja.id)
    assert leida is not None
    assert leida.titulo == "nueva"
    motor = MotorReplicacion({SQL: sql, MONGO: mongo}, ahora_ms=ahora_ms)
    Replicador(motor, registro, publicar=lambda _evento: None).sincronizar()
    assert dual.list().almacen is SQL
    assert sql.filas[vieja.id].titulo == "nueva"
    dual.close()


def test_lo_que_escribe_otro_programa_en_un_solo_almacen_se_nota_en_la_pasada() -> None:
    sql, mongo = AlmacenEnMemoria(SQL), AlmacenEnMemoria(MONGO)
    registro, vistas = RegistroSalud(replicada=True), list[bool]()
    mongo.save(Tarea(titulo="de otro programa"))
    sql.antes = lambda metodo: vistas.append(registro.atrasada(SQL)) if metodo == "escribir_lote" else None
    motor = MotorReplicacion({SQL: sql, MONGO: mongo}, ahora_ms=ahora_ms)
    Replicador(motor, registro, publicar=lambda _evento: None).sincronizar()
    assert vistas == [True]
    assert not registro.atrasada(SQL)


def test_una_version_imposible_se_dice_con_una_frase(banco: Banco) -> None:
    base = replace(banco.dual.save(Tarea(titulo="uno")), version=(1 << 63) - 1)
    with pytest.raises(VersionAgotada, match="se cambió a mano"):
        banco.dual.save(replace(base, titulo="dos"))


def test_la_misma_version_con_otro_contenido_en_un_solo_almacen_no_pasa_por_confirmada(banco: Banco) -> None:
    base = banco.dual.save(Tarea(titulo="base"))
    banco.hasta(lambda: not banco.mongo.filas[base.id].pendiente)
    version = base.version + (1 << 30)
    de_a = replace(base, titulo="de A", version=version, version_comun=base.version, pendiente=True)
    banco.mongo.filas[base.id] = de_a  # by an installation with our node number, which sees MongoDB alone
    guardada = banco.dual.save(replace(base, titulo="de B"), version=version)
    assert guardada.pendiente
    assert not banco.resultados[-1].mongo.confirmada
    assert banco.mongo.filas[base.id] == de_a
    assert banco.sql.filas[base.id].pendiente


def test_quien_lee_a_la_vez_que_el_primero_espera_a_saber_quien_va_atrasado() -> None:
    sql, mongo = AlmacenEnMemoria(SQL), AlmacenEnMemoria(MONGO)
    vieja = replace(sql.save(Tarea(titulo="vieja")), pendiente=False)
    sql.filas[vieja.id] = mongo.filas[vieja.id] = vieja
    mongo.save(replace(vieja, titulo="nueva"))
    mirando, seguir = threading.Event(), threading.Event()

    def antes(metodo: str) -> None:
        if metodo == "pendientes":
            mirando.set()
            seguir.wait(PLAZO_S)

    mongo.antes = antes
    dual = DualTareaRepository(
        sql_repository=sql,
        mongo_repository=mongo,
        registro=RegistroSalud(replicada=True),
        reloj=reloj_de_prueba(),
    )
    with ThreadPoolExecutor(2) as ejecutor:
        primera = ejecutor.submit(dual.get, vieja.id)
        assert mirando.wait(PLAZO_S)
        segunda = ejecutor.submit(dual.get, vieja.id)
        with contextlib.suppress(TimeoutError):
            segunda.result(0.1)  # time enough to read the old value, if it did not wait
        seguir.set()
        leidas = [lectura.result(PLAZO_S) for lectura in (primera, segunda)]
    assert [leida.titulo for leida in leidas if leida is not None] == ["nueva", "nueva"]
    dual.close()


def test_dos_instalaciones_con_el_mismo_numero_no_se_pisan_en_silencio(banco: Banco) -> None:
    base = banco.dual.save(Tarea(titulo="base"))
    a = banco.dual.save(replace(base, titulo="de A"))
    with pytest.raises(ConflictoDeVersion):
        banco.dual.save(replace(base, titulo="de B"), version=a.version)
    assert {almacen.filas[base.id].titulo for almacen in (banco.sql, banco.mongo)} == {"de A"}


def test_una_marca_puesta_durante_la_pasada_no_se_borra_con_ella() -> None:
    registro = RegistroSalud(replicada=True)
    registro.marcar_atrasada(SQL)
    marca = registro.marca_de_atraso(SQL)
    registro.observar(SQL, Fallo("se cayó durante la pasada", agotado=True))
    registro.marcar_al_dia(SQL, marca)
    assert registro.atrasada(SQL)


def test_el_principal_es_un_ajuste() -> None:
    sql, mongo = AlmacenEnMemoria(SQL), AlmacenEnMemoria(MONGO)
    dual = DualTareaRepository(
        sql_repository=sql, mongo_repository=mongo, principal=MONGO, reloj=reloj_de_prueba()
    )
    assert dual.list().almacen is MONGO
    assert dual.list().aviso == ""
    dual.close()


def test_la_pagina_siguiente_de_un_almacen_que_cayo_pide_empezar_de_nuevo(banco: Banco) -> None:
    for numero in range(3):
        banco.dual.save(Tarea(titulo=str(numero)))
    primera = banco.dual.list(Consulta(limite=2))
    assert primera.siguiente is not None
    banco.caer(banco.sql)
    with pytest.raises(CursorCaducado):
        banco.dual.list(Consulta(limite=2, tras=primera.siguiente))


@pytest.mark.parametrize("antes", [True, False], ids=["se_pone_al_dia", "se_atrasa"])
def test_la_pagina_siguiente_dice_lo_que_le_falta_aunque_cambie_mientras_se_lee(antes: bool) -> None:
    """Its rows are of some moment in between: the notice of either end has to be said."""
    sql, mongo = AlmacenEnMemoria(SQL), AlmacenEnMemoria(MONGO)
    registro = RegistroSalud(replicada=True)
    registro.por_mirar = False
    dual = DualTareaRepository(
        sql_repository=sql, mongo_repository=mongo, registro=registro, reloj=reloj_de_prueba()
    )
    for numero in range(3):
        dual.save(Tarea(titulo=str(numero)))
    primera = dual.list(Consulta(limite=2))
    if antes:
        registro.marcar_atrasada(SQL)

    def cambiar(metodo: str) -> None:
        if antes:
            registro.marcar_al_dia(SQL, registro.marca_de_atraso(SQL))
        else:
            registro.observar(MONGO, Fallo("se cayó", agotado=True))
            registro.marcar_atrasada(SQL)

    registro.observar(MONGO, Fallo("se cayó", agotado=True))
    sql.antes = cambiar
    segunda = dual.list(Consulta(limite=2, tras=primera.siguiente))
    dual.close()
    assert segunda.aviso.startswith("A SQL le pueden faltar los últimos cambios")
    assert segunda.atrasada


def test_un_no_a_la_pagina_siguiente_se_dice_y_no_hace_empezar_de_nuevo(banco: Banco) -> None:
    """The same page would be refused again: beginning anew would go on for ever."""
    for numero in range(3):
        banco.dual.save(Tarea(titulo=str(numero)))
    primera = banco.dual.list(Consulta(limite=2))
    banco.sql.fallos["listar"] = OperacionFallida(SQL, "SQL canceló la consulta.")
    with pytest.raises(OperacionFallida):
        banco.dual.list(Consulta(limite=2, tras=primera.siguiente))


# -- batches ----------------------------------------------------------------------------------------


def test_un_lote_cuesta_un_ping_y_una_escritura_por_almacen(banco: Banco) -> None:
    resultados = banco.dual.importar_lote([Tarea(titulo=str(numero)) for numero in range(500)])
    assert {uno.suerte for uno in resultados} == {SuerteFila.NUEVA}
    for almacen in (banco.sql, banco.mongo):
        assert almacen.llamadas.count("ping") == 1
        assert almacen.llamadas.count("escribir_lote") == 1
        assert len(almacen.filas) == 500


def test_un_lote_interrumpido_entre_los_almacenes_se_repite_sin_duplicar_nada(banco: Banco) -> None:
    tareas = [Tarea(titulo=str(numero)) for numero in range(10)]
    banco.mongo.fallos["escribir_lote"] = ResultadoDesconocido(MONGO, "se cortó")
    banco.dual.importar_lote(tareas)
    assert not banco.mongo.filas
    banco.mongo.fallos.clear()
    resultados = banco.dual.importar_lote(tareas)
    assert {uno.suerte for uno in resultados} == {SuerteFila.IGUAL}
    banco.hasta(lambda: not any(fila.pendiente for fila in banco.mongo.filas.values()))
    assert banco.mongo.filas == banco.sql.filas
    assert len(banco.sql.filas) == 10


def test_un_lote_no_pisa_lo_que_hay_ni_revive_lo_eliminado(banco: Banco) -> None:
    hay, borrada, nueva = (Tarea(titulo=titulo) for titulo in ("hay", "borrada", "nueva"))
    banco.dual.save(hay)
    banco.dual.eliminar(borrada.id, base=banco.dual.save(borrada))
    resultados = banco.dual.importar_lote([replace(hay, titulo="otra"), borrada, nueva, nueva])
    assert [uno.suerte for uno in resultados] == [
        SuerteFila.DISTINTA,
        SuerteFila.ELIMINADA,
        SuerteFila.NUEVA,
        SuerteFila.IGUAL,
    ]
    assert banco.sql.filas[hay.id].titulo == "hay"
    assert banco.mongo.filas[borrada.id].eliminada


def test_lo_eliminado_que_no_se_pudo_mirar_no_vuelve_con_una_importacion(banco: Banco) -> None:
    borrada = Tarea(titulo="borrada")
    banco.caer(banco.sql)
    lapida = banco.dual.eliminar(borrada.id, base=banco.dual.save(borrada))
    banco.sql.fallar_con = None
    banco.hasta(lambda: not banco.dual.registro.conocida_caida(SQL))
    banco.mongo.fallos["leer_lote"] = OperacionFallida(MONGO, "no pudo mirar")
    with pytest.raises(OperacionFallida):
        banco.dual.importar_lote([borrada])
    assert borrada.id not in banco.sql.filas
    assert banco.mongo.filas[borrada.id].version == lapida.version


def test_lo_importado_pierde_ante_lo_que_tenia_un_almacen_que_estaba_fuera(banco: Banco) -> None:
    borrada = Tarea(titulo="borrada")
    banco.caer(banco.sql)
    lapida = banco.dual.eliminar(borrada.id, base=banco.dual.save(borrada))
    banco.caer(banco.mongo)
    banco.sql.fallar_con = None
    banco.hasta(lambda: not banco.dual.registro.conocida_caida(SQL))
    with contextlib.suppress(NingunAlmacenDisponible):
        banco.dual.get(borrada.id)
    (resultado,) = banco.dual.importar_lote([borrada])
    assert resultado.suerte is SuerteFila.NUEVA  # as far as anybody could see
    banco.mongo.fallar_con = None
    motor = MotorReplicacion({SQL: banco.sql, MONGO: banco.mongo}, ahora_ms=lambda: 1)
    for origen in (SQL, MONGO):
        motor.drenar(origen)
    assert banco.sql.filas[borrada.id].eliminada
    assert banco.sql.filas[borrada.id].version == lapida.version


def test_dos_que_importan_el_mismo_archivo_hacen_la_misma_escritura() -> None:
    sql, mongo = AlmacenEnMemoria(SQL), AlmacenEnMemoria(MONGO)
    tarea = Tarea(titulo="de un archivo")
    for nodo, almacen in enumerate((sql, mongo), start=1):
        almacen.importar_lote([tarea])
        assert almacen.filas[tarea.id].version < RelojHibrido(nodo=nodo, ahora_ms=lambda: 10**12).siguiente()
    assert sql.filas[tarea.id].version == mongo.filas[tarea.id].version > 1


def test_cerrar_confirma_lo_que_queda_en_la_cola(banco: Banco) -> None:
    tareas = [banco.dual.save(Tarea(titulo=str(numero))) for numero in range(20)]
    banco.dual.close()
    assert not any(
        almacen.filas[tarea.id].pendiente for tarea in tareas for almacen in (banco.sql, banco.mongo)
    )


def test_carriles_sobre_un_executor_comparten_ese_executor() -> None:
    with ThreadPoolExecutor(1) as ejecutor:
        carriles = Carriles.sobre(ejecutor)
        assert {id(uno) for uno in (*carriles.ping.values(), *carriles.operacion.values())} == {id(ejecutor)}


def test_escritores_simultaneos_de_una_tarea_acaban_iguales_en_ambos(banco: Banco) -> None:
    base = banco.dual.save(Tarea(titulo="base"))
    aceptadas: list[Tarea] = []

    def escribir(numero: int) -> None:
        try:
            aceptadas.append(banco.dual.save(replace(base, titulo=f"de {numero}")))
        except ConflictoDeVersion:
            return

    with ThreadPoolExecutor(8) as ejecutor:
        list(ejecutor.map(escribir, range(16)))
    assert len(aceptadas) == 1  # both halves of a write are queued together, so one writer wins in both
    assert banco.sql.filas[base.id].version == banco.mongo.filas[base.id].version == aceptadas[0].version


@pytest.mark.parametrize("nombre", NombreAlmacen)
def test_una_base_congelada_al_mirar_antes_de_escribir_no_se_espera_dos_veces(nombre: NombreAlmacen) -> None:
    """A base that is not known to be common costs a look at both; a frozen store must cost one deadline."""
    sql, mongo = AlmacenEnMemoria(SQL), AlmacenEnMemoria(MONGO)
    dual = DualTareaRepository(
        sql_repository=sql,
        mongo_repository=mongo,
        registro=RegistroSalud(replicada=True),
        reloj=reloj_de_prueba(),
        operacion_timeout_s=0.1,
    )
    with contextlib.closing(dual):
        fila = replace(dual.save(Tarea(titulo="una")), version_comun=0, pendiente=True)
        congelada = sql if nombre is SQL else mongo
        nunca = threading.Event()
        congelada.antes = lambda _metodo: nunca.wait(0.1) and None
        congelada.fallar_con = AlmacenNoDisponible(nombre, "no respondió a tiempo")
        congelada.llamadas.clear()
        dual.save(replace(fila, titulo="otra"))
        assert "leer" in congelada.llamadas
        assert "ping" not in congelada.llamadas
