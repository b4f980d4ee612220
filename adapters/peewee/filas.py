"""A tarea as a row and back: the same columns in the same order everywhere."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, cast
from uuid import UUID

from core.domain.models.tarea import EstadoTarea, Tarea

COLUMNAS: Final = (
    "id",
    "titulo",
    "descripcion",
    "estado",
    "creada_en",
    "actualizada_en",
    "version",
    "version_comun",
    "pendiente",
    "nodo",
    "eliminada",
)
EPOCA: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for a date that an adopted row lacks, and for one, put there by hand, that cannot be read."""
LISTA: Final = ", ".join(COLUMNAS)


class Formato(ABC):
    """How one product holds the values of a row."""

    @abstractmethod
    def de_id(self, id: UUID) -> Any:
        """An id as a parameter."""

    @abstractmethod
    def de_instante(self, instante: datetime) -> Any:
        """An instant (UTC, milliseconds) as a parameter."""

    @abstractmethod
    def a_instante(self, valor: Any) -> datetime:
        """An instant as it was stored."""

    def a_parametros(self, tarea: Tarea) -> tuple[Any, ...]:
        """The values of a row, in the order of COLUMNAS."""
        return (
            self.de_id(tarea.id),
            tarea.titulo,
            tarea.descripcion,
            str(tarea.estado),
            self.de_instante(tarea.creada_en),
            self.de_instante(tarea.actualizada_en),
            tarea.version,
            tarea.version_comun,
            tarea.pendiente,
            tarea.nodo,
            tarea.eliminada,
        )

    def a_tarea(self, fila: Sequence[Any]) -> Tarea:
        """The tarea in a row whose columns are COLUMNAS.

        A NULL reads as what adoption makes of it: SQLite cannot forbid it in a column that was there before.
        """
        id, titulo, descripcion, estado, creada, actualizada, version, comun, pendiente, nodo, eliminada = (
            fila
        )
        return Tarea(
            id=id if isinstance(id, UUID) else UUID(id),
            titulo=titulo or "",
            descripcion=descripcion or "",
            estado=_estado(estado),
            creada_en=self.a_instante(creada),
            actualizada_en=self.a_instante(actualizada),
            version=version if isinstance(version, int) else 0,
            version_comun=comun if isinstance(comun, int) else 0,
            pendiente=bool(pendiente),
            nodo=nodo or "",
            eliminada=bool(eliminada),
        )


_ESTADOS: Final = {str(estado): estado for estado in EstadoTarea}


def _estado(valor: str | None) -> EstadoTarea:
    if valor is None:
        return EstadoTarea.PENDIENTE
    # An estado that is none of ours (an adopted table) is shown as it is; `validada()` refuses to write it.
    return _ESTADOS.get(valor) or cast(EstadoTarea, valor)


class FormatoPostgres(Formato):
    """psycopg knows UUID and datetime; the session's time zone is UTC."""

    def de_id(self, id: UUID) -> UUID:
        return id

    def de_instante(self, instante: datetime) -> datetime:
        return instante

    def a_instante(self, valor: Any) -> datetime:
        if valor is None:  # where a hand has allowed that
            return EPOCA
        return cast(datetime, valor.replace(tzinfo=UTC))


class FormatoSqlite(Formato):
    """Text: a lower-case id with hyphens, and `YYYY-MM-DD HH:MM:SS.mmm+00:00`, which sorts as time does."""

    def de_id(self, id: UUID) -> str:
        return str(id)

    def de_instante(self, instante: datetime) -> str:
        return instante.astimezone(UTC).isoformat(sep=" ", timespec="milliseconds")

    def a_instante(self, valor: Any) -> datetime:
        return instante_de(valor) or EPOCA


def instante_de(valor: Any) -> datetime | None:
    """The instant that SQLite holds as a text, None for what is none; UTC where it does not say, as SQLite's
    own clock writes it."""
    try:
        instante = datetime.fromisoformat(valor)
        return instante.astimezone(UTC) if instante.tzinfo else instante.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def es_instante(valor: Any) -> bool:
    """Whether a date of SQLite's reads as what it is: nothing at all is what an adopted row lacks."""
    return valor is None or valor == "" or instante_de(valor) is not None
