"""The bench: makes servers in a temporary folder, and leaves no process and no file behind."""

from __future__ import annotations

import tempfile
from functools import cached_property
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from tests.servidores.guardian import Guardian
from tests.servidores.mongo import ServidorMongo
from tests.servidores.postgres import (
    ServidorPostgres,
    binarios_de_postgres,
    copiar_para_replica,
    crear_cluster,
)
from tests.servidores.proceso import Servidor, soy_root

S = TypeVar("S", bound=Servidor)


class BancoDePruebas:
    """Hands out running servers; all of them end with it, or with this process, whatever happens."""

    def __init__(self) -> None:
        self._guardian = Guardian()
        self.carpeta = _carpeta_alcanzable()
        self._guardian.carpeta(self.carpeta)
        self._numeros = count(1)
        self._servidores: list[Servidor] = []

    def postgres(self, *, fsync: bool = True) -> ServidorPostgres:
        """A new PostgreSQL, running; without `fsync` it is faster, and as safe against SIGKILL."""
        return self._arrancar(
            ServidorPostgres(
                self._nueva("postgres"),
                self._guardian,
                plantilla=self._plantilla,
                binarios=self._binarios,
                fsync=fsync,
            )
        )

    def replica(self, origen: ServidorPostgres) -> ServidorPostgres:
        """A hot standby of a PostgreSQL that runs, running."""
        copia = copiar_para_replica(origen, self._nueva("copia"), self._binarios)
        return self._arrancar(
            ServidorPostgres(
                self._nueva("replica"), self._guardian, plantilla=copia, binarios=self._binarios, fsync=False
            )
        )

    def mongo(self, *, conjunto: bool = True) -> ServidorMongo:
        """A new MongoDB, running: a one-node replica set, or standalone."""
        return self._arrancar(ServidorMongo(self._nueva("mongo"), self._guardian, conjunto=conjunto))

    def close(self) -> None:
        """Kill every server and delete all of their data; idempotent."""
        for servidor in self._servidores:
            servidor.matar()
        self._guardian.close()

    def __enter__(self) -> BancoDePruebas:
        return self

    def __exit__(
        self, tipo: type[BaseException] | None, error: BaseException | None, traza: TracebackType | None
    ) -> None:
        self.close()

    @cached_property
    def _binarios(self) -> Path:
        return binarios_de_postgres(self.carpeta / "programas")

    @cached_property
    def _plantilla(self) -> Path:
        return crear_cluster(self.carpeta, self._binarios)

    def _nueva(self, nombre: str) -> Path:
        carpeta = self.carpeta / f"{nombre}-{next(self._numeros)}"
        carpeta.mkdir(mode=0o755)
        return carpeta

    def _arrancar(self, servidor: S) -> S:
        self._servidores.append(servidor)
        servidor.start()
        return servidor


def _carpeta_alcanzable() -> Path:
    """A temporary folder; for root one that the server's unprivileged user can get to."""
    carpeta = Path(tempfile.mkdtemp(prefix="dual-tareas-pruebas-")).resolve()
    if soy_root():
        carpeta.chmod(0o711)
        if not all(padre.stat().st_mode & 0o001 for padre in carpeta.parents):
            carpeta.rmdir()
            carpeta = Path(tempfile.mkdtemp(prefix="dual-tareas-pruebas-", dir="/tmp"))
            carpeta.chmod(0o711)
    return carpeta
