"""Verifies in the background every so many minutes, as long as the program runs; off unless it is set.

It costs little while nothing happens: where both stores hold as many rows, of the same versions, as when they
were last found equal, they are not compared again, up to `COMPLETA_CADA_S`: a hand in the database leaves
versions as they were. And several operators' programs do not compare the same stores at the same time:
whoever begins leaves a note in both, and the others take its result for theirs.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from core.domain.errors import AlmacenError
from core.domain.events import Evento, VerificacionHecha
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.verificacion import NOTA_ULTIMA, InformeVerificacion, dice_iguales, empezada_ms_de
from core.domain.ports.revision import AlmacenRevisable

_log = logging.getLogger(__name__)

NOTA_EN_CURSO = "verificacion_en_curso"
"""Key, in `dual_tareas_meta`, of when somebody's background verification began; empty once it ended."""
EN_CURSO_MAX_MS = 600_000
"""A note of that kind that is older was left by a program that died."""
COMPLETA_CADA_S = 3600.0
"""However quiet it is, both are compared in full that often, seconds."""

Pulso = tuple[tuple[int, int], ...]


class UltimaLimpia:
    """Tells whether both can still be taken for equal without comparing them again."""

    def __init__(self, ahora_s: Callable[[], float] = time.monotonic) -> None:
        self._ahora_s = ahora_s
        self._limpia: tuple[Pulso, float] | None = None

    def vale(self, pulso: Pulso) -> bool:
        """Whether nothing was written since they were found equal, not too long ago."""
        if self._limpia is None:
            return False
        antes, cuando_s = self._limpia
        return antes == pulso and self._ahora_s() - cuando_s < COMPLETA_CADA_S

    def anotar(self, pulso: Pulso, informe: InformeVerificacion | None) -> None:
        """What was found; None: nobody knows. `pulso` is that of before it began: what was written meanwhile
        is for the next time."""
        self._limpia = (pulso, self._ahora_s()) if informe is not None and informe.iguales else None


class Verificable(Protocol):
    """What is asked of the container."""

    @property
    def revisables(self) -> Mapping[NombreAlmacen, AlmacenRevisable]:
        """Both stores."""
        ...

    def verificar(self, *, parar: threading.Event | None = None) -> InformeVerificacion:
        """Compare them."""
        ...

    def pulso(self) -> Pulso:
        """See `AlmacenRevisable.pulso`."""
        ...


class VerificacionContinua:
    """One thread that verifies every `cada_s` seconds, the first time after that long.

    Args:
        listas: whether both stores answer and none is behind: only then is a comparison worth anything.
        publicar: told what was found (`VerificacionHecha`).
    """

    def __init__(
        self,
        verificable: Verificable,
        *,
        cada_s: float,
        listas: Callable[[], bool],
        publicar: Callable[[Evento], None],
        ahora_ms: Callable[[], int],
        ahora_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._verificable = verificable
        self._cada_s = cada_s
        self._listas = listas
        self._publicar = publicar
        self._ahora_ms = ahora_ms
        self._limpia = UltimaLimpia(ahora_s)
        self._parar = threading.Event()
        self._hilo = threading.Thread(target=self._bucle, name="DualRepo-verificacion", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._hilo.start()

    def close(self, timeout_s: float = 1.0) -> None:
        """End what runs, waiting no longer than that, seconds; idempotent."""
        self._parar.set()
        if self._hilo.is_alive():
            self._hilo.join(timeout_s)

    def _bucle(self) -> None:
        while not self._parar.wait(self._cada_s):
            try:
                self.mirar()
            except Exception:  # noqa: BLE001
                # Our bug must not end it for the life of the program; it is reported each time.
                _log.exception("Error interno en la verificación continua")

    def mirar(self) -> bool:
        """Compare both if that is worth while; whether it was done, and told."""
        if not self._listas():
            return False
        try:
            pulso = self._verificable.pulso()
            if self._limpia.vale(pulso) or self._otro_se_encarga():
                return False
            informe = self._verificar()
        except AlmacenError as error:
            self._limpia.anotar((), None)  # while it was away anything may have been done to it
            if not self._parar.is_set():
                _log.warning("⚠️ No se pudo verificar: %s: %s", error.almacen.etiqueta, error)
                self._publicar(VerificacionHecha(None, f"{error.almacen.etiqueta}: {error}"))
            return False
        if informe.cancelada:
            return False
        self._limpia.anotar(pulso, informe)
        _log.info("Verificación continua: %s", "iguales" if informe.iguales else "hay diferencias o dudas")
        self._publicar(VerificacionHecha(informe))
        return True

    def _otro_se_encarga(self) -> bool:
        """Whether somebody else compares them now, or has found them equal within this interval.

        What somebody else found that differs has to be told here, too: to know what, it is looked for again.
        """
        ahora_ms = self._ahora_ms()
        for almacen in self._verificable.revisables.values():
            en_curso_ms = empezada_ms_de(almacen.nota(NOTA_EN_CURSO))
            if en_curso_ms is not None and 0 <= ahora_ms - en_curso_ms < EN_CURSO_MAX_MS:
                return True
            ultima = almacen.nota(NOTA_ULTIMA)
            ultima_ms = empezada_ms_de(ultima)
            reciente = ultima_ms is not None and 0 <= ahora_ms - ultima_ms < self._cada_s * 900
            if reciente and dice_iguales(ultima):
                return True
        return False

    def _verificar(self) -> InformeVerificacion:
        try:
            self._anotar({"empezada_ms": self._ahora_ms()})
            return self._verificable.verificar(parar=self._parar)
        finally:
            self._anotar({})

    def _anotar(self, nota: dict[str, int]) -> None:
        """Tell the other programs; where a store does not take it, they compare as well: no harm."""
        for almacen in self._verificable.revisables.values():
            try:
                almacen.anotar(NOTA_EN_CURSO, json.dumps(nota))
            except AlmacenError as error:
                _log.debug("%s: no se pudo anotar la verificación: %s", almacen.nombre.etiqueta, error)
