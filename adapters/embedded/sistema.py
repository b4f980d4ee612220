"""Processes, ports and ends of logs: what the server is asked about from outside."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path

import psutil

ANFITRION = "127.0.0.1"
_FONDO_DE_REGISTRO = 20_000  # bytes of the log's end in which the last error is looked for


def numero_de_proceso(archivo: Path) -> int:
    """The process number in a lock file of the server; 0 when there is none or it cannot be read."""
    try:
        return int(archivo.read_text(encoding="ascii").strip() or 0)
    except (OSError, ValueError):
        return 0


def vivo(pid: int) -> bool:
    """Whether that process runs. One that was killed may hold its port and its locks for a moment longer."""
    try:
        return pid > 0 and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def escucha(puerto: int) -> bool:
    """Whether anything takes connections on that port of this machine."""
    try:
        socket.create_connection((ANFITRION, puerto), timeout=1.0).close()
    except OSError:
        return False
    return True


def libre(puerto: int) -> bool:
    """Whether a server could listen on that port now."""
    with socket.socket() as enchufe:
        if sys.platform != "win32":
            enchufe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            enchufe.bind((ANFITRION, puerto))
        except OSError:
            return False
    return True


def puerto_libre() -> int:
    """A port that nobody uses."""
    with socket.socket() as enchufe:
        enchufe.bind((ANFITRION, 0))
        return int(enchufe.getsockname()[1])


def puerto_de(proceso: psutil.Process) -> int:
    """The port a mongod was told to listen on; 0 if it was not told."""
    orden = proceso.cmdline()
    return int(orden[orden.index("--port") + 1]) if "--port" in orden else 0


def ultimo_error(registro: Path) -> str:
    """The last error or fatal message of a mongod log (one JSON document a line)."""
    ultimo = ""
    for linea in _final(registro):
        try:
            apunte = json.loads(linea)
        except ValueError:
            continue
        if apunte.get("s") in ("E", "F"):
            atributos = apunte.get("attr", {})
            detalle = atributos.get("error") or atributos.get("message") or ""
            ultimo = f"{apunte.get('msg', '')} {detalle}".strip()
    return ultimo[:200]


def ultima_linea(archivo: Path) -> str:
    """The last line of a text, shortened; empty when there is none."""
    lineas = _final(archivo)
    return lineas[-1][:200] if lineas else ""


def _final(archivo: Path) -> list[str]:
    try:
        with archivo.open("rb") as flujo:
            flujo.seek(max(0, archivo.stat().st_size - _FONDO_DE_REGISTRO))
            return flujo.read().decode("utf-8", errors="replace").strip().splitlines()
    except OSError:
        return []
