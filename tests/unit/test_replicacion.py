"""The replication engine over stores in memory: what it copies, keeps, marks and leaves alone."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from adapters.dual import DualTareaRepository
from adapters.health.registro import RegistroSalud
from adapters.replicacion.motor import Control, MotorReplicacion
from adapters.replicacion.replicador import Replicador
from core.conflictos import desempatada, son_concurrentes
from core.domain.errors import AlmacenNoDisponible, ConflictoDeVersion, OperacionFallida
from core.domain.events import Evento, ReplicacionTerminada, SaludObservada
from core.domain.models.almacen import NombreAlmacen, Pong
from core.domain.models.tarea import Tarea
from core.domain.models.version import ADELANTO_MAX_MS, RelojHibrido, componer
from core.health import EstadoSalud, PingRespondido
from tests.fakes import AlmacenEnMemoria, RelojDePrueba

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO
PLAZO_S = 5.0


class Par:
    """Two stores in memory and an engine between them."""

    def __init__(self, *, lote: int = 3) -> None:
        self.ahora_ms = RelojDePrueba(paso_ms=1)
        self.reloj = RelojHibrido(nodo=1, ahora_ms=self.ahora_ms)
        self.sql = AlmacenEnMemoria(SQL, reloj=self.reloj)
        self.mongo = AlmacenEnMemoria(MONGO, reloj=self.reloj)
        self.motor = MotorReplicacion({SQL: self.sql, MONGO: self.mongo}, ahora_ms=self.ahora_ms, lote=lote)

    def iguales_y_sin_pendientes(self) -> bool:
        return self.sql.filas == self.mongo.filas and not any(
            fila.pendiente for fila in self.sql.filas.values()
        )

    def drenar_ambos(self) -> None:
        self.motor.drenar(SQL)
        self.motor.drenar(MONGO)


def test_copia_lo_que_falta_y_lo_confirma_en_ambos() -> None:
    par = Par()
    for numero in range(10):
        par.sql.save(Tarea(titulo=str(numero)))
    informe = par.motor.drenar(SQL)
    assert (informe.miradas, informe.copiadas, informe.confirmadas) == (10, 10, 10)
    assert par.iguales_y_sin_pendientes()


def test_una_segunda_pasada_no_escribe_nada() -> None:
    par = Par()
    par.sql.save(Tarea(titulo="uno"))
    par.drenar_ambos()
    par.sql.llamadas.clear()
    par.mongo.llamadas.clear()
    par.drenar_ambos()
    assert {*par.sql.llamadas, *par.mongo.llamadas} == {"pendientes"}


def test_una_lapida_se_copia_como_cualquier_escritura() -> None:
    par = Par()
    tarea = par.sql.save(Tarea(titulo="uno"))
    par.drenar_ambos()
    par.sql.eliminar(tarea.id)
    par.drenar_ambos()
    assert par.mongo.filas[tarea.id].eliminada
    assert par.iguales_y_sin_pendientes()


def test_una_caida_entre_las_dos_escrituras_se_resuelve_sola() -> None:
    par = Par()
    fila = par.sql.save(Tarea(titulo="uno"))
    par.mongo.filas[fila.id] = fila  # both have it, and nobody lived to confirm it
    informe = par.motor.drenar(MONGO)
    assert (informe.copiadas, informe.confirmadas) == (0, 1)
    assert par.iguales_y_sin_pendientes()


@pytest.mark.parametrize("origen", [SQL, MONGO])
def test_de_dos_valores_concurrentes_gana_el_mas_nuevo_y_se_guarda_el_otro(origen: NombreAlmacen) -> None:
    par = Par()
    base = par.sql.save(Tarea(titulo="base"))
    par.drenar_ambos()
    base = par.sql.filas[base.id]
    par.sql.save(replace(base, titulo="en sql"))
    par.mongo.save(replace(base, titulo="en mongo"))
    par.motor.drenar(origen)
    par.drenar_ambos()
    assert par.iguales_y_sin_pendientes()
    assert par.sql.filas[base.id].titulo == "en mongo"
    # In both: a store that is emptied some day must not take the only copy with it.
    for almacen in (par.sql, par.mongo):
        assert {uno.perdedora.titulo for uno in almacen.conflictos.values()} == {"en sql"}


def test_una_perdedora_que_solo_cabe_donde_se_va_a_pisar_basta() -> None:
    par = Par()
    base = par.sql.save(Tarea(titulo="base"))
    par.drenar_ambos()
    base = par.sql.filas[base.id]
    par.sql.save(replace(base, titulo="en sql"))
    par.mongo.save(replace(base, titulo="en mongo"))
    par.mongo.fallos["guardar_conflicto"] = OperacionFallida(MONGO, "rehusada")
    par.motor.drenar(MONGO)
    assert par.sql.filas[base.id].titulo == "en mongo"
    assert [uno.perdedora.titulo for uno in par.sql.conflictos.values()] == ["en sql"]
    assert par.mongo.conflictos == {}


def test_un_antepasado_que_iba_atrasado_no_es_un_conflicto() -> None:
    par = Par()
    base = par.sql.save(Tarea(titulo="base"))
    par.drenar_ambos()
    segunda = par.sql.save(replace(par.sql.filas[base.id], titulo="dos"))
    par.sql.save(replace(segunda, titulo="tres"))
    par.drenar_ambos()
    assert par.iguales_y_sin_pendientes()
    assert par.sql.conflictos == par.mongo.conflictos == {}


@pytest.mark.parametrize("origen", [SQL, MONGO])
def test_de_dos_contenidos_con_la_misma_version_gana_siempre_el_mismo_y_se_guarda_el_otro(
    origen: NombreAlmacen,
) -> None:
    par, fila = gemelas()
    informe = par.motor.drenar(origen)
    assert (informe.conflictos, informe.apartadas) == (1, {})
    assert par.iguales_y_sin_pendientes()
    assert par.sql.filas[fila.id].titulo == "en sql"
    assert par.sql.filas[fila.id].version > fila.version
    assert [uno.perdedora.titulo for uno in par.mongo.conflictos.values()] == ["en mongo"]
    assert par.sql.conflictos == par.mongo.conflictos


@pytest.mark.parametrize("origen", [SQL, MONGO])
@pytest.mark.parametrize("donde", [SQL, MONGO])
def test_un_desempate_que_muere_a_mitad_no_pierde_nada(origen: NombreAlmacen, donde: NombreAlmacen) -> None:
    par, fila = gemelas()
    fallido = par.sql if donde is SQL else par.mongo
    fallido.fallos["reemplazar"] = AlmacenNoDisponible(donde, "conexión rechazada")
    with pytest.raises(AlmacenNoDisponible):
        par.motor.drenar(origen)
    fallido.fallos.clear()
    par.drenar_ambos()
    assert par.iguales_y_sin_pendientes()
    assert par.sql.filas[fila.id].titulo == "en sql"
    perdedoras = {
        uno.perdedora.titulo for uno in (*par.sql.conflictos.values(), *par.mongo.conflictos.values())
    }
    assert perdedoras == {"en mongo"}


def test_editar_lo_que_se_vio_antes_de_un_desempate_no_pisa_a_nadie() -> None:
    par, fila = gemelas()
    par.drenar_ambos()
    with pytest.raises(ConflictoDeVersion):
        par.mongo.save(replace(fila, titulo="editada sin saberlo"))


@pytest.mark.parametrize("version", [1, componer(1_750_000_000_000, 0, 7)], ids=["adoptada", "de_un_reloj"])
@pytest.mark.parametrize("operacion", ["save", "eliminar"])
def test_editar_una_gemela_antes_de_la_primera_pasada_no_pisa_la_otra(operacion: str, version: int) -> None:
    """Both stores are behind then, so that both get the write at once. Two installations with one node
    number can make the same version of the clock for two contents."""
    par, fila = gemelas(version)
    with closing(DualTareaRepository(sql_repository=par.sql, mongo_repository=par.mongo)) as dual:
        editada = replace(fila, descripcion="editada")
        escribir = partial(dual.save, editada) if operacion == "save" else partial(dual.eliminar, fila.id)
        with pytest.raises(ConflictoDeVersion) as conflicto:
            escribir()
        assert conflicto.value.actual.titulo == "en sql"
        dual.save(replace(conflicto.value.actual, descripcion="editada"))
    par.drenar_ambos()
    assert par.iguales_y_sin_pendientes()
    assert par.sql.filas[fila.id].descripcion == "editada"
    assert [uno.perdedora.titulo for uno in par.mongo.conflictos.values()] == ["en mongo"]


def test_editar_una_fila_adoptada_que_es_igual_en_ambas_no_estorba() -> None:
    par, fila = gemelas()
    par.mongo.filas[fila.id] = fila
    with closing(DualTareaRepository(sql_repository=par.sql, mongo_repository=par.mongo)) as dual:
        dual.save(replace(fila, titulo="editada"))
    assert par.iguales_y_sin_pendientes()
    assert par.sql.filas[fila.id].titulo == "editada"


def test_el_ganador_de_un_desempate_no_pasa_por_comun() -> None:
    confirmada = Tarea(titulo="una", version=7, version_comun=7)
    nueva = desempatada(confirmada, replace(confirmada, titulo="otra"))
    assert (nueva.version, nueva.version_comun, nueva.pendiente) == (8, 6, True)
    assert son_concurrentes(nueva, replace(confirmada, titulo="otra", version_comun=6))


def test_lo_que_pierde_despues_un_desempate_tambien_se_guarda() -> None:
    """The winner's version is its own: the place of the loser in `conflictos` is not taken for it."""
    par, fila = gemelas()
    par.drenar_ambos()
    base = par.sql.filas[fila.id]
    par.sql.save(replace(base, titulo="en sql, otra vez"))
    par.mongo.save(replace(base, titulo="en mongo, otra vez"))
    par.drenar_ambos()
    assert par.iguales_y_sin_pendientes()
    conflictos = (*par.sql.conflictos.values(), *par.mongo.conflictos.values())
    assert {uno.perdedora.titulo for uno in conflictos} == {"en mongo", "en sql, otra vez"}


def test_del_mismo_contenido_con_otra_hora_no_se_guarda_nada() -> None:
    par, fila = gemelas()
    despues = fila.actualizada_en + timedelta(hours=1)
    par.mongo.filas[fila.id] = replace(fila, actualizada_en=despues)
    par.drenar_ambos()
    assert par.iguales_y_sin_pendientes()
    assert par.sql.filas[fila.id].actualizada_en == despues
    assert par.sql.conflictos == par.mongo.conflictos == {}


def gemelas(version: int = 1) -> tuple[Par, Tarea]:
    """Rows of one version and of two contents; of version 1 are those that were adopted."""
    par = Par()
    fila = Tarea(titulo="en sql", version=version, pendiente=True)
    par.sql.filas[fila.id] = fila
    par.mongo.filas[fila.id] = replace(fila, titulo="en mongo")
    return par, fila


def test_lo_que_no_se_puede_copiar_se_dice_una_vez(caplog: pytest.LogCaptureFixture) -> None:
    par, eventos = Par(), list[Evento]()
    par.sql.save(Tarea(titulo="en sql"))
    par.mongo.fallos["escribir_lote"] = OperacionFallida(MONGO, "no se admite")
    replicador = Replicador(par.motor, RegistroSalud(replicada=True), publicar=eventos.append)
    replicador.sincronizar()
    replicador.sincronizar()
    assert sum("no se puede copiar" in uno.getMessage() for uno in caplog.records) == 1
    assert [evento.apartadas for evento in eventos if isinstance(evento, ReplicacionTerminada)] == [1]


def test_cancelar_deja_lo_copiado_y_lo_demas_marcado() -> None:
    par = Par(lote=2)
    for numero in range(6):
        par.sql.save(Tarea(titulo=str(numero)))
    vistos: list[int] = []
    control = Control(cancelar=lambda: bool(vistos), progreso=lambda parte: vistos.append(parte.copiadas))
    informe = par.motor.drenar(SQL, control)
    assert informe.cancelada
    assert vistos == [2]
    assert sum(fila.pendiente for fila in par.sql.filas.values()) == 4
    par.drenar_ambos()
    assert par.iguales_y_sin_pendientes()


def test_si_no_se_puede_contar_la_pasada_llega_hasta_la_ultima_fila() -> None:
    """Also to those whose clock ran far ahead: they were there when it began."""
    par = Par(lote=2)
    for numero in range(3):
        par.sql.save(Tarea(titulo=str(numero)))
    futuro = componer(par.ahora_ms() + 10 * ADELANTO_MAX_MS, 0, 2)
    for numero in range(6):
        tarea = Tarea(titulo="futura", version=futuro + numero, pendiente=True)
        par.sql.filas[tarea.id] = tarea
    par.sql.fallos["contar"] = OperacionFallida(SQL, "tarda demasiado")
    assert par.motor.drenar(SQL).copiadas == 9
    assert par.iguales_y_sin_pendientes()


def test_lo_adoptado_despues_bajo_un_id_ya_acordado_no_se_pierde() -> None:
    """Both stores agreed about the tarea; then another SQL table came, with an old row of that id."""
    par = Par()
    tarea = par.sql.save(Tarea(titulo="acordada"))
    par.drenar_ambos()
    par.sql.filas[tarea.id] = Tarea(id=tarea.id, titulo="de la tabla antigua", version=1, pendiente=True)
    par.drenar_ambos()
    assert {almacen.filas[tarea.id].titulo for almacen in (par.sql, par.mongo)} == {"acordada"}
    assert [uno.perdedora.titulo for uno in par.sql.conflictos.values()] == ["de la tabla antigua"]


def test_lo_que_se_cancela_mientras_espera_su_turno_no_empieza(monkeypatch: pytest.MonkeyPatch) -> None:
    par = Par(lote=1)
    for numero in range(3):
        par.sql.save(Tarea(titulo=str(numero)))
    replicador = Replicador(par.motor, RegistroSalud(replicada=True), publicar=lambda _evento: None)
    empezada, seguir = threading.Event(), threading.Event()

    leer = par.mongo.leer_lote

    def leer_cuando_se_diga(ids: Sequence[UUID]) -> dict[UUID, Tarea]:
        empezada.set()
        seguir.wait(PLAZO_S)
        return leer(ids)

    monkeypatch.setattr(par.mongo, "leer_lote", leer_cuando_se_diga)
    with ThreadPoolExecutor(2) as hilos:
        primera = hilos.submit(replicador.sincronizar)
        assert empezada.wait(PLAZO_S)
        segunda = hilos.submit(replicador.sincronizar)
        hasta(lambda: segunda.running() and len(replicador._paradas) == 2)
        replicador.cancelar()
        assert all(informe.cancelada for informe in segunda.result(PLAZO_S).values())
        seguir.set()
        primera.result(PLAZO_S)
    assert any(fila.pendiente for fila in par.sql.filas.values())


def test_tras_cancelar_no_empieza_otra_sola_hasta_que_haya_motivo() -> None:
    replicador = Replicador(Par().motor, RegistroSalud(replicada=True), publicar=lambda _evento: None)
    assert replicador._toca()
    replicador.cancelar()
    assert not replicador._toca()
    replicador.despertar()
    assert replicador._toca()


def test_si_el_destino_cae_a_mitad_lo_que_falta_sigue_marcado() -> None:
    par = Par(lote=2)
    for numero in range(6):
        par.sql.save(Tarea(titulo=str(numero)))
    cayo = AlmacenNoDisponible(MONGO, "conexión rechazada")
    with pytest.raises(AlmacenNoDisponible):
        par.motor.drenar(SQL, Control(progreso=lambda _: par.mongo.fallos.update(leer_lote=cayo)))
    par.mongo.fallos.clear()
    par.drenar_ambos()
    assert par.iguales_y_sin_pendientes()


@pytest.mark.parametrize("semilla", range(200))
def test_escrituras_y_pasadas_al_azar_acaban_iguales_sin_perder_nada(semilla: int) -> None:
    """Writers that see one store each, passes in between, everything interleaved at random."""
    azar, par = random.Random(semilla), Par(lote=2)
    tareas = [Tarea(titulo="base") for _ in range(3)]
    reconocidas: dict[str, Tarea] = {}
    for paso in range(40):
        almacen = azar.choice((par.sql, par.mongo))
        tarea = azar.choice(tareas)
        accion = azar.random()
        if accion < 0.3:
            par.motor.drenar(azar.choice((SQL, MONGO)))
            continue
        base = almacen.filas.get(tarea.id, tarea)
        titulo = f"{base.titulo}|{paso}"[-150:]
        guardada = almacen.save(replace(base, titulo=titulo, eliminada=accion > 0.9))
        reconocidas[f"|{paso}"] = guardada
    par.drenar_ambos()
    par.drenar_ambos()
    assert par.iguales_y_sin_pendientes()
    conflictos = [uno.perdedora for uno in (*par.sql.conflictos.values(), *par.mongo.conflictos.values())]
    quedan = [f"{una.titulo}|" for una in (*par.sql.filas.values(), *conflictos)]
    for marca in reconocidas:
        assert any(f"{marca}|" in titulo for titulo in quedan), f"se perdió la escritura {marca}"


def test_el_replicador_copia_en_cuanto_ambos_responden_y_lo_publica() -> None:
    par, eventos = Par(), list[Evento]()
    registro = RegistroSalud(replicada=True)
    for numero in range(4):
        par.sql.save(Tarea(titulo=str(numero)))
    replicador = Replicador(par.motor, registro, publicar=eventos.append, intervalo_s=PLAZO_S * 10)
    replicador.start()
    assert not par.mongo.filas
    registro.observar(SQL, PingRespondido(Pong(latencia_ms=1)))
    registro.observar(MONGO, PingRespondido(Pong(latencia_ms=1)))
    ahora = registro.instantanea(MONGO)
    replicador.oir(SaludObservada(replace(ahora, estado=EstadoSalud.CAIDA), ahora))
    hasta(lambda: bool(eventos))
    replicador.close()
    (evento,) = eventos
    assert isinstance(evento, ReplicacionTerminada)
    assert (evento.origen, evento.copiadas) == (SQL, 4)
    assert par.iguales_y_sin_pendientes()


def hasta(condicion: Callable[[], bool]) -> None:
    limite = time.monotonic() + PLAZO_S
    tic = threading.Event()
    while not condicion():
        assert time.monotonic() < limite, "la condición no se cumplió a tiempo"
        tic.wait(0.002)


def test_lo_que_escribio_un_reloj_adelantado_se_copia_entero_en_una_pasada() -> None:
    """Set back by an hour since: pages from its future are no sign of what is written meanwhile."""
    par = Par(lote=2)
    par.ahora_ms.ahora_ms += 3_600_000
    for numero in range(7):
        par.sql.save(Tarea(titulo=str(numero)))
    par.ahora_ms.ahora_ms -= 3_600_000
    assert par.motor.drenar(SQL).copiadas == 7


def test_una_pasada_acaba_aunque_un_reloj_adelantado_siga_escribiendo() -> None:
    par = Par(lote=2)
    par.ahora_ms.ahora_ms += 3_600_000
    for numero in range(3):
        par.sql.save(Tarea(titulo=str(numero)))
    otro = RelojHibrido(nodo=2, ahora_ms=RelojDePrueba(par.ahora_ms.ahora_ms, paso_ms=1))
    par.ahora_ms.ahora_ms -= 3_600_000

    def escribe_otro() -> bool:
        for _ in range(2):  # as many as a batch takes
            fila = Tarea(titulo="de camino", version=otro.siguiente(), pendiente=True)
            par.sql.filas[fila.id] = fila
        return len(par.sql.filas) > 200

    assert not par.motor.drenar(SQL, Control(cancelar=escribe_otro)).cancelada
