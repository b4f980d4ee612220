"""The quarantine on the Salud page: what could not be copied, why, and when it is tried again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.domain.models.apartada import Apartada
from gui.salud.cabeza_panel import CabezaDePanel
from gui.salud.cuarentena_modelo import ColCuarentena, CuarentenaModel
from gui.widgets.etiquetas import etiqueta
from gui.widgets.formato import cuenta
from gui.widgets.tabla_de_filas import TablaDeFilas

FILAS_A_LA_VISTA = 8
ALTO_DE_FILA_PX = 32
MARGEN_PX = 16
TITULO_CARACTERES = 16
MOTIVO_CARACTERES = 48
"""How much of the reason has to find room; it is what tells one row from another."""
CEDEN = (ColCuarentena.ID, ColCuarentena.DESDE, ColCuarentena.INTENTOS, ColCuarentena.PROXIMO)
"""What gives way to the reason where room is short, in this order; it is copied all the same."""


class PanelCuarentena(QFrame):
    """Says what is wanted; does nothing by itself.

    Signals:
        reintentar_pedido: try all of them now.
        abrir_pedida: (Apartada) show that tarea.
    """

    reintentar_pedido = Signal()
    abrir_pedida = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.modelo = CuarentenaModel(self)
        self.tabla = TablaDeFilas()
        self._titulo = etiqueta(papel="titulo")
        self._explicacion = etiqueta(tono="muted")
        self._motivo = etiqueta()
        for parrafo in (self._explicacion, self._motivo):
            parrafo.setWordWrap(True)
        self.boton_reintentar = QPushButton(self.tr("Reintentar ahora"))
        self.boton_copiar = QPushButton(self.tr("Copiar"))
        self.boton_copiar.setToolTip(self.tr("Copia las filas elegidas, o todas, como texto"))
        self.boton_abrir = QPushButton(self.tr("Ver en Tareas"))
        self._preparar_tabla()
        self._componer()
        self.poner(())

    def poner(self, apartadas: Sequence[Apartada], *, ocupada: bool = False) -> None:
        """Show these."""
        self.modelo.poner(apartadas)
        hay = bool(apartadas)
        self._titulo.setText(
            self.tr("Cuarentena ({n})").format(n=cuenta(len(apartadas))) if hay else self.tr("Cuarentena")
        )
        self._explicacion.setText(
            " ".join(self._que_les_pasa(apartadas))
            if hay
            else self.tr("Vacía: no hay nada que no se pueda copiar.")
        )
        for parte in (self.tabla, self.boton_reintentar, self.boton_copiar, self.boton_abrir):
            parte.setVisible(hay)
        self.boton_reintentar.setEnabled(not ocupada)
        filas = min(len(apartadas), FILAS_A_LA_VISTA)
        self.tabla.setFixedHeight(self.tabla.horizontalHeader().sizeHint().height() + filas * self._alto + 6)
        self._ofrecer()

    def _que_les_pasa(self, apartadas: Sequence[Apartada]) -> Iterator[str]:
        confirmables = sum(una.en_ambas for una in apartadas)
        if confirmables < len(apartadas):
            yield self.tr("Lo que no se pudo copiar sigue a salvo en su base de datos.")
        if confirmables:
            yield self.tr("Lo que dice «sin confirmar» está en ambas: solo falta poder anotarlo.")
        yield self.tr("Nada de esto frena a las demás, y se vuelve a intentar solo.")

    def pasa_el_tiempo(self, ahora: datetime) -> None:
        """The next tries come nearer."""
        self.modelo.pasa_el_tiempo(ahora)

    def enfocar(self) -> None:
        """Put the keyboard into the table, on its first row if on none."""
        if not self.tabla.currentIndex().isValid():
            self.tabla.selectRow(0)
        self.tabla.setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name
        """What matters least gives way to the reason."""
        super().resizeEvent(event)
        letra = self.fontMetrics().averageCharWidth()
        libre = event.size().width() - 2 * MARGEN_PX - MOTIVO_CARACTERES * letra - sum(self._anchos.values())
        for columna in CEDEN:
            self.tabla.setColumnHidden(columna, libre < 0)
            if libre < 0:
                libre += self._anchos[columna]

    @Slot()
    def copiar(self) -> None:
        """The chosen rows, or all, to the clipboard: one a line, cells with tabs between."""
        elegidas = sorted({indice.row() for indice in self.tabla.selectionModel().selectedRows()})
        lineas = ["\t".join(str(self.modelo.headerData(c, Qt.Orientation.Horizontal)) for c in ColCuarentena)]
        for fila in elegidas or range(self.modelo.rowCount()):
            lineas.append("\t".join(str(self.modelo.index(fila, c).data()) for c in ColCuarentena))
        QGuiApplication.clipboard().setText("\n".join(lineas))

    def _preparar_tabla(self) -> None:
        self.tabla.setModel(self.modelo)
        self.tabla.setAccessibleName(self.tr("Tareas en cuarentena"))
        self.tabla.setObjectName("registro")
        self.tabla.setTextElideMode(Qt.TextElideMode.ElideRight)
        letra = self.fontMetrics()
        self._alto = max(ALTO_DE_FILA_PX, letra.height() + 12)
        self.tabla.verticalHeader().setDefaultSectionSize(self._alto)
        horizontal = self.tabla.horizontalHeader()
        horizontal.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        horizontal.setSectionResizeMode(ColCuarentena.MOTIVO, QHeaderView.ResizeMode.Stretch)
        muestras = {
            ColCuarentena.TITULO: "M" * TITULO_CARACTERES,
            ColCuarentena.SENTIDO: "MongoDB → SQL",
            ColCuarentena.DESDE: "el 00/00/0000 a las 00:00",
            ColCuarentena.INTENTOS: self.tr("Intentos"),
            ColCuarentena.PROXIMO: "en 4 min 00 s",
            ColCuarentena.ID: "00000000-0…",
        }
        # Remembered: a column that is hidden says that its width is 0.
        self._anchos = {columna: letra.horizontalAdvance(texto) + 26 for columna, texto in muestras.items()}
        for columna, ancho in self._anchos.items():
            self.tabla.setColumnWidth(columna, ancho)
        self.tabla.selectionModel().selectionChanged.connect(self._ofrecer)
        self.tabla.doubleClicked.connect(self._abrir)
        self._accion(self.tr("Ver en Tareas\tIntro"), self._abrir, "Return", "Enter")
        self._accion(self.tr("Copiar\tCtrl+C"), self.copiar, "Ctrl+C")
        self.tabla.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def _accion(self, texto: str, hacer: Callable[[], None], *teclas: str) -> None:
        accion = QAction(texto, self.tabla)
        accion.setShortcuts([QKeySequence(tecla) for tecla in teclas])
        accion.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        accion.triggered.connect(hacer)
        self.tabla.addAction(accion)

    def disponer(self, *, estrecho: bool) -> None:
        """See `CabezaDePanel`."""
        self._cabeza.disponer(estrecho=estrecho)

    def _componer(self) -> None:
        self._cabeza = CabezaDePanel(
            (self._titulo,), (self.boton_reintentar, self.boton_copiar, self.boton_abrir)
        )
        self.boton_reintentar.clicked.connect(self.reintentar_pedido)
        self.boton_copiar.clicked.connect(self.copiar)
        self.boton_abrir.clicked.connect(self._abrir)
        todo = QVBoxLayout(self)
        todo.setContentsMargins(MARGEN_PX, 12, MARGEN_PX, 14)
        todo.setSpacing(8)
        todo.addLayout(self._cabeza)
        todo.addWidget(self._explicacion)
        todo.addWidget(self.tabla)
        todo.addWidget(self._motivo)

    @Slot()
    def _ofrecer(self) -> None:
        """What can be done with the current row, and its reason whole: in a column it is cut."""
        apartada = self.modelo.apartada(self.tabla.currentIndex().row())
        self.boton_abrir.setEnabled(apartada is not None)
        self._motivo.setText(self.modelo.texto(apartada, ColCuarentena.MOTIVO) if apartada else "")
        self._motivo.setVisible(apartada is not None)

    @Slot()
    def _abrir(self) -> None:
        apartada = self.modelo.apartada(self.tabla.currentIndex().row())
        if apartada is not None:
            self.abrir_pedida.emit(apartada)
