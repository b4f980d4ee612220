"""The ping: one `hello`, which tells the role, the clock and the time it took."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from pymongo.database import Database
from pymongo.read_preferences import ReadPreference

from adapters.mongo.conexion import Conexion
from adapters.mongo.documento import Documento
from core.domain.errors import AlmacenNoDisponible
from core.domain.models.almacen import Pong
from core.relojes import medir_desfase_ms

_SIN_SERVIDOR_S = 0.45
"""Wait of a ping when the last look at every server failed, seconds: the driver makes of it one more look."""


class Saludo:
    """Pings one deployment and remembers the product's version for as long as its process lives."""

    def __init__(self, conexion: Conexion) -> None:
        self._conexion = conexion
        self._version: tuple[object, str] = (None, "")  # (server process, text); swapped whole

    def ping(self, timeout_s: float) -> Pong:
        """See `Almacen.ping`.

        Asked again once: an idle connection that was cut says nothing of the server, and when the server is
        gone the second time is refused at once.
        """
        inicio_s = time.monotonic()
        try:
            return self._ping(timeout_s)
        except AlmacenNoDisponible:
            queda_s = timeout_s - (time.monotonic() - inicio_s)
            if queda_s < timeout_s * 0.9:
                raise
            return self._ping(queda_s)

    def _ping(self, plazo_s: float) -> Pong:
        return self._conexion.ejecutar(self._saludar, plazo_s=plazo_s, sin_servidor_s=_SIN_SERVIDOR_S)

    def _saludar(self, base: Database[Documento]) -> Pong:
        admin = base.client.get_database("admin")
        inicio_s, antes_s = time.perf_counter(), time.time()
        hola = _preguntar(admin, "hello")
        latencia_s, despues_s = time.perf_counter() - inicio_s, time.time()
        return Pong(
            latencia_ms=latencia_s * 1000,
            version_servidor=self._version_de(admin, hola),
            rol=_rol(hola),
            solo_lectura=not hola.get("isWritablePrimary", False),
            desfase_ms=_desfase_ms(hola.get("localTime"), antes_s, despues_s, latencia_s),
        )

    def _version_de(self, admin: Database[Documento], hola: dict[str, Any]) -> str:
        proceso = (hola.get("topologyVersion") or {}).get("processId")
        if self._version[0] != proceso or not self._version[1]:
            version = _preguntar(admin, "buildInfo").get("version", "")
            self._version = (proceso, f"MongoDB {version}".strip())
        return self._version[1]


def _preguntar(admin: Database[Documento], orden: str) -> dict[str, Any]:
    # A secondary's answer is better than none. A command does not take the preference of its database.
    return admin.command(orden, read_preference=ReadPreference.PRIMARY_PREFERRED)


def _rol(hola: dict[str, Any]) -> str:
    if hola.get("msg") == "isdbgrid":
        return "enrutador de un clúster"
    conjunto = hola.get("setName")
    if conjunto is None:
        return "servidor independiente"
    papel = (
        "primario" if hola.get("isWritablePrimary") else "réplica" if hola.get("secondary") else "en espera"
    )
    return f"{papel} de {conjunto}"


def _desfase_ms(hora: object, antes_s: float, despues_s: float, latencia_s: float) -> float | None:
    if not isinstance(hora, datetime):
        return None
    return medir_desfase_ms(
        hora.timestamp() * 1000,
        antes_ms=antes_s * 1000,
        despues_ms=despues_s * 1000,
        latencia_ms=latencia_s * 1000,
    )
