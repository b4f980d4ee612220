"""The form beside the table: one tarea, checked while it is typed. It saves nothing by itself."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.domain.models.tarea import DESCRIPCION_MAX, TITULO_MAX, Tarea
from gui.tareas.borrador import Borrador
from gui.tareas.campos import CampoDeTexto
from gui.tareas.segmentos import SelectorEstado
from gui.tareas.textos import palabra
from gui.widgets.desplazable import Desplazable
from gui.widgets.etiquetas import cambiar_tono, etiqueta
from gui.widgets.formato import cuenta

ENTRE_PARTES = "   "
"""What stands between the parts of what is said: "Guardada   SQL ✓   Mongo ✓"."""


class FormularioTarea(QFrame):
    """Shows a Borrador and gives it back.

    Signals:
        guardar_pedido: (Borrador) save this; every limit is kept.
        descartar_pedido: drop what was typed.
        restaurar_pedido: (Tarea) bring that one back; it is deleted, and can only be read until then.
        cambiado: something was typed.
    """

    guardar_pedido = Signal(object)
    descartar_pedido = Signal()
    restaurar_pedido = Signal(object)
    cambiado = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._partida: Borrador | None = None
        self._guardando = False
        self._exigente = False
        self._construir()
        self._teclas()
        self.cerrar()

    def _construir(self) -> None:
        self._rotulo = etiqueta(papel="titulo")
        self.titulo = CampoDeTexto(QLineEdit(), self.tr("Título"), cuenta(TITULO_MAX))
        editor = QPlainTextEdit()
        editor.setTabChangesFocus(True)
        editor.setMinimumHeight(editor.fontMetrics().lineSpacing() * 4)
        self.descripcion = CampoDeTexto(editor, self.tr("Descripción"), cuenta(DESCRIPCION_MAX))
        self.estado = SelectorEstado()
        self._dicho = etiqueta()
        self._dicho.setWordWrap(True)
        self._dicho.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.boton_guardar = QPushButton()
        self.boton_guardar.setProperty("papel", "primario")
        self.boton_descartar = QPushButton(self.tr("Descartar"))
        self.boton_descartar.setToolTip(self.tr("Esc"))
        botones = QHBoxLayout()
        botones.setSpacing(8)
        botones.addWidget(self.boton_guardar, 2)
        botones.addWidget(self.boton_descartar, 1)
        todo = QVBoxLayout(self)
        todo.setContentsMargins(16, 12, 16, 12)
        todo.setSpacing(8)
        todo.addWidget(self._rotulo)
        todo.addWidget(Desplazable(self._campos()), 1)
        todo.addWidget(self._dicho)
        todo.addLayout(botones)
        for campo in (self.titulo, self.descripcion, self.estado):
            campo.cambiado.connect(self._al_cambiar)
        self.boton_guardar.clicked.connect(self._al_pulsar)
        self.boton_descartar.clicked.connect(self.descartar_pedido)

    def _campos(self) -> QWidget:
        """What is filled in; where the window is low it scrolls, and what is done with it stays in sight."""
        campos = QWidget()
        columna = QVBoxLayout(campos)
        columna.setContentsMargins(0, 0, 0, 0)
        columna.setSpacing(8)
        columna.addWidget(self.titulo)
        columna.addWidget(self.descripcion, 1)
        columna.addWidget(etiqueta(self.tr("Estado"), tono="muted"))
        columna.addWidget(self.estado)
        return campos

    def _teclas(self) -> None:
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.descartar_pedido)
        orden = (self.titulo.editor, self.descripcion.editor, self.estado, self.boton_guardar)
        for antes, despues in zip(orden, (*orden[1:], self.boton_descartar), strict=True):
            QWidget.setTabOrder(antes, despues)

    # What it holds

    def abrir(self, borrador: Borrador) -> None:
        """Show that draft as the point from which changes count."""
        self._partida = borrador
        self._exigente = False
        self._mostrar(borrador)
        self.decir(self._reparo(borrador), "warn")
        self._rotulo.setText(_rotulo(borrador))
        self._actualizar()

    def cerrar(self) -> None:
        """Hold nothing."""
        self._partida = None
        self._guardando = False
        self._mostrar(Borrador())
        self.decir("")
        self._rotulo.setText(self.tr("Ninguna tarea elegida"))
        self._actualizar()

    def rebasar(self, tarea: Tarea, enviado: Borrador | None = None) -> None:
        """The tarea is stored so now: what was typed beyond `enviado` stays and counts as a change."""
        borrador = self.borrador
        if borrador is None:
            return
        self._partida = Borrador.de(tarea)
        if enviado is not None and borrador.mismo_texto(enviado):
            self._mostrar(self._partida)
        self._exigente = False
        self._rotulo.setText(self.tr("Editar tarea"))
        self._actualizar()

    def escribir(self, borrador: Borrador) -> None:
        """Put these texts in as if typed, over the value that `borrador` is based on."""
        self._partida = borrador if borrador.base is None else Borrador.de(borrador.base)
        self._mostrar(borrador)
        self._actualizar()

    def _mostrar(self, borrador: Borrador) -> None:
        campos = (self.titulo, self.descripcion, self.estado)
        antes = [campo.blockSignals(True) for campo in campos]
        self.titulo.poner(borrador.titulo)
        self.descripcion.poner(borrador.descripcion)
        self.estado.poner(borrador.estado)
        for campo, valor in zip(campos, antes, strict=True):
            campo.blockSignals(valor)

    @property
    def borrador(self) -> Borrador | None:
        """What the form holds now; None when no tarea is open."""
        if self._partida is None:
            return None
        return Borrador(
            base=self._partida.base,
            id=self._partida.id,
            titulo=self.titulo.texto,
            descripcion=self.descripcion.texto,
            estado=self.estado.estado,
        )

    @property
    def id(self) -> UUID | None:
        """The tarea that is open."""
        return self._partida.id if self._partida else None

    @property
    def sucio(self) -> bool:
        """Whether closing it would lose something."""
        borrador = self.borrador
        return borrador is not None and borrador.sucio

    @property
    def _lapida(self) -> Tarea | None:
        """The deleted tarea that is open, as it is: nothing was typed over it."""
        base = self._partida.base if self._partida is not None else None
        return base if base is not None and base.eliminada and not self.sucio else None

    # What it says

    def guardando(self, si: bool) -> None:
        """A save of this tarea runs, or ended; one may go on typing."""
        self._guardando = si
        self._actualizar()

    def decir(self, texto: str, tono: str = "muted") -> None:
        """One line above the buttons: how the last save ended."""
        self._texto_dicho = texto
        partes = texto.split(ENTRE_PARTES)
        if len(partes) > 1:  # where it takes two lines, a store stays with its sign and its hour
            texto = ENTRE_PARTES.join(parte.replace(" ", "\u00a0") for parte in partes)
        self._dicho.setText(texto)
        self._dicho.setVisible(bool(texto))
        cambiar_tono(self._dicho, tono)

    @property
    def dicho(self) -> str:
        """What that line says."""
        return self._texto_dicho

    def enfocar(self) -> None:
        """Put the cursor into the titulo."""
        self.titulo.editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def guardar(self) -> None:
        """Ask to save, unless a save runs, nothing changed, or a limit is broken (then say which)."""
        borrador = self.borrador
        if borrador is None or self._guardando or not borrador.sucio:
            return
        self._exigente = True
        self._comprobar(borrador)
        errores = borrador.errores()
        if not errores:
            self.guardar_pedido.emit(borrador)
        elif "titulo" in errores or "descripcion" in errores:
            campo = self.titulo if "titulo" in errores else self.descripcion
            campo.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.decir(self._reparo(borrador), "error")
            self.estado.enfocar()

    @Slot()
    def _al_pulsar(self) -> None:
        if self._lapida is not None:
            self.restaurar_pedido.emit(self._lapida)
        else:
            self.guardar()

    @Slot()
    def _al_cambiar(self) -> None:
        if self._partida is not None and self.dicho == self._reparo(self._partida):
            self.decir(self._reparo(self.borrador), "warn")
        self._actualizar()
        self.cambiado.emit()

    def _reparo(self, borrador: Borrador | None) -> str:
        """What has to be said of an estado that no store takes any more: an adopted table may hold any."""
        if borrador is None or "estado" not in borrador.errores():
            return ""
        return self.tr(
            "El estado «{estado}» no es ninguno de estos tres: elija uno para poder guardar."
        ).format(estado=palabra(borrador.estado))

    def _actualizar(self) -> None:
        borrador = self.borrador
        abierto = borrador is not None
        sucio = borrador is not None and borrador.sucio
        for campo in (self.titulo, self.descripcion, self.estado):
            campo.setEnabled(abierto and self._lapida is None)
        self.boton_guardar.setEnabled((sucio or self._lapida is not None) and not self._guardando)
        self.boton_descartar.setEnabled(abierto)
        self.boton_descartar.setText(
            self.tr("Descartar   Esc") if sucio or not abierto else self.tr("Cerrar   Esc")
        )
        self.boton_guardar.setText(_verbo(restaurar=self._lapida is not None, en_curso=self._guardando))
        self._comprobar(borrador or Borrador())

    def _comprobar(self, borrador: Borrador) -> None:
        errores = borrador.errores() if self._partida is not None else {}
        # A new tarea starts empty: that is no reproach before somebody tries to save it.
        perdonado = not self._exigente and not borrador.titulo and borrador.base is None
        if "titulo" in errores and not perdonado:
            self.titulo.reprochar(self.tr("El título {motivo}.").format(motivo=errores["titulo"]))
        else:
            self.titulo.contar(cuenta(len(borrador.titulo)))
        if "descripcion" in errores:
            motivo = errores["descripcion"]
            self.descripcion.reprochar(self.tr("La descripción {motivo}.").format(motivo=motivo))
        else:
            self.descripcion.contar(cuenta(len(borrador.descripcion)))


def _rotulo(borrador: Borrador) -> str:
    if borrador.base is None:
        return _tr("Nueva tarea")
    return _tr("Tarea eliminada") if borrador.base.eliminada else _tr("Editar tarea")


def _verbo(*, restaurar: bool, en_curso: bool) -> str:
    """What the main button does, or is doing."""
    if restaurar:
        return _tr("Restaurando…") if en_curso else _tr("Restaurar")
    return _tr("Guardando…") if en_curso else _tr("Guardar   Ctrl+S")


def _tr(texto: str) -> str:
    return QCoreApplication.translate("FormularioTarea", texto)
