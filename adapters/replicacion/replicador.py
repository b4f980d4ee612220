"""Runs the replication engine by itself: at start, when a store returns, and while anything is pendiente."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from uuid import UUID

from adapters.health.registro import RegistroSalud
from adapters.replicacion.motor import InformePasada, MotorReplicacion
from core.domain.errors import AlmacenError
from core.domain.events import Evento, ReplicacionTerminada, SaludObservada
from core.domain.models.almacen import NombreAlmacen
from core.health import EstadoSalud

_log = logging.getLogger(__name__)

INTERVALO_S = 3.0
"""Between looks for pendientes, seconds."""
_RESPONDEN = (EstadoSalud.OK, EstadoSalud.LENTA)


class Replicador:
    """One thread that makes passes in both directions whenever both stores answer."""

    def __init__(
        self,
        motor: MotorReplicacion,
        registro: RegistroSalud,
        *,
        publicar: Callable[[Evento], None],
        intervalo_s: float = INTERVALO_S,
    ) -> None:
        self._motor = motor
        self._registro = registro
        self._publicar = publicar
        self._intervalo_s = intervalo_s
        self._apartadas: dict[NombreAlmacen, dict[UUID, str]] = {nombre: {} for nombre in NombreAlmacen}
        self._despertar = threading.Event()
        self._cerrado = threading.Event()
        # One pass at a time in this process: a second would only repeat the first one's work.
        self._pasada = threading.Lock()
        self._hilo = threading.Thread(target=self._bucle, name="DualRepo-replicacion", daemon=True)

    def start(self) -> None:
        """Begin; the first pass is made as soon as both stores answer."""
        self._hilo.start()

    def oir(self, evento: Evento) -> None:
        """Make a pass at once when a store begins to answer (to be subscribed to the event bus)."""
        if isinstance(evento, SaludObservada) and (
            evento.antes.estado not in _RESPONDEN and evento.ahora.estado in _RESPONDEN
        ):
            self._despertar.set()

    def close(self, timeout_s: float = 1.0) -> None:
        """Stop after the batch in hand, waiting no longer than `timeout_s` seconds; idempotent."""
        self._cerrado.set()
        self._despertar.set()
        if self._hilo.is_alive():
            self._hilo.join(timeout_s)

    def sincronizar(self) -> dict[NombreAlmacen, InformePasada]:
        """One pass in each direction, now. Raises AlmacenError when a store does not answer."""
        with self._pasada:
            return {origen: self._pasar(origen) for origen in self._registro.almacenes}

    def _bucle(self) -> None:
        while not self._cerrado.is_set():
            if all(self._registro.estado(nombre) in _RESPONDEN for nombre in self._registro.almacenes):
                self._intentar()
            self._despertar.wait(self._intervalo_s)
            self._despertar.clear()

    def _intentar(self) -> None:
        try:
            self.sincronizar()
        except AlmacenError as error:
            _log.warning("⚠️ La replicación se detuvo y seguirá cuando ambas respondan: %s", error)
        except Exception:  # noqa: BLE001
            # Our bug must not end replication for the life of the program; it is reported each time.
            _log.exception("Error interno en la replicación")

    def _pasar(self, origen: NombreAlmacen) -> InformePasada:
        inicio_s = time.monotonic()
        # Another program may have written to one store alone: this one has only the marks to know it by.
        if self._motor.hay_rezagadas(origen):
            self._registro.marcar_atrasada(origen.otro)
        marca = self._registro.marca_de_atraso(origen.otro)
        informe = self._motor.drenar(origen, cancelar=self._cerrado.is_set)
        if not informe.cancelada:
            self._registro.marcar_al_dia(origen.otro, marca)
        nuevas = self._contar_apartadas(origen, informe)
        if informe.copiadas or informe.conflictos or nuevas:
            _log.info(
                "🔁 De %s a %s: copiadas %d, en conflicto %d, sin copiar %d",
                origen.etiqueta,
                origen.otro.etiqueta,
                informe.copiadas,
                informe.conflictos,
                len(informe.apartadas),
            )
            self._publicar(
                ReplicacionTerminada(
                    origen=origen,
                    copiadas=informe.copiadas,
                    conflictos=informe.conflictos,
                    apartadas=len(informe.apartadas),
                    duracion_s=time.monotonic() - inicio_s,
                )
            )
        return informe

    def _contar_apartadas(self, origen: NombreAlmacen, informe: InformePasada) -> int:
        """Tell of each row that cannot be copied once per reason, not at each pass; how many are new."""
        antes, self._apartadas[origen] = self._apartadas[origen], informe.apartadas
        nuevas = {id: motivo for id, motivo in informe.apartadas.items() if antes.get(id) != motivo}
        for id, motivo in nuevas.items():
            _log.warning("⚠️ La tarea %s no se puede copiar a %s: %s", id, origen.otro.etiqueta, motivo)
        return len(nuevas)
