"""The numbers of the writers, in SQL: who took which."""

from __future__ import annotations

from typing import Final

from adapters.peewee.errores import Fase
from adapters.peewee.motor import Conexion
from adapters.peewee.postgres import MotorPostgres
from adapters.peewee.repositorio import PeeweeTareaRepository
from core.domain.models.almacen import NombreAlmacen

_RECLAMAR: Final = (
    "INSERT INTO nodos (nodo, instalacion, visto_en_ms) VALUES ({0}, {0}, {0}) ON CONFLICT (nodo)"
    " DO UPDATE SET visto_en_ms = excluded.visto_en_ms WHERE nodos.instalacion = excluded.instalacion"
)
_DE_QUIEN: Final = "SELECT instalacion FROM nodos WHERE nodo = {0}"


class NodosSql:
    """The register of a PeeweeTareaRepository's database."""

    nombre = NombreAlmacen.SQL

    def __init__(self, repositorio: PeeweeTareaRepository) -> None:
        self._repositorio, self._motor = repositorio, repositorio._motor
        marca = "%s" if isinstance(self._motor, MotorPostgres) else "?"
        self._reclamar, self._de_quien = _RECLAMAR.format(marca), _DE_QUIEN.format(marca)

    def reclamar(self, nodo: int, instalacion: str, *, ahora_ms: int) -> str:
        """See `RegistroDeNodos.reclamar`; makes the tables, if nobody has, in a time of their own.

        Here, at the first contact and in nobody's way. An operator's own first write makes them as well, but
        within its deadline, and over a slow network that would not be enough at any try.
        """

        def pedir(conexion: Conexion) -> str:
            conexion.cambiar(self._reclamar, (nodo, instalacion, ahora_ms))
            fila = conexion.fila(self._de_quien, (nodo,))
            return str(fila[0]) if fila else instalacion

        if not self._motor.preparado:
            self._repositorio.preparar()
        return self._motor.ejecutar(pedir, fase=Fase.ESCRIBIR)
