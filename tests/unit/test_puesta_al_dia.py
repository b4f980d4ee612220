"""A store that returns while many people write: what it is told, what is read meanwhile, and that it ends."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

import pytest

from adapters.dual import DualTareaRepository
from adapters.health.compuerta import Compuerta
from adapters.health.registro import RegistroSalud
from adapters.nodo import ahora_ms
from adapters.replicacion.motor import MotorReplicacion
from adapters.replicacion.replicador import Replicador
from core.domain.errors import (
    AlmacenNoDisponible,
    ConflictoDeVersion,
    EscrituraIncierta,
    EscrituraRechazada,
    EsquemaSinAdoptar,
    NingunAlmacenDisponible,
    OperacionFallida,
    ResultadoDesconocido,
)
from core.domain.events import EscrituraTerminada, Evento, SaludObservada
from core.domain.models.almacen import Desenlace, Escritura, NombreAlmacen, Pong, ResultadoEscritura
from core.domain.models.tarea import Tarea
from core.domain.models.version import RelojHibrido
from core.health import EstadoSalud, Fallo, PingRespondido
from tests.contract.datos import fila
from tests.fakes import AlmacenEnMemoria
from tests.servidores import esperar

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO
PLAZO_S = 60.0
"""Longest that anything may take under nine threads on a machine that is busy with more, seconds."""


@dataclass
class Mundo:
    """Both stores in memory, the dual repository, and an engine that runs when it is told to."""

    sql: AlmacenEnMemoria = field(default_factory=lambda: AlmacenEnMemoria(SQL))
    mongo: AlmacenEnMemoria = field(default_factory=lambda: AlmacenEnMemoria(MONGO))
    eventos: list[Evento] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.oyentes: list[Callable[[Evento], None]] = [self.eventos.append]
        self.registro = RegistroSalud(replicada=True, publicar=self.publicar)
        self.dual = DualTareaRepository(
            sql_repository=self.sql,
            mongo_repository=self.mongo,
            registro=self.registro,
            reloj=RelojHibrido(nodo=1, ahora_ms=ahora_ms),
            publicar=self.publicar,
        )
        motor = MotorReplicacion(
            {SQL: self.sql, MONGO: self.mongo}, ahora_ms=ahora_ms, compuerta=self.registro.compuerta
        )
        self.replicador = Replicador(motor, self.registro, publicar=self.publicar, intervalo_s=0.2)
        self.oyentes.append(self.replicador.oir)

    def publicar(self, evento: Evento) -> None:
        for oyente in self.oyentes:
            oyente(evento)

    def responder(self) -> None:
        for nombre in NombreAlmacen:
            self.registro.observar(nombre, PingRespondido(Pong(latencia_ms=1)))

    def atrasar(self, almacen: AlmacenEnMemoria) -> None:
        """It was down, and answers again."""
        self.registro.observar(almacen.nombre, Fallo("caída", agotado=True))
        self.responder()
        self.responder()

    @property
    def ultima(self) -> ResultadoEscritura:
        return next(uno.resultado for uno in reversed(self.eventos) if isinstance(uno, EscrituraTerminada))

    def close(self) -> None:
        self.replicador.close(5)
        self.dual.close()


@pytest.fixture
def mundo() -> Iterator[Mundo]:
    mundo = Mundo()
    mundo.responder()
    yield mundo
    mundo.close()


# -- what is read ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("falla", [AlmacenNoDisponible, ResultadoDesconocido])
def test_tras_leer_del_otro_no_se_vuelve_a_leer_del_que_no_contesto_hasta_una_pasada(
    mundo: Mundo, falla: type[AlmacenNoDisponible] | type[ResultadoDesconocido]
) -> None:
    vieja = mundo.dual.save(Tarea(titulo="vieja"))
    mundo.replicador.sincronizar()
    nueva = mundo.mongo.save(replace(vieja, titulo="nueva"))  # by somebody who does not reach SQL

    def leida() -> tuple[Tarea | None, NombreAlmacen, bool]:
        pagina = mundo.dual.list()
        return mundo.dual.get(vieja.id), pagina.almacen, bool(pagina.aviso)

    assert leida() == (mundo.sql.filas[vieja.id], SQL, False)
    mundo.sql.fallos["leer"] = falla(SQL, "la conexión se cortó")
    assert mundo.dual.get(vieja.id) == nueva
    del mundo.sql.fallos["leer"]
    assert leida() == (nueva, MONGO, True)
    mundo.replicador.sincronizar()
    assert leida() == (mundo.sql.filas[vieja.id], SQL, False)
    assert mundo.sql.filas[vieja.id].titulo == "nueva"


@pytest.mark.parametrize("falla", [True, False])
def test_si_el_que_contesto_no_tiene_nada_que_falte_se_vuelve_al_principal(mundo: Mundo, falla: bool) -> None:
    """It is the one that lacks something: to stay with it would be to go back in time for good."""
    vieja = mundo.dual.save(Tarea(titulo="vieja"))
    mundo.replicador.sincronizar()
    nueva = mundo.sql.save(replace(vieja, titulo="nueva"))  # by somebody who does not reach MongoDB
    mundo.sql.fallos["leer"] = AlmacenNoDisponible(SQL, "la conexión se cortó")
    if falla:
        mundo.mongo.fallos["pendientes"] = AlmacenNoDisponible(MONGO, "también")
    leida = mundo.dual.get(vieja.id)
    assert leida is not None
    assert leida.titulo == "vieja"
    del mundo.sql.fallos["leer"]
    assert mundo.registro.atrasada(SQL) is falla  # where it cannot be known it is taken to be so
    assert mundo.dual.get(vieja.id) == (mundo.mongo.filas[vieja.id] if falla else nueva)


def test_un_no_del_principal_no_lo_pone_en_duda(mundo: Mundo) -> None:
    """It would say so again: whoever reads is told, and no pass of replication would change anything."""
    vieja = mundo.dual.save(Tarea(titulo="vieja"))
    mundo.mongo.save(replace(vieja, titulo="nueva"))
    mundo.sql.fallos["leer"] = OperacionFallida(SQL, "falta una columna")
    assert mundo.dual.get(vieja.id) is not None
    assert not mundo.registro.atrasada(SQL)


def test_si_las_dos_esperan_a_ser_adoptadas_eso_es_lo_que_se_dice(mundo: Mundo) -> None:
    for almacen in (mundo.sql, mundo.mongo):
        almacen.fallos["listar"] = EsquemaSinAdoptar(almacen.nombre, "Ya existe «tareas».")
    with pytest.raises(EsquemaSinAdoptar) as error:
        mundo.dual.list()
    assert error.value.almacen is SQL
    del mundo.mongo.fallos["listar"]
    assert mundo.dual.list().almacen is MONGO


# -- the state ------------------------------------------------------------------------------------------


def test_un_almacen_que_vuelve_se_pone_al_dia_hasta_que_pasa_el_motor(mundo: Mundo) -> None:
    mundo.atrasar(mundo.sql)
    assert mundo.registro.estado(SQL) is EstadoSalud.PONIENDOSE_AL_DIA
    mundo.replicador.sincronizar()
    assert mundo.registro.estado(SQL) is EstadoSalud.OK


def test_el_cambio_de_la_marca_se_publica_con_su_fecha(mundo: Mundo) -> None:
    mundo.eventos.clear()
    mundo.registro.marcar_atrasada(SQL)
    mundo.registro.marcar_atrasada(SQL)
    mundo.replicador.sincronizar()
    cambios = [uno for uno in mundo.eventos if isinstance(uno, SaludObservada)]
    assert [(uno.antes.atrasada, uno.ahora.atrasada) for uno in cambios] == [(False, True), (True, False)]
    assert cambios[0].antes.desde_s < cambios[0].ahora.desde_s < cambios[1].ahora.desde_s


def test_una_caida_se_ve_como_caida_aunque_vaya_atrasada(mundo: Mundo) -> None:
    mundo.registro.observar(SQL, Fallo("caída", agotado=True))
    assert mundo.registro.atrasada(SQL)
    assert mundo.registro.estado(SQL) is EstadoSalud.CAIDA


def test_solo_lectura_pesa_mas_que_ir_atrasada(mundo: Mundo) -> None:
    mundo.registro.marcar_atrasada(SQL)
    mundo.registro.observar(SQL, PingRespondido(Pong(latencia_ms=1, solo_lectura=True)))
    assert mundo.registro.estado(SQL) is EstadoSalud.SOLO_LECTURA


def test_una_escritura_que_va_de_camino_no_atrasa_a_nadie(mundo: Mundo) -> None:
    mundo.mongo.save(Tarea(titulo="recién escrita por otro programa"))
    mundo.mongo.filas = {  # as young as a write on its way is
        id: replace(fila, version=RelojHibrido(nodo=2, ahora_ms=ahora_ms).siguiente())
        for id, fila in mundo.mongo.filas.items()
    }
    mundo.eventos.clear()
    mundo.replicador.sincronizar()
    assert not any(isinstance(uno, SaludObservada) for uno in mundo.eventos)


def test_quien_tiene_algo_mas_nuevo_no_va_atrasado(mundo: Mundo) -> None:
    """SQL died with a write that nobody had confirmed; MongoDB went on with that tarea."""
    base = mundo.sql.save(Tarea(titulo="base"))  # long ago, by the clock of the fakes
    mundo.mongo.filas[base.id] = base
    nueva = mundo.mongo.save(replace(base, titulo="nueva"))
    mundo.eventos.clear()
    mundo.replicador.sincronizar()
    assert mundo.sql.filas[base.id].version == nueva.version
    atrasados = {uno.ahora.almacen for uno in mundo.eventos if isinstance(uno, SaludObservada)}
    assert MONGO not in atrasados


# -- writes ---------------------------------------------------------------------------------------------


def test_lo_que_va_atrasado_no_recibe_escrituras_y_se_dice_sin_alarma(
    mundo: Mundo, caplog: pytest.LogCaptureFixture
) -> None:
    mundo.atrasar(mundo.sql)
    caplog.clear()
    with caplog.at_level(logging.INFO, logger="adapters.dual"):
        tarea = mundo.dual.save(Tarea(titulo="nueva"))
    assert tarea.id not in mundo.sql.filas
    assert mundo.ultima.sql.desenlace is Desenlace.APLAZADA
    assert mundo.ultima.mongo.confirmada
    assert tarea.pendiente
    assert any("SQL se está poniendo al día" in uno.getMessage() for uno in caplog.records)
    assert [uno.getMessage() for uno in caplog.records if uno.levelno >= logging.WARNING] == []


def test_si_solo_queda_el_atrasado_se_escribe_en_el(mundo: Mundo) -> None:
    mundo.atrasar(mundo.sql)
    mundo.mongo.fallar_con = AlmacenNoDisponible(MONGO, "se cayó")
    tarea = mundo.dual.save(Tarea(titulo="nueva"))
    assert tarea.id in mundo.sql.filas


@pytest.mark.parametrize(
    "error", [AlmacenNoDisponible(MONGO, "se cayó"), ResultadoDesconocido(MONGO, "no contestó")]
)
def test_si_el_otro_falla_al_escribir_la_toma_el_atrasado(mundo: Mundo, error: Exception) -> None:
    mundo.atrasar(mundo.sql)
    mundo.mongo.fallos["escribir"] = error
    tarea = mundo.dual.save(Tarea(titulo="nueva"))
    assert tarea.id in mundo.sql.filas
    assert mundo.ultima.sql.confirmada


def test_un_conflicto_en_el_que_va_al_dia_no_se_escribe_en_el_atrasado(mundo: Mundo) -> None:
    base = mundo.dual.save(Tarea(titulo="base"))
    mundo.dual.save(replace(base, titulo="de otra persona"))
    mundo.atrasar(mundo.sql)
    with pytest.raises(ConflictoDeVersion):
        mundo.dual.save(replace(base, titulo="mía"))
    assert mundo.sql.filas[base.id].titulo == "de otra persona"


def test_con_los_dos_atrasados_se_escribe_en_los_dos(mundo: Mundo) -> None:
    mundo.atrasar(mundo.sql)
    mundo.atrasar(mundo.mongo)
    mundo.dual.save(Tarea(titulo="nueva"))
    assert mundo.ultima.en_ambos


@pytest.mark.errores_esperados("no confirmado", "Ninguna base de datos")
@pytest.mark.parametrize(
    ("errores", "clase", "dice"),
    [
        ((AlmacenNoDisponible, AlmacenNoDisponible), NingunAlmacenDisponible, "ni enviado nada"),
        ((OperacionFallida, OperacionFallida), EscrituraRechazada, "No se ha guardado en ninguna"),
        ((AlmacenNoDisponible, OperacionFallida), EscrituraRechazada, "No se ha guardado en ninguna"),
        ((ResultadoDesconocido, AlmacenNoDisponible), EscrituraIncierta, "se envió y no llegó la respuesta"),
        ((OperacionFallida, ResultadoDesconocido), EscrituraIncierta, "se envió y no llegó la respuesta"),
    ],
)
def test_si_fallan_ambas_se_dice_si_algo_pudo_aplicarse(
    mundo: Mundo, errores: tuple[type[Exception], type[Exception]], clase: type[Exception], dice: str
) -> None:
    mundo.sql.fallos["escribir"] = errores[0](SQL, "motivo")
    mundo.mongo.fallos["escribir"] = errores[1](MONGO, "motivo")
    with pytest.raises(clase, match=dice):
        mundo.dual.save(Tarea(titulo="nueva"))


# -- the change back, under load --------------------------------------------------------------------------


@dataclass
class Trabajo:
    """Writers and readers of hot tareas who go on until they are told to stop."""

    mundo: Mundo
    ids: list[UUID] = field(default_factory=lambda: [uuid4() for _ in range(12)])
    reconocida: dict[UUID, int] = field(default_factory=dict)
    hacia_atras: list[str] = field(default_factory=list)
    escrituras: int = 0
    fin: threading.Event = field(default_factory=threading.Event)

    def escribir(self, ids: list[UUID]) -> None:
        azar = random.Random(str(ids))
        filas = {id: Tarea(id=id, titulo="caliente") for id in ids}
        while not self.fin.is_set():
            id = azar.choice(ids)
            filas[id] = self.mundo.dual.save(filas[id])
            self.reconocida[id] = filas[id].version
            self.escrituras += 1

    def leer(self, semilla: int) -> None:
        azar, vistas = random.Random(semilla), dict[UUID, int]()
        while not self.fin.is_set():
            id = azar.choice(self.ids)
            al_menos = max(self.reconocida.get(id, 0), vistas.get(id, 0))
            tarea = self.mundo.dual.get(id)
            version = tarea.version if tarea is not None else 0
            if version < al_menos:
                self.hacia_atras.append(f"{id}: {version} < {al_menos}")
            vistas[id] = max(version, vistas.get(id, 0))


def _tardar(almacen: AlmacenEnMemoria, semilla: int) -> None:
    """Each write takes a moment of its own, so that the two halves of one never end together."""
    azar, tic = random.Random(semilla), threading.Event()
    almacen.antes = lambda metodo: tic.wait(azar.random() * 0.004) if metodo == "escribir" else None


def test_con_muchos_escribiendo_acaba_y_ninguna_lectura_va_hacia_atras(mundo: Mundo) -> None:
    for numero in range(2_000):
        mundo.mongo.save(Tarea(titulo=f"atrasada {numero}"))
    mundo.atrasar(mundo.sql)
    trabajo = Trabajo(mundo)
    _tardar(mundo.sql, 1)
    _tardar(mundo.mongo, 2)
    with ThreadPoolExecutor(9) as ejecutor:
        hechos = [ejecutor.submit(trabajo.escribir, trabajo.ids[n::6]) for n in range(6)]
        hechos += [ejecutor.submit(trabajo.leer, n) for n in range(3)]
        try:
            esperar(lambda: trabajo.escrituras > 20, plazo_s=PLAZO_S, que="hay quien escribe")
            mundo.replicador.start()
            esperar(lambda: not mundo.registro.atrasada(SQL), plazo_s=PLAZO_S, que="SQL al día bajo carga")
            antes = trabajo.escrituras
            esperar(lambda: trabajo.escrituras > antes + 50, plazo_s=PLAZO_S, que="se escribe en ambas")
        finally:
            trabajo.fin.set()
        for hecho in hechos:
            hecho.result(PLAZO_S)
    assert trabajo.hacia_atras == []
    assert mundo.ultima.en_ambos
    mundo.replicador.sincronizar()
    assert mundo.sql.filas.keys() == mundo.mongo.filas.keys()
    assert {f.version for f in mundo.sql.filas.values()} == {f.version for f in mundo.mongo.filas.values()}


def test_tras_la_primera_pasada_entera_vuelven_las_escrituras_y_las_lecturas_aun_no(mundo: Mundo) -> None:
    mundo.atrasar(mundo.sql)
    mundo.mongo.save(Tarea(titulo="lo que le falta"))
    vistas: list[tuple[bool, bool]] = []

    def a_mitad(metodo: str) -> None:
        if metodo == "escribir_lote":  # somebody writes during the pass
            vistas.append((mundo.registro.aplaza(SQL), mundo.registro.atrasada(SQL)))
            if len(vistas) == 1:
                mundo.dual.save(Tarea(titulo="a mitad"))

    mundo.sql.antes = a_mitad
    mundo.replicador.sincronizar()
    assert vistas == [(True, True), (False, True)]
    assert not mundo.registro.atrasada(SQL)


def test_una_nueva_caida_vuelve_a_aplazar(mundo: Mundo) -> None:
    mundo.atrasar(mundo.sql)
    mundo.registro.admitir_escrituras(SQL)
    assert not mundo.registro.aplaza(SQL)
    mundo.atrasar(mundo.sql)
    assert mundo.registro.aplaza(SQL)


def test_con_una_escritura_en_el_aire_no_se_da_por_puesta_al_dia(
    mundo: Mundo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.health.compuerta.CALMA_MIN_S", 0.01)
    monkeypatch.setattr("adapters.replicacion.replicador._VUELTAS_MAX", 2)
    mundo.atrasar(mundo.sql)
    with mundo.registro.compuerta.escritura():
        mundo.replicador.sincronizar()
        assert mundo.registro.atrasada(SQL)
        assert not mundo.registro.aplaza(SQL)
    mundo.replicador.sincronizar()
    assert not mundo.registro.atrasada(SQL)


# -- the gate ---------------------------------------------------------------------------------------------


def test_la_compuerta_espera_a_quien_esta_dentro_y_retiene_a_quien_llega() -> None:
    compuerta, dentro, salir, llego = Compuerta(), threading.Event(), threading.Event(), threading.Event()

    def escribir() -> None:
        with compuerta.escritura():
            dentro.set()
            salir.wait(5)

    def llegar() -> None:
        with compuerta.escritura():
            llego.set()

    with ThreadPoolExecutor(2) as ejecutor:
        ejecutor.submit(escribir)
        dentro.wait(5)
        with compuerta.en_calma(0.02) as en_calma:
            assert not en_calma
        salir.set()
        with compuerta.en_calma(5) as en_calma:
            assert en_calma
            ejecutor.submit(llegar)
            assert not llego.wait(0.05)
        assert llego.wait(5)
    assert compuerta.pasadas == 2
    assert compuerta.en_vuelo == 0


def test_la_compuerta_se_abre_aunque_falle_lo_de_dentro() -> None:
    compuerta = Compuerta()
    with pytest.raises(ValueError, match="dentro"), compuerta.en_calma(1):
        raise ValueError("dentro")
    with compuerta.escritura():
        assert compuerta.en_vuelo == 1


def test_la_calma_se_espera_segun_lo_que_tardan_ultimamente_las_escrituras() -> None:
    ahora_s = [0.0]
    compuerta = Compuerta(ahora_s=lambda: ahora_s[0])

    def escribir(duracion_s: float) -> float:
        with compuerta.escritura():
            ahora_s[0] += duracion_s
        return compuerta.calma_s

    assert compuerta.calma_s == 0.25
    assert [escribir(duracion_s) for duracion_s in (0.002, 0.8, 0.3, 9.0)] == [0.25, 1.0, 1.0, 2.0]
    assert [escribir(0.01) for _ in range(16)][-1] == 0.25


def test_con_escrituras_lentas_sin_parar_el_que_vuelve_acaba_al_dia() -> None:
    """Each takes longer than those of a near server are waited for, and there is always one in the air."""
    mundo, parar = Mundo(), threading.Event()

    def escribir_sin_parar() -> None:
        while not parar.is_set():
            with mundo.registro.compuerta.escritura():
                parar.wait(0.4)

    hilos = [threading.Thread(target=escribir_sin_parar, daemon=True) for _ in range(3)]
    mundo.registro.marcar_atrasada(MONGO)
    try:
        for hilo in hilos:
            hilo.start()
        esperar(lambda: mundo.registro.compuerta.calma_s > 0.25, que="una escritura, acabada")
        mundo.replicador.sincronizar()
        assert not mundo.registro.atrasada(MONGO)
    finally:
        parar.set()
        for hilo in hilos:
            hilo.join(5)


def test_lo_copiado_y_aun_sin_confirmar_no_atrasa_a_quien_lo_tenia(mundo: Mundo) -> None:
    """MongoDB was down when the program began, so nobody knew what it had of SQL: that is asked first."""
    for numero in range(3):
        mundo.sql.escribir(Escritura(fila(str(numero), version=numero + 1)))
    mundo.atrasar(mundo.mongo)
    mundo.registro.marcar_dudosa(SQL)
    dudas: list[bool] = []
    confirmar = mundo.mongo.confirmar

    def mirar(pares: Sequence[tuple[UUID, int]]) -> None:
        dudas.append(mundo.registro.atrasada(SQL))
        confirmar(pares)

    mundo.mongo.confirmar = mirar  # type: ignore[method-assign]
    mundo.replicador.sincronizar()
    assert dudas == [False]
    assert not mundo.registro.atrasada(MONGO)


def test_quien_espera_en_vano_la_calma_no_abre_la_de_otro() -> None:
    compuerta, escribio = Compuerta(), threading.Event()

    def escribir() -> None:
        with compuerta.escritura():
            escribio.set()

    with ThreadPoolExecutor(1) as ejecutor:
        with compuerta.en_calma(1) as mia:
            assert mia
            with compuerta.en_calma(0.02) as otra:
                assert not otra
            ejecutor.submit(escribir)
            assert not escribio.wait(0.05)
        assert escribio.wait(5)


def test_la_duda_no_abre_las_escrituras_a_quien_le_falto_algo() -> None:
    registro = RegistroSalud(replicada=True)
    registro.marcar_dudosa(SQL)
    assert registro.atrasada(SQL)
    assert not registro.aplaza(SQL)
    registro.marcar_atrasada(MONGO)
    registro.marcar_dudosa(MONGO)
    assert registro.aplaza(MONGO)
