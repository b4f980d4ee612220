"""Replication as whoever has the whole program asks for it; where there is one store only, nothing to do."""

from __future__ import annotations

from adapters.replicacion.informe import InformePasada
from adapters.replicacion.pasadas import Progreso, callar
from adapters.replicacion.replicador import Replicador
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.apartada import Apartada


class ControlReplicacion:
    """The part of the container that drives the replication engine."""

    _replicador: Replicador | None = None

    def sincronizar(self, progreso: Progreso = callar) -> dict[NombreAlmacen, InformePasada]:
        """Copy what is pendiente in both directions until nothing more can be copied. Blocks.

        Args:
            progreso: called a few times a second in the calling thread.

        Returns: for each store, what was done with its pendientes; empty with a single store.
        Raises AlmacenError when a store does not answer.
        """
        return self._replicador.sincronizar(progreso) if self._replicador is not None else {}

    @property
    def replicacion_pausada(self) -> bool:
        """Whether the operator has paused background replication."""
        return self._replicador is not None and self._replicador.pausada

    def pausar_replicacion(self) -> None:
        """End the pass in hand after its batch, and begin none until it is resumed."""
        if self._replicador is not None:
            self._replicador.pausar()

    def reanudar_replicacion(self) -> None:
        """Let the background replication go on."""
        if self._replicador is not None:
            self._replicador.reanudar()

    def cancelar_replicacion(self) -> None:
        """End the pass in hand after its batch; the next one comes at its usual time."""
        if self._replicador is not None:
            self._replicador.cancelar()

    def despertar_replicacion(self) -> None:
        """Look for pendientes now and not at the next interval; nothing where it is paused. Does not wait."""
        if self._replicador is not None:
            self._replicador.despertar()

    def cuarentena(self) -> tuple[Apartada, ...]:
        """The rows that could not be copied, the longest there first."""
        return self._replicador.cuarentena() if self._replicador is not None else ()

    def reintentar_apartadas(self) -> None:
        """Try those rows again now; what becomes of them comes as an event."""
        if self._replicador is not None:
            self._replicador.reintentar_apartadas()
