"""Mine and theirs side by side, a choice for each field that differs."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.domain.models.tarea import Tarea
from gui.conflictos.comparacion import Comparacion
from gui.conflictos.eleccion import Campo, Eleccion, Lado
from gui.tareas.borrador import Borrador
from gui.tareas.textos import citado, cuando
from gui.widgets.etiquetas import etiqueta


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
        self._comparacion = Comparacion(
            self._eleccion,
            {Lado.MIO: self.tr("Lo mío"), Lado.SUYO: self.tr("Lo suyo")},
            elegible=not suyo.eliminada,
        )
        columna = QVBoxLayout(self)
        columna.setContentsMargins(16, 16, 16, 16)
        columna.setSpacing(8)
        for parte in self._explicacion():
            columna.addWidget(parte)
        columna.addWidget(self._comparacion, 1)
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
            fila.addWidget(boton)
        # Enter must not decide between two people's work by itself: only where the focus is on a decision.
        volver.setDefault(True)
        return fila

    def elegir(self, campo: Campo, lado: Lado) -> None:
        """Choose that side of that field."""
        self._comparacion.elegir(campo, lado)

    def elegir_todo(self, lado: Lado) -> None:
        """Choose that side of every field."""
        self._comparacion.elegir_todo(lado)

    @property
    def lados(self) -> dict[Campo, Lado]:
        """What is chosen now."""
        return self._comparacion.lados

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
