"""The values that lose conflicts: kept before anything is written over them, in both stores in the end."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import inf
from typing import Protocol

from core.domain.errors import AlmacenError, AlmacenSoloLectura, EsquemaSinAdoptar, OperacionFallida
from core.domain.models.almacen import Conflicto, NombreAlmacen
from core.domain.models.conflicto import ClaveConflicto, ConflictoGuardado, LugarConflicto
from core.domain.models.tarea import Tarea
from core.domain.ports.almacen import Almacen

_log = logging.getLogger(__name__)

PAGINA = 200
"""Losers looked at in one go."""
TRAMO_S = 1.0
"""Of one look, for how long it keeps others from copying; it goes on from there, seconds."""
ESPERA_S = 2.0
"""After which what two stores say differently is no reopening that is under way, seconds."""
TRAS_FALLO_S = 30.0
"""For how long a store that did not take its copy is not asked to, seconds: it may be that somebody keeps its
table locked, and each try costs a deadline."""
LENTO_S = 0.5
"""A refusal that took longer is not said of one value alone, seconds."""
REPASO_S = 60.0
"""Between two looks that nothing asks for, seconds, or fifty times as long as the last one took: a program
that did not reach a store, and has ended, cannot ask for one."""
DUDAS_MAX = 10_000
"""Most differences remembered from one look to the next; the others take one look more."""

_Duda = tuple[int | None, str, int | None, str]


class Conservar(Protocol):
    """Keeps a loser."""

    def __call__(self, perdedora: Tarea, version_ganadora: int, donde: Almacen, copia: Almacen) -> None:
        """Into `conflictos` of one store, and of the other one if it can.

        Raises AlmacenError when `donde` did not take it.
        """


class Perdedoras:
    """Keeps losers, and makes the stores keep the same ones.

    A store that is emptied some day must not take the only copy with it, and whoever goes on with one store
    alone has to find there what was decided while it was away. Of two decisions about one conflict the first
    holds, as if the second person had found it settled.

    That two stores say different things of a conflict may also be because an operator is just taking a
    decision back, in one after the other: so it counts only where they say the same at the next look, too.

    Args:
        almacenes: both stores.
        ahora_ms: the wall clock, milliseconds since the epoch.
        ahora_s: a monotonic clock, seconds.
    """

    def __init__(
        self,
        almacenes: Mapping[NombreAlmacen, Almacen],
        *,
        ahora_ms: Callable[[], int],
        ahora_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._almacenes = almacenes
        self._ahora_ms = ahora_ms
        self._ahora_s = ahora_s
        self._sin_copia_hasta_s: dict[NombreAlmacen, float] = {}
        self._proxima_s = 0.0
        self._mirada: Iterator[None] | None = None
        self._otra_vez = False
        self._tardado_s = 0.0
        # Guards what says when to look next: conflicts come up, and stores return, while a look goes on.
        self._guarda = threading.Lock()
        self._dudas: dict[tuple[NombreAlmacen, ClaveConflicto], _Duda] = {}

    def conservar(self, perdedora: Tarea, version_ganadora: int, donde: Almacen, copia: Almacen) -> None:
        """See `Conservar`. What the other one does not take now it gets from whoever replicates."""
        conflicto = Conflicto(
            perdedora=perdedora, version_ganadora=version_ganadora, cuando_ms=self._ahora_ms()
        )
        donde.guardar_conflicto(conflicto)
        hasta_s = self._sin_copia_hasta_s.get(copia.nombre, 0.0)
        if self._ahora_s() < hasta_s:
            self._mirar_a(hasta_s)
            return
        try:
            copia.guardar_conflicto(conflicto)
        except AlmacenError as error:
            self._sin_copia_hasta_s[copia.nombre] = hasta_s = self._ahora_s() + TRAS_FALLO_S
            self._mirar_a(hasta_s)
            _log.warning(
                "⚠️ Lo que perdió la tarea %s se conserva en %s y aún no en %s: %s",
                perdedora.id,
                donde.nombre.etiqueta,
                copia.nombre.etiqueta,
                error,
            )

    def mirar_pronto(self) -> None:
        """Somebody may have decided, or lost something, while a store was away."""
        if self._mirada is not None or not self._dudas:  # else it is near, and must not come too early
            self._mirar_a(0.0)

    def _mirar_a(self, cuando_s: float) -> None:
        """Look then, or earlier; and, where a look is going on, once more after it."""
        with self._guarda:
            self._otra_vez = self._mirada is not None
            self._proxima_s = min(self._proxima_s, cuando_s)

    @property
    def falta_s(self) -> float:
        """Until the next look, seconds; 0 where one is due or under way."""
        return max(0.0, self._proxima_s - self._ahora_s())

    def igualar(self, *, parar: Callable[[], bool], tramo_s: float = TRAMO_S) -> None:
        """If it is time to: give each store what only the other one keeps, and what was decided there.

        At the first call, after `mirar_pronto`, now and then, and where there is a doubt to be settled; it
        goes on where it was. Where a store does not let itself be asked it is for later.
        """
        if self.falta_s:
            return
        fin_s = self._ahora_s() + tramo_s
        if self._mirada is None:
            self._mirada, self._tardado_s = self._mirar_todo(), 0.0
        inicio_s = self._ahora_s()
        try:
            for _ in self._mirada:
                if parar() or self._ahora_s() >= fin_s:
                    self._tardado_s += self._ahora_s() - inicio_s
                    return
        except AlmacenError as error:
            self._acabar(TRAS_FALLO_S)
            _log.info("Lo que se perdió y decidió en conflictos queda por igualar: %s", error)
        else:
            self._tardado_s += self._ahora_s() - inicio_s
            self._acabar(ESPERA_S if self._dudas else max(REPASO_S, 50 * self._tardado_s))

    def _acabar(self, espera_s: float) -> None:
        """A look has ended; the next one is due in that time."""
        with self._guarda:
            self._proxima_s = self._ahora_s() + min(espera_s, ESPERA_S if self._otra_vez else inf)
            self._mirada, self._otra_vez = None, False

    def igualar_del_todo(self, *, parar: Callable[[], bool], esperar: Callable[[float], object]) -> None:
        """All of it at once, doubts included."""
        self.igualar(parar=parar, tramo_s=inf)
        if 0 < self.falta_s <= ESPERA_S:
            esperar(self.falta_s)
            self.igualar(parar=parar, tramo_s=inf)

    def _mirar_todo(self) -> Iterator[None]:
        """Stops after each page and each write, so that whoever asks may go on with something else."""
        dudas, self._dudas = self._dudas, {}
        for nombre in NombreAlmacen:
            origen, destino = self._almacenes[nombre], self._almacenes[nombre.otro]
            for guardados in _paginas(origen):
                hay = {uno.clave: uno for uno in destino.leer_conflictos([uno.clave for uno in guardados])}
                yield
                for uno in guardados:
                    otro = hay.get(uno.clave)
                    # What is a page away may be old by now.
                    if otro is None or (
                        self._vale(uno, otro, destino.nombre, dudas)
                        and [*origen.leer_conflictos([uno.clave])] == [uno]
                    ):
                        _dar(uno, otro, destino, self._ahora_s)
                        yield

    def _vale(
        self,
        uno: ConflictoGuardado,
        otro: ConflictoGuardado,
        donde: NombreAlmacen,
        dudas: Mapping[tuple[NombreAlmacen, ClaveConflicto], _Duda],
    ) -> bool:
        """Whether what the first one says is to be said by `otro`, which is in that store, as well."""
        if uno.resuelta_en_ms is None or uno.decision == otro.decision:
            return False
        suya = (uno.resuelta_en_ms, uno.resolucion)
        if otro.resuelta_en_ms is not None and (otro.resuelta_en_ms, otro.resolucion) < suya:
            return False
        clave, duda = (donde, uno.clave), (*uno.decision, *otro.decision)
        if dudas.get(clave) == duda:
            return True
        if len(self._dudas) < DUDAS_MAX:
            self._dudas[clave] = duda
        return False


def copiar_perdedoras(origen: Almacen, destino: Almacen, *, parar: Callable[[], bool]) -> bool:
    """All that `origen` keeps, with what was decided, to one that was emptied or is another one.

    Returns: whether it came to the end; `parar` is asked before each page. Raises AlmacenError.
    """
    for guardados in _paginas(origen):
        if parar():
            return False
        hay = {uno.clave: uno for uno in destino.leer_conflictos([uno.clave for uno in guardados])}
        for uno in guardados:
            otro = hay.get(uno.clave)
            if otro is None or (otro.abierto and not uno.abierto):
                _dar(uno, otro, destino, time.monotonic)
    return not parar()


def _paginas(almacen: Almacen) -> Iterator[Sequence[ConflictoGuardado]]:
    """All that it keeps, open ones first; no page is empty."""
    for resueltos in (False, True):
        tras: LugarConflicto | None = None
        while guardados := almacen.listar_conflictos(tras=tras, limite=PAGINA, resueltos=resueltos):
            yield guardados
            if len(guardados) < PAGINA:
                break
            tras = guardados[-1].lugar


def _dar(
    uno: ConflictoGuardado, otro: ConflictoGuardado | None, destino: Almacen, ahora_s: Callable[[], float]
) -> None:
    """Make `destino`, which holds `otro` of it, hold what `uno` says. Raises AlmacenError.

    That one value is refused keeps no other from being copied: the first copy stays where it is.
    """
    inicio_s = ahora_s()
    try:
        if otro is None:
            destino.guardar_conflicto(uno.conflicto)
        elif not otro.abierto:
            destino.reabrir_conflicto(*uno.clave)
        if uno.resuelta_en_ms is not None:
            destino.resolver_conflicto(*uno.clave, uno.resolucion, uno.resuelta_en_ms)
    except (AlmacenSoloLectura, EsquemaSinAdoptar):
        raise
    except OperacionFallida as error:
        if ahora_s() - inicio_s > LENTO_S:
            raise
        _log.info("Lo que perdió la tarea %s no se copia: %s", uno.clave[0], error)
