"""The command line: without a verb it opens the window, with one it needs none and imports no Qt.

`principal` turns whatever happens into an exit code and a sentence, `app` declares the verbs, each of
which has a module of its own.
"""

from adapters.cli.principal import main

__all__ = ["main"]
