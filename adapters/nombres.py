"""Look-ups of host names that one can stop waiting for.

`getaddrinfo` waits for the name servers as long as the system's settings say (30 s and more) and nothing
ends it. Here it runs in a daemon thread, and whoever needs the answer waits for as long as he pleases.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from concurrent.futures import Future


class Buscador:
    """Looks names up, each once at a time: a name server that hangs costs one thread a name."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._en_curso: dict[str, Future[list[str]]] = {}

    def buscar(self, anfitrion: str) -> Future[list[str]]:
        """The addresses of a host, soon. The future raises OSError, or UnicodeError for what is no name."""
        with self._lock:
            futuro = self._en_curso.get(anfitrion)
            if futuro is None:
                futuro = self._en_curso[anfitrion] = Future()
                nombre = f"DualRepo-nombre-{anfitrion}"
                threading.Thread(
                    target=self._preguntar, args=(anfitrion, futuro), name=nombre, daemon=True
                ).start()
        return futuro

    def _preguntar(self, anfitrion: str, futuro: Future[list[str]]) -> None:
        try:
            respuestas = socket.getaddrinfo(anfitrion, None, type=socket.SOCK_STREAM)
        except Exception as error:  # noqa: BLE001  it rises where the answer is waited for
            self._olvidar(anfitrion)
            futuro.set_exception(error)
        else:
            self._olvidar(anfitrion)
            futuro.set_result(list(dict.fromkeys(str(direccion[0]) for *_, direccion in respuestas)))

    def _olvidar(self, anfitrion: str) -> None:
        with self._lock:
            del self._en_curso[anfitrion]


def es_nombre(anfitrion: str) -> bool:
    """Whether it has to be looked up: it is neither an address nor the path of a socket."""
    if not anfitrion or anfitrion.startswith(("/", "@")):
        return False
    try:
        ipaddress.ip_address(anfitrion)
    except ValueError:
        return True
    return False


BUSCADOR = Buscador()
"""Shared by both stores."""
