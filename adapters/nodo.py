"""This installation's node number: random, kept on disk, so that no two writers make the same version."""

from __future__ import annotations

import secrets
import time
from functools import lru_cache
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_data_path

from core.domain.errores_sistema import motivo_del_sistema
from core.domain.errors import ConfiguracionInvalida
from core.domain.models.version import NODO_MAX, RelojHibrido

LUGARES_MAX = 64
"""Most processes of one installation at a time."""
_candados: list[FileLock] = []  # held until the process ends; the system frees them even after a kill


def carpeta_de_datos() -> Path:
    """Where this user's data lives unless settings say otherwise; not created here."""
    return user_data_path("dual-tareas", appauthor=False)


def numero_de_nodo(carpeta: Path) -> int:
    """A number of this installation that no other running process uses.

    Kept in `carpeta/nodos/N`, drawn at random when first needed. The process holds the lock of its place
    N until it ends: a second window of the same user gets the next place, for two processes with one
    number could give one version to two writes.

    Raises ConfiguracionInvalida if the folder cannot be written or a file holds something else.
    """
    nodos = preparar_carpeta(carpeta)
    try:
        for lugar in range(LUGARES_MAX):
            candado = FileLock(nodos / f"{lugar}.lock", thread_local=False)
            try:
                candado.acquire(timeout=0)
            except Timeout:
                continue
            _candados.append(candado)
            return _leer_o_crear(nodos / str(lugar))
    except OSError as error:
        raise _inservible(carpeta, error) from error
    raise ConfiguracionInvalida(f"Ya hay {LUGARES_MAX} programas abiertos con la carpeta de datos {carpeta}.")


def preparar_carpeta(carpeta: Path) -> Path:
    """Make the data folder, for this user alone, and give its folder of numbers.

    Raises ConfiguracionInvalida if it cannot be written.
    """
    nodos = carpeta / "nodos"
    try:
        carpeta.mkdir(mode=0o700, parents=True, exist_ok=True)  # tareas are nobody else's business
        nodos.mkdir(exist_ok=True)
    except OSError as error:
        raise _inservible(carpeta, error) from error
    return nodos


def _inservible(carpeta: Path, error: OSError) -> ConfiguracionInvalida:
    return ConfiguracionInvalida(
        f"La carpeta de datos {carpeta} no se puede usar ({motivo_del_sistema(error)}). "
        "Indique otra con DUAL_TAREAS_DATOS."
    )


def _leer_o_crear(archivo: Path) -> int:
    if not archivo.exists():
        archivo.write_text(f"{secrets.randbelow(NODO_MAX) + 1}\n", encoding="ascii")
    texto = archivo.read_text(encoding="ascii", errors="replace").strip()
    if not texto.isdecimal() or not 0 < int(texto) <= NODO_MAX:
        raise ConfiguracionInvalida(
            f"El archivo {archivo} debería contener un número de 1 a {NODO_MAX}. "
            "Bórrelo para que se cree uno nuevo."
        )
    return int(texto)


def ahora_ms() -> int:
    """The wall clock, milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def crear_reloj(carpeta: Path) -> RelojHibrido:
    """The clock of the installation whose data folder is `carpeta`."""
    return RelojHibrido(nodo=numero_de_nodo(carpeta), ahora_ms=ahora_ms)


@lru_cache(maxsize=1)
def reloj_del_proceso() -> RelojHibrido:
    """One clock for all repositories of this process that were not given one of their own."""
    return crear_reloj(carpeta_de_datos())
