"""The import from the window: counts while it runs, stops when asked, and tells what became of each row."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from core.application.importar_tareas import Incidencia, InformeImportacion
from core.domain.errors import ArchivoInvalido, LecturaImposible
from core.domain.models.importacion import SuerteFila
from gui.bridge import Puente
from gui.executor import QtExecutor
from gui.importar.dialogo import DialogoImportar, Importador
from gui.importar.importacion import Importacion

PLAZO_MS = 5000
PLAZO_S = PLAZO_MS / 1000
RUTA = Path("tareas.csv")
Progreso = Callable[[InformeImportacion], None]
Cancelar = Callable[[], bool]


@pytest.fixture
def puente(qtbot: QtBot) -> Iterator[Puente]:
    with QtExecutor(1, "prueba") as ejecutor:
        puente = Puente(ejecutor)
        yield puente
        puente.cerrar()


@pytest.fixture
def hacer(qtbot: QtBot, puente: Puente) -> Callable[[Importador], DialogoImportar]:
    def dialogo(importar: Importador) -> DialogoImportar:
        dialogo = DialogoImportar(puente, importar, RUTA)
        qtbot.addWidget(dialogo)
        return dialogo

    return dialogo


def dice(dialogo: DialogoImportar, parte: str) -> bool:
    return any(parte in etiqueta.text() for etiqueta in dialogo.findChildren(QLabel))


def boton(dialogo: DialogoImportar, texto: str) -> QPushButton:
    return next(b for b in dialogo.findChildren(QPushButton) if b.text() == texto)


def informe_de(**cuentas: int) -> InformeImportacion:
    return InformeImportacion(cuentas=Counter({SuerteFila[k]: v for k, v in cuentas.items()}))


def test_cuenta_mientras_corre_y_al_final(
    hacer: Callable[[Importador], DialogoImportar], qtbot: QtBot
) -> None:
    puerta = threading.Event()

    def importar(ruta: Path, *, progreso: Progreso, cancelar: Cancelar) -> InformeImportacion:
        assert ruta == RUTA
        progreso(informe_de(NUEVA=1000))
        assert puerta.wait(PLAZO_S)
        return informe_de(NUEVA=11_000, IGUAL=1000)

    dialogo = hacer(importar)
    dialogo.empezar()
    qtbot.waitUntil(lambda: dice(dialogo, "1.000 nuevas") or dice(dialogo, "1000 nuevas"), timeout=PLAZO_MS)
    with qtbot.waitSignal(dialogo.importado, timeout=PLAZO_MS):
        puerta.set()
    assert dice(dialogo, "Importación terminada")
    assert dice(dialogo, "12.000 filas leídas · 11.000 nuevas")
    boton(dialogo, "Cerrar").click()
    assert not dialogo.isVisible()


def test_cancelar_termina_el_lote_y_no_cierra_antes(
    hacer: Callable[[Importador], DialogoImportar], qtbot: QtBot
) -> None:
    empezado, puerta = threading.Event(), threading.Event()

    def importar(ruta: Path, *, progreso: Progreso, cancelar: Cancelar) -> InformeImportacion:
        empezado.set()
        assert puerta.wait(PLAZO_S)
        informe = informe_de(NUEVA=5)
        informe.cancelada = cancelar()
        return informe

    dialogo = hacer(importar)
    dialogo.empezar()
    assert empezado.wait(PLAZO_S)
    boton(dialogo, "Cancelar").click()
    assert dialogo.isVisible()
    assert dice(dialogo, "Terminando el lote en curso")
    puerta.set()
    qtbot.waitUntil(lambda: dice(dialogo, "Importación cancelada"), timeout=PLAZO_MS)


def test_las_filas_que_no_entraron_se_leen_con_su_linea(
    hacer: Callable[[Importador], DialogoImportar], qtbot: QtBot
) -> None:
    def importar(ruta: Path, *, progreso: Progreso, cancelar: Cancelar) -> InformeImportacion:
        informe = informe_de(RECHAZADA=3)
        informe.incidencias.append(Incidencia(7, SuerteFila.RECHAZADA, "titulo: <b>vacío</b>"))
        return informe

    dialogo = hacer(importar)
    dialogo.empezar()
    texto = dialogo.findChild(QPlainTextEdit)
    assert isinstance(texto, QPlainTextEdit)
    qtbot.waitUntil(lambda: bool(texto.toPlainText()), timeout=PLAZO_MS)
    assert texto.toPlainText() == "Línea 7: rechazada: titulo: <b>vacío</b>\n… y 2 más"


def test_un_fallo_se_dice_y_lo_importado_se_conserva(
    hacer: Callable[[Importador], DialogoImportar], qtbot: QtBot
) -> None:
    def importar(ruta: Path, *, progreso: Progreso, cancelar: Cancelar) -> InformeImportacion:
        raise LecturaImposible("Ninguna base de datos responde.")

    dialogo = hacer(importar)
    dialogo.empezar()
    qtbot.waitUntil(lambda: dice(dialogo, "La importación no pudo terminar"), timeout=PLAZO_MS)
    assert dice(dialogo, "Ninguna base de datos responde.")
    assert dice(dialogo, "repetir no duplica nada")


def test_de_un_archivo_que_se_corta_se_dicen_tambien_las_filas_rechazadas_antes(
    hacer: Callable[[Importador], DialogoImportar], qtbot: QtBot
) -> None:
    def importar(ruta: Path, *, progreso: Progreso, cancelar: Cancelar) -> InformeImportacion:
        informe = informe_de(NUEVA=1998, RECHAZADA=2)
        informe.incidencias.append(Incidencia(7, SuerteFila.RECHAZADA, "titulo: vacío"))
        progreso(informe)
        informe.cuentas[SuerteFila.NUEVA] += 1  # of a batch that nobody hears of any more
        raise ArchivoInvalido("Línea 2001: no es UTF-8.")

    dialogo = hacer(importar)
    with qtbot.waitSignal(dialogo.importado, timeout=PLAZO_MS):
        dialogo.empezar()
    texto = dialogo.findChild(QPlainTextEdit)
    assert texto.isVisible()
    assert texto.toPlainText() == "Línea 7: rechazada: titulo: vacío\n… y 1 más"
    assert dice(dialogo, "Línea 2001: no es UTF-8.")
    assert dice(dialogo, "2000 filas leídas · 1998 nuevas · 2 rechazadas")
    assert dice(dialogo, "las filas que siguen a las 2000 primeras")
    assert not dice(dialogo, "repetir no duplica nada")


def test_solo_hay_una_importacion_a_la_vez(qtbot: QtBot, puente: Puente, tmp_path: Path) -> None:
    puerta = threading.Event()

    def importar(ruta: Path, *, progreso: Progreso, cancelar: Cancelar) -> InformeImportacion:
        assert puerta.wait(PLAZO_S)
        return informe_de(NUEVA=1)

    ventana = QWidget()
    qtbot.addWidget(ventana)
    with QtExecutor(1, "largos") as largos:
        importacion = Importacion(puente, largos, ventana)
        archivo = tmp_path / "tareas.csv"
        archivo.touch()
        importacion.preguntar()
        assert ventana.findChild(DialogoImportar) is None
        importacion.conectar(importar)
        importacion.preguntar()
        (pregunta,) = ventana.findChildren(QFileDialog)
        assert pregunta.labelText(QFileDialog.DialogLabel.LookIn) == "Buscar en:"
        assert pregunta.labelText(QFileDialog.DialogLabel.FileType) == "Tipo de archivo:"
        pregunta.selectFile(str(archivo))
        pregunta.accept()
        (dialogo,) = ventana.findChildren(DialogoImportar)
        assert importacion.empezar(RUTA) is None
        with qtbot.waitSignal(importacion.importado, timeout=PLAZO_MS):
            puerta.set()
        dialogo.reject()
        siguiente = importacion.empezar(RUTA)
        assert siguiente is not None
        qtbot.waitUntil(lambda: dice(siguiente, "Importación terminada"), timeout=PLAZO_MS)


def test_el_nombre_del_archivo_se_muestra_como_texto(
    hacer: Callable[[Importador], DialogoImportar],
) -> None:
    dialogo = hacer(lambda *_, **__: informe_de(NUEVA=1))
    assert {e.textFormat() for e in dialogo.findChildren(QLabel)} == {Qt.TextFormat.PlainText}
