"""The shell of the window: it shows at once, tells what happens, remembers its place, and lets go in time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAction, QFont, QFontInfo, QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from adapters.settings import DE_OTROS, Ajustes
from core.domain.errors import ConfiguracionInvalida, EsquemaSinAdoptar
from core.domain.events import ReplicacionTerminada, SaludObservada
from core.domain.models.tarea import Tarea
from core.health import EstadoSalud
from gui.arranque import ARCHIVO_PREFERENCIAS, VARIABLE_TEMA, Programa, modo_impuesto
from gui.arranque_captura import NO_ARRANCO, NO_SE_PUDO_ESCRIBIR, Captura
from gui.avisos.aviso import Nivel
from gui.salud.detalle import VentanaDetalle
from gui.salud.resumen import VigiaResumen
from gui.tema import Modo, paleta_vigente
from gui.tema.gestor import CLAVE_MODO
from gui.ventana import Ventana
from tests.gui.fuente_falsa import MONGO, SQL, FuenteFalsa

E = EstadoSalud
PLAZO_MS = 5000


@pytest.fixture
def fuente() -> FuenteFalsa:
    fuente = FuenteFalsa()
    for nombre in (SQL, MONGO):
        fuente.poner(nombre, E.OK, desde_s=time.monotonic(), visto_s=time.monotonic())
    return fuente


@pytest.fixture
def preferencias(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "ventana.ini"), QSettings.Format.IniFormat)


Abrir = Callable[..., Programa]


@pytest.fixture
def abrir(qtbot: QtBot, tmp_path: Path, preferencias: QSettings, fuente: FuenteFalsa) -> Iterator[Abrir]:
    programas: list[Programa] = []

    def hacer(contenedor: object = fuente) -> Programa:
        programa = Programa(
            Ajustes(datos=tmp_path),
            preferencias=preferencias,
            fabrica=lambda *_: contenedor,  # type: ignore[arg-type]
        )
        programas.append(programa)
        qtbot.addWidget(programa.ventana)
        programa.ventana.show()
        programa.iniciar()
        return programa

    yield hacer
    for programa in programas:
        programa.salir()


@pytest.fixture
def ventana(abrir: Abrir, qtbot: QtBot) -> Ventana:
    ventana = abrir().ventana
    qtbot.waitUntil(lambda: bool(ventana.barra.indicadores), timeout=PLAZO_MS)
    return ventana


def contar(ventana: Ventana, fuente: FuenteFalsa, nombre: object, estado: EstadoSalud) -> None:
    """The store changes its state, and the bus says so."""
    antes = fuente.instantaneas[nombre]  # type: ignore[index]
    ahora_s = time.monotonic()
    ahora = replace(antes, estado=estado, desde_s=ahora_s, visto_s=ahora_s, proximo_s=ahora_s + 3)
    fuente.instantaneas[nombre] = ahora  # type: ignore[index]
    ventana._puente.evento.emit(SaludObservada(antes, ahora))


def test_se_ve_antes_de_que_haya_bases_de_datos(abrir: Abrir, qtbot: QtBot) -> None:
    puerta = threading.Event()

    class Lenta(FuenteFalsa):
        def iniciar(self) -> FuenteFalsa:
            assert puerta.wait(PLAZO_MS / 1000)
            return self

    ventana = abrir(Lenta()).ventana
    assert ventana.isVisible()
    assert any(e.text() == "Preparando las bases de datos…" for e in ventana.barra.findChildren(QLabel))
    assert ventana.estados() == ()
    puerta.set()
    qtbot.waitUntil(lambda: len(ventana.estados()) == 2, timeout=PLAZO_MS)


def test_un_fallo_al_arrancar_se_lee_en_la_ventana(abrir: Abrir, qtbot: QtBot) -> None:
    class Rota(FuenteFalsa):
        def iniciar(self) -> FuenteFalsa:
            raise ConfiguracionInvalida("La carpeta de datos no se puede usar.")

    ventana = abrir(Rota()).ventana
    qtbot.waitUntil(lambda: len(ventana.avisos.avisos) == 1, timeout=PLAZO_MS)
    (aviso,) = ventana.avisos.avisos
    assert (aviso.nivel, aviso.detalle) == (Nivel.ERROR, "La carpeta de datos no se puede usar.")
    aviso.acciones[0].hacer()
    assert ventana.vista_actual == "actividad"


@pytest.mark.errores_esperados("Error inesperado")
def test_un_error_propio_al_arrancar_no_cierra_la_ventana(abrir: Abrir, qtbot: QtBot) -> None:
    class Rota(FuenteFalsa):
        def iniciar(self) -> FuenteFalsa:
            raise RuntimeError("un fallo nuestro")

    ventana = abrir(Rota()).ventana
    qtbot.waitUntil(lambda: len(ventana.avisos.avisos) == 1, timeout=PLAZO_MS)
    assert "Error interno (RuntimeError)" in ventana.avisos.avisos[0].detalle


def test_una_caida_se_avisa_y_la_vuelta_es_buena_noticia(ventana: Ventana, fuente: FuenteFalsa) -> None:
    contar(ventana, fuente, MONGO, E.CAIDA)
    (aviso,) = ventana.avisos.avisos
    assert aviso.titulo.startswith("MongoDB no responde desde las")
    assert ventana.barra.indicadores[MONGO].texto.startswith("MongoDB: CAÍDA")
    contar(ventana, fuente, MONGO, E.OK)
    (aviso,) = ventana.avisos.avisos
    assert (aviso.nivel, aviso.titulo) == (Nivel.EXITO, "MongoDB vuelve a responder")


def test_ambas_caidas_es_un_error_y_reintentar_pregunta_a_las_dos(
    ventana: Ventana, fuente: FuenteFalsa, qtbot: QtBot
) -> None:
    contar(ventana, fuente, SQL, E.CAIDA)
    contar(ventana, fuente, MONGO, E.CAIDA)
    (aviso,) = ventana.avisos.avisos
    assert aviso.titulo == "Ninguna base de datos responde"
    aviso.acciones[0].hacer()
    qtbot.waitUntil(lambda: sorted(fuente.pings) == [MONGO, SQL], timeout=PLAZO_MS)


def test_ver_pendientes_filtra_la_tabla(ventana: Ventana, fuente: FuenteFalsa) -> None:
    contar(ventana, fuente, MONGO, E.CAIDA)
    ventana.ver("salud")
    ventana.avisos.avisos[0].acciones[1].hacer()
    assert ventana.vista_actual == "tareas"
    assert ventana.tareas.herramientas.filtro.solo_pendientes


def _con_una_pendiente(ventana: Ventana, fuente: FuenteFalsa, qtbot: QtBot) -> Tarea:
    tarea = fuente.repositorio.save(Tarea(titulo="Le falta a MongoDB"))
    ventana.tareas.actualizar()
    qtbot.waitUntil(lambda: ventana.tareas.modelo.hay_pendientes, timeout=PLAZO_MS)
    fuente.repositorio.confirmar([(tarea.id, tarea.version)])
    return tarea


@pytest.mark.parametrize("copiadas", [0, 1])
def test_tras_una_replicacion_las_filas_dicen_la_verdad(
    ventana: Ventana, fuente: FuenteFalsa, qtbot: QtBot, copiadas: int
) -> None:
    _con_una_pendiente(ventana, fuente, qtbot)
    ventana._puente.evento.emit(
        ReplicacionTerminada(origen=SQL, copiadas=copiadas, conflictos=1, apartadas=0, duracion_s=0.1)
    )
    qtbot.waitUntil(lambda: not ventana.tareas.modelo.hay_pendientes, timeout=PLAZO_MS)
    assert str(ventana.tareas.modelo.index(0, 3).data()) == "SQL ✓   Mongo ✓"


def test_si_ningun_almacen_cuenta_pendientes_ninguna_fila_lo_dice(
    ventana: Ventana, fuente: FuenteFalsa, qtbot: QtBot
) -> None:
    """A write that another operator's program confirmed is announced nowhere here."""
    _con_una_pendiente(ventana, fuente, qtbot)
    ventana.findChild(VigiaResumen).pedir()
    qtbot.waitUntil(lambda: not ventana.tareas.modelo.hay_pendientes, timeout=PLAZO_MS)


def test_sin_mongo_embebido_se_dice_que_falta(abrir: Abrir, fuente: FuenteFalsa, qtbot: QtBot) -> None:
    fuente.problema_embebido = "Instale el extra «embedded» o defina MONGO_URL."
    ventana = abrir().ventana
    qtbot.waitUntil(lambda: len(ventana.avisos.avisos) == 1, timeout=PLAZO_MS)
    aviso = ventana.avisos.avisos[0]
    assert (aviso.nivel, aviso.caduca_s) == (Nivel.AVISO, None)
    assert aviso.detalle == fuente.problema_embebido


def test_el_entorno_se_ve(ventana: Ventana) -> None:
    assert any(e.text() == "EMBEBIDO" for e in ventana.carril.findChildren(QLabel))


def test_una_direccion_se_muestra_como_texto(abrir: Abrir, fuente: FuenteFalsa, qtbot: QtBot) -> None:
    fuente.direccion = lambda nombre: "/datos/<b>mías</b>/tareas.db"  # type: ignore[method-assign]
    ventana = abrir().ventana
    qtbot.waitUntil(lambda: len(ventana.estados()) == 2, timeout=PLAZO_MS)
    consejos = [e.toolTip() for e in ventana.carril.findChildren(QLabel) if e.text() == "EMBEBIDO"]
    assert "&lt;b&gt;mías" in consejos[0]


def test_ningun_letrero_toma_un_dato_por_formato(ventana: Ventana, fuente: FuenteFalsa) -> None:
    contar(ventana, fuente, MONGO, E.CAIDA)
    culpables = [
        letrero.text()
        for letrero in ventana.findChildren(QLabel)
        if letrero.text() and letrero.textFormat() is not Qt.TextFormat.PlainText
    ]
    assert culpables == []


@pytest.mark.parametrize(
    ("tecla", "vista"),
    [
        (Qt.Key.Key_1, "tareas"),
        (Qt.Key.Key_2, "salud"),
        (Qt.Key.Key_3, "conflictos"),
        (Qt.Key.Key_4, "verificacion"),
        (Qt.Key.Key_5, "actividad"),
    ],
)
def test_las_vistas_se_eligen_con_el_teclado(
    ventana: Ventana, qtbot: QtBot, tecla: Qt.Key, vista: str
) -> None:
    ventana.ver("actividad" if vista == "tareas" else "tareas")
    ventana.activateWindow()
    qtbot.waitActive(ventana).__enter__()
    QTest.keyClick(ventana, tecla, Qt.KeyboardModifier.ControlModifier)
    assert ventana.vista_actual == vista


def test_el_detalle_se_abre_sobre_el_indicador_y_pregunta(
    ventana: Ventana, fuente: FuenteFalsa, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A popup grabs keyboard and mouse, which the platform of the tests cannot do and complains about.
    monkeypatch.setattr(VentanaDetalle, "show", lambda self: self.setAttribute(_OCULTA))
    ventana.barra.indicadores[MONGO].click()
    detalle = ventana.findChild(QDialog)
    assert isinstance(detalle, VentanaDetalle)
    detalle.detalle.ping_pedido.emit(MONGO)
    qtbot.waitUntil(lambda: fuente.pings == [MONGO], timeout=PLAZO_MS)


_OCULTA = Qt.WidgetAttribute.WA_DontShowOnScreen


@pytest.mark.parametrize("ancho", [1024, 1280])
def test_todo_cabe_con_dos_bases_caidas(
    ventana: Ventana, fuente: FuenteFalsa, qtbot: QtBot, ancho: int
) -> None:
    contar(ventana, fuente, SQL, E.CAIDA)
    contar(ventana, fuente, MONGO, E.CAIDA)
    ventana.resize(ancho, 700)
    qtbot.waitUntil(lambda: ventana.width() == ancho, timeout=PLAZO_MS)
    for boton in ventana.carril.findChildren(QToolButton):
        assert boton.width() >= boton.minimumSizeHint().width()
    ultimo = ventana.barra.findChildren(QLabel)[-1]
    assert ventana.barra.rect().contains(ultimo.mapTo(ventana.barra, ultimo.rect().center()))


@pytest.mark.parametrize("ancho", [900, 1024, 1280, 1600])
def test_las_columnas_llenan_la_tabla(
    ventana: Ventana, fuente: FuenteFalsa, qtbot: QtBot, ancho: int
) -> None:
    fuente.repositorio.save(Tarea(titulo="Una"))
    ventana.tareas.actualizar()
    tabla = ventana.tareas.tabla
    qtbot.waitUntil(lambda: tabla.isVisible() and tabla.model().rowCount() == 1, timeout=PLAZO_MS)
    ventana.resize(ancho, 700)
    qtbot.waitUntil(lambda: tabla.horizontalHeader().length() == tabla.viewport().width(), timeout=PLAZO_MS)


def test_el_carril_crece_con_la_letra(abrir: Abrir, qapp: QApplication) -> None:
    letra = qapp.font()
    doble = QFont(letra)
    doble.setPointSizeF(letra.pointSizeF() * 2)
    try:
        qapp.setFont(doble)
        carril = abrir().ventana.carril
        marca = next(e for e in carril.findChildren(QLabel) if e.objectName() == "marca")
        assert marca.fontInfo().pixelSize() > QFontInfo(doble).pixelSize()
        assert marca.width() >= marca.sizeHint().width()
        assert carril.findChildren(QToolButton)[0].iconSize().height() >= QFontMetrics(doble).height()
    finally:
        qapp.setFont(letra)


def test_el_tema_se_elige_en_el_carril(ventana: Ventana) -> None:
    acciones = {a.text(): a for a in ventana.carril.findChildren(QAction)}
    acciones["Oscuro"].trigger()
    assert paleta_vigente().oscura
    acciones["Claro"].trigger()
    assert not paleta_vigente().oscura


def test_recuerda_su_tamano(abrir: Abrir, preferencias: QSettings, qtbot: QtBot) -> None:
    primera = abrir().ventana
    primera.resize(770, 600)
    assert primera.close()
    assert abrir().ventana.size().toTuple() == (770, 600)


def test_el_tema_elegido_es_el_de_la_proxima_vez(abrir: Abrir, preferencias: QSettings) -> None:
    abrir().tema.elegir(Modo.OSCURO)
    assert abrir().tema.modo is Modo.OSCURO


def test_con_texto_sin_guardar_no_se_cierra_sin_preguntar(
    ventana: Ventana, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ventana.tareas, "puede_cerrar", lambda: False)
    assert not ventana.close()
    assert ventana.isVisible()


def test_se_va_a_tiempo_aunque_una_base_de_datos_este_congelada(abrir: Abrir, qtbot: QtBot) -> None:
    puerta = threading.Event()

    class Congelada(FuenteFalsa):
        def close(self, timeout_s: float = 1.0) -> None:
            assert puerta.wait(PLAZO_MS / 1000)

    programa = abrir(Congelada())
    qtbot.waitUntil(lambda: len(programa.ventana.estados()) == 2, timeout=PLAZO_MS)
    inicio_s = time.monotonic()
    assert not programa.salir()
    assert time.monotonic() - inicio_s < 1.0
    puerta.set()


def test_se_va_limpiamente_cuando_todo_responde(abrir: Abrir, qtbot: QtBot) -> None:
    programa = abrir()
    qtbot.waitUntil(lambda: len(programa.ventana.estados()) == 2, timeout=PLAZO_MS)
    assert programa.salir()


@pytest.fixture
def sin_salir(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """QApplication.exit would end the tests' own event loops."""
    salidas: list[int] = []
    monkeypatch.setattr(QApplication, "exit", salidas.append)
    return salidas


def test_la_captura_espera_a_las_filas_y_guarda_una_imagen(
    abrir: Abrir, qtbot: QtBot, tmp_path: Path, sin_salir: list[int]
) -> None:
    programa = abrir()
    Captura(programa.ventana, tmp_path / "ventana.png", programa)
    qtbot.waitUntil(lambda: sin_salir == [0], timeout=PLAZO_MS)
    assert (tmp_path / "ventana.png").stat().st_size > 10_000


def test_la_captura_con_ambas_caidas_no_espera_filas(
    abrir: Abrir, fuente: FuenteFalsa, qtbot: QtBot, tmp_path: Path, sin_salir: list[int]
) -> None:
    for nombre in (SQL, MONGO):
        fuente.poner(nombre, E.CAIDA)
    programa = abrir()
    Captura(programa.ventana, tmp_path / "ventana.png", programa)
    qtbot.waitUntil(lambda: sin_salir == [0], timeout=PLAZO_MS)


def test_una_captura_que_no_se_puede_escribir_lo_dice(
    abrir: Abrir, qtbot: QtBot, tmp_path: Path, sin_salir: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    programa = abrir()
    Captura(programa.ventana, tmp_path / "no" / "existe.png", programa)
    qtbot.waitUntil(lambda: sin_salir == [NO_SE_PUDO_ESCRIBIR], timeout=PLAZO_MS)
    assert "No se puede escribir la imagen" in capsys.readouterr().err


def test_una_captura_de_un_programa_que_no_arranca_dice_por_que(
    abrir: Abrir, qtbot: QtBot, tmp_path: Path, sin_salir: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    class Rota(FuenteFalsa):
        def iniciar(self) -> FuenteFalsa:
            raise ConfiguracionInvalida("La carpeta de datos no se puede usar.")

    programa = abrir(Rota())
    Captura(programa.ventana, tmp_path / "ventana.png", programa)
    qtbot.waitUntil(lambda: sin_salir == [NO_ARRANCO], timeout=PLAZO_MS)
    assert capsys.readouterr().err == "La carpeta de datos no se puede usar.\n"
    assert not (tmp_path / "ventana.png").exists()


def test_una_captura_de_lo_que_no_se_puede_leer_dice_por_que_sin_esperar(
    abrir: Abrir,
    fuente: FuenteFalsa,
    qtbot: QtBot,
    tmp_path: Path,
    sin_salir: list[int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    fuente.repositorio.fallar_con = EsquemaSinAdoptar(SQL, "Ya existe «tareas» de otro programa.")
    programa = abrir()
    Captura(programa.ventana, tmp_path / "ventana.png", programa)
    qtbot.waitUntil(lambda: sin_salir == [1], timeout=PLAZO_MS)
    dicho = capsys.readouterr().err
    assert "Ya existe «tareas» de otro programa." in dicho
    assert "a tiempo" not in dicho
    assert (tmp_path / "ventana.png").exists()


def test_una_captura_sin_datos_a_tiempo_lo_dice(
    abrir: Abrir,
    fuente: FuenteFalsa,
    qtbot: QtBot,
    tmp_path: Path,
    sin_salir: list[int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    fuente.poner(MONGO, E.DESCONOCIDA)
    programa = abrir()
    Captura(programa.ventana, tmp_path / "ventana.png", programa, plazo_s=0.2)
    qtbot.waitUntil(lambda: sin_salir == [1], timeout=PLAZO_MS)
    assert "no llegaron a tiempo" in capsys.readouterr().err
    assert (tmp_path / "ventana.png").exists()


def test_importar_se_ofrece_siempre_y_con_su_tecla(ventana: Ventana) -> None:
    pedidos: list[bool] = []
    ventana.tareas.importar_pedido.connect(lambda: pedidos.append(True))
    ventana.tareas.importar_pedido.disconnect(ventana._importacion.preguntar)
    ventana.ver("salud")
    QTest.keyClick(ventana, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    ventana.tareas.herramientas.accion_importar.trigger()
    assert len(pedidos) == 2


def test_ctrl_q_cierra(ventana: Ventana, qtbot: QtBot) -> None:
    with qtbot.waitSignal(ventana.cerrada, timeout=PLAZO_MS):
        QTest.keyClick(ventana, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)


def test_en_640_pixeles_cabe_todo_y_el_carril_muestra_solo_iconos(ventana: Ventana, qtbot: QtBot) -> None:
    ventana.resize(640, 480)
    assert ventana.width() == 640
    qtbot.waitUntil(lambda: ventana.minimumSizeHint().width() <= 640, timeout=PLAZO_MS)
    botones = [b for b in ventana.carril.findChildren(QToolButton) if b.isCheckable()]
    assert {b.toolButtonStyle() for b in botones} == {Qt.ToolButtonStyle.ToolButtonIconOnly}
    assert all(b.accessibleName() for b in botones)
    ventana.resize(1280, 800)
    assert {b.toolButtonStyle() for b in botones} == {Qt.ToolButtonStyle.ToolButtonTextBesideIcon}


def test_una_captura_lleva_el_tema_elegido_o_el_que_pide_el_entorno(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ajustes, foto = Ajustes(datos=tmp_path), tmp_path / "foto.png"
    assert modo_impuesto(ajustes, foto) is None
    guardadas = QSettings(str(tmp_path / ARCHIVO_PREFERENCIAS), QSettings.Format.IniFormat)
    guardadas.setValue(CLAVE_MODO, Modo.OSCURO.value)
    guardadas.sync()
    assert modo_impuesto(ajustes, foto) is Modo.OSCURO
    assert modo_impuesto(ajustes, None) is None  # the window remembers by itself
    monkeypatch.setenv(VARIABLE_TEMA, "claro")
    assert modo_impuesto(ajustes, foto) is Modo.CLARO
    assert VARIABLE_TEMA in DE_OTROS  # else the settings warn of it


def test_una_instalacion_de_un_almacen_no_habla_de_pendientes(abrir: Abrir, qtbot: QtBot) -> None:
    fuente = FuenteFalsa(SQL)
    fuente.poner(SQL, E.OK, desde_s=time.monotonic(), visto_s=time.monotonic())
    ventana = abrir(fuente).ventana
    qtbot.waitUntil(lambda: bool(ventana.barra.indicadores), timeout=PLAZO_MS)
    ventana.barra.poner_pendientes(1)
    visibles = [e.text() for e in ventana.barra.findChildren(QLabel) if e.isVisible()]
    assert not any("por copiar" in texto for texto in visibles)
