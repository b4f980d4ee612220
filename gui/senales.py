"""Ctrl+C and a request to end, turned into an ordinary event of the window."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QSocketNotifier, Slot
from PySide6.QtWidgets import QDialog

from gui.ventana import Ventana

SENALES = (signal.SIGINT, signal.SIGTERM)


class _Cierre(QObject):
    """Closes the window when a signal has written its number to that socket."""

    def __init__(self, ventana: Ventana, lee: socket.socket) -> None:
        super().__init__()
        self._ventana = ventana
        self._lee = lee
        self._aviso = QSocketNotifier(lee.fileno(), QSocketNotifier.Type.Read, self)
        self._aviso.activated.connect(self._al_llegar)

    @Slot()
    def _al_llegar(self) -> None:
        if not any(numero in SENALES for numero in self._lee.recv(64)):
            return  # another signal that somebody handles in Python
        # Whoever sends a signal cannot answer a question, neither one to come nor one on screen.
        self._ventana.tareas.no_preguntar()
        for dialogo in self._ventana.findChildren(QDialog):
            dialogo.close()
        self._ventana.close()

    def soltar(self) -> None:
        self._aviso.setEnabled(False)


@contextmanager
def cerrar_con_senales(ventana: Ventana) -> Iterator[None]:
    """Those signals close the window, which closes everything behind it, without a question.

    Python would run a handler between any two steps of a program, in the middle of a paint too: these do
    nothing but let Python write the signal's number to a socket, and the event loop hears of that.
    """
    lee, escribe = socket.socketpair()
    lee.setblocking(False)
    escribe.setblocking(False)
    antes = {senal: signal.signal(senal, lambda *_: None) for senal in SENALES}
    cierre = _Cierre(ventana, lee)
    anterior = signal.set_wakeup_fd(escribe.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(anterior)
        cierre.soltar()
        lee.close()
        escribe.close()
        for senal, manejador in antes.items():
            signal.signal(senal, manejador)
