"""Ping both, send to those that answer, wait for both, say what each one did.

The one place where ping, dispatch and logging of writes live; it knows nothing of tareas' content.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from adapters.dual.carriles import Carriles
from adapters.dual.desenlace import desenlace_de
from adapters.health.pinger import Pinger
from adapters.health.registro import RegistroSalud
from adapters.vuelo import SinEmpezar, SinRespuesta, Vuelo
from core.domain.errors import (
    AlmacenError,
    AlmacenNoDisponible,
    ConflictoDeVersion,
    ResultadoDesconocido,
)
from core.domain.models.almacen import Desenlace, NombreAlmacen, ResultadoAlmacen, ResultadoEscritura
from core.domain.models.tarea import Tarea
from core.health import Fallo, OperacionRespondida

_log = logging.getLogger("adapters.dual")

GRACIA_S = 0.5
"""What an operation may take beyond its deadline to come back from the driver, seconds."""
COLA_S = 10.0
"""Longest queueing on a lane, seconds; a call withdrawn after that was certainly not sent."""

_MOTOR = {NombreAlmacen.SQL: "Peewee", NombreAlmacen.MONGO: "Mongo"}
_CORTO = {NombreAlmacen.SQL: "SQL", NombreAlmacen.MONGO: "Mongo"}

Operacion = Callable[[], Any]


class Despachador:
    """Runs one operation in the stores that are up, in parallel, each on its own lane."""

    def __init__(
        self,
        *,
        carriles: Carriles,
        pingers: Mapping[NombreAlmacen, Pinger],
        registro: RegistroSalud,
        timeout_s: float,
    ) -> None:
        self._carriles = carriles
        self._pingers = pingers
        self._registro = registro
        self._timeout_s = timeout_s
        # Held while both halves of one write are queued: two writers then meet in the same order in
        # both stores. Queueing never blocks, so nobody waits here for a database.
        self._orden = threading.Lock()

    def despachar(
        self,
        *,
        operacion: str,
        funciones: Mapping[NombreAlmacen, Operacion],
        entidad_id: object,
        tarea: Tarea | None = None,
    ) -> ResultadoEscritura:
        """What each store said; raises nothing for what a store did wrong."""
        que = f"{operacion} de {entidad_id}"
        ausentes = self._ping_previo(que)
        vivos = [nombre for nombre in NombreAlmacen if nombre not in ausentes]
        _anunciar(que, vivos, ausentes)
        vuelos = self._enviar({nombre: funciones[nombre] for nombre in vivos})
        resultados = ausentes | {nombre: self._recoger(nombre, vuelo) for nombre, vuelo in vuelos.items()}
        for nombre in vivos:
            if resultados[nombre].confirmada:
                _log.debug(
                    "✓ Operación %s%s completada", _MOTOR[nombre], "" if len(vivos) == 2 else " (solo)"
                )
        return ResultadoEscritura(
            operacion=operacion,
            entidad_id=str(entidad_id),
            sql=resultados[NombreAlmacen.SQL],
            mongo=resultados[NombreAlmacen.MONGO],
            tarea=tarea,
        )

    def _ping_previo(self, que: str) -> dict[NombreAlmacen, ResultadoAlmacen]:
        """The stores that must not be written to, each with the reason."""
        _log.info("🏓 Ping previo a BDD para %s...", que)
        ausentes: dict[NombreAlmacen, ResultadoAlmacen] = {}
        vuelos = {}
        for nombre, pinger in self._pingers.items():
            if self._registro.conocida_caida(nombre):
                error = self._registro.instantanea(nombre).ultimo_error
                ausentes[nombre] = _no_disponible(nombre, error)
            else:
                vuelos[nombre] = pinger.pedir()
        for nombre, vuelo in vuelos.items():
            try:
                pong = self._pingers[nombre].esperar(vuelo)
            except AlmacenError as error:
                ausentes[nombre] = _no_disponible(nombre, str(error))
            else:
                if pong.solo_lectura:
                    ausentes[nombre] = _no_disponible(nombre, "solo admite lecturas")
        for nombre, ausente in ausentes.items():
            _log.warning("🔴 %s no disponible: %s", _CORTO[nombre], ausente.error)
        return ausentes

    def _enviar(self, funciones: Mapping[NombreAlmacen, Operacion]) -> dict[NombreAlmacen, Vuelo[Any]]:
        with self._orden:
            return {
                nombre: Vuelo(self._carriles.operacion[nombre], partial(self._si_sigue_viva, nombre, funcion))
                for nombre, funcion in funciones.items()
            }

    def _si_sigue_viva(self, nombre: NombreAlmacen, funcion: Operacion) -> Any:
        # The write before this one may have found the store hanging. Those queued behind it must not
        # each pay the same deadline again: they have sent nothing yet, and can say so.
        if self._registro.conocida_caida(nombre):
            raise _YaCaida(nombre, self._registro.instantanea(nombre).ultimo_error)
        return funcion()

    def _recoger(self, nombre: NombreAlmacen, vuelo: Vuelo[Any]) -> ResultadoAlmacen:
        try:
            valor = vuelo.esperar(self._timeout_s + GRACIA_S, cola_s=COLA_S)
        except SinEmpezar:
            return _no_disponible(nombre, "la escritura no llegó a enviarse: la cola estaba ocupada")
        except SinRespuesta:
            error = ResultadoDesconocido(nombre, f"no respondió en {self._timeout_s:g} s")
            return self._fallida(nombre, error, vuelo)
        except ConflictoDeVersion as error:
            self._registro.observar(nombre, OperacionRespondida())
            return ResultadoAlmacen(
                almacen=nombre,
                desenlace=Desenlace.CONFLICTO,
                error=str(error),
                actual=error.actual,
                duracion_ms=vuelo.duracion_ms,
            )
        except AlmacenError as error:
            return self._fallida(nombre, error, vuelo)
        except Exception as error:  # noqa: BLE001
            # A bug in one store's code must not hide that the other one acknowledged the write.
            _log.exception("Error interno al escribir en %s", nombre.etiqueta)
            return self._fallida(
                nombre, ResultadoDesconocido(nombre, f"error interno: {type(error).__name__}"), vuelo
            )
        self._registro.observar(nombre, OperacionRespondida())
        return ResultadoAlmacen(
            almacen=nombre, desenlace=Desenlace.CONFIRMADA, valor=valor, duracion_ms=vuelo.duracion_ms
        )

    def _fallida(self, nombre: NombreAlmacen, error: AlmacenError, vuelo: Vuelo[Any]) -> ResultadoAlmacen:
        desenlace = desenlace_de(error)
        if isinstance(error, AlmacenNoDisponible | ResultadoDesconocido) and not isinstance(error, _YaCaida):
            agotado = vuelo.duracion_ms >= self._timeout_s * 900
            self._registro.observar(nombre, Fallo(str(error), agotado=agotado))
        _log.warning("🔴 %s: operación %s: %s", _CORTO[nombre], desenlace, error)
        return ResultadoAlmacen(
            almacen=nombre, desenlace=desenlace, error=str(error), duracion_ms=vuelo.duracion_ms
        )


class _YaCaida(AlmacenNoDisponible):
    """Known to be down when its turn came: nothing was sent, and nothing new was learned of the store."""


def _no_disponible(nombre: NombreAlmacen, error: str) -> ResultadoAlmacen:
    return ResultadoAlmacen(almacen=nombre, desenlace=Desenlace.NO_DISPONIBLE, error=error)


def _anunciar(
    que: str, vivos: list[NombreAlmacen], ausentes: Mapping[NombreAlmacen, ResultadoAlmacen]
) -> None:
    if len(vivos) == 2:
        _log.info("🔄 %s", que.replace(" de ", " dual iniciado para ", 1))
    elif vivos:
        (ausente,) = ausentes
        _log.warning(
            "⚠️ %s no disponible. %s se guardará SOLO en %s.", ausente.etiqueta, que, vivos[0].etiqueta
        )
    else:
        _log.error("❌ Ninguna base de datos disponible: %s no se ha enviado a ninguna.", que)
