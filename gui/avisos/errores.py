"""The last net: an exception that nobody caught is logged and told in a banner, never in a dialog."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, Qt, QtMsgType, Signal, Slot, qInstallMessageHandler
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from adapters.logs import ocultar_secretos
from gui.avisos.aviso import Accion, Aviso, Nivel
from gui.avisos.bandeja import BandejaAvisos

_log = logging.getLogger(__name__)
_log_qt = logging.getLogger("gui.qt")
_NIVEL_QT = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class RedDeErrores(QObject):
    """Takes over `sys.excepthook`, `threading.excepthook` and Qt's messages until `soltar`."""

    _ocurrio = Signal(str)

    def __init__(self, avisos: BandejaAvisos, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._avisos = avisos
        # Queued: the exception may come from any thread, and from the middle of a paint event.
        self._ocurrio.connect(self._avisar, Qt.ConnectionType.QueuedConnection)
        self._antes = (sys.excepthook, threading.excepthook)

    def tender(self) -> None:
        """Begin to catch."""
        sys.excepthook = self._en_principal
        threading.excepthook = self._en_hilo
        qInstallMessageHandler(mensaje_de_qt)

    def soltar(self) -> None:
        """Give everything back."""
        sys.excepthook, threading.excepthook = self._antes
        qInstallMessageHandler(None)

    def _en_principal(
        self, tipo: type[BaseException], error: BaseException, traza: TracebackType | None
    ) -> None:
        if issubclass(tipo, KeyboardInterrupt):
            QApplication.closeAllWindows()
            return
        _log.critical("Error interno", exc_info=(tipo, error, traza))
        self._ocurrio.emit("".join(traceback.format_exception(tipo, error, traza)))

    def _en_hilo(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._en_principal(args.exc_type, args.exc_value, args.exc_traceback)

    @Slot(str)
    def _avisar(self, traza: str) -> None:
        self._avisos.mostrar(
            Aviso(
                clave="error-interno",
                nivel=Nivel.ERROR,
                titulo=self.tr("Error interno"),
                detalle=self.tr(
                    "El programa encontró un fallo propio y sigue funcionando. "
                    "Copie el detalle y envíelo a quien mantiene el programa."
                ),
                acciones=(
                    Accion(
                        self.tr("Copiar detalle"),
                        lambda: QGuiApplication.clipboard().setText(ocultar_secretos(traza)),
                    ),
                ),
            )
        )


def mensaje_de_qt(tipo: QtMsgType, contexto: QMessageLogContext, mensaje: str) -> None:
    """Qt's own messages go to the log like any other."""
    categoria = getattr(contexto, "category", None) or "qt"
    _log_qt.log(_NIVEL_QT.get(tipo, logging.WARNING), "%s: %s", categoria, mensaje)
