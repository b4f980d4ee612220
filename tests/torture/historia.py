"""The history: a line of JSON before a call is sent and one when it ends, on disk before it goes on.

A process that is killed leaves a line without its end: nothing is known of that call.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

MUTACIONES = frozenset({"crear", "editar", "eliminar", "restaurar"})


class Fin(StrEnum):
    """How a call ended, as its caller was told.

    OK: both stores have it. DEGRADADA: one has. DESCONOCIDA: nobody knows. FALLIDA: nothing was applied.
    CONFLICTO: somebody else's value won. SIN_FIN: the process died first.
    """

    OK = "ok"
    DEGRADADA = "degradada"
    DESCONOCIDA = "desconocida"
    FALLIDA = "fallida"
    CONFLICTO = "conflicto"
    SIN_FIN = "sin fin"


ACEPTADAS = frozenset({Fin.OK, Fin.DEGRADADA})


@dataclass(slots=True)
class Llamada:
    """One call of one operator.

    Attributes:
        autor: operator and incarnation; orders its calls by `n`.
        n: number of its beginning within the incarnation.
        orden: number of the line; grows within an incarnation.
        orden_fin: number of the line of its end, 0 without.
        op: a mutation, "leer" or "listar".
        inicio_s: when it began, seconds of the machine's monotonic clock, the same in every process.
        id: the tarea; empty for "listar".
        version: what the write is to become, 0 for a read.
        base: the version that it was made from.
        huella: digest of the content that was sent.
        visible: the same without the instant of the change.
        eliminada: it writes a tombstone.
        fin: how it ended.
        sql, mongo: the outcome in each store, empty where nobody said.
        vistas: versions that a read showed, by id.
        almacen: the store that answered a list.
        aviso: what a list said about the store that answered.
        error: name of the error.
    """

    autor: str
    n: int
    orden: int
    op: str
    inicio_s: float = 0.0
    id: str = ""
    version: int = 0
    base: int = 0
    huella: str = ""
    visible: str = ""
    eliminada: bool = False
    orden_fin: int = 0
    fin: Fin = Fin.SIN_FIN
    sql: str = ""
    mongo: str = ""
    vistas: dict[str, int] = field(default_factory=dict)
    almacen: str = ""
    aviso: str = ""
    error: str = ""

    @property
    def muta(self) -> bool:
        """Whether it writes."""
        return self.op in MUTACIONES


class Cuaderno:
    """Writes the history of one incarnation of one operator; safe from several threads."""

    def __init__(self, ruta: Path) -> None:
        self._descriptor = os.open(ruta, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        # Numbers and lines must be in the same order; the wait for the disk is outside.
        self._lock = threading.Lock()
        self._n = 0

    def empieza(self, op: str, **campos: Any) -> int:
        """About to be sent; returns its number, once the line is on disk."""
        with self._lock:
            self._n += 1
            n = self._n
            self._escribir({"n": n, "op": op, "inicio_s": time.monotonic(), **campos})
        os.fsync(self._descriptor)
        return n

    def termina(self, n: int, fin: Fin, **campos: Any) -> None:
        """It ended so; returns once the line is on disk."""
        with self._lock:
            self._escribir({"de": n, "fin": fin, **campos})
        os.fsync(self._descriptor)

    def _escribir(self, linea: dict[str, Any]) -> None:
        os.write(self._descriptor, json.dumps(linea).encode() + b"\n")


def leer_historia(carpeta: Path) -> list[Llamada]:
    """Every call that any operator wrote down in that folder."""
    return [llamada for ruta in sorted(carpeta.glob("*.jsonl")) for llamada in _leer(ruta)]


def _leer(ruta: Path) -> Iterable[Llamada]:
    llamadas: dict[int, Llamada] = {}
    for orden, linea in enumerate(_lineas(ruta), 1):
        if "de" not in linea:
            llamadas[linea["n"]] = Llamada(autor=ruta.stem, orden=orden, **linea)
            continue
        llamada = llamadas[linea.pop("de")]
        llamada.orden_fin, llamada.fin = orden, Fin(linea.pop("fin"))
        for campo, valor in linea.items():
            setattr(llamada, campo, valor)
    return llamadas.values()


def _lineas(ruta: Path) -> Iterator[dict[str, Any]]:
    for linea in ruta.read_bytes().splitlines():
        if linea.endswith(b"}"):  # the last one of a process that was killed may be torn
            yield json.loads(linea)
