"""«Guardar informe…»: two files, never over others without asking, and a sentence where it cannot be."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMessageBox

from core.domain.errors import AlmacenNoDisponible
from gui.avisos.aviso import Aviso, Nivel
from tests.gui.test_verificacion import MONGO, Escena, diferencias, escena

__all__ = ["escena"]


class Abridor(QObject):
    """Takes what the program would have the desktop open."""

    def __init__(self) -> None:
        super().__init__()
        self.abiertas: list[str] = []

    @Slot(QUrl)
    def abrir(self, url: QUrl) -> None:
        self.abiertas.append(url.toLocalFile())


def pedir(escena: Escena, archivo: Path) -> None:
    """As an operator: press the button, give that name."""
    QTest.mouseClick(escena.vista.cabecera.boton_informe, Qt.MouseButton.LeftButton)
    (dialogo,) = escena.vista.findChildren(QFileDialog)
    dialogo.setDirectory(str(archivo.parent))
    dialogo.selectFile(archivo.name)
    dialogo.accept()


def dicho(escena: Escena) -> Aviso:
    escena.esperar(lambda: bool(escena.avisos.avisos))
    (aviso,) = escena.avisos.avisos
    return aviso


def preparada(escena: Escena) -> None:
    escena.casos.halladas = diferencias(3)
    escena.mostrar()
    escena.verificar()


def test_se_guarda_donde_se_dice_y_se_abre_la_carpeta(escena: Escena, tmp_path: Path) -> None:
    escena.mostrar()
    assert not escena.vista.cabecera.boton_informe.isEnabled(), "nada se ha verificado"
    preparada(escena)
    pedir(escena, tmp_path / "cierre.json")
    aviso = dicho(escena)
    assert (aviso.nivel, aviso.titulo) == (Nivel.EXITO, "Informe guardado")
    assert aviso.detalle == f"cierre.json para programas y cierre.html para imprimir, en {tmp_path}."
    escrito = (tmp_path / "cierre.json").read_bytes()
    assert len(json.loads(escrito)["diferencias"]) == 3
    assert hashlib.sha256(escrito).hexdigest() in (tmp_path / "cierre.html").read_text("utf-8")
    abridor = Abridor()  # the stub of what follows asks for bytes, and takes none
    QDesktopServices.setUrlHandler("file", abridor, "abrir")  # type: ignore[arg-type]
    try:
        aviso.acciones[0].hacer()
    finally:
        QDesktopServices.unsetUrlHandler("file")
    assert abridor.abiertas == [str(tmp_path)]


def test_no_se_reemplaza_nada_sin_preguntar_tampoco_el_otro_de_los_dos(
    escena: Escena, tmp_path: Path
) -> None:
    preparada(escena)
    otro = tmp_path / "cierre.html"
    otro.write_text("de antes", "utf-8")
    pedir(escena, tmp_path / "cierre.json")
    escena.esperar(lambda: bool(escena.vista.findChildren(QMessageBox)))
    (pregunta,) = escena.vista.findChildren(QMessageBox)
    assert pregunta.text() == "¿Reemplazar cierre.html?"
    QTest.keyClick(pregunta, Qt.Key.Key_Escape)
    escena.esperar(lambda: not pregunta.isVisible())
    assert sorted(uno.name for uno in tmp_path.iterdir()) == ["cierre.html"]
    assert otro.read_text("utf-8") == "de antes"
    escena.vista.guardador.guardar(tmp_path / "cierre.json")
    escena.esperar(lambda: any(uno.isVisible() for uno in escena.vista.findChildren(QMessageBox)))
    visible = next(uno for uno in escena.vista.findChildren(QMessageBox) if uno.isVisible())
    next(boton for boton in visible.buttons() if boton.text() == "Reemplazar").click()
    assert dicho(escena).titulo == "Informe guardado"
    assert otro.read_text("utf-8").startswith("<!doctype html>")


def test_un_disco_lleno_es_una_frase_y_no_deja_nada_a_medias(
    escena: Escena, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    preparada(escena)

    def lleno(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", lleno)
    escena.vista.guardador.guardar(tmp_path / "cierre.json")
    aviso = dicho(escena)
    assert (aviso.nivel, aviso.titulo) == (Nivel.ERROR, "No se pudo guardar el informe")
    assert "no queda espacio" in aviso.detalle.lower()
    assert list(tmp_path.iterdir()) == []


def test_una_carpeta_en_la_que_no_se_puede_escribir_es_una_frase(escena: Escena) -> None:
    preparada(escena)
    escena.vista.guardador.guardar(Path("/proc/cierre.json"))
    aviso = dicho(escena)
    assert aviso.titulo == "No se pudo guardar el informe"
    assert "/proc" in aviso.detalle
    assert [accion.texto for accion in aviso.acciones] == ["Elegir otro lugar…"]


def test_no_hay_informe_de_lo_que_ya_no_es_asi(escena: Escena) -> None:
    preparada(escena)
    boton = escena.vista.cabecera.boton_informe
    assert boton.isEnabled()
    escena.casos.error = AlmacenNoDisponible(MONGO, "no responde")
    escena.verificar()
    assert not boton.isEnabled()
