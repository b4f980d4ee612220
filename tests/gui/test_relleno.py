"""A store that was emptied: the window asks, fills it, tells how that goes, and can be told to stop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from adapters.settings import Ajustes
from core.domain.errors import AlmacenNoDisponible
from core.domain.events import CarenciasCambiadas, Evento, ReplicacionAvanza, SaludObservada
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.pareja import Carencia, MotivoCarencia
from core.health import EstadoSalud
from gui.arranque import Programa
from gui.avisos.aviso import Aviso, Nivel
from gui.salud.control_replicacion import CLAVE_ORDEN
from gui.tareas.celdas import Col
from gui.ventana import Ventana
from tests.gui.fuente_falsa import MONGO, SQL, FuenteFalsa
from tests.gui.test_replicacion_real import abierto, aviso, dice, guardar, pulsar

PLAZO_MS = 15_000
CLAVE = {nombre: f"relleno-salud-{nombre}" for nombre in NombreAlmacen}


class Puesto:
    """The window over a container that says what a test wants."""

    def __init__(self, programa: Programa, fuente: FuenteFalsa) -> None:
        self.ventana, self.fuente = programa.ventana, fuente

    def ocurre(self, evento: Evento) -> None:
        self.ventana._puente.evento.emit(evento)

    def aviso(self) -> Aviso | None:
        return aviso(self.ventana, CLAVE[MONGO])


@pytest.fixture
def fuente() -> FuenteFalsa:
    fuente = FuenteFalsa()
    fuente.poner(SQL, EstadoSalud.OK)
    fuente.poner(MONGO, EstadoSalud.PONIENDOSE_AL_DIA)
    return fuente


@pytest.fixture
def programa(qtbot: QtBot, tmp_path: Path, fuente: FuenteFalsa) -> Iterator[Programa]:
    programa = Programa(
        Ajustes(datos=tmp_path),
        preferencias=QSettings(str(tmp_path / "ventana.ini"), QSettings.Format.IniFormat),
        fabrica=lambda *_: fuente,  # type: ignore[arg-type, return-value]
    )
    qtbot.addWidget(programa.ventana)
    programa.ventana.show()
    yield programa
    programa.salir()


@pytest.fixture
def puesto(qtbot: QtBot, programa: Programa, fuente: FuenteFalsa) -> Puesto:
    programa.iniciar()
    qtbot.waitUntil(lambda: programa.ventana.salud.replicacion is not None, timeout=PLAZO_MS)
    return Puesto(programa, fuente)


def carencia(motivo: MotivoCarencia, *, aceptada: bool = False, filas: int | None = 1_234_567) -> Carencia:
    return Carencia(destino=MONGO, motivo=motivo, aceptada=aceptada, filas=filas)


@pytest.mark.parametrize(
    ("motivo", "titulo", "boton"),
    [
        (
            MotivoCarencia.VACIADA,
            "A MongoDB le faltan las tareas que SQL da por copiadas",
            "Copiar todo ahora",
        ),
        (MotivoCarencia.OTRA_BASE, "MongoDB no es la base de datos que había antes", "Copiar todo ahora"),
        (MotivoCarencia.A_MEDIAS, "La copia de SQL a MongoDB quedó a medias", "Seguir copiando"),
    ],
)
def test_pregunta_antes_de_copiar_y_dice_adonde(
    qtbot: QtBot, puesto: Puesto, motivo: MotivoCarencia, titulo: str, boton: str
) -> None:
    puesto.ocurre(CarenciasCambiadas((carencia(motivo),)))
    hallado = puesto.aviso()
    assert hallado is not None
    assert (hallado.nivel, hallado.titulo) == (Nivel.AVISO, titulo)
    assert "servidor-mongo:1234/tareas" in hallado.detalle
    assert "1.234.567" in hallado.detalle
    (accion,) = hallado.acciones
    assert accion.texto == boton
    assert not puesto.fuente.ordenes
    accion.hacer()
    qtbot.waitUntil(lambda: puesto.fuente.ordenes == ["rellenar mongo"], timeout=PLAZO_MS)


def test_en_marcha_dice_cuanto_falta_y_se_cancela(qtbot: QtBot, puesto: Puesto) -> None:
    puesto.ocurre(CarenciasCambiadas((carencia(MotivoCarencia.A_MEDIAS, aceptada=True),)))
    puesto.ocurre(
        ReplicacionAvanza(
            origen=SQL, copiadas=234_567, faltan=1_000_000, ritmo_por_s=20_000.0, restante_s=50.0
        )
    )
    hallado = puesto.aviso()
    assert hallado is not None
    assert "Quedan 1.000.000 · 20.000/s · quedan 50 s" in hallado.detalle
    hallado.acciones[0].hacer()
    qtbot.waitUntil(lambda: puesto.fuente.ordenes == ["cancelar"], timeout=PLAZO_MS)
    puesto.ocurre(CarenciasCambiadas(()))
    assert puesto.aviso() is None


def test_si_una_no_responde_no_se_dice_a_que_ritmo_va(puesto: Puesto) -> None:
    puesto.ocurre(CarenciasCambiadas((carencia(MotivoCarencia.A_MEDIAS, aceptada=True),)))
    puesto.ocurre(ReplicacionAvanza(origen=SQL, copiadas=5, faltan=9, ritmo_por_s=20.0, restante_s=9.0))
    antes = puesto.fuente.salud(MONGO)
    puesto.ocurre(SaludObservada(antes, puesto.fuente.poner(MONGO, EstadoSalud.CAIDA)))
    hallado = puesto.aviso()
    assert hallado is not None
    assert "espera a que MongoDB responda, y sigue donde quedó" in hallado.detalle
    assert "/s" not in hallado.detalle
    antes = puesto.fuente.salud(MONGO)
    puesto.ocurre(SaludObservada(antes, puesto.fuente.poner(MONGO, EstadoSalud.PONIENDOSE_AL_DIA)))
    hallado = puesto.aviso()
    assert hallado is not None
    assert "espera" not in hallado.detalle


@pytest.mark.parametrize(
    ("aceptada", "dice_", "acciones"),
    [
        (True, "Seguirá cuando elija «Seguir copiando».", []),
        (False, "sola en un minuto", ["Pausar", "Seguir"]),
    ],
)
def test_cancelar_en_salud_dice_como_sigue(
    qtbot: QtBot, puesto: Puesto, aceptada: bool, dice_: str, acciones: list[str]
) -> None:
    puesto.ocurre(CarenciasCambiadas((carencia(MotivoCarencia.A_MEDIAS, aceptada=aceptada),)))
    puesto.ocurre(ReplicacionAvanza(origen=SQL, copiadas=5, faltan=9, ritmo_por_s=1.0, restante_s=9.0))
    panel = puesto.ventana.salud.replicacion
    assert panel is not None
    qtbot.waitUntil(panel.boton_cancelar.isEnabled, timeout=PLAZO_MS)
    panel.boton_cancelar.click()
    qtbot.waitUntil(lambda: dice(puesto.ventana, CLAVE_ORDEN, "Copia cancelada"), timeout=PLAZO_MS)
    hallado = aviso(puesto.ventana, CLAVE_ORDEN)
    assert hallado is not None
    assert dice_ in hallado.detalle
    assert [accion.texto for accion in hallado.acciones] == acciones


def test_lo_que_ya_se_sabia_al_abrir_se_dice(qtbot: QtBot, programa: Programa, fuente: FuenteFalsa) -> None:
    fuente.carencias = (carencia(MotivoCarencia.VACIADA, filas=None),)
    programa.iniciar()
    qtbot.waitUntil(
        lambda: dice(
            programa.ventana, CLAVE[MONGO], "A MongoDB le faltan las tareas que SQL da por copiadas"
        ),
        timeout=PLAZO_MS,
    )


def test_si_no_se_puede_empezar_se_dice_por_que(qtbot: QtBot, puesto: Puesto) -> None:
    def falla(_orden: str) -> None:
        raise AlmacenNoDisponible(MONGO, "no responde")

    puesto.fuente.al_ordenar = falla
    puesto.ocurre(CarenciasCambiadas((carencia(MotivoCarencia.VACIADA),)))
    pulsar(puesto.ventana, CLAVE[MONGO], "Copiar todo ahora")
    qtbot.waitUntil(
        lambda: dice(puesto.ventana, "relleno-orden", "No se pudo empezar la copia"), timeout=PLAZO_MS
    )


def test_la_ventana_pregunta_rellena_y_da_la_buena_noticia(
    qtbot: QtBot, tmp_path: Path, postgres_url: str, mongo_url: str
) -> None:
    with abierto(qtbot, tmp_path, postgres_url, mongo_url) as programa:
        ventana = programa.ventana
        for n in range(3):
            guardar(programa, f"tarea {n}", qtbot)
        qtbot.waitUntil(lambda: "MongoDB: OK" in ventana.barra.indicadores[MONGO].texto, timeout=PLAZO_MS)
        qtbot.waitUntil(lambda: ventana.tareas.modelo.rowCount() == 3, timeout=PLAZO_MS)
        qtbot.waitUntil(
            lambda: _sin_pendientes(postgres_url), timeout=PLAZO_MS
        )  # else they only wait to be copied
        with psycopg.connect(postgres_url) as conexion:
            conexion.execute("TRUNCATE tareas")
        qtbot.waitUntil(
            lambda: dice(ventana, CLAVE[SQL], "A SQL le faltan las tareas que MongoDB da por copiadas"),
            timeout=PLAZO_MS,
        )
        assert aviso(ventana, "salud-sql") is None  # said once, not twice
        indicador = ventana.barra.indicadores[SQL]
        qtbot.waitUntil(lambda: "PONIÉNDOSE AL DÍA, 3 pendientes" in indicador.texto, timeout=PLAZO_MS)
        qtbot.waitUntil(lambda: presencias(ventana) == {"SQL … sin copiar   Mongo ✓"}, timeout=PLAZO_MS)
        assert "SQL … se copiará" in guardar(programa, "mientras", qtbot)
        qtbot.waitUntil(lambda: ventana.tareas.modelo.rowCount() == 4, timeout=PLAZO_MS)
        pulsar(ventana, CLAVE[SQL], "Copiar todo ahora")
        qtbot.waitUntil(lambda: dice(ventana, "salud-sql", "SQL está al día"), timeout=PLAZO_MS)
        assert aviso(ventana, CLAVE[SQL]) is None
        qtbot.waitUntil(lambda: ventana.barra._pendientes.text() == "0 por copiar", timeout=PLAZO_MS)
        assert presencias(ventana) == {"SQL ✓   Mongo ✓"}
        qtbot.waitUntil(lambda: "SQL: OK" in indicador.texto, timeout=PLAZO_MS)
        with psycopg.connect(postgres_url) as conexion:
            assert conexion.execute("SELECT count(*) FROM tareas").fetchone() == (4,)


def _sin_pendientes(url: str) -> bool:
    with psycopg.connect(url) as conexion:
        return conexion.execute("SELECT count(*) FROM tareas WHERE pendiente").fetchone() == (0,)


def presencias(ventana: Ventana) -> set[str]:
    """What the column of the stores says, in any row."""
    modelo = ventana.tareas.modelo
    return {modelo.index(fila, int(Col.ALMACENES)).data() for fila in range(modelo.rowCount())}
