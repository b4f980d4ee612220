"""Mine and theirs side by side, a choice for each field that differs."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.domain.models.tarea import EstadoTarea, Tarea
from gui.conflictos.eleccion import Campo, Eleccion, Lado
from gui.tareas.borrador import Borrador
from gui.tareas.textos import FORMAS, citado, cuando, palabra
from gui.widgets.etiquetas import etiqueta


class _Opcion(QRadioButton):
    """A choice that says in words when it is the chosen one."""

    def __init__(self, nombre: str) -> None:
        super().__init__(nombre)
        self._nombre = nombre
        self.toggled.connect(self._al_cambiar)

    @Slot(bool)
    def _al_cambiar(self, elegida: bool) -> None:
        self.setText(
            self.tr("{nombre}  ✓ se guardará").format(nombre=self._nombre) if elegida else self._nombre
        )
        fuente = self.font()
        fuente.setBold(elegida)
        self.setFont(fuente)


class DialogoConflicto(QDialog):
    """Tells of the other value and lets the operator choose; Esc goes back to the form, nothing lost.

    Signals:
        resuelta: (Borrador) save this over the other value.
        descartada: (Tarea) keep the other value and drop mine.
    """

    resuelta = Signal(object)
    descartada = Signal(object)

    def __init__(self, mio: Borrador, suyo: Tarea, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Conflicto de versiones"))
        self._eleccion = Eleccion(mio, suyo)
        self._grupos: dict[Campo, QButtonGroup] = {}
        columna = QVBoxLayout(self)
        columna.setContentsMargins(16, 16, 16, 16)
        columna.setSpacing(8)
        for parte in self._explicacion():
            columna.addWidget(parte)
        columna.addWidget(self._comparacion(), 1)
        columna.addLayout(self._botones())
        metrica = self.fontMetrics()
        tamano = QSize(metrica.averageCharWidth() * 130, metrica.height() * 36)
        self.resize(tamano.boundedTo(self.screen().availableSize() * 0.9))

    def _explicacion(self) -> tuple[QWidget, ...]:
        suyo = self._eleccion.suyo
        if suyo.eliminada:
            titulo = self.tr("Esta tarea fue eliminada mientras usted la editaba")
            plantilla = self.tr("{titulo} se eliminó {donde} {cuando}. Sus cambios no se han guardado.")
        else:
            titulo = self.tr("Otra persona cambió esta tarea mientras usted la editaba")
            plantilla = self.tr(
                "{titulo} se guardó {donde} {cuando}. Elija qué conservar de cada campo; nada se ha perdido."
            )
        donde = self.tr("en otro puesto")
        if suyo.nodo:
            donde += f" ({suyo.nodo})"
        hace = cuando(suyo.actualizada_en, ahora=datetime.now(UTC))
        detalle = etiqueta(
            plantilla.format(titulo=citado(suyo.titulo), donde=donde, cuando=hace), tono="muted"
        )
        cabeza = etiqueta(titulo, papel="titulo")
        for parte in (cabeza, detalle):
            parte.setWordWrap(True)
        return cabeza, detalle

    def _comparacion(self) -> QWidget:
        contenido = QWidget()
        rejilla = QGridLayout(contenido)
        rejilla.setSpacing(8)
        rejilla.setColumnStretch(0, 1)
        rejilla.setColumnStretch(1, 1)
        fila = 0
        if not self._eleccion.suyo.eliminada:
            rejilla.addWidget(self._todo(self.tr("Elegir todo lo mío"), Lado.MIO), fila, 0)
            rejilla.addWidget(self._todo(self.tr("Elegir todo lo suyo"), Lado.SUYO), fila, 1)
            fila += 1
        for campo in self._eleccion.distintos:
            rejilla.addWidget(etiqueta(self._nombre(campo), papel="titulo"), fila, 0, 1, 2)
            self._agregar_campo(rejilla, fila + 1, campo)
            fila += 3
        iguales = [self._nombre(campo) for campo in Campo if campo not in self._eleccion.distintos]
        if iguales:
            texto = self.tr("Igual en ambas: {campos}.").format(campos=", ".join(iguales))
            rejilla.addWidget(etiqueta(texto, tono="muted"), fila, 0, 1, 2)
        rejilla.setRowStretch(fila + 1, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(contenido)
        return area

    def _agregar_campo(self, rejilla: QGridLayout, fila: int, campo: Campo) -> None:
        grupo = self._grupos[campo] = QButtonGroup(self)
        propuesto = self._eleccion.propuesto(campo)
        for columna, lado in enumerate(Lado):
            nombre = self.tr("Lo mío") if lado is Lado.MIO else self.tr("Lo suyo")
            radio = _Opcion(nombre)
            radio.setAccessibleName(f"{self._nombre(campo)}: {nombre}")
            radio.setChecked(lado is propuesto)
            radio.setVisible(not self._eleccion.suyo.eliminada)
            grupo.addButton(radio, columna)
            rejilla.addWidget(radio, fila, columna)
            rejilla.addWidget(self._muestra(campo, lado), fila + 1, columna)

    def _muestra(self, campo: Campo, lado: Lado) -> QWidget:
        valor = self._eleccion.valor(campo, lado)
        if isinstance(valor, EstadoTarea):
            return etiqueta(f"{FORMAS[valor]} {palabra(valor)}")
        muestra = QPlainTextEdit()
        muestra.setPlainText(valor)
        muestra.setReadOnly(True)
        muestra.setTabChangesFocus(True)
        muestra.setAccessibleName(self._nombre(campo))
        lineas = 2 if campo is Campo.TITULO else 6
        muestra.setFixedHeight(muestra.fontMetrics().lineSpacing() * lineas + 20)
        return muestra

    def _todo(self, texto: str, lado: Lado) -> QPushButton:
        boton = QPushButton(texto)
        boton.setAutoDefault(False)
        boton.clicked.connect(lambda: self.elegir_todo(lado))
        return boton

    def _botones(self) -> QHBoxLayout:
        eliminada = self._eleccion.suyo.eliminada
        self.boton_guardar = QPushButton(
            self.tr("Restaurarla con mis cambios") if eliminada else self.tr("Guardar la elección")
        )
        self.boton_guardar.setProperty("papel", "primario")
        self.boton_guardar.clicked.connect(self._guardar)
        self.boton_descartar = QPushButton(self.tr("Descartar mis cambios"))
        self.boton_descartar.clicked.connect(self._descartar)
        volver = QPushButton(self.tr("Seguir editando"))
        volver.clicked.connect(self.reject)
        fila = QHBoxLayout()
        fila.setSpacing(8)
        fila.addWidget(volver)
        fila.addStretch()
        for boton in (self.boton_descartar, self.boton_guardar):
            boton.setAutoDefault(False)
            fila.addWidget(boton)
        # Enter must not decide between two people's work by itself.
        volver.setDefault(True)
        return fila

    def _nombre(self, campo: Campo) -> str:
        return {
            Campo.TITULO: self.tr("Título"),
            Campo.DESCRIPCION: self.tr("Descripción"),
            Campo.ESTADO: self.tr("Estado"),
        }[campo]

    def elegir(self, campo: Campo, lado: Lado) -> None:
        """Choose that side of that field."""
        self._grupos[campo].button(tuple(Lado).index(lado)).setChecked(True)

    def elegir_todo(self, lado: Lado) -> None:
        """Choose that side of every field."""
        for campo in self._grupos:
            self.elegir(campo, lado)

    @property
    def lados(self) -> dict[Campo, Lado]:
        """What is chosen now."""
        todos = tuple(Lado)
        return {campo: todos[grupo.checkedId()] for campo, grupo in self._grupos.items()}

    @Slot()
    def _guardar(self) -> None:
        eleccion = self._eleccion
        lados = dict.fromkeys(Campo, Lado.MIO) if eleccion.suyo.eliminada else self.lados
        borrador = eleccion.resuelta(lados)
        self.accept()
        if borrador.sucio or eleccion.suyo.eliminada:
            self.resuelta.emit(borrador)
        else:
            self.descartada.emit(eleccion.suyo)

    @Slot()
    def _descartar(self) -> None:
        suyo = self._eleccion.suyo
        self.accept()
        self.descartada.emit(suyo)
