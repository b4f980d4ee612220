"""Where the keyboard is while a job runs, and after it.

The buttons that order jobs are out of reach meanwhile, and so is, afterwards, the one that cancels them: Qt
would carry the keyboard on to whatever comes next, mostly out of the page.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QWidget


class FocoDelTrabajo:
    """Moves the focus only where it is on what is about to go; nobody is taken away from what they do.

    Args:
        pagina: whose jobs these are.
        cancelar: what ends a job, in reach only while there is one.
        despues: for each kind of job, where the keyboard is wanted after it, the best place first.
    """

    def __init__(
        self, pagina: QWidget, cancelar: QWidget, despues: Mapping[str, tuple[QWidget, ...]]
    ) -> None:
        self._pagina = pagina
        self._cancelar = cancelar
        self._despues = despues

    def al_empezar(self) -> None:
        """A job has begun, `cancelar` is in reach, and what ordered it still is."""
        foco = self._pagina.window().focusWidget()
        if self._pagina.isVisible() and (foco is None or isinstance(foco, QAbstractButton)):
            self._cancelar.setFocus(Qt.FocusReason.OtherFocusReason)

    def al_acabar(self, asunto: str) -> None:
        """That job has ended, orders are in reach again, and `cancelar` still is."""
        if self._pagina.isVisible() and self._pagina.window().focusWidget() in (None, self._cancelar):
            for lugar in self._despues.get(asunto, ()):
                if lugar.isEnabled() and lugar.isVisible():
                    lugar.setFocus(Qt.FocusReason.OtherFocusReason)
                    return
        self._cancelar.clearFocus()  # or it would be remembered as where one was in this page

    def salvar(self, de: QWidget, a: QWidget) -> None:
        """`de` is about to be hidden or filled anew: what has the focus in it gives it to `a`."""
        foco = self._pagina.window().focusWidget()
        if foco is not None and (foco is de or de.isAncestorOf(foco)):
            a.setFocus(Qt.FocusReason.OtherFocusReason)
