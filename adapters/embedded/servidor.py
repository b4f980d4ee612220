"""One mongod on one data folder: start, adopt an orphan, make it a replica set of one, stop."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from adapters.embedded.errores import MongoEmbebidoNoDisponible, motivo_de_mongod
from adapters.embedded.sistema import (
    ANFITRION,
    escucha,
    libre,
    numero_de_proceso,
    puerto_de,
    puerto_libre,
    ultima_linea,
    ultimo_error,
    vivo,
)
from core.domain.errores_sistema import motivo_del_sistema

_log = logging.getLogger("guardian")

CONJUNTO = "dual_tareas"
REGISTRO_MAX = 5_000_000
"""Largest log file, bytes; one older one is kept."""
CACHE_MIN_GIB, CACHE_MAX_GIB = 0.25, 1.0
"""Of memory for the cache: with the least, what changes many rows waits for pages to be written back."""
_PARADA_S = 10.0
_PASO_S = 0.02


class Mongod:
    """The server's process. Not safe for several threads: the guardian has one.

    Args:
        binario: the program.
        datos: its data folder, which exists.
        registro: its log file.
        esperar: waits that many seconds, or less when the guardian is told to end.
    """

    def __init__(
        self, binario: Path, datos: Path, registro: Path, *, esperar: Callable[[float], object]
    ) -> None:
        self._binario = binario
        self._datos = datos
        self._registro = registro
        self._esperar = esperar
        self._proceso: psutil.Process | None = None
        self._salida = registro.with_suffix(".err")
        self.puerto = 0

    @property
    def pid(self) -> int:
        """Its process number, 0 when it does not run."""
        return self._proceso.pid if self._proceso is not None and self.vivo() else 0

    def vivo(self) -> bool:
        """Whether it runs; takes note of its end."""
        if self._proceso is None:
            return False
        try:
            if isinstance(self._proceso, psutil.Popen):
                return self._proceso.poll() is None
            return self._proceso.is_running() and vivo(self._proceso.pid)
        except psutil.NoSuchProcess:
            return False

    def adoptar(self, timeout_s: float, *, pista: int = 0) -> bool:
        """Take over a server that an earlier guardian left on this data folder; end it if it is stuck.

        Args:
            pista: the process number it may have, where the data folder does not tell.
        """
        huerfano = self._huerfano(numero_de_proceso(self._datos / "mongod.lock") or pista)
        if huerfano is None:
            return False
        self._proceso = huerfano
        self.puerto = puerto_de(huerfano)
        try:
            self._hasta(self._es_primario, time.monotonic() + timeout_s)
        except MongoEmbebidoNoDisponible:
            return False
        return True

    def arrancar(self, puerto: int, timeout_s: float) -> None:
        """Start it, on `puerto` if that is free, and wait until it takes writes.

        Raises: MongoEmbebidoNoDisponible with the reason.
        """
        fin_s = time.monotonic() + timeout_s
        self._recortar_registro()
        self.puerto = puerto if puerto and libre(puerto) else puerto_libre()
        if puerto and self.puerto != puerto:
            self._mudar(fin_s)
        self._lanzar(en_conjunto=True)
        self._hasta(self._es_primario, fin_s)

    def _mudar(self, fin_s: float) -> None:
        """Write the new port into the settings of the replica set, from outside of the set.

        Told of it while it is a member, it would first ask whoever now has its old port whether that is
        itself, and wait 20 s for one that says nothing.
        """
        self._lanzar(en_conjunto=False)
        self._hasta(self._cambiar_direccion, fin_s)
        self.parar()

    def _cambiar_direccion(self) -> bool:
        with self._cliente() as cliente:
            cliente["local"]["system.replset"].update_one(
                {"_id": CONJUNTO}, {"$set": {"members.0.host": f"{ANFITRION}:{self.puerto}"}}
            )
        return True

    def _lanzar(self, *, en_conjunto: bool) -> None:
        try:
            with self._salida.open("wb") as salida:
                self._proceso = psutil.Popen(
                    self._orden(en_conjunto=en_conjunto),
                    stdin=subprocess.DEVNULL,
                    stdout=salida,
                    stderr=subprocess.STDOUT,
                    cwd=self._datos,
                )
        except OSError as error:
            raise MongoEmbebidoNoDisponible(
                f"No se puede ejecutar {self._binario}: {motivo_del_sistema(error)}. "
                "Indique un servidor en MONGO_URL."
            ) from error

    def parar(self, timeout_s: float = _PARADA_S) -> None:
        """End it cleanly; by force when that takes longer than `timeout_s`."""
        if self._proceso is None:
            return
        if timeout_s and self.vivo():
            self._pedir_fin()
        try:
            self._proceso.wait(timeout_s)
        except psutil.TimeoutExpired:
            self._proceso.kill()
            self._proceso.wait(_PARADA_S)
        self._proceso = None

    def rotar_registro(self) -> None:
        """Begin a new log file when this one has grown large; a server that is too busy is asked later."""
        from pymongo.errors import PyMongoError

        if not self._registro.exists() or self._registro.stat().st_size < REGISTRO_MAX:
            return
        try:
            self._mandar({"logRotate": 1})
        except PyMongoError:
            # The guardian must not end for this: its server would be left alone.
            _log.warning("the log was not rotated", exc_info=True)
            return
        antiguos = sorted(self._registro.parent.glob(f"{self._registro.name}.*"))
        for antiguo in antiguos[:-1]:
            antiguo.unlink(missing_ok=True)

    def _orden(self, *, en_conjunto: bool) -> list[str]:
        parametros = {
            "diagnosticDataCollectionEnabled": "false",
            # A primary would otherwise wait 15 s for a secondary to take over.
            "shutdownTimeoutMillisForSignaledShutdown": "0",
        }
        return [
            str(self._binario),
            *("--dbpath", str(self._datos), "--logpath", str(self._registro), "--logappend", "--quiet"),
            *("--bind_ip", ANFITRION, "--port", str(self.puerto)),
            *("--wiredTigerCacheSizeGB", f"{_cache_gib():.2f}"),
            *(("--replSet", CONJUNTO, "--oplogSize", "64") if en_conjunto else ()),
            *(() if sys.platform == "win32" else ("--nounixsocket",)),
            *(trozo for par in parametros.items() for trozo in ("--setParameter", "=".join(par))),
        ]

    def _huerfano(self, pid: int) -> psutil.Process | None:
        """That process, if it is a mongod on this data folder."""
        if pid <= 0:
            return None
        try:
            proceso = psutil.Process(pid)
            return proceso if str(self._datos) in proceso.cmdline() else None
        except psutil.Error:
            return None

    def _hasta(self, hecho: Callable[[], bool], fin_s: float) -> None:
        """Ask the server until it says that it is done; end it if it dies or does not say so in time."""
        from pymongo.errors import PyMongoError  # here, so that it loads while the server starts

        while True:
            if not self.vivo():
                raise MongoEmbebidoNoDisponible(self._por_que_acabo())
            ultimo: Exception | None = None
            try:
                if escucha(self.puerto) and hecho():
                    return
            except PyMongoError as error:
                ultimo = error
            if time.monotonic() > fin_s:
                self.parar(0)
                raise MongoEmbebidoNoDisponible(
                    "El MongoDB embebido arrancó y no llega a aceptar escrituras. "
                    f"Mire {self._registro} o indique otro servidor en MONGO_URL."
                ) from ultimo
            self._esperar(_PASO_S)

    def _es_primario(self) -> bool:
        """Whether it takes writes, as the one member of a set that knows its right address."""
        hola = self._mandar({"hello": 1})
        esperado = f"{ANFITRION}:{self.puerto}"
        if hola.get("isWritablePrimary") and hola.get("me") == esperado:
            return True
        if "setName" not in hola:
            self._formar_conjunto(esperado)
        return False

    def _formar_conjunto(self, direccion: str) -> None:
        """Initiate the set, or tell it its new address: it takes part only under the one in its settings."""
        from pymongo.errors import OperationFailure

        miembros = [{"_id": 0, "host": direccion}]
        try:
            self._mandar({"replSetInitiate": {"_id": CONJUNTO, "members": miembros}})
            return
        except OperationFailure as error:
            if error.code != 23:  # AlreadyInitialized
                raise
        actual = next(iter(self._leer_configuracion()), None)
        if actual is None or actual["members"][0]["host"] == direccion:
            return  # it is still reading its own settings
        nueva = {**actual, "version": actual["version"] + 1}
        nueva["members"] = [{**actual["members"][0], "host": direccion}]
        self._mandar({"replSetReconfig": nueva, "force": True})

    def _leer_configuracion(self) -> list[dict[str, Any]]:
        with self._cliente() as cliente:
            return list(cliente["local"]["system.replset"].find())

    def _mandar(self, orden: dict[str, Any]) -> dict[str, Any]:
        with self._cliente() as cliente:
            return dict(cliente.admin.command(orden))

    def _cliente(self) -> Any:
        from pymongo import MongoClient

        return MongoClient(
            ANFITRION,
            self.puerto,
            directConnection=True,
            timeoutMS=1000,
            readPreference="secondaryPreferred",
            retryReads=False,
        )

    def _pedir_fin(self) -> None:
        from pymongo.errors import PyMongoError

        assert self._proceso is not None
        if os.name == "posix":
            self._proceso.terminate()
            return
        try:  # Windows knows no polite signal
            self._mandar({"shutdown": 1, "force": True, "timeoutSecs": 0})
        except PyMongoError:
            return  # the answer is a closed connection

    def _recortar_registro(self) -> None:
        if self._registro.exists() and self._registro.stat().st_size > REGISTRO_MAX:
            self._registro.replace(self._registro.with_name(f"{self._registro.name}.1"))

    def _por_que_acabo(self) -> str:
        texto = ultimo_error(self._registro) or ultima_linea(self._salida)
        if "No space left on device" in texto:
            return f"No queda espacio en el disco de {self._datos}. Libere espacio y abra otra vez."
        _log.warning("Lo último que dijo mongod: %s", texto)
        return (
            f"El MongoDB embebido no arranca: {motivo_de_mongod(texto)}. "
            f"Mire {self._registro} o indique otro servidor en MONGO_URL."
        )


def _cache_gib() -> float:
    """An eighth of the machine's memory, within bounds: the desktop is not the server's alone."""
    return min(CACHE_MAX_GIB, max(CACHE_MIN_GIB, psutil.virtual_memory().total / 2**30 / 8))
