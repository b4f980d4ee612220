"""How many tareas wait in one store for the other, as far as the window can know."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from core.domain.events import (
    EscriturasConfirmadas,
    EscrituraTerminada,
    Evento,
    ReplicacionAvanza,
    ReplicacionTerminada,
)
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.consulta import Resumen
from gui.widgets.formato import cuenta, segundos

translate = QCoreApplication.translate


class CuentaPendientes:
    """Counts writes as they end, and gives way to the stores' own count of all but the newest of them.

    A pass of the replication sharpens that count: it knows what it still has to look at.
    """

    def __init__(self) -> None:
        self._desde_la_pregunta: dict[NombreAlmacen, set[str]] = {nombre: set() for nombre in NombreAlmacen}
        self._solo_en: dict[NombreAlmacen, set[str]] = {nombre: set() for nombre in NombreAlmacen}
        self._contados: dict[NombreAlmacen, int] = {}
        self._sabidos: set[NombreAlmacen] = set()

    def observar(self, evento: Evento) -> None:
        """Take note of what became of writes."""
        if isinstance(evento, EscrituraTerminada):
            resultado = evento.resultado
            if resultado.tarea is None:
                return  # a batch: only the stores know how many, and their count follows
            for uno in resultado.por_almacen:
                if uno.confirmada and not resultado.en_ambos:
                    self._solo_en[uno.almacen].add(resultado.entidad_id)
                    self._desde_la_pregunta[uno.almacen].add(resultado.entidad_id)
        elif isinstance(evento, EscriturasConfirmadas):
            ids = {entidad_id for entidad_id, _version in evento.pares}
            for nombre in self._solo_en:
                self._solo_en[nombre] -= ids
                self._desde_la_pregunta[nombre] -= ids
        elif isinstance(evento, ReplicacionAvanza):
            self._contados[evento.origen] = evento.faltan

    def preguntar(self) -> None:
        """The stores are being asked for their count: what is written from now on may be missing in it."""
        for ids in self._desde_la_pregunta.values():
            ids.clear()

    def resumir(self, resumen: Resumen) -> None:
        """Take the stores' own count, which is better than ours."""
        self._sabidos = {nombre for nombre, cuantas in resumen.pendientes.items() if cuantas is not None}
        for nombre, cuantas in resumen.pendientes.items():
            if cuantas is not None:
                self._contados[nombre] = cuantas
                self._solo_en[nombre] &= self._desde_la_pregunta[nombre]

    def solo_en(self, nombre: NombreAlmacen) -> int:
        """How many tareas that store holds which the other may lack."""
        return max(self._contados.get(nombre, 0), len(self._solo_en[nombre]))

    def sabido(self, nombre: NombreAlmacen) -> bool:
        """Whether that store could be asked the last time: else none counted does not mean none."""
        return nombre in self._sabidos


def lo_copiado(pasada: ReplicacionTerminada, *, al_dia: bool) -> str:
    """What a pass of the replication engine brought, and what it had to leave.

    Args:
        al_dia: nothing waits in either store, as far as is known now; a pass knows of its own direction only.
    """
    if not pasada.copiadas:
        copiadas = translate("Salud", "Ninguna tarea copiada.")
    elif pasada.copiadas == 1:
        copiadas = translate("Salud", "1 tarea copiada en {s}.")
    else:
        copiadas = translate("Salud", "{n} tareas copiadas en {s}.")
    if pasada.apartadas:
        resto = translate("Salud", "Sin copiar: {apartadas}, en cuarentena.")
    else:
        resto = translate("Salud", "Ambas bases de datos están al día.") if al_dia else ""
    return f"{copiadas} {resto}".strip().format(
        n=cuenta(pasada.copiadas), s=segundos(pasada.duracion_s), apartadas=cuenta(pasada.apartadas)
    )
