"""This installation's node number: random, kept on disk, so that no two writers make the same version.

That no two installations share one is seen to where they meet: in the stores (`adapters.registro_nodo`).
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import time
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout
from platformdirs import user_data_path

from core.domain.errores_sistema import motivo_del_sistema
from core.domain.errors import ConfiguracionInvalida
from core.domain.models.version import ADELANTO_MAX_MS, NODO_MAX, RelojHibrido, Reserva

_log = logging.getLogger(__name__)

LUGARES_MAX = 64
"""Most processes of one installation at a time."""
CANDADO_S = 5.0
"""Longest wait for another process that is just looking at the same folder, seconds."""
_ES_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_candados: list[FileLock] = []  # held until the process ends; the system frees them even after a kill


def carpeta_de_datos() -> Path:
    """Where this user's data lives unless settings say otherwise; not created here."""
    return user_data_path("dual-tareas", appauthor=False)


@dataclass(frozen=True, slots=True)
class Puesto:
    """What a process signs its versions with, for as long as it lives.

    Attributes:
        instalacion: who is asking for a number: the installation, and the process's place in it.
        archivo: where the number is kept.
    """

    instalacion: str
    archivo: Path

    def numero(self) -> int:
        """The number, drawn at random when first needed. Raises ConfiguracionInvalida."""
        return _leer(self.archivo) if self.archivo.exists() else self.otro_numero()

    def otro_numero(self) -> int:
        """Draw a number that no other place of this installation has, and keep it."""
        vecinos = (otro for otro in self.archivo.parent.iterdir() if otro.name.isdecimal())
        tomados = {otro.read_text(encoding="ascii", errors="replace").strip() for otro in vecinos}
        nodo = next(n for n in iter(lambda: secrets.randbelow(NODO_MAX) + 1, 0) if str(n) not in tomados)
        _guardar(self.archivo, f"{nodo}\n")
        return nodo

    def reservado(self) -> Reserva:
        """Up to where earlier processes of this place may have given versions; zeros where unknown."""
        try:
            cerca, lejos = map(int, self._archivo_de_reserva.read_text(encoding="ascii").split())
        except (FileNotFoundError, ValueError):
            return Reserva()
        return Reserva(cerca, lejos)

    def reservar(self, reserva: Reserva) -> None:
        """Keep it for the next process. Where the disk refuses, writing goes on: only a crash, a clock that
        went back and a late write of the same tarea together would tell the difference."""
        try:
            _guardar(self._archivo_de_reserva, f"{reserva.cerca} {reserva.lejos}\n")
        except OSError as error:
            _log.warning("⚠️ No se puede anotar en la carpeta de datos: %s.", motivo_del_sistema(error))

    @property
    def _archivo_de_reserva(self) -> Path:
        return self.archivo.with_name(f"{self.archivo.name}.reserva")


def tomar_puesto(carpeta: Path) -> Puesto:
    """The first place of this installation that no other running process holds.

    Its number is kept in `carpeta/nodos/N`. The process holds the lock of its place N until it ends: a second
    window of the same user gets the next place, for two processes with one number could give one version to
    two writes.

    Raises ConfiguracionInvalida if the folder cannot be written.
    """
    nodos = preparar_carpeta(carpeta)
    try:
        instalacion = _identidad(nodos)
        for lugar in range(LUGARES_MAX):
            candado = FileLock(nodos / f"{lugar}.lock", thread_local=False)
            try:
                candado.acquire(timeout=0)
            except Timeout:
                continue
            _candados.append(candado)
            return Puesto(f"{instalacion}/{lugar}", nodos / str(lugar))
    except OSError as error:
        raise _inservible(carpeta, error) from error
    raise ConfiguracionInvalida(f"Ya hay {LUGARES_MAX} programas abiertos con la carpeta de datos {carpeta}.")


def _identidad(nodos: Path) -> str:
    """This installation's id, made at random when first needed.

    Where the system tells one machine from another, a data folder that came from another one is noticed, and
    on any machine one that is a copy of another folder: it gets an id and numbers of its own, and leaves
    those it came with to where they are from.
    """
    archivo, maquina = nodos / "instalacion", _maquina()
    with FileLock(nodos / "instalacion.lock", timeout=CANDADO_S, thread_local=False):
        texto = archivo.read_text(encoding="ascii", errors="replace") if archivo.exists() else ""
        id, _, de_maquina = texto.strip().partition(" ")
        if not _ES_ID.fullmatch(id):  # none yet, or spoilt: what stood there names nobody
            id = de_maquina = ""
        de_otro = bool(id and de_maquina and maquina) and de_maquina != maquina
        aqui = _sitio(nodos)
        copiada = _es_copia(nodos / "sitio", aqui)
        if id and de_maquina == maquina and not copiada:
            _decir_sitio(nodos / "sitio", aqui)
            return id
        if id and (de_otro or copiada):
            for numero in nodos.iterdir():
                if numero.name.isdecimal():
                    numero.unlink(missing_ok=True)
            id = ""
            que = "viene de otro equipo" if de_otro else "es copia de otra"
            _log.warning("⚠️ La carpeta de datos %s: esta usará números de nodo propios.", que)
        id = id or str(uuid4())
        _guardar(archivo, f"{id} {maquina}".strip() + "\n")
        _decir_sitio(nodos / "sitio", aqui)  # last: whoever dies before is taken for a copy once more
        return id


def _sitio(nodos: Path) -> list[str]:
    """Where the folder is: its number in the file system, a digest of its path."""
    return [str(nodos.stat().st_ino), sha256(os.fsencode(nodos.resolve())).hexdigest()[:16]]


def _es_copia(archivo: Path, aqui: list[str]) -> bool:
    """Whether the folder is elsewhere than it says.

    One that was moved keeps its number in the file system, one that was restored from a backup its path; a
    copy has neither.
    """
    if not archivo.exists():
        return False
    dicho = archivo.read_text(encoding="ascii", errors="replace").split()
    return not any(uno == otro for uno, otro in zip(dicho, aqui, strict=False))


def _decir_sitio(archivo: Path, aqui: list[str]) -> None:
    texto = " ".join(aqui) + "\n"
    if not archivo.exists() or archivo.read_text(encoding="ascii", errors="replace") != texto:
        _guardar(archivo, texto)


def _maquina() -> str:
    """A digest that differs from machine to machine; empty where the system has nothing to make it of."""
    try:
        id = Path("/etc/machine-id").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    # Not the id itself, which identifies the machine to everybody (see machine-id(5)).
    return sha256(f"dual-tareas {id}".encode()).hexdigest()[:16] if id else ""


def _guardar(archivo: Path, texto: str) -> None:
    """Whole or not at all, also when the machine stops in the middle."""
    nuevo = archivo.with_name(f"{archivo.name}.nuevo")
    with nuevo.open("w", encoding="ascii") as salida:
        salida.write(texto)
        salida.flush()
        os.fsync(salida.fileno())  # or the name might come to stand on a file that is still empty
    nuevo.replace(archivo)


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


def _leer(archivo: Path) -> int:
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


def crear_reloj(puesto: Puesto) -> RelojHibrido:
    """The clock of a process. Raises ConfiguracionInvalida for a number that is none."""
    try:
        numero, reservado = puesto.numero(), puesto.reservado()
        if reservado.cerca > ahora_ms() + ADELANTO_MAX_MS:
            # The wall clock was far ahead, and will come there again: with this number, the versions of then
            # could be given to other writes.
            numero, reservado = puesto.otro_numero(), Reserva()
            puesto.reservar(reservado)
        return RelojHibrido(nodo=numero, ahora_ms=ahora_ms, reservado=reservado, reservar=puesto.reservar)
    except OSError as error:
        raise _inservible(puesto.archivo.parents[1], error) from error


@lru_cache(maxsize=1)
def reloj_del_proceso() -> RelojHibrido:
    """One clock for all repositories of this process that were not given one of their own."""
    return crear_reloj(tomar_puesto(carpeta_de_datos()))
