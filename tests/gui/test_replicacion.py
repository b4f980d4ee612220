"""Catching up, pause, quarantine and adoption in the window, over a source that the test moves by hand."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from adapters.settings import Ajustes
from core.domain.errors import EsquemaSinAdoptar, OperacionFallida, ResultadoDesconocido
from core.domain.events import (
    CuarentenaCambiada,
    Evento,
    ReplicacionAvanza,
    ReplicacionPausada,
    ReplicacionTerminada,
    SaludObservada,
)
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.apartada import Apartada
from core.domain.models.consulta import Pagina
from core.health import EstadoSalud
from gui.adopcion.textos import Hallazgo
from gui.arranque import Programa
from gui.avisos.aviso import Aviso, Nivel
from gui.salud.cuarentena_modelo import ColCuarentena, CuarentenaModel
from gui.salud.panel_cuarentena import PanelCuarentena
from gui.salud.panel_replicacion import PanelReplicacion
from gui.salud.pendientes import CuentaPendientes
from gui.salud.replicacion import AVANCE_CADUCA_S, CuentaReplicacion
from gui.salud.resumen import VigiaResumen
from gui.salud.retraso import Retraso, resumen_breve_de_retraso, resumen_de_retraso
from gui.tareas.paneles import Panel
from gui.tema import color
from gui.ventana import Ventana
from tests.gui.fuente_falsa import INICIO, MONGO, SQL, FuenteFalsa, RelojFalso

E = EstadoSalud
PLAZO_MS = 5000
AVANCE = ReplicacionAvanza(origen=SQL, copiadas=7_300, faltan=4_700, ritmo_por_s=2_350.0, restante_s=2.0)


def apartada(n: int, **campos: object) -> Apartada:
    ms = int(INICIO.timestamp() * 1000)
    base = Apartada(
        id=UUID(int=n),
        origen=SQL,
        version=1,
        titulo=f"Tarea {n}",
        motivo="el título es demasiado largo",
        desde_ms=ms,
        intentos=3,
        proximo_ms=ms + 12_000,
    )
    return replace(base, **campos)  # type: ignore[arg-type]


@pytest.fixture
def fuente() -> FuenteFalsa:
    fuente = FuenteFalsa()
    for nombre in (SQL, MONGO):
        fuente.poner(nombre, E.OK)
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
    programa.iniciar()
    yield programa
    programa.salir()


@pytest.fixture
def ventana(programa: Programa, qtbot: QtBot) -> Ventana:
    qtbot.waitUntil(lambda: programa.ventana.salud.replicacion is not None, timeout=PLAZO_MS)
    programa.ventana.ver("salud")
    return programa.ventana


def ocurre(ventana: Ventana, *eventos: Evento) -> None:
    for evento in eventos:
        ventana._puente.evento.emit(evento)


def pasa_a(ventana: Ventana, fuente: FuenteFalsa, nombre: NombreAlmacen, estado: EstadoSalud) -> None:
    antes = fuente.salud(nombre)
    ocurre(ventana, SaludObservada(antes, fuente.poner(nombre, estado)))


def aviso(ventana: Ventana, clave: str) -> Aviso | None:
    return next((uno for uno in ventana.avisos.avisos if uno.clave == clave), None)


def panel(ventana: Ventana) -> PanelReplicacion:
    assert ventana.salud.replicacion is not None
    return ventana.salud.replicacion


def cuarentena(ventana: Ventana) -> PanelCuarentena:
    assert ventana.salud.cuarentena is not None
    return ventana.salud.cuarentena


@pytest.mark.parametrize(
    ("retraso", "entero", "breve"),
    [
        (Retraso(pendientes=0), "nada pendiente", "nada pendiente"),
        (Retraso(pendientes=0, sabido=False), "sin contar", "sin contar"),
        (Retraso(pendientes=1, pausada=True), "1 pendiente · en pausa", "1 pendiente · en pausa"),
        (
            Retraso(pendientes=12_340, ritmo_por_s=850.4, restante_s=72.0),
            "12.340 pendientes · 850/s · quedan 1 min 12 s",
            "12.340 pendientes · quedan 1 min 12 s",
        ),
        (
            Retraso(pendientes=3, ritmo_por_s=4.24, restante_s=0.7),
            "3 pendientes · 4,2/s · queda menos de 1 s",
            "3 pendientes · queda menos de 1 s",
        ),
        (Retraso(pendientes=3, ritmo_por_s=4.0), "3 pendientes · 4,0/s", "3 pendientes"),
    ],
)
def test_el_retraso_se_dice_con_ritmo_y_tiempo(retraso: Retraso, entero: str, breve: str) -> None:
    assert (resumen_de_retraso(retraso), resumen_breve_de_retraso(retraso)) == (entero, breve)


def test_una_pasada_de_la_que_no_se_sabe_mas_deja_de_contarse() -> None:
    reloj = RelojFalso()
    cuenta = CuentaReplicacion(CuentaPendientes(), ahora_s=reloj.ahora_s, ahora=reloj.ahora)
    cuenta.observar(AVANCE)
    assert cuenta.retraso(MONGO).pendientes == 4_700
    reloj.s += AVANCE_CADUCA_S + 0.1
    assert (cuenta.en_marcha, cuenta.retraso(MONGO).pendientes) == (False, 0)


def test_el_indicador_del_que_se_pone_al_dia_dice_cuanto_le_falta_sin_bailar(
    ventana: Ventana, fuente: FuenteFalsa, qtbot: QtBot
) -> None:
    pasa_a(ventana, fuente, MONGO, E.PONIENDOSE_AL_DIA)
    indicador = ventana.barra.indicadores[MONGO]
    ocurre(ventana, AVANCE)
    dicho = "MongoDB: PONIÉNDOSE AL DÍA, 4700 pendientes · 2350/s · quedan 2 s"
    qtbot.waitUntil(lambda: indicador.texto == dicho, timeout=PLAZO_MS)
    ancho = indicador.sizeHint().width()
    ocurre(ventana, replace(AVANCE, faltan=7, restante_s=1.0))
    qtbot.waitUntil(lambda: "7 pendientes" in indicador.texto, timeout=PLAZO_MS)
    assert indicador.sizeHint().width() == ancho


def test_el_panel_ofrece_en_cada_momento_lo_que_tiene_sentido(
    ventana: Ventana, fuente: FuenteFalsa, qtbot: QtBot
) -> None:
    botones = panel(ventana)
    fila = botones.sentidos[0]
    qtbot.waitUntil(lambda: botones.palabra == "AL DÍA", timeout=PLAZO_MS)
    assert (botones.boton_sincronizar.isEnabled(), botones.boton_cancelar.isEnabled()) == (True, False)
    ocurre(ventana, AVANCE)
    qtbot.waitUntil(lambda: botones.palabra == "COPIANDO", timeout=PLAZO_MS)
    assert (botones.boton_sincronizar.isEnabled(), botones.boton_cancelar.isEnabled()) == (False, True)
    assert (fila.pendientes.text(), fila.marcha.text()) == ("4700 pendientes", "2350/s · quedan 2 s")
    assert fila.barra.value() == round(1000 * 7_300 / 12_000)
    ocurre(ventana, replace(AVANCE, copiadas=0, miradas=6_000, faltan=6_000))  # there already, all of them
    assert fila.barra.value() == 500
    ocurre(
        ventana,
        ReplicacionTerminada(origen=SQL, copiadas=12_000, conflictos=0, apartadas=0, duracion_s=5.2),
    )
    assert not fila.barra.isVisible()
    assert "12.000 tareas copiadas en 5,2 s." in fila.ultima.text()
    pasa_a(ventana, fuente, MONGO, E.CAIDA)
    assert not botones.boton_sincronizar.isEnabled()
    assert botones.palabra == "ESPERA A QUE RESPONDAN AMBAS"


def por_copiar(ventana: Ventana) -> str:
    return ventana.barra._pendientes.text()


def cuentan(ventana: Ventana, fuente: FuenteFalsa, pendientes: dict[NombreAlmacen, int]) -> None:
    """The stores are asked, as they are from time to time, and say this."""
    fuente.pendientes = pendientes
    ventana.findChild(VigiaResumen).pedir()


def test_el_panel_dice_lo_mismo_que_la_barra_aunque_nadie_copie(
    ventana: Ventana, fuente: FuenteFalsa, qtbot: QtBot
) -> None:
    de_sql, de_mongo = panel(ventana).sentidos
    terminada = ReplicacionTerminada(origen=SQL, copiadas=3, conflictos=0, apartadas=0, duracion_s=0.2)
    ocurre(ventana, terminada)
    qtbot.waitUntil(lambda: "Ambas bases de datos están al día" in de_sql.ultima.text(), timeout=PLAZO_MS)
    pasa_a(ventana, fuente, MONGO, E.CAIDA)
    cuentan(ventana, fuente, {SQL: 2_901})
    qtbot.waitUntil(lambda: por_copiar(ventana) == "2901 por copiar", timeout=PLAZO_MS)
    assert de_sql.pendientes.text() == "2901 pendientes"
    assert de_sql.ultima.text().endswith("3 tareas copiadas en 0,2 s.")
    assert (de_mongo.pendientes.text(), de_mongo.ultima.text()) == (
        "sin contar",
        "Se contarán cuando responda MongoDB.",
    )


def test_lo_que_sale_de_la_cuarentena_deja_de_estar_pendiente_en_el_panel(
    ventana: Ventana, fuente: FuenteFalsa, qtbot: QtBot
) -> None:
    cuentan(ventana, fuente, {SQL: 3})
    ocurre(ventana, CuarentenaCambiada((apartada(1),)))
    de_sql = panel(ventana).sentidos[0]
    qtbot.waitUntil(lambda: de_sql.pendientes.text() == "3 pendientes", timeout=PLAZO_MS)
    fuente.pendientes = {}
    ocurre(ventana, CuarentenaCambiada(()))
    qtbot.waitUntil(lambda: por_copiar(ventana) == "0 por copiar", timeout=PLAZO_MS)
    assert (de_sql.pendientes.text(), panel(ventana).palabra) == ("nada pendiente", "AL DÍA")


def test_la_barra_sigue_a_la_pasada_como_el_panel(ventana: Ventana) -> None:
    ocurre(ventana, AVANCE)
    assert (por_copiar(ventana), panel(ventana).sentidos[0].pendientes.text()) == (
        "4700 por copiar",
        "4700 pendientes",
    )


def test_los_botones_mandan_y_se_llega_a_ellos_con_el_teclado(
    ventana: Ventana, fuente: FuenteFalsa, qtbot: QtBot
) -> None:
    botones = panel(ventana)
    QTest.keyClick(botones.boton_sincronizar, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: aviso(ventana, "replicacion-orden") is not None, timeout=PLAZO_MS)
    terminada = aviso(ventana, "replicacion-orden")
    assert terminada is not None
    assert (terminada.titulo, terminada.detalle) == ("Sincronización terminada", "3 tareas copiadas.")
    ocurre(ventana, AVANCE)
    qtbot.waitUntil(botones.boton_cancelar.isEnabled, timeout=PLAZO_MS)
    QTest.keyClick(botones.boton_cancelar, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: fuente.ordenes == ["sincronizar", "cancelar"], timeout=PLAZO_MS)
    for boton in (botones.boton_sincronizar, botones.boton_pausa, botones.boton_cancelar):
        assert boton.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_mientras_se_sincroniza_no_se_pide_otra_vez_y_nada_se_para(
    ventana: Ventana, fuente: FuenteFalsa, qtbot: QtBot
) -> None:
    puerta = threading.Event()
    fuente.al_ordenar = lambda _orden: puerta.wait(PLAZO_MS / 1000)
    boton = panel(ventana).boton_sincronizar
    QTest.mouseClick(boton, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: fuente.ordenes == ["sincronizar"], timeout=PLAZO_MS)
    assert not boton.isEnabled()
    puerta.set()
    qtbot.waitUntil(boton.isEnabled, timeout=PLAZO_MS)


def test_una_orden_que_falla_se_dice(ventana: Ventana, fuente: FuenteFalsa, qtbot: QtBot) -> None:
    def fallar(_orden: str) -> None:
        raise OperacionFallida(MONGO, "MongoDB no respondió en 3 s.")

    fuente.al_ordenar = fallar
    QTest.mouseClick(panel(ventana).boton_sincronizar, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: aviso(ventana, "replicacion-orden") is not None, timeout=PLAZO_MS)
    dicho = aviso(ventana, "replicacion-orden")
    assert dicho is not None
    assert (dicho.nivel, dicho.detalle) == (Nivel.ERROR, "MongoDB no respondió en 3 s.")
    assert panel(ventana).boton_sincronizar.isEnabled()


def test_la_pausa_se_ve_y_se_reanuda_desde_el_aviso(
    ventana: Ventana, fuente: FuenteFalsa, qtbot: QtBot
) -> None:
    QTest.mouseClick(panel(ventana).boton_pausa, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: fuente.ordenes == ["pausar"], timeout=PLAZO_MS)
    ocurre(ventana, ReplicacionPausada(True))
    assert (panel(ventana).palabra, panel(ventana).boton_pausa.text()) == ("EN PAUSA", "Reanudar")
    dicho = aviso(ventana, "replicacion-pausada")
    assert dicho is not None
    assert dicho.nivel is Nivel.AVISO
    dicho.acciones[0].hacer()
    qtbot.waitUntil(lambda: fuente.ordenes == ["pausar", "reanudar"], timeout=PLAZO_MS)
    ocurre(ventana, ReplicacionPausada(False))
    assert aviso(ventana, "replicacion-pausada") is None


def test_una_pausa_de_antes_de_abrir_la_ventana_tambien_se_ve(
    fuente: FuenteFalsa, request: pytest.FixtureRequest, qtbot: QtBot
) -> None:
    fuente.replicacion_pausada = True
    fuente.apartadas = (apartada(1),)
    ventana: Ventana = request.getfixturevalue("ventana")
    qtbot.waitUntil(lambda: aviso(ventana, "replicacion-pausada") is not None, timeout=PLAZO_MS)
    assert aviso(ventana, "cuarentena") is not None


def test_la_cuarentena_se_avisa_una_vez_y_vacia_es_buena_noticia(ventana: Ventana) -> None:
    ocurre(ventana, CuarentenaCambiada((apartada(1),)))
    uno = aviso(ventana, "cuarentena")
    assert uno is not None
    assert (uno.nivel, uno.titulo) == (Nivel.AVISO, "1 tarea no se puede copiar a MongoDB")
    ocurre(ventana, CuarentenaCambiada((apartada(1), apartada(2))))
    assert [a.titulo for a in ventana.avisos.avisos] == ["2 tareas no se pueden copiar"]
    assert cuarentena(ventana).modelo.rowCount() == 2
    ocurre(ventana, CuarentenaCambiada(()))
    vacia = aviso(ventana, "cuarentena")
    assert vacia is not None
    assert (vacia.nivel, vacia.titulo) == (Nivel.EXITO, "Ya no queda nada sin copiar")
    assert not cuarentena(ventana).tabla.isVisible()


def test_el_aviso_lleva_a_la_cuarentena_y_reintenta(
    ventana: Ventana, fuente: FuenteFalsa, qtbot: QtBot
) -> None:
    ventana.ver("tareas")
    ocurre(ventana, CuarentenaCambiada((apartada(1),)))
    dicho = aviso(ventana, "cuarentena")
    assert dicho is not None
    ver, reintentar = dicho.acciones
    ver.hacer()
    assert ventana.vista_actual == "salud"
    assert cuarentena(ventana).tabla.currentIndex().row() == 0
    reintentar.hacer()
    qtbot.waitUntil(lambda: fuente.ordenes == ["reintentar"], timeout=PLAZO_MS)


def test_una_apartada_que_no_esta_en_la_lista_se_dice(ventana: Ventana, qtbot: QtBot) -> None:
    ocurre(ventana, CuarentenaCambiada((apartada(1, titulo="<b>Perdida</b>"),)))
    cuarentena(ventana).enfocar()
    QTest.keyClick(cuarentena(ventana).tabla, Qt.Key.Key_Return)
    assert ventana.vista_actual == "tareas"
    qtbot.waitUntil(lambda: aviso(ventana, "tarea-no-esta") is not None, timeout=PLAZO_MS)
    assert "<b>Perdida</b>" in aviso(ventana, "tarea-no-esta").titulo


def test_el_modelo_de_la_cuarentena_cambia_solo_lo_que_cambia(
    qtbot: QtBot, qtmodeltester: ModelTester
) -> None:
    modelo = CuarentenaModel()
    qtmodeltester.check(modelo)
    modelo.poner([apartada(1), apartada(2), apartada(3)])
    with qtbot.waitSignal(modelo.dataChanged, timeout=PLAZO_MS) as cambio:
        modelo.poner([apartada(1), apartada(2, intentos=4), apartada(4)])
    assert cambio.args[0].row() == 1
    assert [modelo.apartada(fila).id.int for fila in range(modelo.rowCount())] == [1, 2, 4]
    # The same tarea may be stuck both ways: two rows, not one.
    modelo.poner([apartada(1), apartada(1, origen=MONGO)])
    assert modelo.rowCount() == 2


def test_cada_fila_dice_motivo_sentido_y_proximo_intento(qtbot: QtBot) -> None:
    modelo = CuarentenaModel()
    modelo.poner([apartada(1, origen=MONGO, motivo="línea 1\nlínea 2", titulo="")])
    modelo.pasa_el_tiempo(INICIO)
    fila = {columna: modelo.index(0, columna).data() for columna in ColCuarentena}
    assert fila[ColCuarentena.SENTIDO] == "MongoDB → SQL"
    assert fila[ColCuarentena.MOTIVO] == "línea 1⏎línea 2"
    assert fila[ColCuarentena.PROXIMO] == "en 12 s"
    assert fila[ColCuarentena.INTENTOS] == "3"
    assert fila[ColCuarentena.TITULO] == "(sin título)"


def test_copiar_lleva_las_filas_elegidas_como_texto(qtbot: QtBot) -> None:
    panel = PanelCuarentena()
    qtbot.addWidget(panel)
    panel.poner((apartada(1), apartada(2)))
    panel.boton_copiar.click()
    assert len(QGuiApplication.clipboard().text().splitlines()) == 3
    panel.tabla.selectRow(1)
    panel.boton_copiar.click()
    copiado = QGuiApplication.clipboard().text()
    assert str(UUID(int=2)) in copiado
    assert str(UUID(int=1)) not in copiado


@pytest.mark.parametrize("ancho", [640, 1024])
def test_los_paneles_caben_en_lo_ancho(ventana: Ventana, qtbot: QtBot, ancho: int) -> None:
    ocurre(ventana, CuarentenaCambiada((apartada(1),)), AVANCE)
    ventana.resize(ancho, 700)
    barra = ventana.salud._area.horizontalScrollBar()
    qtbot.waitUntil(lambda: ventana.width() == ancho and barra.maximum() == 0, timeout=PLAZO_MS)


def test_adoptar_pregunta_lo_dice_todo_y_trabaja_aparte(
    fuente: FuenteFalsa, request: pytest.FixtureRequest, qtbot: QtBot
) -> None:
    fuente.por_adoptar[SQL] = 12_000
    ventana: Ventana = request.getfixturevalue("ventana")
    qtbot.waitUntil(lambda: aviso(ventana, "adopcion-sql") is not None, timeout=PLAZO_MS)
    dicho = aviso(ventana, "adopcion-sql")
    assert dicho is not None
    assert (dicho.nivel, dicho.titulo) == (Nivel.AVISO, "Hay 12.000 tareas de otro programa en SQL")
    assert fuente.ordenes == []
    dicho.acciones[0].hacer()
    dialogo = ventana.montaje.adopcion._dialogos[SQL]
    textos = [etiqueta.text() for etiqueta in dialogo.findChildren(QLabel)]
    assert "¿Adoptar 12.000 tareas que hay en SQL?" in textos
    assert any("Se copian a MongoDB" in texto for texto in textos)
    assert any("No se borra ninguna tarea" in texto for texto in textos)
    assert dialogo.boton_no.isDefault()
    borde = dialogo.grab().toImage().pixelColor(dialogo.rect().bottomRight() - QPoint(20, 0))
    assert borde == color("muted")
    puerta = threading.Event()
    fuente.al_ordenar = lambda _orden: puerta.wait(PLAZO_MS / 1000)
    QTest.mouseClick(dialogo.boton_si, Qt.MouseButton.LeftButton)
    assert dialogo.barra.isVisible()
    assert aviso(ventana, "adopcion-sql").titulo == "Adoptando 12.000 tareas de SQL…"
    puerta.set()
    qtbot.waitUntil(lambda: aviso(ventana, "adopcion-sql").nivel is Nivel.EXITO, timeout=PLAZO_MS)
    assert fuente.ordenes == ["adoptar sql", "despertar"]
    assert SQL not in ventana.montaje.adopcion._dialogos


def test_la_lista_vacia_dice_que_hay_tareas_por_adoptar_y_las_ofrece(
    fuente: FuenteFalsa, request: pytest.FixtureRequest, qtbot: QtBot
) -> None:
    fuente.por_adoptar[SQL] = 50
    ventana: Ventana = request.getfixturevalue("ventana")
    ventana.ver("tareas")
    paneles = ventana.tareas.paneles
    qtbot.waitUntil(lambda: paneles.visible is Panel.POR_ADOPTAR, timeout=PLAZO_MS)
    letrero = paneles.letreros[Panel.POR_ADOPTAR]
    assert letrero.texto.startswith("Hay 50 tareas de otro programa por adoptar en SQL")
    QTest.mouseClick(letrero.botones[0], Qt.MouseButton.LeftButton)
    ventana.montaje.adopcion._dialogos[SQL].boton_si.click()
    qtbot.waitUntil(lambda: paneles.visible is Panel.VACIA, timeout=PLAZO_MS)
    assert not ventana.tareas.estado.nota.isVisible()


@pytest.mark.parametrize(("otro", "panel"), [(MONGO, Panel.ERROR), (None, Panel.POR_ADOPTAR)])
def test_solo_si_no_hay_otra_base_no_poder_leer_es_tener_que_adoptar(
    ventana: Ventana, otro: NombreAlmacen | None, panel: Panel
) -> None:
    estado = ventana.tareas.estado
    estado.poner_hallazgo(Hallazgo(almacen=SQL, motivo="", filas=None, otro=otro), False)
    estado._al_fallar(EsquemaSinAdoptar(SQL, "Ya existe «tareas»."))
    assert ventana.tareas.paneles.visible is panel


def test_si_esperan_las_dos_no_se_dice_que_se_trabaja_con_la_otra(
    fuente: FuenteFalsa, request: pytest.FixtureRequest, qtbot: QtBot
) -> None:
    fuente.por_adoptar.update({SQL: 50, MONGO: 60})
    ventana: Ventana = request.getfixturevalue("ventana")

    def detalle(nombre: NombreAlmacen) -> str:
        visto = aviso(ventana, f"adopcion-{nombre}")
        return "" if visto is None else visto.detalle

    qtbot.waitUntil(
        lambda: all("hasta que se adopten unas" in detalle(uno) for uno in NombreAlmacen), timeout=PLAZO_MS
    )
    estado = ventana.tareas.estado
    estado._al_fallar(EsquemaSinAdoptar(SQL, "Ya existe «tareas»."))
    ventana.ver("tareas")
    assert ventana.tareas.paneles.visible is Panel.POR_ADOPTAR
    aviso(ventana, "adopcion-sql").acciones[0].hacer()
    ventana.montaje.adopcion._dialogos[SQL].boton_si.click()
    qtbot.waitUntil(lambda: "se trabaja solo con SQL" in detalle(MONGO), timeout=PLAZO_MS)


def test_adoptar_una_no_tapa_por_que_no_se_pudo_la_otra(
    fuente: FuenteFalsa, request: pytest.FixtureRequest, qtbot: QtBot
) -> None:
    def fallar_en_sql(orden: str) -> None:
        if "sql" in orden:
            raise OperacionFallida(SQL, "una fila se bloquea")

    fuente.por_adoptar.update({SQL: 50, MONGO: 60})
    fuente.al_ordenar = fallar_en_sql
    ventana: Ventana = request.getfixturevalue("ventana")
    adopcion = ventana.montaje.adopcion
    qtbot.waitUntil(lambda: len(adopcion._por_adoptar) == 2, timeout=PLAZO_MS)

    def adoptar(nombre: NombreAlmacen, nivel: Nivel) -> str:
        adopcion.abrir(adopcion._por_adoptar[nombre])
        textos = [etiqueta.text() for etiqueta in adopcion._dialogos[nombre].findChildren(QLabel)]
        assert any("cuando se adopten también las suyas" in texto for texto in textos)
        adopcion._dialogos[nombre].boton_si.click()
        qtbot.waitUntil(lambda: aviso(ventana, f"adopcion-{nombre}").nivel is nivel, timeout=PLAZO_MS)
        return str(aviso(ventana, f"adopcion-{nombre}").detalle)

    assert "una fila se bloquea" in adoptar(SQL, Nivel.ERROR)
    assert adoptar(MONGO, Nivel.EXITO) == "Se copiarán a SQL cuando se adopten también las suyas."
    assert "una fila se bloquea" in aviso(ventana, "adopcion-sql").detalle


def test_sobre_las_filas_de_la_otra_base_se_dice_cuales_faltan(ventana: Ventana) -> None:
    estado = ventana.tareas.estado
    pagina = Pagina(tareas=(), siguiente=None, almacen=MONGO, aviso="SQL no responde (Ya existe…)")
    estado._al_cargar(pagina, INICIO)
    assert estado.nota.text().startswith("SQL no responde")
    estado.poner_hallazgo(Hallazgo(almacen=SQL, motivo="", filas=None, otro=MONGO), False)
    dicho = "Hay tareas de otro programa por adoptar en SQL: hasta entonces se ven solo las de MongoDB."
    assert estado.nota.text() == dicho


def test_si_no_se_puede_adoptar_se_dice_por_que_y_se_puede_repetir(
    fuente: FuenteFalsa, request: pytest.FixtureRequest, qtbot: QtBot
) -> None:
    def fallar(_orden: str) -> None:
        raise OperacionFallida(SQL, "La tabla «tareas» queda como estaba: hay ids repetidos.")

    fuente.por_adoptar[SQL], fuente.al_ordenar = 2, fallar
    ventana: Ventana = request.getfixturevalue("ventana")
    qtbot.waitUntil(lambda: aviso(ventana, "adopcion-sql") is not None, timeout=PLAZO_MS)
    aviso(ventana, "adopcion-sql").acciones[0].hacer()
    ventana.montaje.adopcion._dialogos[SQL].boton_si.click()
    qtbot.waitUntil(lambda: aviso(ventana, "adopcion-sql").nivel is Nivel.ERROR, timeout=PLAZO_MS)
    dicho = aviso(ventana, "adopcion-sql")
    assert "hay ids repetidos" in dicho.detalle
    fuente.al_ordenar = lambda _orden: None
    dicho.acciones[0].hacer()
    ventana.montaje.adopcion._dialogos[SQL].boton_si.click()
    qtbot.waitUntil(lambda: aviso(ventana, "adopcion-sql").nivel is Nivel.EXITO, timeout=PLAZO_MS)


@pytest.mark.parametrize("aplicada", [True, False])
def test_una_adopcion_de_la_que_no_se_supo_el_final_se_mira_otra_vez(
    fuente: FuenteFalsa, request: pytest.FixtureRequest, qtbot: QtBot, aplicada: bool
) -> None:
    preparar, cortada = fuente.preparar, threading.Event()

    def preparar_a_ciegas(nombre: NombreAlmacen, *, adoptar: bool = False) -> None:
        if adoptar:
            cortada.set()
        if nombre is SQL and cortada.is_set():
            raise ResultadoDesconocido(SQL, "SQL no contestó.")
        preparar(nombre, adoptar=adoptar)

    fuente.por_adoptar[SQL] = 2
    fuente.preparar = preparar_a_ciegas  # type: ignore[method-assign]
    ventana: Ventana = request.getfixturevalue("ventana")
    qtbot.waitUntil(lambda: aviso(ventana, "adopcion-sql") is not None, timeout=PLAZO_MS)
    aviso(ventana, "adopcion-sql").acciones[0].hacer()
    ventana.montaje.adopcion._dialogos[SQL].boton_si.click()
    qtbot.waitUntil(lambda: aviso(ventana, "adopcion-sql").titulo.startswith("No se sabe"), timeout=PLAZO_MS)
    assert aviso(ventana, "adopcion-sql").nivel is Nivel.AVISO
    qtbot.waitUntil(lambda: SQL not in ventana.montaje.adopcion._mirando, timeout=PLAZO_MS)
    if aplicada:
        del fuente.por_adoptar[SQL]
    cortada.clear()
    pasa_a(ventana, fuente, SQL, E.OK)
    final = "SQL: tareas adoptadas (2 tareas)" if aplicada else "Hay 2 tareas de otro programa en SQL"
    qtbot.waitUntil(lambda: aviso(ventana, "adopcion-sql").titulo == final, timeout=PLAZO_MS)
    assert fuente.ordenes == ["despertar"] * aplicada


def test_una_que_estaba_caida_se_mira_cuando_responde(
    fuente: FuenteFalsa, request: pytest.FixtureRequest, qtbot: QtBot
) -> None:
    caida = threading.Event()
    preparar = fuente.preparar

    def preparar_si_responde(nombre: NombreAlmacen, *, adoptar: bool = False) -> None:
        if nombre is MONGO and not caida.is_set():
            raise OperacionFallida(MONGO, "no responde")
        preparar(nombre, adoptar=adoptar)

    fuente.preparar = preparar_si_responde  # type: ignore[method-assign]
    fuente.por_adoptar[MONGO] = 1
    ventana: Ventana = request.getfixturevalue("ventana")
    pasa_a(ventana, fuente, MONGO, E.CAIDA)
    qtbot.waitUntil(lambda: MONGO not in ventana.montaje.adopcion._mirando, timeout=PLAZO_MS)
    assert aviso(ventana, "adopcion-mongo") is None
    caida.set()
    pasa_a(ventana, fuente, MONGO, E.OK)
    qtbot.waitUntil(lambda: aviso(ventana, "adopcion-mongo") is not None, timeout=PLAZO_MS)


@pytest.mark.parametrize(
    ("en_ambas", "titulo", "detalle"),
    [
        ((True,), "1 tarea está en ambas bases de datos, sin confirmar", "No les falta nada"),
        ((True, True), "2 tareas están en ambas bases de datos, sin confirmar", "No les falta nada"),
        ((False, True), "1 tarea no se puede copiar a MongoDB", "1 tarea está en ambas bases de datos, sin"),
        ((False, False), "2 tareas no se pueden copiar", "Están a salvo donde están"),
        ((False,), "1 tarea no se puede copiar a MongoDB", "Está a salvo donde está y se reintenta sola"),
    ],
)
def test_lo_que_solo_no_se_puede_confirmar_se_distingue_de_lo_que_falta(
    en_ambas: tuple[bool, ...], titulo: str, detalle: str, ventana: Ventana
) -> None:
    apartadas = tuple(apartada(n, en_ambas=ambas) for n, ambas in enumerate(en_ambas))
    ocurre(ventana, CuarentenaCambiada(apartadas))
    (aviso,) = ventana.avisos.avisos
    assert aviso.titulo == titulo
    assert aviso.detalle.startswith(detalle)
    modelo = ventana.salud.cuarentena.modelo
    sentidos = [modelo.index(n, ColCuarentena.SENTIDO).data() for n in range(len(apartadas))]
    assert sentidos == ["sin confirmar" if ambas else "SQL → MongoDB" for ambas in en_ambas]


def test_el_motivo_de_la_fila_elegida_se_lee_entero(qtbot: QtBot) -> None:
    panel = PanelCuarentena()
    qtbot.addWidget(panel)
    motivo = "el contenido difiere bajo la misma versión: " + "y se explica por qué " * 20
    panel.poner((apartada(1, motivo=motivo), apartada(2)))
    panel.tabla.selectRow(0)
    assert motivo in [letrero.text() for letrero in panel.findChildren(QLabel)]
    panel.tabla.selectRow(1)
    assert motivo not in [letrero.text() for letrero in panel.findChildren(QLabel)]
