"""From logging, in whatever thread, to the window: records wait here until the GUI thread fetches them."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

from adapters.logs import FormatoSinSecretos

LINEAS_MAX = 10_000
"""Lines kept, here and in the panel; the file of the log has more."""


@dataclass(frozen=True, slots=True)
class Linea:
    """One record: when, how grave (a `logging` level), and what was said, traceback included."""

    cuando: datetime
    nivel: int
    texto: str


class ManejadorActividad(logging.Handler):
    """Formats in the thread that logs, keeps the last lines, and touches nothing of Qt."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(FormatoSinSecretos("%(message)s"))
        # Appending to a deque is atomic, and logging.Handler holds its lock around emit anyway.
        self._lineas: deque[Linea] = deque(maxlen=LINEAS_MAX)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record; the oldest goes when there are too many."""
        try:
            texto = self.format(record)
        except Exception:  # noqa: BLE001  logging's own contract: a bad record is reported, not raised
            self.handleError(record)
            return
        self._lineas.append(Linea(datetime.fromtimestamp(record.created, UTC), record.levelno, texto))

    def tomar(self) -> list[Linea]:
        """What came since the last time, oldest first."""
        lineas: list[Linea] = []
        while self._lineas and len(lineas) < LINEAS_MAX:
            lineas.append(self._lineas.popleft())
        return lineas
