"""Stores that answer pings but did not take the last write: a full disk, a damaged file, a locked table."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.events import EscriturasConfirmadas, EscrituraTerminada, Evento, ReplicacionTerminada
from core.domain.models.almacen import Desenlace, NombreAlmacen, ResultadoAlmacen

_NO_GUARDADA = (Desenlace.FALLIDA, Desenlace.DESCONOCIDA)


@dataclass(frozen=True, slots=True)
class _Rechazo:
    motivo: str
    entidad_id: str


class Rechazos:
    """Remembers why, until the store is seen to take a write, or is known to be down."""

    def __init__(self) -> None:
        self._rechazos: dict[NombreAlmacen, _Rechazo] = {}

    def motivo(self, nombre: NombreAlmacen) -> str | None:
        """Why that store did not take the last write; None when it did."""
        rechazo = self._rechazos.get(nombre)
        return rechazo.motivo if rechazo is not None else None

    def olvidar(self, nombre: NombreAlmacen) -> None:
        """Its state says more by now."""
        self._rechazos.pop(nombre, None)

    def observar(self, evento: Evento) -> tuple[NombreAlmacen, ...]:
        """Take note; returns the stores that take writes again."""
        antes = {*self._rechazos}
        if isinstance(evento, EscrituraTerminada):
            for uno in evento.resultado.por_almacen:
                self._anotar(uno, evento.resultado.entidad_id)
        elif isinstance(evento, EscriturasConfirmadas):
            ids = {id for id, _version in evento.pares}
            self._rechazos = {n: r for n, r in self._rechazos.items() if r.entidad_id not in ids}
        elif isinstance(evento, ReplicacionTerminada) and evento.copiadas and not evento.apartadas:
            self._rechazos.pop(evento.origen.otro, None)
        return tuple(antes - self._rechazos.keys())

    def _anotar(self, uno: ResultadoAlmacen, entidad_id: str) -> None:
        if uno.confirmada:
            self._rechazos.pop(uno.almacen, None)
        elif uno.desenlace in _NO_GUARDADA:
            self._rechazos[uno.almacen] = _Rechazo(uno.error, entidad_id)
