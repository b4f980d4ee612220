"""Opening a connection to PostgreSQL within a deadline: names, handshake, settings of the session.

psycopg's own connect cannot be given less than 2 s, nor be interrupted, and does not bound name look-ups.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from typing import Any, Final

import psycopg
from psycopg import pq
from psycopg.conninfo import make_conninfo

from adapters.nombres import BUSCADOR, es_nombre

SONDEO_S: Final = 0.05
"""How often to look whether the program wants to stop, seconds."""


class Apertura:
    """One connection being opened.

    Args:
        parametros: libpq's parameters.
        sesion: statements to be run once it is open; they may not fail.
        limite_s: when to give up (monotonic).
        interrumpida: whether to give up at once.
    """

    def __init__(
        self,
        parametros: Mapping[str, Any],
        *,
        sesion: str,
        limite_s: float,
        interrumpida: Callable[[], bool],
    ) -> None:
        self._parametros = parametros
        self._sesion = sesion
        self._limite_s = limite_s
        self._interrumpida = interrumpida

    def abrir(self) -> psycopg.Connection[Any]:
        """The connection, in autocommit. Raises psycopg.OperationalError."""
        parametros = con_direcciones(self._parametros, self._esperar_nombre)
        pgconn = pq.PGconn.connect_start(make_conninfo("", **parametros).encode())
        try:
            self._saludar(pgconn)
            self._ajustar(pgconn)
        except BaseException:
            pgconn.finish()
            raise
        pgconn.nonblocking = 1
        conexion: psycopg.Connection[Any] = psycopg.Connection(pgconn)
        conexion.autocommit = True
        return conexion

    def _saludar(self, pgconn: pq.abc.PGconn) -> None:
        estado: int = pq.PollingStatus.WRITING
        while pgconn.status != pq.ConnStatus.BAD and estado != pq.PollingStatus.OK:
            self._esperar(pgconn, para_escribir=estado == pq.PollingStatus.WRITING)
            estado = pgconn.connect_poll()
            if estado == pq.PollingStatus.FAILED:
                break
        if estado != pq.PollingStatus.OK:
            raise psycopg.OperationalError(pgconn.error_message.decode("utf-8", "replace"))

    def _ajustar(self, pgconn: pq.abc.PGconn) -> None:
        pgconn.send_query(self._sesion.encode())
        while True:
            while pgconn.is_busy():
                self._esperar(pgconn, para_escribir=False)
                pgconn.consume_input()
            resultado = pgconn.get_result()
            if resultado is None:
                return
            if resultado.status not in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK):
                raise psycopg.OperationalError(resultado.error_message.decode("utf-8", "replace"))

    def _esperar(self, pgconn: pq.abc.PGconn, *, para_escribir: bool) -> None:
        while not listo(pgconn.socket, para_escribir=para_escribir, espera_s=self._paso_s("timeout")):
            pass

    def _esperar_nombre(self, futuro: Future[list[str]]) -> list[str]:
        while not futuro.done():
            wait([futuro], timeout=self._paso_s("name lookup too slow"))
        return futuro.result()

    def _paso_s(self, si_es_tarde: str) -> float:
        falta_s = self._limite_s - time.monotonic()
        if self._interrumpida():
            raise psycopg.OperationalError("interrupted")
        if falta_s <= 0:
            raise psycopg.OperationalError(si_es_tarde)
        return min(falta_s, SONDEO_S)


def con_direcciones(
    parametros: Mapping[str, Any], esperar: Callable[[Future[list[str]]], list[str]]
) -> Mapping[str, Any]:
    """The parameters with the addresses of every name, so that libpq has none to look up.

    A host with several addresses stands there once for each, as libpq itself would try them. Hosts that only
    a service file names are libpq's to look up, without a deadline.

    Raises psycopg.OperationalError when no name is known.
    """
    nombres = str(parametros.get("host") or os.environ.get("PGHOST", "")).split(",")
    puertos = str(parametros.get("port") or os.environ.get("PGPORT", "")).split(",")
    puertos = puertos * len(nombres) if len(puertos) == 1 else puertos
    con_las_suyas = parametros.get("hostaddr") or os.environ.get("PGHOSTADDR")
    if con_las_suyas or len(puertos) != len(nombres) or not any(map(es_nombre, nombres)):
        return parametros  # where the numbers differ, libpq says so
    futuros = [BUSCADOR.buscar(nombre) if es_nombre(nombre) else None for nombre in nombres]
    destinos: list[tuple[str, str, str]] = []
    fallo: Exception | None = None
    for nombre, puerto, futuro in zip(nombres, puertos, futuros, strict=True):
        try:
            direcciones = [""] if futuro is None else esperar(futuro)
        except (OSError, UnicodeError) as error:
            fallo = error
        else:
            destinos += [(nombre, direccion, puerto) for direccion in direcciones]
    if not destinos:
        raise psycopg.OperationalError("could not translate host name") from fallo
    host, hostaddr, port = (",".join(partes) for partes in zip(*destinos, strict=True))
    return {**parametros, "host": host, "hostaddr": hostaddr, "port": port}


def listo(fd: int, *, para_escribir: bool = False, espera_s: float = 0.0) -> bool:
    """Whether the socket can be read (written) without waiting, or can within `espera_s`."""
    if hasattr(select, "poll"):  # select() cannot watch descriptors above 1023; Windows has nothing else
        sondeo = select.poll()
        sondeo.register(fd, select.POLLOUT if para_escribir else select.POLLIN)
        return bool(sondeo.poll(espera_s * 1000))
    leer, escribir = ([], [fd]) if para_escribir else ([fd], [])
    return any(select.select(leer, escribir, [], espera_s))
