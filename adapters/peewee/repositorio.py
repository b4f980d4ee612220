"""PeeweeTareaRepository: the Almacen port on SQLite or PostgreSQL."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final
from uuid import UUID

from adapters.peewee import sentencias_postgres, sentencias_sqlite
from adapters.peewee.conflictos import RepositorioConConflictos, SentenciasConflictos
from adapters.peewee.consultas import (
    consulta_cuenta,
    consulta_ilegibles,
    consulta_pendientes,
    consultas_pagina,
)
from adapters.peewee.errores import DatoRechazado, Fase, a_medias
from adapters.peewee.filas import COLUMNAS
from adapters.peewee.motor import Conexion, Fila, Motor
from adapters.peewee.postgres import MotorPostgres
from adapters.peewee.sentencias import Sentencias
from adapters.peewee.sqlite import MotorSqlite
from core.domain.errors import (
    AlmacenNoDisponible,
    AlmacenSoloLectura,
    ConfiguracionInvalida,
    CursorCaducado,
    OperacionFallida,
)
from core.domain.models.almacen import Escrito, Escritura, NombreAlmacen, Pong
from core.domain.models.consulta import Consulta, Cursor, Filtro, Pagina
from core.domain.models.tarea import Tarea
from core.domain.models.version import RelojHibrido

LOTE: Final = 5_000
"""Rows sent in one statement or transaction; each such part has a deadline of its own."""
PREPARAR_S: Final = 60.0
"""Deadline of making the tables, seconds: many statements one after the other, over whatever network."""
ADOPCION_S: Final = 600.0
"""Deadline of adopting a table, which may rewrite millions of rows, seconds."""
_PLAZO_MIN_S: Final = 0.001
_VUELTAS: Final = 5
"""Tries of a write whose row keeps appearing and vanishing between the write and the look at it."""


class PeeweeTareaRepository(RepositorioConConflictos):
    """Tareas in SQL.

    Args:
        url: `sqlite:///relative`, `sqlite:////absolute` or `postgresql://user:password@host:port/base?...`.
        reloj: gives versions to writes that come through `save`; this process's own by default.
        timeout_s: deadline of each operation, seconds.

    Raises ConfiguracionInvalida for a url of another kind. Connects at first use, not here.
    """

    nombre = NombreAlmacen.SQL

    def __init__(self, url: str, *, reloj: RelojHibrido | None = None, timeout_s: float = 3.0) -> None:
        super().__init__(reloj)
        self._motor, self._sentencias = _motor_de(url, timeout_s)
        self._conflictos = SentenciasConflictos(self._sentencias.marca, self._sentencias.formato)

    def __repr__(self) -> str:
        return f"PeeweeTareaRepository({self._motor.producto} en {self.direccion()})"

    def ping(self, timeout_s: float) -> Pong:
        """See `Almacen.ping`."""
        return self._motor.ping(timeout_s)

    def preparar(self, *, adoptar: bool = False) -> None:
        """See `Almacen.preparar`."""
        self.ping(self._motor.timeout_s)  # a dead server is not worth the long deadline
        self._motor.preparar(adoptar=adoptar, plazo_s=ADOPCION_S if adoptar else PREPARAR_S)

    def filas_sin_adoptar(self) -> int:
        """See `RepositorioDeUnAlmacen.filas_sin_adoptar`."""
        fila = self._motor.ejecutar(lambda c: c.fila("SELECT count(*) FROM tareas"), preparar=False)
        return int(fila[0])

    def leer(self, id: UUID) -> Tarea | None:
        """See `Almacen.leer`."""
        return self._motor.ejecutar(lambda conexion: self._sentencias.leer(conexion, id))

    def leer_lote(self, ids: Sequence[UUID]) -> dict[UUID, Tarea]:
        """See `Almacen.leer_lote`."""
        filas: dict[UUID, Tarea] = {}
        for desde in range(0, len(ids), LOTE):
            parte = ids[desde : desde + LOTE]
            leidas = self._motor.ejecutar(partial(self._sentencias.leer_lote, ids=parte))
            filas.update((tarea.id, tarea) for tarea in leidas)
        return filas

    def listar(self, consulta: Consulta) -> Pagina:
        """See `Almacen.listar`. Raises CursorCaducado for a cursor of another store."""
        if consulta.tras is not None and consulta.tras.almacen not in (None, self.nombre):
            raise CursorCaducado("La página siguiente era de la otra base de datos.")
        motor = self._motor

        def pagina(conexion: Conexion) -> list[Fila]:
            filas: list[Fila] = []
            for sentencia in consultas_pagina(consulta, motor.lenguaje, motor.formato):
                filas = conexion.consultar(sentencia)
                if len(filas) > consulta.limite:
                    break
            return filas

        filas = motor.ejecutar(pagina)
        tareas = tuple(motor.formato.a_tarea(fila) for fila in filas[: consulta.limite])
        siguiente = None
        if len(filas) > consulta.limite:
            # The value as it is stored: that of an odd old row may not be the one that the tarea shows.
            valor = filas[consulta.limite - 1][COLUMNAS.index(consulta.columna)]
            siguiente = Cursor(valor, tareas[-1].id, self.nombre)
        return Pagina(tareas=tareas, siguiente=siguiente, almacen=self.nombre)

    def contar(self, filtro: Filtro | None = None) -> int:
        """See `Almacen.contar`."""
        filas = self._motor.ejecutar(
            lambda conexion: conexion.consultar(consulta_cuenta(filtro or Filtro(), self._motor.lenguaje))
        )
        return int(filas[0][0])

    def escribir(self, escritura: Escritura) -> Escrito:
        """See `Almacen.escribir`."""
        return self._motor.ejecutar(
            lambda conexion: self._escribir_una(conexion, escritura), fase=Fase.ESCRIBIR
        )

    def _escribir_una(self, conexion: Conexion, escritura: Escritura) -> Escrito:
        actual = None
        for _ in range(_VUELTAS):
            if self._sentencias.escribir(conexion, escritura):
                return Escrito(True)
            actual = self._sentencias.leer(conexion, escritura.fila.id)
            if actual is not None:
                break
        return _juzgado(escritura, actual)

    def escribir_lote(self, escrituras: Sequence[Escritura]) -> Sequence[Escrito]:
        """See `Almacen.escribir_lote`.

        A row that SQL cannot hold says so in its `error` and does not keep the others from being written.
        Raises ResultadoDesconocido for whatever ends it between two of its commits: a part of it is in.
        """
        resultados: dict[int, Escrito] = {}
        try:
            for vuelta in _vueltas(escrituras):
                for desde in range(0, len(vuelta), LOTE):
                    self._escribir_parte(escrituras, vuelta[desde : desde + LOTE], resultados)
        except (AlmacenNoDisponible, OperacionFallida) as error:
            if _alguna_dentro(resultados):
                raise a_medias(error) from error
            raise
        return [resultados[indice] for indice in range(len(escrituras))]

    def _escribir_parte(
        self,
        escrituras: Sequence[Escritura],
        indices: Sequence[int],
        resultados: dict[int, Escrito],
    ) -> None:
        """Writes with distinct ids, in one deadline; halved until the rows that SQL cannot hold are alone."""
        fin_s = time.monotonic() + self._motor.timeout_s
        try:
            aplicadas = self._motor.ejecutar(
                partial(self._sentencias.escribir_varias, escrituras=[escrituras[i] for i in indices]),
                fase=Fase.ESCRIBIR,
            )
        except DatoRechazado as error:
            if len(indices) == 1:
                resultados[indices[0]] = Escrito(False, error=str(error))
                return
            mitad = len(indices) // 2
            self._escribir_parte(escrituras, indices[:mitad], resultados)
            self._escribir_parte(escrituras, indices[mitad:], resultados)
            return
        except AlmacenSoloLectura:
            raise
        except OperacionFallida as error:
            if not _alguna_dentro(resultados):
                raise
            # Certain, and of these rows alone: those before them are in.
            resultados.update((indice, Escrito(False, error=str(error))) for indice in indices)
            return
        resultados.update((i, Escrito(True)) for i in indices if escrituras[i].fila.id in aplicadas)
        if faltan := [indice for indice in indices if indice not in resultados]:
            # Apart from the batch: PostgreSQL has committed that, and its rows are to be told as written.
            escritos = self._motor.ejecutar(
                partial(self._escribir_las_demas, escrituras=[escrituras[i] for i in faltan]),
                fase=Fase.ESCRIBIR,
                plazo_s=max(_PLAZO_MIN_S, fin_s - time.monotonic()),
            )
            resultados.update(zip(faltan, escritos, strict=True))

    def _escribir_las_demas(self, conexion: Conexion, escrituras: Sequence[Escritura]) -> list[Escrito]:
        """Those of a batch that changed no row: what stands there instead, and another try where it may."""
        ids = [escritura.fila.id for escritura in escrituras]
        actuales = {tarea.id: tarea for tarea in self._sentencias.leer_lote(conexion, ids)}
        return [
            self._resuelta(conexion, escritura, actuales.get(escritura.fila.id)) for escritura in escrituras
        ]

    def _resuelta(self, conexion: Conexion, escritura: Escritura, actual: Tarea | None) -> Escrito:
        if escritura.se_aplica_a(actual):
            # The row changed between the batch and the look at it: now it stands alone.
            return self._escribir_una(conexion, escritura)
        return _juzgado(escritura, actual)

    def reemplazar(self, fila: Tarea, vista: int | None) -> bool:
        """See `Almacen.reemplazar`."""
        return self._motor.ejecutar(
            lambda conexion: self._sentencias.reemplazar(conexion, fila, vista), fase=Fase.ESCRIBIR
        )

    def confirmar(self, pares: Sequence[tuple[UUID, int]]) -> None:
        """See `Almacen.confirmar`."""
        mayores: defaultdict[UUID, int] = defaultdict(int)
        for id, version in pares:
            mayores[id] = max(mayores[id], version)
        unicos = list(mayores.items())
        for desde in range(0, len(unicos), LOTE):
            parte = unicos[desde : desde + LOTE]
            self._motor.ejecutar(partial(self._sentencias.confirmar, pares=parte), fase=Fase.ESCRIBIR)

    def pendientes(self, *, tras: tuple[int, UUID] | None, limite: int) -> Sequence[Tarea]:
        """See `Almacen.pendientes`."""
        return self._tareas(
            lambda: consulta_pendientes(tras, limite, self._motor.lenguaje, self._motor.formato)
        )

    def pendientes_ilegibles(self, *, limite: int) -> Sequence[Tarea]:
        """See `Almacen.pendientes_ilegibles`."""
        return self._tareas(lambda: consulta_ilegibles(limite, self._motor.lenguaje))

    def _tareas(self, consulta: Callable[[], Any]) -> list[Tarea]:
        """What it finds; made once connected, since it is only then known how this server sorts texts."""
        filas = self._motor.ejecutar(lambda conexion: conexion.consultar(consulta()))
        return [self._motor.formato.a_tarea(fila) for fila in filas]

    def direccion(self) -> str:
        """See `Almacen.direccion`."""
        return self._motor.direccion()

    def interrumpir(self) -> None:
        """See `Almacen.interrumpir`."""
        self._motor.interrumpir()

    def close(self) -> None:
        """See `Almacen.close`."""
        self._motor.close()


def _motor_de(url: str, timeout_s: float) -> tuple[Motor, Sentencias]:
    esquema, separador, resto = url.partition("://")
    if separador and esquema == "sqlite":
        return MotorSqlite(url, timeout_s=timeout_s), sentencias_sqlite.SENTENCIAS
    if separador and esquema in {"postgresql", "postgres", "postgresql+psycopg"}:
        return MotorPostgres(f"postgresql://{resto}", timeout_s=timeout_s), sentencias_postgres.SENTENCIAS
    raise ConfiguracionInvalida(
        "SQL_URL no se entiende: debe empezar por sqlite:/// (seguido del archivo) o por postgresql://."
    )


def _alguna_dentro(resultados: Mapping[int, Escrito]) -> bool:
    return any(escrito.aplicada for escrito in resultados.values())


def _juzgado(escritura: Escritura, actual: Tarea | None) -> Escrito:
    """What a write came to that changed nothing: it is there already, or something else is."""
    if actual is not None and escritura.es(actual):
        return Escrito(True)
    return Escrito(False, actual)


def _vueltas(escrituras: Sequence[Escritura]) -> list[list[int]]:
    """The indices in rounds without repeated ids, so that writes to one tarea go one after the other."""
    vueltas: list[list[int]] = []
    veces: defaultdict[UUID, int] = defaultdict(int)
    for indice, escritura in enumerate(escrituras):
        vuelta = veces[escritura.fila.id]
        veces[escritura.fila.id] += 1
        if vuelta == len(vueltas):
            vueltas.append([])
        vueltas[vuelta].append(indice)
    return vueltas
