"""The question before anything of the user's is touched: what adopting does, what it never does, how much."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.adopcion.textos import Hallazgo, no_se_hara, se_hara, sin_adoptar
from gui.tema import color
from gui.widgets.etiquetas import cambiar_tono, etiqueta
from gui.widgets.iconos import estampa

LADO_ICONO_PX = 18
ANCHO_CARACTERES = 78


class DialogoAdopcion(QDialog):
    """Never blocks: the answer comes as a signal. While the work runs it may be closed; the work goes on.

    Signals:
        aceptada: adopt them.
        rechazada: leave them as they are.
    """

    aceptada = Signal()
    rechazada = Signal()

    def __init__(self, hallazgo: Hallazgo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Adoptar tareas"))
        self._trabajando = False
        self.barra = QProgressBar()
        self.barra.setRange(0, 0)
        self.barra.setTextVisible(False)
        self.barra.setAccessibleName(self.tr("Adoptando"))
        self.nota = etiqueta(sin_adoptar(hallazgo), tono="muted")
        self.nota.setWordWrap(True)
        self.boton_no = QPushButton(self.tr("Ahora no"))
        self.boton_si = QPushButton(self.tr("Adoptar"))
        self.boton_si.setProperty("papel", "primario")
        self.boton_no.setDefault(True)  # Enter must not change a database by itself
        self.boton_no.setAutoDefault(True)
        self.boton_si.setAutoDefault(False)
        self._componer(hallazgo)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * ANCHO_CARACTERES)
        self.boton_no.clicked.connect(self.reject)
        self.boton_si.clicked.connect(self._aceptar)
        self.boton_no.setFocus()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  Qt's name
        """An edge of its own: the system may give a dialog none, and dark on dark has no other."""
        super().paintEvent(event)
        pintor = QPainter(self)
        pintor.setPen(color("muted"))
        pintor.drawRect(self.rect().adjusted(0, 0, -1, -1))
        pintor.end()

    def reject(self) -> None:
        """Esc and «Ahora no» leave things as they are; while it runs they only close the dialog."""
        trabajando = self._trabajando
        super().reject()
        if not trabajando:
            self.rechazada.emit()

    @Slot()
    def _aceptar(self) -> None:
        self._trabajando = True
        self.boton_si.setEnabled(False)
        self.boton_si.setText(self.tr("Adoptando…"))
        self.boton_no.setText(self.tr("Seguir en segundo plano"))
        self.barra.show()
        self.nota.setText(
            self.tr("Con muchas tareas puede tardar minutos. Se puede seguir trabajando mientras tanto.")
        )
        self.aceptada.emit()

    def _componer(self, hallazgo: Hallazgo) -> None:
        todo = QVBoxLayout(self)
        todo.setContentsMargins(20, 18, 20, 16)
        todo.setSpacing(10)
        titulo = self.tr("¿Adoptar {cuantas} que hay en {almacen}?").format(
            cuantas=hallazgo.cuantas, almacen=hallazgo.almacen.etiqueta
        )
        todo.addWidget(etiqueta(titulo, papel="titulo"))
        origen = etiqueta(
            self.tr("Otro programa creó {donde}. Nada de ella se toca antes de que usted lo diga.").format(
                donde=hallazgo.donde
            ),
            tono="muted",
        )
        origen.setWordWrap(True)
        todo.addWidget(origen)
        todo.addWidget(self._lista(self.tr("Qué se hará"), se_hara(hallazgo), "exito", "ok"))
        todo.addWidget(self._lista(self.tr("Qué no se hará"), no_se_hara(hallazgo), "cerrar", "muted"))
        todo.addWidget(self.nota)
        sitio = self.barra.sizePolicy()
        sitio.setRetainSizeWhenHidden(True)
        self.barra.setSizePolicy(sitio)
        self.barra.hide()
        todo.addWidget(self.barra)
        botones = QHBoxLayout()
        botones.setSpacing(8)
        botones.addStretch(1)
        botones.addWidget(self.boton_no)
        botones.addWidget(self.boton_si)
        todo.addLayout(botones)

    def _lista(self, titulo: str, frases: tuple[str, ...], icono: str, rol: str) -> QFrame:
        panel = QFrame()
        panel.setObjectName("panel")
        columna = QVBoxLayout(panel)
        columna.setContentsMargins(14, 10, 14, 12)
        columna.setSpacing(6)
        cabeza = etiqueta(titulo)
        cambiar_tono(cabeza, rol)
        letra = cabeza.font()
        letra.setBold(True)
        cabeza.setFont(letra)
        columna.addWidget(cabeza)
        for frase in frases:
            fila = QHBoxLayout()
            fila.setSpacing(8)
            signo = QLabel()
            signo.setPixmap(estampa(icono, rol, lado_px=LADO_ICONO_PX, escala=self.devicePixelRatioF()))
            texto = etiqueta(frase)
            texto.setWordWrap(True)
            fila.addWidget(signo, 0, Qt.AlignmentFlag.AlignTop)
            fila.addWidget(texto, 1)
            columna.addLayout(fila)
        return panel
