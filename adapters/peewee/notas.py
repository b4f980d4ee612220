"""Short texts by key, in the table `dual_tareas_meta`: they belong to the database and go where it goes."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.peewee.errores import Fase
from adapters.peewee.motor import Motor
from adapters.peewee.postgres import MotorPostgres


class NotasSql:
    """The notes of one database, over the connections and deadlines of its engine."""

    def __init__(self, motor: Motor) -> None:
        self._motor = motor
        self._marca = "%s" if isinstance(motor, MotorPostgres) else "?"

    def leer(self, claves: Sequence[str]) -> dict[str, str]:
        """Those of them that are there."""
        marcas = ", ".join([self._marca] * len(claves))
        leer = f"SELECT clave, valor FROM dual_tareas_meta WHERE clave IN ({marcas})"  # noqa: S608  marks
        filas = self._motor.ejecutar(lambda conexion: conexion.filas(leer, list(claves)))
        return {str(clave): str(valor) for clave, valor in filas}

    def poner(self, clave: str, valor: str) -> None:
        """In the place of what was noted before."""
        self._poner(clave, valor, "DO UPDATE SET valor = excluded.valor")

    def poner_si_falta(self, clave: str, valor: str) -> None:
        """Unless something is noted there: of several programs the first one's stays."""
        self._poner(clave, valor, "DO NOTHING")

    def _poner(self, clave: str, valor: str, si_hay: str) -> None:
        poner = (
            f"INSERT INTO dual_tareas_meta (clave, valor) VALUES ({self._marca}, {self._marca})"  # noqa: S608
            f" ON CONFLICT (clave) {si_hay}"
        )
        self._motor.ejecutar(lambda conexion: conexion.cambiar(poner, (clave, valor)), fase=Fase.ESCRIBIR)
