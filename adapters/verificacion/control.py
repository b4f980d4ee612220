"""Verification as whoever has the whole program asks for it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress

from adapters.nodo import ahora_ms
from adapters.repositorio_base import RepositorioDeUnAlmacen
from adapters.verificacion.almacenes import revisables
from adapters.verificacion.ausente import VerificadorAusente
from adapters.verificacion.base import Progreso, Verificador
from adapters.verificacion.flujo import VerificadorFlujo
from adapters.verificacion.resumen import VerificadorResumen
from core.domain.errors import AlmacenSoloLectura, ConfiguracionInvalida
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.verificacion import InformeVerificacion
from core.domain.ports.revision import AlmacenRevisable


def elegir_verificador(almacenes: Mapping[NombreAlmacen, AlmacenRevisable]) -> Verificador:
    """The fastest way in which both stores can be compared. Raises AlmacenError."""
    if ausentes := [nombre for nombre, almacen in almacenes.items() if not almacen.existe()]:
        return VerificadorAusente(almacenes, ausentes, ahora_ms=ahora_ms)
    motivos = [motivo for almacen in almacenes.values() if (motivo := almacen.motivo_sin_resumen())]
    if not motivos:
        return VerificadorResumen(almacenes, ahora_ms=ahora_ms)
    motivo = " ".join(f"{uno.rstrip('.')}." for uno in motivos)
    return VerificadorFlujo(almacenes, ahora_ms=ahora_ms, motivo=motivo)


class ControlVerificacion:
    """The part of the container that compares both stores. Every method blocks."""

    _stores: dict[NombreAlmacen, RepositorioDeUnAlmacen]

    def _al_ser_iguales(self) -> None:
        """Both were found equal: for whoever keeps account of what one of them lacks."""

    @property
    def revisables(self) -> Mapping[NombreAlmacen, AlmacenRevisable]:
        """The stores as verification and purging see them."""
        return revisables(self._stores)

    def verificar(
        self, *, parar: threading.Event | None = None, progreso: Progreso = lambda _informe: None
    ) -> InformeVerificacion:
        """Compare everything in the fastest way there is, and note the result in both stores.

        Args:
            parar: set from outside, it ends the comparison within half a second.
            progreso: called every now and then with the running report.

        Raises AlmacenError when a store does not answer: nothing is known then; EsquemaSinAdoptar where its
        `tareas` is another program's; ConfiguracionInvalida with a single store.
        """
        if len(self._stores) < 2:
            raise ConfiguracionInvalida(
                "Solo se verifica con las dos bases de datos: ponga ORM=dual y las direcciones de ambas."
            )
        self._exigir_adoptadas()
        informe = elegir_verificador(self.revisables).verificar(parar=parar, progreso=progreso)
        if informe.iguales:
            self._al_ser_iguales()
        return informe

    def _exigir_adoptadas(self) -> None:
        """What is not ours is not compared; where there is no `tareas` at all, nothing is made."""
        for nombre, almacen in self.revisables.items():
            if almacen.existe():
                with suppress(AlmacenSoloLectura):  # what cannot be written to can be looked at
                    self._stores[nombre].preparar()

    def pulso(self) -> tuple[tuple[int, int], ...]:
        """See `AlmacenRevisable.pulso`, of each store. Raises AlmacenError."""
        return tuple(almacen.pulso() for almacen in self.revisables.values())
