"""Rows that cannot be copied, and how the engine paces itself: back-off, batches, progress, pause, cancel."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import pytest

from adapters.health.registro import RegistroSalud
from adapters.replicacion.avance import CADA_S, Avance
from adapters.replicacion.control import ControlReplicacion
from adapters.replicacion.cuarentena import ESPERA_MAX_MS, Cuarentena, espera_ms
from adapters.replicacion.informe import InformePasada
from adapters.replicacion.lotes import PACIENCIA_S, Separador
from adapters.replicacion.motor import Control, MotorReplicacion
from adapters.replicacion.replicador import Replicador
from adapters.replicacion.ritmo import LOTE_MAX, LOTE_MIN, OBJETIVO_S, PAUSA_MAX_S, RitmoDeLotes
from core.domain.errors import AlmacenSoloLectura, OperacionFallida
from core.domain.events import CuarentenaCambiada, Evento, ReplicacionAvanza, ReplicacionPausada
from core.domain.models.almacen import Escrito, Escritura, NombreAlmacen, Pong
from core.domain.models.tarea import Tarea
from core.health import EstadoSalud, PingRespondido
from tests.fakes import AlmacenEnMemoria, RelojDePrueba, reloj_de_prueba
from tests.servidores import esperar

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO
INICIO_MS = 1_750_000_000_000


class Melindroso(AlmacenEnMemoria):
    """Refuses every batch that holds a row with one of these titulos, as a whole."""

    malos: frozenset[str] = frozenset()
    rehusados = 0

    def escribir_lote(self, escrituras: Sequence[Escritura]) -> Sequence[Escrito]:
        if any(una.fila.titulo in self.malos for una in escrituras):
            self.rehusados += 1
            raise OperacionFallida(self.nombre, "la tabla está bloqueada")
        return super().escribir_lote(escrituras)


@dataclass
class Taller:
    sql: AlmacenEnMemoria
    mongo: Melindroso
    reloj: RelojDePrueba
    registro: RegistroSalud
    motor: MotorReplicacion
    replicador: Replicador
    eventos: list[Evento]

    @property
    def apartados(self) -> list[str]:
        return [una.titulo for una in self.replicador.cuarentena()]

    def guardar(self, *titulos: str) -> list[Tarea]:
        return [self.sql.save(Tarea(titulo=titulo)) for titulo in titulos]


@pytest.fixture
def taller() -> Iterator[Taller]:
    eventos: list[Evento] = []
    sql, mongo = AlmacenEnMemoria(SQL), Melindroso(MONGO, reloj=reloj_de_prueba(2))
    reloj = RelojDePrueba(INICIO_MS + 60_000)
    registro = RegistroSalud(replicada=True)
    motor = MotorReplicacion({SQL: sql, MONGO: mongo}, ahora_ms=reloj, lote=100, compuerta=registro.compuerta)
    replicador = Replicador(motor, registro, publicar=eventos.append, intervalo_s=60)
    yield Taller(sql, mongo, reloj, registro, motor, replicador, eventos)
    replicador.close(5)


# -- quarantine -------------------------------------------------------------------------------------------


def test_una_fila_que_no_se_puede_copiar_no_retiene_a_las_demas(taller: Taller) -> None:
    taller.mongo.malos = frozenset({"mala"})
    taller.guardar("uno", "mala", *(f"otra {n}" for n in range(30)))
    taller.replicador.sincronizar()
    assert len(taller.mongo.filas) == 31
    (apartada,) = taller.replicador.cuarentena()
    assert (apartada.titulo, apartada.origen, apartada.intentos) == ("mala", SQL, 1)
    assert apartada.motivo == "la tabla está bloqueada"
    assert apartada.proximo_ms == apartada.desde_ms + 1_000


def test_lo_apartado_no_atrasa_al_otro_almacen(taller: Taller) -> None:
    taller.mongo.malos = frozenset({"mala"})
    taller.guardar("mala")
    taller.replicador.sincronizar()
    for _ in range(4):
        taller.reloj.ahora_ms += ESPERA_MAX_MS  # each time it is tried again
        antes = taller.replicador.cuarentena()[0].intentos
        taller.replicador.sincronizar()
        assert taller.replicador.cuarentena()[0].intentos > antes
        assert not taller.registro.atrasada(MONGO)


def test_se_vuelve_a_probar_cuando_toca_y_no_antes(taller: Taller) -> None:
    taller.mongo.malos = frozenset({"mala"})
    taller.guardar("mala")
    taller.replicador.sincronizar()
    intentos = taller.replicador.cuarentena()[0].intentos
    taller.mongo.malos = frozenset()
    taller.replicador.sincronizar()
    assert taller.replicador.cuarentena()[0].intentos == intentos
    taller.reloj.ahora_ms = taller.replicador.cuarentena()[0].proximo_ms
    taller.replicador.sincronizar()
    assert taller.apartados == []
    assert len(taller.mongo.filas) == 1


def test_reintentar_las_prueba_en_la_pasada_siguiente(taller: Taller) -> None:
    taller.mongo.malos = frozenset({"mala"})
    taller.guardar("mala")
    taller.replicador.sincronizar()
    taller.mongo.malos = frozenset()
    taller.replicador.reintentar_apartadas()
    taller.replicador.sincronizar()
    assert taller.apartados == []
    assert len(taller.mongo.filas) == 1


def test_una_version_nueva_sale_de_la_cuarentena(taller: Taller) -> None:
    taller.mongo.malos = frozenset({"mala"})
    (mala,) = taller.guardar("mala")
    taller.replicador.sincronizar()
    taller.sql.save(replace(mala, titulo="corregida"))
    taller.replicador.sincronizar()
    assert taller.apartados == []
    assert taller.mongo.filas[mala.id].titulo == "corregida"


def test_lo_que_ya_no_esta_pendiente_sale_de_la_cuarentena(taller: Taller) -> None:
    taller.mongo.malos = frozenset({"mala"})
    (mala,) = taller.guardar("mala")
    taller.replicador.sincronizar()
    taller.sql.confirmar([(mala.id, mala.version)])  # another program copied it
    taller.replicador.sincronizar()
    assert taller.apartados == []


def test_la_cuarentena_se_publica_al_cambiar_y_solo_entonces(taller: Taller) -> None:
    taller.mongo.malos = frozenset({"mala"})
    taller.guardar("mala")
    for _ in range(3):
        taller.replicador.sincronizar()
    taller.mongo.malos = frozenset()
    taller.reloj.ahora_ms += ESPERA_MAX_MS
    taller.replicador.sincronizar()
    cambios = [evento.apartadas for evento in taller.eventos if isinstance(evento, CuarentenaCambiada)]
    assert [len(apartadas) for apartadas in cambios] == [1, 0]


def test_lo_ya_rechazado_se_prueba_aparte_de_lo_demas(taller: Taller) -> None:
    malos = [f"mala {n}" for n in range(6)]
    taller.mongo.malos = frozenset(malos)
    taller.guardar("buena", *malos)
    taller.replicador.sincronizar()
    assert sorted(taller.apartados) == malos
    taller.reloj.ahora_ms += ESPERA_MAX_MS
    taller.guardar(*(f"otra {n}" for n in range(64)))
    taller.mongo.llamadas.clear()
    taller.motor.drenar(SQL)
    assert len(taller.mongo.filas) == 65
    assert taller.mongo.llamadas.count("escribir_lote") == 1  # the good ones went in at the first try
    assert sorted(taller.apartados) == malos


@pytest.mark.parametrize("malas", [3, 5, 40])
def test_las_rehusadas_mas_viejas_no_retienen_a_las_que_vienen_detras(taller: Taller, malas: int) -> None:
    titulos = [f"mala {n}" for n in range(malas)]
    taller.mongo.malos = frozenset(titulos)
    taller.guardar(*titulos, *(f"buena {n}" for n in range(20)))
    taller.replicador.sincronizar()
    assert len(taller.mongo.filas) == 20
    assert sorted(taller.apartados) == sorted(titulos)
    assert not taller.registro.atrasada(MONGO)


def test_lo_rehusado_no_se_prueba_mas_de_una_vez_por_espera(taller: Taller) -> None:
    titulos = [f"mala {n}" for n in range(40)]
    taller.mongo.malos = frozenset(titulos)
    taller.guardar(*titulos)
    taller.motor.drenar(SQL)
    assert 40 < taller.mongo.rehusados < 80
    taller.mongo.rehusados = 0
    for _ in range(3):
        taller.motor.drenar(SQL)
    assert taller.mongo.rehusados == 0


def test_lo_que_tarda_en_rehusarse_gasta_la_paciencia_de_la_pasada_y_no_mas(taller: Taller) -> None:
    """Somebody locks the oldest row: each try costs a deadline, and the others go in as soon as they can."""
    taller.mongo.malos = frozenset({"mala"})
    filas = taller.guardar("mala", *(f"buena {n}" for n in range(63)))
    separador = Separador(ahora_s=lambda: taller.mongo.rehusados * PACIENCIA_S / 3.5)
    escritos = separador.escribir(taller.mongo, [Escritura(fila) for fila in filas])
    assert [uno.aplicada for uno in escritos] == [False] * 8 + [True] * 56  # halved three times
    escritos = separador.escribir(taller.mongo, [Escritura(fila) for fila in filas[:2]])
    assert [uno.error for uno in escritos] == ["la tabla está bloqueada"] * 2
    assert taller.mongo.rehusados == 5


def test_con_la_cuarentena_llena_ya_no_se_busca_cual_es(
    taller: Taller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.replicacion.cuarentena.CAPACIDAD", 3)
    malos = [f"mala {n}" for n in range(10)]
    taller.mongo.malos = frozenset(malos)
    taller.guardar(*malos)
    taller.motor.drenar(SQL)
    assert len(taller.apartados) == 3
    taller.mongo.rehusados = 0
    taller.motor.drenar(SQL)
    assert taller.mongo.rehusados == 1


@pytest.mark.parametrize("donde", [SQL, MONGO])
def test_una_fila_que_no_se_puede_confirmar_no_retiene_a_las_demas(
    taller: Taller, donde: NombreAlmacen, monkeypatch: pytest.MonkeyPatch
) -> None:
    mala, *_ = filas = taller.guardar("mala", *(f"buena {n}" for n in range(250)))
    almacen = taller.sql if donde is SQL else taller.mongo
    _sin_confirmar(almacen, mala.id, monkeypatch)
    taller.registro.marcar_atrasada(MONGO)
    for _ in range(2):
        taller.replicador.sincronizar()
        assert len(taller.mongo.filas) == len(filas)
        assert [fila.titulo for fila in almacen.filas.values() if fila.pendiente] == ["mala"]
        (apartada,) = taller.replicador.cuarentena()
        assert (apartada.titulo, apartada.origen, apartada.intentos) == ("mala", donde, 1)
        assert apartada.en_ambas
        assert not apartada.motivo.startswith("está en ambas")
        assert not taller.registro.atrasada(MONGO)
        assert taller.registro.faltan_en(donde.otro) == frozenset()
    monkeypatch.undo()
    taller.replicador.reintentar_apartadas()
    taller.replicador.sincronizar()
    assert taller.apartados == []
    assert not any(fila.pendiente for fila in almacen.filas.values())


def _sin_confirmar(almacen: AlmacenEnMemoria, id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule of the store's own allows no change of that row."""
    confirmar = almacen.confirmar

    def rehusar(pares: Sequence[tuple[UUID, int]]) -> None:
        if any(uno == id for uno, _ in pares):
            raise OperacionFallida(almacen.nombre, "la tabla no admite estos datos")
        confirmar(pares)

    monkeypatch.setattr(almacen, "confirmar", rehusar)


def test_un_almacen_de_solo_lectura_no_aparta_ninguna_fila(taller: Taller) -> None:
    (base,) = taller.guardar("base")
    taller.replicador.sincronizar()
    base = taller.sql.filas[base.id]
    taller.sql.save(replace(base, titulo="aquí"))
    taller.mongo.save(replace(base, titulo="allí"))
    for almacen in (taller.sql, taller.mongo):
        almacen.fallos["reemplazar"] = AlmacenSoloLectura(almacen.nombre, "solo lectura")
    with pytest.raises(AlmacenSoloLectura):
        taller.replicador.sincronizar()
    assert taller.apartados == []


def test_la_espera_se_dobla_hasta_cinco_minutos() -> None:
    assert [espera_ms(n) for n in (1, 2, 3, 9, 10, 1000)] == [1_000, 2_000, 4_000, 256_000, 300_000, 300_000]


def test_la_cuarentena_tiene_un_tope_de_memoria(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.replicacion.cuarentena.CAPACIDAD", 3)
    cuarentena = Cuarentena(RelojDePrueba())
    filas = [Tarea(titulo=str(n), version=n + 1) for n in range(5)]
    assert [cuarentena.apartar(SQL, fila, "motivo") for fila in filas] == [True] * 3 + [False] * 2
    assert len(cuarentena.todas()) == 3
    assert cuarentena.toca(SQL, filas[4])


# -- pace -------------------------------------------------------------------------------------------------


def test_los_lotes_se_acercan_a_su_tiempo_y_no_salen_de_sus_limites() -> None:
    ritmo = RitmoDeLotes()
    for _ in range(20):
        ritmo.tras(ritmo.lote, ritmo.lote / 10_000)  # 10,000 rows a second
    assert ritmo.lote == pytest.approx(10_000 * OBJETIVO_S, rel=0.1)
    for _ in range(20):
        ritmo.tras(ritmo.lote, ritmo.lote / 10)
    assert ritmo.lote == LOTE_MIN
    for _ in range(20):
        ritmo.tras(ritmo.lote, 1e-9)
    assert ritmo.lote == LOTE_MAX


def test_un_lote_a_medias_no_hace_crecer_a_los_siguientes() -> None:
    ritmo = RitmoDeLotes()
    antes = ritmo.lote
    ritmo.tras(3, 0.001)
    assert ritmo.lote == antes


def test_el_motor_cede_el_paso_solo_si_alguien_escribe(taller: Taller) -> None:
    taller.guardar(*(str(n) for n in range(250)))
    pausas: list[float] = []
    taller.motor.drenar(SQL, Control(esperar=pausas.append))
    assert pausas == []
    taller.guardar(*(str(n) for n in range(250)))
    with taller.registro.compuerta.escritura():
        taller.motor.drenar(SQL, Control(esperar=pausas.append))
    assert len(pausas) == 3
    assert all(0 < pausa <= PAUSA_MAX_S for pausa in pausas)


def test_la_pausa_es_proporcional_al_lote_y_tiene_un_tope() -> None:
    assert RitmoDeLotes.pausa_s(0.05, hay_operadores=True) == 0.05
    assert RitmoDeLotes.pausa_s(9.0, hay_operadores=True) == PAUSA_MAX_S
    assert RitmoDeLotes.pausa_s(9.0, hay_operadores=False) == 0


def test_una_pasada_acaba_aunque_no_dejen_de_escribir(taller: Taller) -> None:
    """Whoever writes faster than the engine copies does not keep the pass from ending."""
    taller.motor = MotorReplicacion({SQL: taller.sql, MONGO: taller.mongo}, ahora_ms=taller.reloj, lote=5)
    taller.guardar(*(str(n) for n in range(10)))
    nuevas = RelojDePrueba(taller.reloj.ahora_ms, paso_ms=2_000)

    def escribir_mas(_informe: InformePasada) -> None:
        for numero in range(5):
            fila = taller.sql.save(Tarea(titulo=f"nueva {numero}"))
            taller.sql.filas[fila.id] = replace(fila, version=nuevas() << 21)

    informe = taller.motor.drenar(SQL, Control(progreso=escribir_mas))
    assert not informe.cancelada
    assert 10 <= informe.miradas < 60


# -- progress, pause, cancel --------------------------------------------------------------------------------


def test_el_avance_dice_cuanto_falta_y_a_que_ritmo_sin_agobiar() -> None:
    dichos: list[ReplicacionAvanza] = []
    ahora_s = [0.0]
    avance = Avance(SQL, dichos.append, ahora_s=lambda: ahora_s[0])
    for lote in range(1, 101):
        ahora_s[0] += 0.05
        avance.observar(InformePasada(total=10_000, miradas=100 * lote, copiadas=90 * lote))
    assert len(dichos) <= 100 * 0.05 / CADA_S
    ultimo = dichos[9]
    assert ultimo.copiadas == pytest.approx(0.9 * (10_000 - ultimo.faltan))
    assert (ultimo.hechas, ultimo.total) == (10_000 - ultimo.faltan, 10_000)
    assert ultimo.ritmo_por_s == pytest.approx(2_000)
    assert ultimo.restante_s == pytest.approx(ultimo.faltan / 2_000)


def test_una_pasada_breve_no_dice_nada_de_su_avance(taller: Taller) -> None:
    taller.guardar("una", "dos")
    taller.replicador.sincronizar()
    assert not any(isinstance(evento, ReplicacionAvanza) for evento in taller.eventos)


def test_el_total_se_cuenta_una_vez_y_solo_si_hay_mas_de_un_lote(taller: Taller) -> None:
    taller.guardar(*(str(n) for n in range(99)))
    taller.motor.drenar(SQL)
    assert "contar" not in taller.sql.llamadas
    taller.guardar(*(str(n) for n in range(250)))
    informe = taller.motor.drenar(SQL)
    assert taller.sql.llamadas.count("contar") == 1
    assert informe.total == informe.miradas == 250


def test_si_no_se_pueden_contar_se_copian_igual(taller: Taller) -> None:
    taller.guardar(*(str(n) for n in range(250)))
    taller.sql.fallos["contar"] = OperacionFallida(SQL, "tardó demasiado")
    taller.replicador.sincronizar()
    assert len(taller.mongo.filas) == 250


def test_pausada_no_copia_sola_y_a_peticion_si(taller: Taller) -> None:
    taller.replicador.pausar()
    taller.replicador.pausar()
    taller.guardar("una")
    taller.replicador.start()
    for nombre in NombreAlmacen:
        taller.registro.observar(nombre, PingRespondido(Pong(latencia_ms=1)))
    taller.replicador.reintentar_apartadas()  # wakes it
    assert not threading.Event().wait(0.05)
    assert taller.mongo.filas == {}
    taller.replicador.sincronizar()
    assert len(taller.mongo.filas) == 1
    taller.guardar("otra")
    taller.replicador.reanudar()
    esperar(lambda: len(taller.mongo.filas) == 2, que="se copia al reanudar")
    pausas = [evento.pausada for evento in taller.eventos if isinstance(evento, ReplicacionPausada)]
    assert pausas == [True, False]


@pytest.mark.parametrize("orden", ["cancelar", "pausar"])
def test_cancelar_y_pausar_acaban_la_pasada_tras_su_lote(taller: Taller, orden: str) -> None:
    taller.guardar(*(str(n) for n in range(350)))
    taller.mongo.antes = lambda m: getattr(taller.replicador, orden)() if m == "escribir_lote" else None
    informes = taller.replicador.sincronizar()
    taller.mongo.antes = None
    assert informes[SQL].cancelada
    assert len(taller.mongo.filas) == 100
    taller.replicador.sincronizar()  # the next one goes on where it was left
    assert len(taller.mongo.filas) == 350


def test_una_pasada_cancelada_no_da_por_puesta_al_dia(taller: Taller) -> None:
    taller.guardar(*(str(n) for n in range(350)))
    taller.registro.marcar_atrasada(MONGO)
    taller.mongo.antes = lambda m: taller.replicador.cancelar() if m == "escribir_lote" else None
    taller.replicador.sincronizar()
    assert taller.registro.atrasada(MONGO)
    assert taller.registro.aplaza(MONGO)


def test_el_motor_corre_con_un_almacen_que_se_pone_al_dia(taller: Taller) -> None:
    for nombre in NombreAlmacen:
        taller.registro.observar(nombre, PingRespondido(Pong(latencia_ms=1)))
    taller.registro.marcar_atrasada(MONGO)
    assert taller.registro.estado(MONGO) is EstadoSalud.PONIENDOSE_AL_DIA
    taller.replicador.start()
    esperar(lambda: taller.registro.estado(MONGO) is EstadoSalud.OK, que="MongoDB al día")


def test_con_un_solo_almacen_no_hay_nada_que_hacer() -> None:
    control = ControlReplicacion()
    control.pausar_replicacion()
    control.reanudar_replicacion()
    control.cancelar_replicacion()
    control.reintentar_apartadas()
    assert control.sincronizar() == {}
    assert control.cuarentena() == ()
    assert not control.replicacion_pausada
