"""The command line: without a verb it opens the window, with one it needs none and imports no Qt.

`principal` turns whatever happens into an exit code and a sentence, `app` declares the verbs, each of
which has a module of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

INTERRUMPIDO = 130


def main(argumentos: Sequence[str] | None = None) -> int:
    """Run `dual-tareas` with `argumentos` (the process's own when None); the exit code."""
    try:
        # Only here: loading the rest takes a tenth of a second, and Ctrl+C is to end in a sentence then, too.
        from adapters.cli.principal import main as principal
    except KeyboardInterrupt:
        sys.stderr.write("Interrumpido.\n")
        return INTERRUMPIDO
    return principal(argumentos)
