"""Two values of a tarea side by side, field by field, with a choice for each field that differs."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QWidget,
)

from core.domain.models.tarea import EstadoTarea
from gui.conflictos.eleccion import Campo, Eleccion, Lado
from gui.tareas.textos import FORMAS, TONOS, palabra
from gui.widgets.etiquetas import etiqueta

LINEAS_MAX = 6
"""Most lines of a value in sight; the rest is scrolled."""
CARACTERES_DE_LINEA = 34
"""What a line holds at least where two values stand side by side."""


def nombre_de(campo: Campo) -> str:
    """The field as an operator reads it."""
    return {
        Campo.TITULO: QCoreApplication.translate("Comparacion", "Título"),
        Campo.DESCRIPCION: QCoreApplication.translate("Comparacion", "Descripción"),
        Campo.ESTADO: QCoreApplication.translate("Comparacion", "Estado"),
    }[campo]


def _lineas(valor: object) -> int:
    """How many lines that takes at most."""
    return sum(1 + len(linea) // CARACTERES_DE_LINEA for linea in str(valor).split("\n"))


class _Opcion(QRadioButton):
    """A choice that says in words when it is the chosen one."""

    def __init__(self, nombre: str, elegida: str) -> None:
        super().__init__(nombre)
        self._nombre = nombre
        self._elegida = elegida
        self.toggled.connect(self._al_cambiar)

    @Slot(bool)
    def _al_cambiar(self, elegida: bool) -> None:
        self.setText(f"{self._nombre}  ✓ {self._elegida}" if elegida else self._nombre)
        fuente = self.font()
        fuente.setBold(elegida)
        self.setFont(fuente)


class Comparacion(QScrollArea):
    """Shows an Eleccion.

    Args:
        eleccion: the two values.
        nombres: what each side is called, the left one first.
        elegible: offer a choice for each field.
        todo: offer to choose one side of all fields at once.
        iguales: show the values in which both agree, too, and not only their names.
        marca: what is said of the side that is chosen.

    Signals:
        cambiada: another side of some field was chosen.
    """

    cambiada = Signal()

    def __init__(
        self,
        eleccion: Eleccion,
        nombres: Mapping[Lado, str],
        *,
        elegible: bool,
        todo: bool = True,
        iguales: bool = False,
        marca: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._eleccion = eleccion
        self._nombres = nombres
        self._elegible = elegible
        self._marca = marca or self.tr("se guardará")
        self._grupos: dict[Campo, QButtonGroup] = {}
        self._muestras: list[QWidget] = []
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # a stop of Tab at which nothing would be seen
        contenido = QWidget()
        rejilla = QGridLayout(contenido)
        rejilla.setContentsMargins(0, 0, 4, 0)
        rejilla.setSpacing(8)
        for columna in range(len(nombres)):
            rejilla.setColumnStretch(columna, 1)
        self._llenar(rejilla, todo=todo and elegible, ver_iguales=iguales)
        self.setWidget(contenido)

    def elegir(self, campo: Campo, lado: Lado) -> None:
        """Choose that side of that field."""
        self._grupos[campo].button(tuple(self._nombres).index(lado)).setChecked(True)

    def elegir_todo(self, lado: Lado) -> None:
        """Choose that side of every field."""
        for campo in self._grupos:
            self.elegir(campo, lado)

    @property
    def lados(self) -> dict[Campo, Lado]:
        """What is chosen now."""
        todos = tuple(self._nombres)
        return {campo: todos[grupo.checkedId()] for campo, grupo in self._grupos.items()}

    @property
    def opciones(self) -> list[QWidget]:
        """The choices, field by field."""
        return [opcion for grupo in self._grupos.values() for opcion in grupo.buttons()]

    @property
    def muestras(self) -> list[QWidget]:
        """The values that can be scrolled, field by field."""
        return list(self._muestras)

    def _llenar(self, rejilla: QGridLayout, *, todo: bool, ver_iguales: bool) -> None:
        fila = 0
        if todo:
            for columna, lado in enumerate(self._nombres):
                rejilla.addWidget(self._boton_de_todo(lado), fila, columna)
            fila += 1
        for campo in self._eleccion.distintos:
            rejilla.addWidget(etiqueta(nombre_de(campo), papel="titulo"), fila, 0, 1, 2)
            self._agregar_campo(rejilla, fila + 1, campo)
            fila += 3
        iguales = [campo for campo in Campo if campo not in self._eleccion.distintos]
        if ver_iguales:
            for campo in iguales:
                rejilla.addWidget(etiqueta(nombre_de(campo), papel="titulo"), fila, 0, 1, 2)
                rejilla.addWidget(self._muestra(campo, Lado.SUYO), fila + 1, 0, 1, 2)
                fila += 2
        elif iguales:
            nombres = ", ".join(nombre_de(campo) for campo in iguales)
            texto = self.tr("Igual en ambas: {campos}.").format(campos=nombres)
            rejilla.addWidget(etiqueta(texto, tono="muted"), fila, 0, 1, 2)
        rejilla.setRowStretch(fila + 1, 1)

    def _agregar_campo(self, rejilla: QGridLayout, fila: int, campo: Campo) -> None:
        grupo = self._grupos[campo] = QButtonGroup(self)
        propuesto = self._eleccion.propuesto(campo)
        for columna, (lado, nombre) in enumerate(self._nombres.items()):
            radio = _Opcion(nombre, self._marca)
            radio.setAccessibleName(f"{nombre_de(campo)}: {nombre}")
            radio.setChecked(lado is propuesto)
            radio.setVisible(self._elegible)
            grupo.addButton(radio, columna)
            rejilla.addWidget(radio, fila, columna)
            rejilla.addWidget(self._muestra(campo, lado), fila + 1, columna)
        grupo.idToggled.connect(self._al_elegir)

    @Slot(int, bool)
    def _al_elegir(self, _columna: int, elegida: bool) -> None:
        if elegida:
            self.cambiada.emit()

    def _muestra(self, campo: Campo, lado: Lado) -> QWidget:
        valor = self._eleccion.valor(campo, lado)
        if isinstance(valor, EstadoTarea):
            return etiqueta(f"{FORMAS[valor]} {palabra(valor)}", tono=TONOS[valor])
        muestra = QPlainTextEdit()
        muestra.setPlainText(valor)
        muestra.setReadOnly(True)
        muestra.setTabChangesFocus(True)
        muestra.setAccessibleName(f"{nombre_de(campo)}: {self._nombres[lado]}")
        lineas = max(_lineas(self._eleccion.valor(campo, uno)) for uno in self._nombres)
        muestra.setFixedHeight(muestra.fontMetrics().lineSpacing() * min(lineas, LINEAS_MAX) + 26)
        self._muestras.append(muestra)
        return muestra

    def _boton_de_todo(self, lado: Lado) -> QPushButton:
        nombre = self._nombres[lado]
        boton = QPushButton(self.tr("Elegir todo {nombre}").format(nombre=nombre[:1].lower() + nombre[1:]))
        boton.clicked.connect(lambda: self.elegir_todo(lado))
        return boton
