"""The half of `RevisionSql` that digests: which product does it, and how what runs is cancelled."""

from __future__ import annotations

import contextlib
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from adapters.peewee import revision_resumen, revision_resumen_sqlite
from adapters.peewee.errores import ERRORES_DEL_MUNDO
from adapters.peewee.motor import Conexion, Motor
from adapters.peewee.postgres import ConexionPostgres, MotorPostgres
from adapters.peewee.revision_resumen_sqlite import Digerida
from core.diferencias import Cubo
from core.domain.errors import AlmacenNoDisponible, OperacionFallida
from core.domain.models.almacen import NombreAlmacen
from core.textos import es_texto

RESUMEN_S: Final = 3_600.0
"""Deadline of one pass over all rows, seconds; a server that is frozen meanwhile is noticed otherwise."""
HUELLAS_S: Final = 60.0
"""Deadline of the digests of some thousand rows, each of which may hold a long text, seconds."""
_HAY_POSTGRES: Final = "SELECT 1 FROM pg_class WHERE oid = to_regclass('tareas')"
_HAY_SQLITE: Final = "SELECT 1 FROM sqlite_master WHERE name = 'tareas'"


class LadoSql:
    """Digests of the rows of a motor's database."""

    nombre = NombreAlmacen.SQL
    _motor: Motor

    def __init__(self) -> None:
        self._cancelado = threading.Event()
        self._en_curso: set[Conexion] = set()
        # There are ids that are no UTF-8: they are left out everywhere, and only `ilegibles` tells them.
        self._hay_rotos = False
        # Held while the server is told to stop, so that a connection is not handed on in that moment.
        self._lock = threading.Lock()

    @property
    def _de_postgres(self) -> bool:
        return isinstance(self._motor, MotorPostgres)

    def existe(self) -> bool:
        """See `AlmacenRevisable.existe`."""
        hay = _HAY_POSTGRES if self._de_postgres else _HAY_SQLITE
        return self._motor.ejecutar(lambda conexion: conexion.fila(hay), preparar=False) is not None

    def latir(self) -> None:
        """See `AlmacenRevisable.latir`."""
        self._motor.ping(self._motor.timeout_s)

    def motivo_sin_resumen(self) -> str:
        """See `AlmacenRevisable.motivo_sin_resumen`."""
        try:
            if self._de_postgres:
                return self._motor.ejecutar(revision_resumen.motivo_sin_resumen, preparar=False)
            self._motor.ejecutar(lambda c: c.fila(revision_resumen_sqlite.CON_ROWID), preparar=False)
        except OperacionFallida as error:
            return f"El almacén SQL no puede resumir sus filas. {error}"
        return ""

    def resumir(self, prefijo: str, largo: int) -> Mapping[str, Cubo]:
        """See `AlmacenRevisable.resumir`."""
        if not self._de_postgres:
            return self._sumar(prefijo, largo)

        def resumir(conexion: Conexion) -> dict[str, Cubo]:
            with self._cancelable(conexion):
                return revision_resumen.resumir(conexion, prefijo, largo)

        return self._motor.ejecutar(resumir, plazo_s=RESUMEN_S, preparar=False)

    def huellas(self, prefijos: Sequence[str]) -> Mapping[str, str]:
        """See `AlmacenRevisable.huellas`."""
        if self._de_postgres:

            def leer(conexion: Conexion) -> dict[str, str]:
                with self._cancelable(conexion):
                    return revision_resumen.huellas(conexion, prefijos)

            return self._motor.ejecutar(leer, plazo_s=HUELLAS_S, preparar=False)
        return revision_resumen.sin_dobles(
            (id, digerida.hex()) for prefijo in prefijos for id, digerida in self._del_tramo(prefijo)
        )

    def cancelar(self) -> None:
        """See `AlmacenRevisable.cancelar`."""
        self._cancelado.set()
        with self._lock:
            for conexion in self._en_curso:
                if isinstance(conexion, ConexionPostgres):
                    # A server that is frozen takes no order: then the cut alone has to do.
                    with contextlib.suppress(*ERRORES_DEL_MUNDO):
                        conexion.db.connection().cancel_safe(timeout=0.3)
                conexion.cortar()

    def soltar(self) -> None:
        """See `AlmacenRevisable.soltar`: connections are the motor's."""

    @contextlib.contextmanager
    def _cancelable(self, conexion: Conexion) -> Iterator[None]:
        with self._lock:
            self._comprobar()
            self._en_curso.add(conexion)
        try:
            yield
        finally:
            with self._lock:
                self._en_curso.discard(conexion)

    def _comprobar(self) -> None:
        if self._cancelado.is_set():
            raise AlmacenNoDisponible(self.nombre, "La verificación se canceló.")

    def _sumar(self, prefijo: str, largo: int) -> Mapping[str, Cubo]:
        filas: dict[str, int] = defaultdict(int)
        sumas: dict[str, int] = defaultdict(int)
        dudosas: dict[str, int] = defaultdict(int)
        for id, digerida in self._del_tramo(prefijo) if prefijo else self._todas():
            clave = id[:largo]
            filas[clave] += 1
            if digerida:
                sumas[clave] += int.from_bytes(digerida[:4], "little")
            else:
                dudosas[clave] += 1
        modulo = revision_resumen.MODULO
        return {clave: Cubo(n, sumas[clave] % modulo, dudosas[clave]) for clave, n in filas.items()}

    def _todas(self) -> Iterator[Digerida]:
        tras: int | None = -(2**63)
        while tras is not None:
            self._comprobar()
            digeridas, tras = self._motor.ejecutar(
                partial(revision_resumen_sqlite.pieza, tras=tras), preparar=False
            )
            yield from self._sin_rotos(digeridas)

    def _del_tramo(self, prefijo: str) -> Iterator[Digerida]:
        desde: bytes | None = prefijo.encode()
        while desde is not None:
            self._comprobar()
            digeridas, desde = self._motor.ejecutar(
                partial(revision_resumen_sqlite.tramo, prefijo=prefijo, desde=desde), preparar=False
            )
            yield from self._sin_rotos(digeridas)

    def _sin_rotos(self, digeridas: Sequence[Digerida]) -> Iterator[Digerida]:
        for digerida in digeridas:
            if es_texto(digerida[0]):
                yield digerida
            else:
                self._hay_rotos = True
