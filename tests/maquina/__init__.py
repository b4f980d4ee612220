"""The protocol under a scheduler that a test drives: the real code, stores in memory, one step at a time."""

import os

VECES = int(os.environ.get("MAQUINA_VECES") or 1)
"""How many times the usual number of programs is tried."""
