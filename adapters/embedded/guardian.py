"""The process that owns the embedded mongod: `python -m adapters.embedded.guardian CARPETA BINARIO`.

It is nobody's child and has no terminal, so that neither Ctrl+C nor a crash of a program reaches it. It
starts the server, starts it again when it dies, and stops it when the last program is gone.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections import deque
from pathlib import Path

from filelock import BaseFileLock, Timeout

from adapters.embedded.errores import MongoEmbebidoNoDisponible, frase_de_oserror
from adapters.embedded.sala import Estado, Sala
from adapters.embedded.servidor import Mongod

_log = logging.getLogger("guardian")

PASO_S = 0.2
"""Between two looks at server and programs, seconds."""
ARRANQUE_S = 20.0
REINICIOS_MAX = 5
"""Restarts of a dying server within `REINICIOS_EN_S`."""
REINICIOS_EN_S = 60.0
_ROTACION_S = 30.0


class Guardian:
    """Watches over one server until nobody needs it or `fin` is set."""

    def __init__(self, sala: Sala, binario: Path, *, candado: BaseFileLock, fin: threading.Event) -> None:
        self._sala = sala
        self._candado = candado
        self._fin = fin
        self._mongod = Mongod(binario, sala.datos, sala.registro, esperar=fin.wait)
        self._reinicios: deque[float] = deque(maxlen=REINICIOS_MAX)
        self._rotado_s = time.monotonic()
        self._dicho = Estado(guardian=0)

    def correr(self) -> None:
        """Start, watch, stop. The door is held while it stops: who comes in then starts anew."""
        anterior = self._sala.caducar()
        try:
            self._arrancar(anterior)
            while not self._fin.wait(PASO_S):
                if not self._mongod.vivo():
                    self._levantar()
                if self._sala.leer() != self._dicho:
                    self._decir(listo=True)  # a program took us for dead, or somebody deleted the file
                self._rotar()
                if self._cerrar_si_sobra():
                    return
        except MongoEmbebidoNoDisponible as error:
            _log.error("%s", error)
            self._decir(error=str(error))
            return
        self._parar()

    def _arrancar(self, anterior: Estado) -> None:
        if self._mongod.adoptar(timeout_s=3.0, pista=anterior.mongod):
            _log.info("adopted a mongod on port %d", self._mongod.puerto)
        else:
            self._mongod.arrancar(anterior.puerto, ARRANQUE_S)
        self._decir(listo=True)

    def _levantar(self) -> None:
        """Start a server that died again, on the port that the programs know."""
        ahora_s = time.monotonic()
        if len(self._reinicios) == REINICIOS_MAX and ahora_s - self._reinicios[0] < REINICIOS_EN_S:
            raise MongoEmbebidoNoDisponible(
                f"El MongoDB embebido se cae una y otra vez. Mire {self._sala.registro}."
            )
        self._reinicios.append(ahora_s)
        _log.warning("mongod died; starting it again")
        self._decir()
        self._mongod.arrancar(self._mongod.puerto, ARRANQUE_S)
        self._decir(listo=True)

    def _rotar(self) -> None:
        if time.monotonic() - self._rotado_s > _ROTACION_S:
            self._rotado_s = time.monotonic()
            self._mongod.rotar_registro()

    def _cerrar_si_sobra(self) -> bool:
        puerta = self._sala.puerta()
        try:
            puerta.acquire(timeout=0)
        except Timeout:
            return False  # somebody is coming in
        try:
            if self._sala.hay_clientes():
                return False
            self._parar()
            # Before the door opens: who comes in must not wait for a guardian that is about to be gone.
            self._candado.release()
            return True
        finally:
            puerta.release()

    def _parar(self) -> None:
        self._sala.caducar()
        self._mongod.parar()

    def _decir(self, *, error: str = "", listo: bool = False) -> None:
        self._dicho = Estado(
            guardian=os.getpid(),
            mongod=self._mongod.pid,
            puerto=self._mongod.puerto,
            error=error,
            listo=listo,
        )
        self._sala.escribir(self._dicho)


def main(argumentos: list[str]) -> int:
    """Be the guardian of the folder named, unless there is one already."""
    sala, binario = Sala(Path(argumentos[0])), Path(argumentos[1])
    fin = threading.Event()
    for senal in (signal.SIGTERM, signal.SIGINT):
        signal.signal(senal, lambda *_: fin.set())
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    candado = sala.guardian()
    try:
        candado.acquire(timeout=1.0)
    except Timeout:
        return 0
    try:
        Guardian(sala, binario, candado=candado, fin=fin).correr()
    except OSError as error:
        _log.exception("the folder cannot be used")
        sala.escribir(Estado(guardian=os.getpid(), error=frase_de_oserror(error, sala.raiz)))
        return 1
    finally:
        candado.release()
    return 0


def _separarse() -> None:
    """Leave the parent, so that it has no child to wait for. Windows has no such bond."""
    if hasattr(os, "fork") and os.fork():
        os._exit(0)


if __name__ == "__main__":
    _separarse()
    sys.exit(main(sys.argv[1:]))
