"""The program's end of the embedded MongoDB."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from filelock import FileLock, Timeout

from adapters.embedded.binario import buscar_mongod
from adapters.embedded.errores import MongoEmbebidoNoDisponible, frase_de_oserror
from adapters.embedded.sala import Estado, Sala
from adapters.embedded.servidor import CONJUNTO
from adapters.embedded.sistema import ANFITRION, escucha, vivo

_log = logging.getLogger(__name__)

BASE = "dual_tareas"
_PASO_S = 0.02
_PACIENCIA_S = 3.0
"""After that long without an answer we look whether there still is a guardian, seconds."""
_VELA_S = 2.0
"""Between two looks at whether the guardian still lives, seconds."""
_DESPEDIDA_S = 5.0
"""Longest wait for a guardian to leave its parent, seconds."""
_PRISA_S = 0.3
"""The same, when what the guardian says is no longer true, seconds."""
_NO_SON_SUYAS = frozenset({"SQL_URL", "MONGO_URL"})  # a guardian has no use for secrets
if sys.platform == "win32":
    _SEPARADO = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
else:
    _SEPARADO = 0
_lanzados: list[subprocess.Popen[bytes]] = []
"""Windows only: a process object that is collected while its process runs complains about it."""
_RAIZ = Path(__file__).resolve().parents[2]


class MongoEmbebido:
    """A private MongoDB under a data folder, shared by all programs that use that folder.

    Args:
        carpeta: the program's data folder; the server's is `carpeta/mongo`.
    """

    def __init__(self, carpeta: Path) -> None:
        self._carpeta = carpeta.resolve()
        self._sala = Sala(self._carpeta)
        self._cliente: FileLock | None = None
        self._binario = Path()
        self._fin = threading.Event()

    def iniciar(self, timeout_s: float = 20.0) -> str:
        """Start the server, or share the one that runs; its URL. Calling it again gives the URL again.

        Raises: MongoEmbebidoNoDisponible, saying why.
        """
        fin_s = time.monotonic() + timeout_s
        try:
            self._sala.crear()
            # The door stays closed behind us until the server is there: two programs that start at once
            # come in one after the other, and the guardian does not end in between.
            with self._sala.puerta().acquire(timeout=timeout_s):
                return self._entrar(fin_s)
        except OSError as error:  # Timeout is one, too
            self.detener()
            if isinstance(error, Timeout):
                raise self._tarde() from error
            raise MongoEmbebidoNoDisponible(frase_de_oserror(error, self._sala.raiz)) from error
        except MongoEmbebidoNoDisponible:
            self.detener()
            raise

    def detener(self) -> None:
        """Let go of the server, which ends with its last user; does not wait for that. Idempotent."""
        self._fin.set()
        if self._cliente is None:
            return
        self._cliente.release()
        self._cliente = None
        estado = self._sala.leer()
        if estado and vivo(estado.mongod) and not vivo(estado.guardian):
            # The guardian was killed and its server is left alone: another one puts that in order.
            self._lanzar()

    def _entrar(self, fin_s: float) -> str:
        nueva = self._cliente is None
        if self._cliente is None:
            self._cliente = self._sala.registrar()
        self._binario = buscar_mongod()
        self._asegurar_guardian()
        url = self._url(self._esperar_estado(fin_s))
        if nueva:
            self._fin.clear()
            threading.Thread(target=self._velar, name="DualRepo-mongo-embebido", daemon=True).start()
        return url

    def _velar(self) -> None:
        """While we use the server: the guardian looks after it, and who looks after the guardian is us."""
        while not self._fin.wait(_VELA_S):
            try:
                if not self._sala.hay_guardian():
                    with self._sala.puerta().acquire(timeout=_PACIENCIA_S):
                        self._asegurar_guardian()  # unless another program was faster
            except OSError as error:  # Timeout is one, too; the next look tries again
                _log.warning("⚠️ No se pudo volver a poner en marcha el MongoDB embebido: %s", error)

    def _asegurar_guardian(self) -> None:
        if not self._sala.hay_guardian():
            self._sala.caducar()
            self._lanzar()

    def _esperar_estado(self, fin_s: float) -> Estado:
        pausa = threading.Event()
        otra_vez_s = time.monotonic() + _PACIENCIA_S
        while (ahora_s := time.monotonic()) < fin_s:
            if ahora_s > otra_vez_s:  # it may have been killed, or have been ending when we came
                self._asegurar_guardian()
                otra_vez_s = ahora_s + _PACIENCIA_S
            estado = self._sala.leer()
            if estado is not None and estado.error:
                raise MongoEmbebidoNoDisponible(estado.error)
            if estado is not None and estado.listo:
                if vivo(estado.guardian) and vivo(estado.mongod) and escucha(estado.puerto):
                    return estado
                # All of them were killed just now, or the guardian is about to start the server again.
                otra_vez_s = min(otra_vez_s, ahora_s + _PRISA_S)
            pausa.wait(_PASO_S)
        raise self._tarde()

    def _lanzar(self) -> None:
        """Start a guardian, which leaves us at once."""
        # -P: what lies in the folder that the operator happens to be in is not ours to run.
        modulo = ["-P", "-m", "adapters.embedded.guardian"]
        orden = [sys.executable, *modulo, str(self._carpeta), str(self._binario)]
        entorno = {clave: valor for clave, valor in os.environ.items() if clave not in _NO_SON_SUYAS}
        entorno["PYTHONPATH"] = os.pathsep.join([str(_RAIZ), *filter(None, [entorno.get("PYTHONPATH")])])
        with self._sala.registro_guardian.open("wb") as registro:
            proceso = subprocess.Popen(  # noqa: S603  our own module and the mongod found above
                orden,
                stdin=subprocess.DEVNULL,
                stdout=registro,
                stderr=registro,
                env=entorno,
                start_new_session=True,
                creationflags=_SEPARADO,
            )
        # Where processes have parents, it leaves us at once and the one we wait for is its empty shell.
        if sys.platform == "win32":
            _lanzados.append(proceso)
            return
        try:
            proceso.wait(_DESPEDIDA_S)
        except subprocess.TimeoutExpired:
            # Frozen at birth: whoever waits for what it should say gives up in time.
            _log.warning("⚠️ El guardián del MongoDB embebido no termina de arrancar")

    def _url(self, estado: Estado) -> str:
        return f"mongodb://{ANFITRION}:{estado.puerto}/{BASE}?replicaSet={CONJUNTO}"

    def _tarde(self) -> MongoEmbebidoNoDisponible:
        return MongoEmbebidoNoDisponible(
            f"El MongoDB embebido no arrancó a tiempo. Mire {self._sala.registro} "
            "o indique otro servidor en MONGO_URL."
        )
