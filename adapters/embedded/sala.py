"""The folder through which programs and guardian meet: locks that the system frees, and one state file.

Whoever is alive holds a lock, so that a SIGKILL needs no cleaning up:

- `guardian.lock`: the guardian, as long as it runs;
- `clientes/*.lock`: one for each program that uses the server;
- `puerta.lock`: who comes in (a program that registers and starts) or closes (the guardian that ends), so
  that nobody comes in while the door is being closed.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout


@dataclass(frozen=True, slots=True)
class Estado:
    """What the guardian tells the programs.

    Attributes:
        guardian: its process number.
        mongod: the server's process number, or the last one it had.
        puerto: the server's port on 127.0.0.1; kept over restarts where possible.
        error: why there is no server, a sentence for the operator; empty when there is one.
        listo: the server takes writes.
    """

    guardian: int
    mongod: int = 0
    puerto: int = 0
    error: str = ""
    listo: bool = False


class Sala:
    """The folder `carpeta/mongo`, private to this user. Raises OSError where it cannot be made."""

    def __init__(self, carpeta: Path) -> None:
        self.raiz = carpeta / "mongo"
        self.datos = self.raiz / "datos"
        self.registro = self.raiz / "mongod.log"
        self.registro_guardian = self.raiz / "guardian.log"
        self._estado = self.raiz / "estado.json"
        self._clientes = self.raiz / "clientes"

    def crear(self) -> None:
        """Make the folders, readable for this user alone."""
        self.raiz.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.raiz.chmod(0o700)
        for carpeta in (self.datos, self._clientes):
            carpeta.mkdir(exist_ok=True, mode=0o700)

    def puerta(self) -> FileLock:
        """Held while somebody comes in or the guardian decides to end."""
        return self._candado(self.raiz / "puerta.lock")

    def guardian(self) -> FileLock:
        """Held by the guardian as long as it lives."""
        return self._candado(self.raiz / "guardian.lock")

    def hay_guardian(self) -> bool:
        """Whether a guardian lives."""
        return _ocupado(self.guardian())

    def registrar(self) -> FileLock:
        """A new client's lock, taken. Call with the door held."""
        candado = self._candado(self._clientes / f"{os.getpid()}-{uuid4().hex[:8]}.lock")
        candado.acquire(timeout=0)
        return candado

    def hay_clientes(self) -> bool:
        """Whether any client lives; forgets those that do not. Call with the door held."""
        vivos = 0
        for archivo in self._clientes.glob("*.lock"):
            if _ocupado(self._candado(archivo)):
                vivos += 1
            else:
                archivo.unlink(missing_ok=True)
        return vivos > 0

    def leer(self) -> Estado | None:
        """What the guardian last told; None if nothing or nothing legible (a crash in the middle)."""
        try:
            return Estado(**json.loads(self._estado.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def escribir(self, estado: Estado) -> None:
        """Tell the programs; they read the old state or the new one, never half of it."""
        nuevo = self._estado.with_suffix(".nuevo")
        nuevo.write_text(json.dumps(asdict(estado)), encoding="utf-8")
        nuevo.replace(self._estado)

    def caducar(self) -> Estado:
        """Tell the programs that there is no server now; returns what was told before."""
        anterior = self.leer() or Estado(guardian=0)
        self.escribir(replace(anterior, guardian=0, error="", listo=False))
        return anterior

    @staticmethod
    def _candado(archivo: Path) -> FileLock:
        return FileLock(archivo, thread_local=False, mode=0o600)


def _ocupado(candado: FileLock) -> bool:
    try:
        candado.acquire(timeout=0)
    except Timeout:
        return True
    candado.release()
    return False
