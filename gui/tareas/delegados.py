"""How estado and almacenes are painted: a shape, a word and a colour, asked of the theme at paint time."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from core.domain.models.tarea import Tarea
from gui.tareas.modelo import Rol
from gui.tareas.presencia import Presencia
from gui.tareas.textos import FORMAS, forma_y_palabra, tonos
from gui.tema import color

Indice = QModelIndex | QPersistentModelIndex
MARGEN_PX = 8
ALTO_MINIMO_PX = 32
_RESALTES = (
    QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_HasFocus
)


def alto_de_fila(metrica: QFontMetrics) -> int:
    """32 px with an ordinary font, more with a larger one."""
    return max(ALTO_MINIMO_PX, round(metrica.height() * 1.7))


def _fondo(pintor: QPainter, opcion: QStyleOptionViewItem) -> None:
    """The cell as the style draws it, without its text.

    `initStyleOption` would ask the model seven times a cell for what it never has; each time Python's lock
    has to be got back from the workers. The view itself has painted the row of a cell that is in no state.
    """
    if not opcion.state & _RESALTES:
        return
    estilo = opcion.widget.style() if opcion.widget else QApplication.style()
    estilo.drawControl(QStyle.ControlElement.CE_ItemViewItem, opcion, pintor, opcion.widget)


class TextoDelegate(QStyledItemDelegate):
    """One line of text, secondary in colour unless told otherwise."""

    def __init__(self, rol: str, parent: QApplication | None = None) -> None:
        super().__init__(parent)
        self._rol = rol

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Indice) -> None:
        elegida = bool(option.state & QStyle.StateFlag.State_Selected)
        _fondo(painter, option)
        zona = option.rect.adjusted(MARGEN_PX, 0, -MARGEN_PX, 0)
        texto = index.data() or ""
        visible = option.fontMetrics.elidedText(texto, Qt.TextElideMode.ElideRight, zona.width())
        painter.save()
        painter.setPen(color("text" if elegida else self._rol))
        # AlignAbsolute: a right-to-left titulo stays in its column's left edge like its neighbours.
        donde = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(zona, donde | Qt.TextFlag.TextSingleLine, visible)
        painter.restore()


class EstadoDelegate(QStyledItemDelegate):
    """The estado as a coloured label."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Indice) -> None:
        tarea = index.data(Rol.TAREA)
        _fondo(painter, option)
        if isinstance(tarea, Tarea):
            pintar_etiqueta(painter, option.rect, option.fontMetrics, tarea, ancho_de_estado(option.font))

    def sizeHint(self, option: QStyleOptionViewItem, index: Indice) -> QSize:  # noqa: ARG002, N802  Qt's
        return QSize(ancho_de_estado(option.font), alto_de_fila(option.fontMetrics))


def ancho_de_estado(fuente: QFont) -> int:
    """Enough for the longest word with its shape."""
    return _ancho_de_estado(fuente.toString())


@cache
def _ancho_de_estado(fuente: str) -> int:
    letra = QFont()
    letra.fromString(fuente)
    metrica = QFontMetrics(letra)
    return max(metrica.horizontalAdvance(forma_y_palabra(estado)) for estado in FORMAS) + 5 * MARGEN_PX


def pintar_etiqueta(
    pintor: QPainter, celda: QRect, metrica: QFontMetrics, tarea: Tarea, ancho_de_columna: int
) -> None:
    """The label of an estado at the left of a cell."""
    (tono, fondo), alto = tonos(tarea.estado), metrica.height() + 4
    ancho = min(ancho_de_columna - 3 * MARGEN_PX, celda.width() - MARGEN_PX)
    caja = QRect(celda.left() + MARGEN_PX // 2, celda.center().y() - alto // 2 + 1, ancho, alto)
    pintor.save()
    pintor.setRenderHint(QPainter.RenderHint.Antialiasing)
    pintor.setPen(Qt.PenStyle.NoPen)
    pintor.setBrush(color(fondo))
    pintor.drawRoundedRect(caja, 6, 6)
    pintor.setPen(color(tono))
    texto = forma_y_palabra(tarea.estado)
    if tarea.estado not in FORMAS:  # the column has room for ours
        texto = metrica.elidedText(texto, Qt.TextElideMode.ElideRight, ancho - MARGEN_PX)
    pintor.drawText(caja, Qt.AlignmentFlag.AlignCenter, texto)
    pintor.restore()


class AlmacenesDelegate(QStyledItemDelegate):
    """Each store with its sign, aligned from row to row; what is missing stands out."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Indice) -> None:
        elegida = bool(option.state & QStyle.StateFlag.State_Selected)
        zona = option.rect.adjusted(MARGEN_PX, 0, -MARGEN_PX, 0)
        metrica = option.fontMetrics
        _fondo(painter, option)
        painter.save()
        en_vuelo = index.data(Rol.EN_VUELO)
        if en_vuelo:
            painter.setPen(color("info"))
            painter.drawText(zona, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, en_vuelo)
        else:
            self._pintar(painter, zona, metrica, index.data(Rol.PRESENCIAS) or (), elegida=elegida)
        painter.restore()

    @staticmethod
    def _pintar(
        pintor: QPainter,
        zona: QRect,
        metrica: QFontMetrics,
        presencias: tuple[Presencia, ...],
        *,
        elegida: bool,
    ) -> None:
        minimo = metrica.horizontalAdvance("SQL ✓")
        izquierda = zona.left()
        for presencia in presencias:
            libre = zona.right() - izquierda
            if libre <= 0:
                return
            rol = presencia.tono if presencia.palabra else ("text" if elegida else "muted")
            pintor.setPen(color(rol))
            texto = metrica.elidedText(presencia.texto, Qt.TextElideMode.ElideRight, libre)
            caja = QRect(izquierda, zona.top(), libre, zona.height())
            pintor.drawText(caja, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, texto)
            izquierda += max(minimo, metrica.horizontalAdvance(texto)) + 2 * MARGEN_PX
