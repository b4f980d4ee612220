"""Garbage is collected on the GUI thread, a little at a time.

Python collects in whichever thread happens to allocate. In a worker it would destroy widgets that a cycle
kept alive, and Qt ends the process for that; and a full collection stops every thread, the event loop too,
while it looks at all that was ever imported. So the automatic one is off, and this does its work between two
events.
"""

from __future__ import annotations

import gc
import time

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication

INTERVALO_MS = 500
UMBRALES = (5_000, 10, 20)
"""New objects, young collections, and middle ones, after which the next older generation gets its turn."""
LARGA_S = 0.02
"""A full collection that took longer leaves what survived it out of the next ones, seconds."""
REPASO_S = 300.0
"""How long at least, seconds; then it is looked at again, while nobody works in the window."""
APARTADOS_MAX = 1_000_000
"""Objects left out since the start that are looked at again even so: a pause is better than no memory."""


class Recolector(QObject):
    """Stands in for the automatic collector from `iniciar` to `detener`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._de_siempre = 0
        self._apartado_s: float | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVALO_MS)
        self._timer.timeout.connect(self.pasar)

    def iniciar(self) -> None:
        """Take over. What exists now is left out for good: it is the program itself."""
        gc.collect()
        gc.freeze()
        self._de_siempre = gc.get_freeze_count()
        gc.disable()
        self._timer.start()

    def detener(self) -> None:
        """Give the work back to the automatic collector."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    @Slot()
    def pasar(self) -> None:
        """Collect the oldest generation whose turn it is; in a quiet moment, what was left out as well."""
        if self._toca_repasar():
            self._repasar()
            return
        mayores = [
            generacion for generacion, cuenta in enumerate(gc.get_count()) if cuenta > UMBRALES[generacion]
        ]
        if not mayores:
            return
        inicio_s = time.perf_counter()
        gc.collect(mayores[-1])
        if mayores[-1] == len(UMBRALES) - 1 and time.perf_counter() - inicio_s > LARGA_S:
            gc.freeze()
            if self._apartado_s is None:
                self._apartado_s = time.monotonic()

    def _toca_repasar(self) -> bool:
        if self._apartado_s is None:
            return False
        if gc.get_freeze_count() - self._de_siempre > APARTADOS_MAX:
            return True
        nadie = QGuiApplication.applicationState() != Qt.ApplicationState.ApplicationActive
        return nadie and time.monotonic() - self._apartado_s >= REPASO_S

    def _repasar(self) -> None:
        """What lived when it was left out may be garbage by now, and nothing else would ever find it."""
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        self._de_siempre, self._apartado_s = gc.get_freeze_count(), None
