"""A child process that outlives this one by a moment, to kill its servers and delete their folders.

It covers what no `finally` can: SIGKILL of the tests, a crash of the interpreter, a closed terminal. It
reads orders from its standard input, and acts when that ends, which the system sees to.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import psutil


class Guardian:
    """The parent's end: tells the child what to watch."""

    def __init__(self) -> None:
        # A session of its own: Ctrl+C in the terminal must reach the tests and not the one who tidies up.
        self._hijo = subprocess.Popen(
            [sys.executable, "-I", __file__],
            stdin=subprocess.PIPE,
            start_new_session=True,
            text=True,
            encoding="utf-8",
        )

    @property
    def pid(self) -> int:
        """The child's."""
        return self._hijo.pid

    def carpeta(self, ruta: Path) -> None:
        """Delete this folder in the end."""
        self._ordenar({"carpeta": str(ruta)})

    def vigilar(self, pid: int) -> None:
        """Kill this process and its children in the end, if it still is the same one by then."""
        self._ordenar({"pid": pid, "creado": psutil.Process(pid).create_time()})

    def close(self, plazo_s: float = 60) -> None:
        """Have it act now, and wait for it; idempotent.

        Where the machine is so busy that deleting takes longer, it ends anyway: the servers are dead by then,
        and some files left in a temporary folder are no reason to fail what has passed.
        """
        assert self._hijo.stdin is not None
        self._hijo.stdin.close()
        try:
            self._hijo.wait(plazo_s)
        except subprocess.TimeoutExpired:
            self._hijo.kill()
            self._hijo.wait()

    def _ordenar(self, orden: dict[str, object]) -> None:
        assert self._hijo.stdin is not None
        self._hijo.stdin.write(json.dumps(orden) + "\n")
        self._hijo.stdin.flush()


def matar_arbol(pid: int, creado: float | None = None) -> list[psutil.Process]:
    """SIGKILL the process and all its children, also frozen ones; returns whom it killed."""
    try:
        raiz = psutil.Process(pid)
        if creado is not None and abs(raiz.create_time() - creado) > 1:
            return []
        raiz.suspend()  # from here on it has no more children
        familia = [*raiz.children(recursive=True), raiz]
    except psutil.NoSuchProcess:
        return []
    for proceso in familia:
        try:
            proceso.kill()
        except psutil.NoSuchProcess:
            continue
    return familia


def _servir() -> None:
    carpetas: list[str] = []
    procesos: dict[int, float] = {}
    for linea in sys.stdin:
        orden = json.loads(linea)
        if "carpeta" in orden:
            carpetas.append(orden["carpeta"])
        else:
            procesos[orden["pid"]] = orden["creado"]
    muertos = [uno for pid, creado in procesos.items() for uno in matar_arbol(pid, creado)]
    psutil.wait_procs(muertos, timeout=5)
    for carpeta in carpetas:
        shutil.rmtree(carpeta, ignore_errors=True)


if __name__ == "__main__":
    _servir()
