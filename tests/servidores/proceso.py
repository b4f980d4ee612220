"""What both servers have in common: one process tree on a port of its own that can be killed and frozen."""

from __future__ import annotations

import os
import socket
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import psutil

from tests.servidores.espera import esperar
from tests.servidores.guardian import Guardian, matar_arbol

ANFITRION = "127.0.0.1"
ARRANQUE_S = 30.0
"""Longest a server may take to become ready, seconds; it takes one on an idle machine."""


class BinarioAusente(Exception):
    """The server's package is not installed: the test cannot tell anything, and says so by failing."""


class ServidorNoArranca(Exception):
    """The server ended, or was not ready in time; the message carries the end of its log."""


class Servidor(ABC):
    """One database server that the caller owns.

    Args:
        carpeta: an empty folder for its data and its log.
        guardian: who kills it if these tests cannot.
        usuario: system user it runs as; None for the caller's own.
    """

    def __init__(self, carpeta: Path, guardian: Guardian, *, usuario: str | None = None) -> None:
        self.carpeta = carpeta
        self.registro = carpeta / "servidor.log"
        self.puerto = 0
        self._guardian = guardian
        self._usuario = usuario
        self._proceso: subprocess.Popen[bytes] | None = None
        self._congelados: list[psutil.Process] = []

    @abstractmethod
    def _orden(self) -> list[str]:
        """The command line that runs the server in the foreground."""

    @abstractmethod
    def _responde(self) -> bool:
        """Whether it does real work now; never raises for a server that is merely not ready."""

    @property
    def vivo(self) -> bool:
        """Whether its main process exists (frozen counts as living)."""
        return self._proceso is not None and self._proceso.poll() is None

    @property
    def direccion(self) -> tuple[str, int]:
        """Host and port, as a proxy wants them."""
        return (ANFITRION, self.puerto)

    @property
    def congelado(self) -> bool:
        """Whether it has been frozen."""
        return bool(self._congelados)

    def start(self) -> None:
        """Run the server and return when it does real work; on the same port as before, if there was one."""
        assert not self.vivo, "ya está en marcha"
        for _ in range(5):  # another program may take a free port before the server does
            self.puerto = self.puerto or puerto_libre()
            self._proceso = self._lanzar()
            self._guardian.vigilar(self._proceso.pid)
            if self._esperar_listo():
                return
            if "in use" not in self._final_del_registro():
                break
            self.puerto = 0
        self.matar()
        raise ServidorNoArranca(f"{type(self).__name__} no arranca:\n{self._final_del_registro()}")

    revivir = start

    def matar(self) -> None:
        """SIGKILL the main process and all its children at once; returns when they are gone."""
        if self._proceso is None:
            return
        familia = matar_arbol(self._proceso.pid)
        self._congelados = []
        self._proceso.wait(timeout=10)
        esperar(lambda: not any(map(_existe, familia)), plazo_s=10, que=f"fin de {type(self).__name__}")

    def detener(self) -> None:
        """End it the gentle way; SIGKILL if it takes more than 10 s."""
        self.descongelar()
        if self.vivo:
            assert self._proceso is not None
            self._cortesmente(self._proceso)
            try:
                self._proceso.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.matar()

    def congelar(self) -> None:
        """SIGSTOP all of its processes: it accepts connections still, and answers nothing."""
        assert self.vivo, "no está en marcha"
        assert self._proceso is not None
        raiz = psutil.Process(self._proceso.pid)
        raiz.suspend()  # first, so that no child is born between the listing and the stop
        self._congelados = [raiz]
        for hijo in raiz.children(recursive=True):
            try:
                hijo.suspend()
            except psutil.NoSuchProcess:
                continue
            self._congelados.append(hijo)

    def descongelar(self) -> None:
        """SIGCONT all that `congelar` stopped; harmless when nothing was."""
        for proceso in reversed(self._congelados):
            try:
                proceso.resume()
            except psutil.NoSuchProcess:
                continue
        self._congelados = []

    def _lanzar(self) -> subprocess.Popen[bytes]:
        with self.registro.open("ab") as registro:
            # A session of its own: Ctrl+C in the terminal is for the tests, which then stop the server.
            return subprocess.Popen(
                self._orden(),
                stdin=subprocess.DEVNULL,
                stdout=registro,
                stderr=registro,
                cwd=self.carpeta,
                start_new_session=True,
                **como_usuario(self._usuario),
            )

    def _esperar_listo(self) -> bool:
        esperar(
            lambda: not self.vivo or self._responde(), plazo_s=ARRANQUE_S, que=f"{type(self).__name__} listo"
        )
        return self.vivo

    def _cortesmente(self, proceso: subprocess.Popen[bytes]) -> None:
        proceso.terminate()

    def _final_del_registro(self) -> str:
        return self.registro.read_text(encoding="utf-8", errors="replace")[-2000:]


def puerto_libre() -> int:
    """A TCP port of the loopback interface that nobody listens on now."""
    with socket.socket() as enchufe:
        enchufe.bind((ANFITRION, 0))
        puerto: int = enchufe.getsockname()[1]
        return puerto


def como_usuario(usuario: str | None) -> dict[str, Any]:
    """Arguments of Popen that run a program as `usuario`, with none of the caller's other groups."""
    return {} if usuario is None else {"user": usuario, "extra_groups": []}


def _existe(proceso: psutil.Process) -> bool:
    try:
        return proceso.is_running() and proceso.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def soy_root() -> bool:
    """Whether this process is the superuser of a POSIX system."""
    return os.name == "posix" and os.geteuid() == 0
