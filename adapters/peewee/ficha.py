"""Who an SQL database is, and which one is its twin (see `AlmacenConFicha`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from adapters.fichas import (
    CLAVES,
    IDENTIDAD,
    LATIDO,
    PAREJA,
    POR_RELLENAR,
    PUNTO,
    a_ficha,
    a_texto,
    identidad_nueva,
    uuid_o_nada,
)
from adapters.peewee.notas import NotasSql
from adapters.peewee.repositorio import PeeweeTareaRepository
from core.domain.models.pareja import Ficha, Latido, PorRellenar
from core.domain.ports.pareja import SONDAS

_UNA_FILA: Final = "SELECT 1 FROM tareas LIMIT 1"
# Bounded whatever the rows are: the index on version gives its ends, and the filter comes after.
_EXTREMO: Final = "SELECT id, pendiente OR eliminada FROM tareas ORDER BY version {} LIMIT {:d}"

_DESDE: Final = (
    "SELECT * FROM (SELECT id, pendiente OR eliminada FROM tareas WHERE id >= '{}' ORDER BY id LIMIT 1) s{}"
)
_SONDAS: Final = " UNION ALL ".join(_DESDE.format(sonda, n) for n, sonda in enumerate(SONDAS))


class FichaSql:
    """The notes of a PeeweeTareaRepository's database."""

    def __init__(self, repositorio: PeeweeTareaRepository) -> None:
        self._motor = repositorio._motor
        self._notas = NotasSql(self._motor)

    def ficha(self) -> Ficha:
        """See `AlmacenConFicha.ficha`."""
        notas = self._notas.leer(CLAVES)
        if IDENTIDAD not in notas:
            self._notas.poner_si_falta(IDENTIDAD, identidad_nueva())
            notas = self._notas.leer(CLAVES)
        return a_ficha(notas, tiene_filas=self._hay(_UNA_FILA))

    def muestra(self, limite: int, *, nuevas: bool) -> Sequence[UUID]:
        """See `AlmacenConFicha.muestra`."""
        extremo = _EXTREMO.format("DESC" if nuevas else "ASC", limite)
        return self._en_ambas(extremo)

    def repartidas(self) -> Sequence[UUID]:
        """See `AlmacenConFicha.repartidas`."""
        return list(dict.fromkeys(self._en_ambas(_SONDAS)))

    def _en_ambas(self, sql: str) -> Sequence[UUID]:
        filas = self._motor.ejecutar(lambda conexion: conexion.filas(sql))
        return [id for texto, fuera in filas if not fuera and (id := uuid_o_nada(texto)) is not None]

    def ultima_version(self) -> int:
        """See `AlmacenConFicha.ultima_version`."""
        fila = self._motor.ejecutar(lambda conexion: conexion.fila("SELECT max(version) FROM tareas"))
        return fila[0] if fila is not None and isinstance(fila[0], int) else 0

    def anotar_pareja(self, identidad: str) -> None:
        """See `AlmacenConFicha.anotar_pareja`."""
        self._notas.poner(PAREJA, identidad)

    def anotar_por_rellenar(self, nota: PorRellenar | None) -> None:
        """See `AlmacenConFicha.anotar_por_rellenar`."""
        self._notas.poner(POR_RELLENAR, a_texto(nota))

    def anotar_latido(self, latido: Latido) -> None:
        """See `AlmacenConFicha.anotar_latido`."""
        self._notas.poner(LATIDO, a_texto(latido))

    def olvidar_punto(self) -> None:
        """See `AlmacenConFicha.olvidar_punto`."""
        self._notas.poner(PUNTO, "")

    def _hay(self, sql: str) -> bool:
        return self._motor.ejecutar(lambda conexion: conexion.fila(sql)) is not None
