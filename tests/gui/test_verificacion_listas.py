"""What cannot be read of the list is told and read again; more than it has room for is gone on with."""

from __future__ import annotations

import sys
from types import FrameType

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from core.domain.errors import AlmacenNoDisponible
from core.reparacion import Gana
from gui.verificacion.modelo import ColumnaDiferencias, DiferenciasModel
from gui.verificacion.ocultos import Muestra
from gui.verificacion.reparacion import Ambito
from gui.verificacion.valores import Valor
from tests.gui.test_verificacion import MUCHAS, SQL, Escena, diferencias, escena, id_

__all__ = ["escena"]


def reparar_todas(escena: Escena) -> None:
    escena.elegir(Ambito.TODAS, Gana.SQL)
    escena.simular()
    QTest.mouseClick(escena.vista.reparacion.boton_reparar, Qt.MouseButton.LeftButton)
    veces = escena.casos.reparaciones
    escena.contestar("Reparar")
    escena.esperar(lambda: escena.casos.reparaciones > veces and not escena.vista.control.trabajo.ocupado)


def test_lo_que_no_se_pudo_leer_se_dice_y_se_intenta_de_nuevo(escena: Escena) -> None:
    escena.casos.halladas = diferencias(3)
    escena.casos.error_al_leer = AlmacenNoDisponible(SQL, "La conexión se cortó.")
    escena.mostrar()
    escena.verificar()
    vista = escena.vista
    escena.esperar(vista.faltan.isVisible)
    assert vista.faltan.texto.startswith("No se pudo leer el título ni la fecha de 3 de estas tareas. ")
    assert "La conexión se cortó." in vista.faltan.texto
    titulo = vista.modelo.index(2, ColumnaDiferencias.TITULO)
    assert titulo.data() == "Sin leer"
    escena.esperar(vista.detalle.boton_otra_vez.isVisible)
    assert "La conexión se cortó." in vista.detalle.texto
    escena.casos.error_al_leer = None
    QTest.mouseClick(vista.detalle.boton_otra_vez, Qt.MouseButton.LeftButton)
    escena.esperar(lambda: bool(vista.detalle.muestras))
    assert not vista.detalle.boton_otra_vez.isVisible()
    QTest.mouseClick(vista.faltan.boton, Qt.MouseButton.LeftButton)
    escena.esperar(lambda: titulo.data() == "Título")
    assert not vista.faltan.isVisible()


def test_mas_de_las_que_caben_se_dicen_y_se_sigue_con_un_boton(escena: Escena) -> None:
    escena.casos.halladas, escena.casos.sin_revisar = diferencias(5), 2_300
    escena.mostrar()
    escena.verificar()
    texto = escena.vista.resultado.texto
    assert texto.startswith("Al menos 2305 diferencias, ")
    assert "En la lista caben 5; otras 2300 no están en ella" in texto
    ambito = escena.vista.reparacion.ambito
    assert ambito.itemText(ambito.findData(Ambito.TODAS.value)) == "Todas las de la lista (5)"
    reparar_todas(escena)
    assert escena.casos.planeadas[0] == [id_(n) for n in range(5)]
    assert "Quedan al menos 2300 diferencias" in escena.vista.resultado.texto
    escena.casos.halladas, escena.casos.sin_revisar = diferencias(2), 0
    (aviso,) = escena.avisos.avisos
    assert [accion.texto for accion in aviso.acciones] == ["Deshacer", "Verificar otra vez"]
    aviso.acciones[1].hacer()
    escena.esperar(lambda: escena.vista.resultado.texto.startswith("2 diferencias, "))
    assert ambito.itemText(ambito.findData(Ambito.TODAS.value)) == "Todas (2)"


def test_tras_dos_reparaciones_se_pueden_deshacer_las_dos(escena: Escena) -> None:
    escena.casos.halladas = diferencias(5)
    escena.mostrar()
    for _ in range(2):
        escena.verificar()
        reparar_todas(escena)
    for texto in ("Deshacer", "Deshacer también la anterior"):
        (aviso,) = escena.avisos.avisos
        assert [accion.texto for accion in aviso.acciones] == [texto]
        deshechas = len(escena.casos.deshechas)
        aviso.acciones[0].hacer()
        escena.esperar(
            lambda deshechas=deshechas: (  # type: ignore[misc]
                len(escena.casos.deshechas) > deshechas and not escena.vista.control.trabajo.ocupado
            )
        )
    (aviso,) = escena.avisos.avisos
    assert aviso.acciones == ()
    assert escena.casos.deshechas[0] is not escena.casos.deshechas[1]


def test_un_valor_es_tan_alto_como_sus_lineas_y_de_cinco_en_adelante_se_desplaza(qtbot: QtBot) -> None:
    valor, largo = Valor(), Valor()
    valor.poner("título", Muestra("una línea\notra", 0, 0), distinto=False)
    largo.poner("título", Muestra("palabra " * 200, 0, 0), distinto=False)
    ventana = QWidget()
    qtbot.addWidget(ventana)
    columna = QVBoxLayout(ventana)
    columna.addWidget(valor)
    columna.addWidget(largo)
    ventana.resize(400, 400)
    ventana.show()
    qtbot.waitUntil(lambda: largo.height() > valor.height(), timeout=5000)
    assert valor.verticalScrollBar().maximum() == 0
    assert largo.verticalScrollBar().maximum() > 0
    tres_px = 3 * valor.fontMetrics().lineSpacing()
    assert abs(largo.height() - valor.height() - tres_px) <= 3
    antes_px = valor.height()
    valor.poner("título", Muestra("ahora una", 0, 0), distinto=False)
    qtbot.waitUntil(lambda: valor.height() < antes_px, timeout=5000)


def test_elegir_diez_mil_no_pregunta_al_modelo_por_cada_una(escena: Escena) -> None:
    """Qt's own way to count them, and its headers' look at whole columns, froze the window for 0.25 s."""
    escena.casos.halladas = diferencias(MUCHAS)
    escena.mostrar()
    escena.verificar()
    preguntas = 0

    def contar(marco: FrameType, que: str, _argumento: object) -> None:
        nonlocal preguntas
        preguntas += que == "call" and marco.f_code is DiferenciasModel.columnCount.__code__

    sys.setprofile(contar)
    try:
        escena.vista.tabla.selectAll()
        escena.vista.tabla.grab()
    finally:
        sys.setprofile(None)
    ambito = escena.vista.reparacion.ambito
    assert ambito.itemText(ambito.findData(Ambito.ELEGIDAS.value)) == "Las elegidas (10.000)"
    assert 0 < preguntas < MUCHAS / 10
    escena.elegir(Ambito.ELEGIDAS, Gana.SQL)
    escena.simular()
    assert escena.casos.planeadas[0] == [id_(n) for n in range(MUCHAS)]
