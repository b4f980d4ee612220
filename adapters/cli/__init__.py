"""The command line: without a verb it opens the window, with one it needs none and imports no Qt.

`principal` turns whatever happens into an exit code and a sentence, `app` declares the verbs, each of
which has a module of its own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

INTERRUMPIDO = 130


def main(argumentos: Sequence[str] | None = None) -> int:
    """Run `dual-tareas` with `argumentos`; the exit code.

    Without them it is the process's own run, which ends with it.
    """
    try:
        # Only here: loading the rest takes a tenth of a second, and Ctrl+C is to end in a sentence then, too.
        from adapters.cli.principal import main as principal

        codigo = principal(argumentos)
    except KeyboardInterrupt:
        sys.stderr.write("Interrumpido.\n")
        codigo = INTERRUMPIDO
    if argumentos is None and "gui" not in sys.modules:  # Qt still writes the window's preferences
        _irse(codigo)
    return codigo


def _irse(codigo: int) -> None:
    """Leave at once: all is closed, and joining the drivers' threads takes as long as a verb itself."""
    for salida in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # nobody reads it any more: it has been told, or cannot be
            salida.flush()
    os._exit(codigo)
