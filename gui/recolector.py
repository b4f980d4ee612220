"""Garbage is collected on the GUI thread, a little at a time.

Python collects in whichever thread happens to allocate. In a worker it would destroy widgets that a cycle
kept alive, and Qt ends the process for that; and a full collection stops every thread, the event loop too,
while it looks at all that was ever imported. So the automatic one is off, and this does its work between two
events.
"""

from __future__ import annotations

import gc
import time

from PySide6.QtCore import QObject, QTimer, Slot

INTERVALO_MS = 500
UMBRALES = (5_000, 10, 20)
"""New objects, young collections, and middle ones, after which the next older generation gets its turn."""
LARGA_S = 0.02
"""A full collection that took longer leaves what survived it out of the next ones, seconds."""


class Recolector(QObject):
    """Stands in for the automatic collector from `iniciar` to `detener`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVALO_MS)
        self._timer.timeout.connect(self.pasar)

    def iniciar(self) -> None:
        """Take over. What exists now is left out for good: it is the program itself."""
        gc.collect()
        gc.freeze()
        gc.disable()
        self._timer.start()

    def detener(self) -> None:
        """Give the work back to the automatic collector."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    @Slot()
    def pasar(self) -> None:
        """Collect the oldest generation whose turn it is."""
        mayores = [
            generacion for generacion, cuenta in enumerate(gc.get_count()) if cuenta > UMBRALES[generacion]
        ]
        if not mayores:
            return
        inicio_s = time.perf_counter()
        gc.collect(mayores[-1])
        if mayores[-1] == len(UMBRALES) - 1 and time.perf_counter() - inicio_s > LARGA_S:
            gc.freeze()
