"""The values that lose conflicts: kept before anything is written over them, in both stores in the end."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from core.domain.errors import AlmacenError, OperacionFallida
from core.domain.models.almacen import Conflicto, NombreAlmacen
from core.domain.models.conflicto import ConflictoGuardado, LugarConflicto
from core.domain.models.tarea import Tarea
from core.domain.ports.almacen import Almacen

_log = logging.getLogger(__name__)

PAGINA = 200
"""Losers looked at in one go."""
IGUALAR_CADA_S = 60.0
"""Between two looks at whether both stores keep the same, seconds."""
TRAS_FALLO_S = 30.0
"""For how long a store that did not take its copy is not asked to, seconds: it may be that somebody keeps its
table locked, and each try costs a deadline."""


class Conservar(Protocol):
    """Keeps a loser."""

    def __call__(self, perdedora: Tarea, version_ganadora: int, donde: Almacen, copia: Almacen) -> None:
        """Into `conflictos` of one store, and of the other one if it can.

        Raises AlmacenError when `donde` did not take it.
        """


class Perdedoras:
    """Keeps losers, and makes the stores keep the same ones.

    A store that is emptied some day must not take the only copy with it, and whoever goes on with one store
    alone has to find there what was decided while it was away.

    Args:
        ahora_ms: the wall clock, milliseconds since the epoch.
        ahora_s: a monotonic clock, seconds.
    """

    def __init__(self, *, ahora_ms: Callable[[], int], ahora_s: Callable[[], float] = time.monotonic) -> None:
        self._ahora_ms = ahora_ms
        self._ahora_s = ahora_s
        self._sin_copia_hasta_s: dict[NombreAlmacen, float] = {}
        self._proxima_s = 0.0

    def conservar(self, perdedora: Tarea, version_ganadora: int, donde: Almacen, copia: Almacen) -> None:
        """See `Conservar`. What the other one does not take now it gets from `igualar`."""
        conflicto = Conflicto(
            perdedora=perdedora, version_ganadora=version_ganadora, cuando_ms=self._ahora_ms()
        )
        donde.guardar_conflicto(conflicto)
        if self._ahora_s() < self._sin_copia_hasta_s.get(copia.nombre, 0.0):
            return
        try:
            copia.guardar_conflicto(conflicto)
        except AlmacenError as error:
            self._sin_copia_hasta_s[copia.nombre] = self._ahora_s() + TRAS_FALLO_S
            _log.warning(
                "⚠️ Lo que perdió la tarea %s se conserva en %s y aún no en %s: %s",
                perdedora.id,
                donde.nombre.etiqueta,
                copia.nombre.etiqueta,
                error,
            )

    def mirar_pronto(self) -> None:
        """Somebody may have decided, or lost something, while a store was away."""
        self._proxima_s = 0.0

    def igualar(self, almacenes: Mapping[NombreAlmacen, Almacen], *, parar: Callable[[], bool]) -> None:
        """If it is time to: give each store what only the other one keeps, and what was decided there.

        Where a store does not let itself be asked it is for later; nothing waits for it.
        """
        if self._ahora_s() < self._proxima_s:
            return
        self._proxima_s = self._ahora_s() + IGUALAR_CADA_S
        sql, mongo = (almacenes[nombre] for nombre in NombreAlmacen)
        try:
            copiar_perdedoras(sql, mongo, parar=parar)
            copiar_perdedoras(mongo, sql, parar=parar)
        except AlmacenError as error:
            _log.info("Lo que se perdió y decidió en conflictos queda por igualar: %s", error)


def copiar_perdedoras(origen: Almacen, destino: Almacen, *, parar: Callable[[], bool]) -> bool:
    """Those that `destino` lacks, and what was decided about any of them in `origen`.

    Returns: whether it came to the end; `parar` is asked before each page. Raises AlmacenError.
    """
    for resueltos in (False, True):
        tras: LugarConflicto | None = None
        while not parar():
            guardados = origen.listar_conflictos(tras=tras, limite=PAGINA, resueltos=resueltos)
            _copiar_pagina(guardados, destino)
            if len(guardados) < PAGINA:
                break
            tras = guardados[-1].lugar
        else:
            return False
    return True


def _copiar_pagina(guardados: Sequence[ConflictoGuardado], destino: Almacen) -> None:
    if not guardados:
        return
    hay = {uno.clave: uno for uno in destino.leer_conflictos([uno.clave for uno in guardados])}
    rehusados: list[str] = []
    for uno in guardados:
        try:
            _copiar(uno, hay.get(uno.clave), destino)
        except OperacionFallida as error:  # of this one; the first copy stays where it is
            rehusados.append(str(error))
    if rehusados:
        _log.warning(
            "⚠️ De los valores que perdieron, %d no se copian a %s: %s",
            len(rehusados),
            destino.nombre.etiqueta,
            rehusados[0],
        )


def _copiar(uno: ConflictoGuardado, otro: ConflictoGuardado | None, destino: Almacen) -> None:
    """Of two decisions the first one holds, as if the second person had found it settled."""
    if otro is None:
        destino.guardar_conflicto(uno.conflicto)
    if uno.resuelta_en_ms is None:
        return
    if otro is not None and otro.resuelta_en_ms is not None:
        if (otro.resuelta_en_ms, otro.resolucion) <= (uno.resuelta_en_ms, uno.resolucion):
            return
        destino.reabrir_conflicto(*uno.clave)
    destino.resolver_conflicto(*uno.clave, uno.resolucion, uno.resuelta_en_ms)
