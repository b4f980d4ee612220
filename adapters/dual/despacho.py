"""Ping both, send to those that answer, wait for both, say what each one did.

The one place where ping, dispatch and logging of writes live; it knows nothing of tareas' content.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from adapters.dual.carriles import Carriles
from adapters.dual.desenlace import desenlace_de, rehusar_con_mal_reloj
from adapters.dual.primera_pareja import PrimeraPareja
from adapters.health.pinger import Pinger
from adapters.health.registro import RegistroSalud
from adapters.vuelo import SinEmpezar, SinRespuesta, Vuelo
from core.domain.errors import (
    AlmacenError,
    AlmacenNoDisponible,
    ConflictoDeVersion,
    ResultadoDesconocido,
)
from core.domain.models.almacen import Desenlace, NombreAlmacen, Pong, ResultadoAlmacen, ResultadoEscritura
from core.domain.models.tarea import Tarea
from core.health import Fallo, OperacionRespondida

_log = logging.getLogger("adapters.dual")

GRACIA_S = 0.5
"""What an operation may take beyond its deadline to come back from the driver, seconds."""
COLA_S = 10.0
"""Longest queueing on a lane, seconds; a call withdrawn after that was certainly not sent."""

_MOTOR = {NombreAlmacen.SQL: "Peewee", NombreAlmacen.MONGO: "Mongo"}
_CORTO = {NombreAlmacen.SQL: "SQL", NombreAlmacen.MONGO: "Mongo"}

_CONTESTADAS = (Desenlace.CONFIRMADA, Desenlace.CONFLICTO)
"""The store has said what it holds: nothing more is to be tried elsewhere."""

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
        pareja: PrimeraPareja,
        principal: NombreAlmacen,
    ) -> None:
        self._pareja = pareja
        self._principal = principal
        self._carriles = carriles
        self._pingers = pingers
        self._registro = registro
        self._timeout_s = timeout_s
        # Held while both halves of one write are queued: on lanes of one worker, two writers then meet in
        # the same order in both stores. Queueing never blocks, so nobody waits here for a database.
        self._orden = threading.Lock()

    def despachar(
        self,
        *,
        operacion: str,
        funciones: Mapping[NombreAlmacen, Operacion],
        entidad_id: object,
        tarea: Tarea | None = None,
    ) -> ResultadoEscritura:
        """What each store said; raises nothing for what a store did wrong.

        Raises RelojDesajustado, before anything is sent, where a server's clock does not go with ours.
        """
        que = f"{operacion} de {entidad_id}"
        resultados = self._ping_previo(que)
        if not resultados:
            self._pareja.mirar()
        aplazada = None if resultados else self._aplazada()
        vivos = [nombre for nombre in NombreAlmacen if nombre not in resultados and nombre is not aplazada]
        if aplazada is None:
            _anunciar(que, vivos, resultados)
        else:
            _log.info(
                "⏳ %s se está poniendo al día. %s irá a %s.", aplazada.etiqueta, que, vivos[0].etiqueta
            )
            resultados[aplazada] = ResultadoAlmacen(
                almacen=aplazada,
                desenlace=Desenlace.APLAZADA,
                error=f"{aplazada.etiqueta} se está poniendo al día",
            )
        resultados |= self._escribir_en(vivos, funciones)
        if aplazada is not None and resultados[aplazada.otro].desenlace not in _CONTESTADAS:
            # Availability first: the store that is behind is the only one left, and compare-and-set lets
            # nothing in that it should not have.
            resultados |= self._escribir_en([aplazada], funciones)
        return ResultadoEscritura(
            operacion=operacion,
            entidad_id=str(entidad_id),
            sql=resultados[NombreAlmacen.SQL],
            mongo=resultados[NombreAlmacen.MONGO],
            tarea=tarea,
        )

    def _aplazada(self) -> NombreAlmacen | None:
        """The store that is to get this write from replication, after those that it lacks. With both of them
        behind there is none: each would have to wait for the other.

        But one that has to be filled gets none, whatever the other one lacks: it may not even be its pair,
        and what both took would be confirmed. Where that is so of both, the principal gets it alone.
        """
        por_rellenar = [nombre for nombre in NombreAlmacen if self._registro.por_rellenar(nombre)]
        if por_rellenar:
            return por_rellenar[0] if len(por_rellenar) == 1 else self._principal.otro
        atrasadas = [nombre for nombre in NombreAlmacen if self._registro.aplaza(nombre)]
        return atrasadas[0] if len(atrasadas) == 1 else None

    def _escribir_en(
        self, nombres: Sequence[NombreAlmacen], funciones: Mapping[NombreAlmacen, Operacion]
    ) -> dict[NombreAlmacen, ResultadoAlmacen]:
        vuelos = self._enviar({nombre: funciones[nombre] for nombre in nombres})
        resultados = {nombre: self._recoger(nombre, vuelo) for nombre, vuelo in vuelos.items()}
        for nombre, resultado in resultados.items():
            if resultado.confirmada:
                _log.debug(
                    "✓ Operación %s%s completada", _MOTOR[nombre], "" if len(nombres) == 2 else " (solo)"
                )
        return resultados

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
        pongs: dict[NombreAlmacen, Pong] = {}
        for nombre, vuelo in vuelos.items():
            try:
                pong = pongs[nombre] = self._pingers[nombre].esperar(vuelo)
            except AlmacenError as error:
                ausentes[nombre] = _no_disponible(nombre, str(error))
            else:
                if pong.solo_lectura:
                    ausentes[nombre] = _no_disponible(nombre, f"{nombre.etiqueta} solo admite lecturas")
        for nombre, ausente in ausentes.items():
            _log.warning("🔴 %s no disponible: %s", _CORTO[nombre], ausente.error)
        rehusar_con_mal_reloj(que, pongs)
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
