"""The health of a store as a pure state machine: `observar(state, what was seen, now) -> state`.

No clock, no thread, no ping in here: those are the monitor's (`adapters.health`). Times are seconds of a
monotonic clock, except `desde_ms`, which people read.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from core.domain.models.almacen import NombreAlmacen, Pong

HISTORIAL_MAX = 60
"""Pings kept for the plot."""


class EstadoSalud(StrEnum):
    """What is known of a store. SOLO_LECTURA answers reads; PONIENDOSE_AL_DIA is behind the other."""

    DESCONOCIDA = "DESCONOCIDA"
    OK = "OK"
    LENTA = "LENTA"
    CAIDA = "CAIDA"
    PONIENDOSE_AL_DIA = "PONIENDOSE_AL_DIA"
    SOLO_LECTURA = "SOLO_LECTURA"


RESPONDEN = frozenset({EstadoSalud.OK, EstadoSalud.LENTA, EstadoSalud.PONIENDOSE_AL_DIA})
"""The states of a store that answers and takes rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoliticaSalud:
    """When a state changes.

    Attributes:
        fallos_para_caida: failures in a row until CAIDA; a ping that ran into its deadline counts as all.
        exitos_para_volver: answers in a row until a CAIDA store counts as answering.
        lenta_ms: an answer slower than this is slow.
        cambios_de_ritmo: slow (fast) answers in a row until LENTA (OK).
        intervalo_s: between pings of a store that is well, seconds.
        intervalo_caida_s: between pings of a store that is down, seconds.
        reintento_s: until the next ping while a change of state is being decided, seconds.
        caducidad_s: a state older than this is DESCONOCIDA, seconds.
    """

    fallos_para_caida: int = 2
    exitos_para_volver: int = 2
    lenta_ms: float = 250.0
    cambios_de_ritmo: int = 3
    intervalo_s: float = 1.0
    intervalo_caida_s: float = 1.0
    reintento_s: float = 0.2
    caducidad_s: float = 10.0


@dataclass(frozen=True, slots=True)
class PingRespondido:
    """The store answered a ping."""

    pong: Pong


@dataclass(frozen=True, slots=True)
class OperacionRespondida:
    """The store answered a read or a write: it lives, though that says nothing of its latency."""


@dataclass(frozen=True, slots=True)
class Fallo:
    """The store did not answer.

    Attributes:
        error: one sentence for people.
        agotado: a deadline ran out, which is as good as several refusals.
        desde_s: monotonic time of the question, where an answer to anything since then says more of the
            store than this deadline does (a slow search is not a store that is down); None where none does.
    """

    error: str
    agotado: bool = False
    desde_s: float | None = None


@dataclass(frozen=True, slots=True)
class PingFallido(Fallo):
    """The store did not answer a ping."""


Observacion = PingRespondido | OperacionRespondida | Fallo


@dataclass(frozen=True, slots=True, kw_only=True)
class SaludAlmacen:
    """All that is known of one store at one instant; immutable.

    Attributes:
        almacen: which.
        estado: as last decided by what it answered, never PONIENDOSE_AL_DIA; ask `vigente(ahora)` for what
            may be shown.
        desde_s: monotonic time of the last change of state.
        visto_s: monotonic time of the last observation; -inf before the first.
        respondio_s: monotonic time of the last answer; -inf before the first.
        fallos_seguidos: failures since the last answer.
        exitos_seguidos: answers since the last failure.
        ritmo: slow (positive) or fast (negative) answers in a row.
        pong: the last answer to a ping.
        ultimo_error: the last failure; kept after recovery.
        error_s: monotonic time of that failure; -inf where there was none.
        historial: latency of the last pings in ms, None for a failed one; oldest first.
        proximo_s: monotonic time of the next ping.
        atrasada: it may lack what the other store has, whether it answers or not.
    """

    almacen: NombreAlmacen
    estado: EstadoSalud = EstadoSalud.DESCONOCIDA
    desde_s: float = 0.0
    visto_s: float = -math.inf
    respondio_s: float = -math.inf
    fallos_seguidos: int = 0
    exitos_seguidos: int = 0
    ritmo: int = 0
    pong: Pong | None = None
    ultimo_error: str = ""
    error_s: float = -math.inf
    historial: tuple[float | None, ...] = field(default=())
    proximo_s: float = 0.0
    atrasada: bool = False

    def vigente(self, ahora_s: float, politica: PoliticaSalud) -> EstadoSalud:
        """The state, PONIENDOSE_AL_DIA for one that answers and is behind; DESCONOCIDA when it is too old to
        be believed."""
        if self.caduca(ahora_s, politica):
            return EstadoSalud.DESCONOCIDA
        return EstadoSalud.PONIENDOSE_AL_DIA if self._se_pone_al_dia() else self.estado

    def caduca(self, ahora_s: float, politica: PoliticaSalud) -> bool:
        """Whether nothing was heard of it for too long."""
        return ahora_s - self.visto_s > politica.caducidad_s

    def con_atraso(self, atrasada: bool, ahora_s: float) -> SaludAlmacen:
        """The same, behind or no longer; a change of what is shown dates from now."""
        nueva = replace(self, atrasada=atrasada)
        cambia = nueva._se_pone_al_dia() is not self._se_pone_al_dia()
        return replace(nueva, desde_s=ahora_s) if cambia else nueva

    def _se_pone_al_dia(self) -> bool:
        return self.atrasada and self.estado in RESPONDEN

    @property
    def latencia_ms(self) -> float | None:
        """Latency of the last ping, None if it failed or there was none."""
        return self.historial[-1] if self.historial else None

    @property
    def p95_ms(self) -> float | None:
        """95th percentile of the latencies in the history, None without any."""
        return percentil([valor for valor in self.historial if valor is not None], 95)


def percentil(valores: Sequence[float], q: float) -> float | None:
    """The q-th percentile by the nearest-rank method; None of nothing."""
    if not valores:
        return None
    ordenados = sorted(valores)
    return ordenados[max(0, math.ceil(q / 100 * len(ordenados)) - 1)]


def observar(
    salud: SaludAlmacen, observacion: Observacion, ahora_s: float, politica: PoliticaSalud
) -> SaludAlmacen:
    """The next snapshot of `salud` after `observacion` at `ahora_s`."""
    if isinstance(observacion, Fallo):
        if (
            observacion.agotado
            and observacion.desde_s is not None
            and observacion.desde_s < salud.respondio_s
        ):
            return salud
        nueva = _tras_fallo(salud, observacion, ahora_s, politica)
    else:
        nueva = replace(_tras_respuesta(salud, observacion, politica), respondio_s=ahora_s)
    desde = salud.desde_s if nueva.estado is salud.estado else ahora_s
    return replace(nueva, desde_s=desde, visto_s=ahora_s, proximo_s=ahora_s + _espera(nueva, politica))


def _tras_fallo(salud: SaludAlmacen, fallo: Fallo, ahora_s: float, politica: PoliticaSalud) -> SaludAlmacen:
    fallos = salud.fallos_seguidos + 1
    caida = fallo.agotado or fallos >= politica.fallos_para_caida
    # Not yet enough to call it down; but a state that had gone stale must not look fresh again.
    viejo = EstadoSalud.DESCONOCIDA if salud.caduca(ahora_s, politica) else salud.estado
    estado = EstadoSalud.CAIDA if caida else viejo
    return replace(
        salud,
        estado=estado,
        fallos_seguidos=fallos,
        exitos_seguidos=0,
        ritmo=0,
        ultimo_error=fallo.error,
        error_s=ahora_s,
        historial=_con(salud.historial, None) if isinstance(fallo, PingFallido) else salud.historial,
    )


def _tras_respuesta(
    salud: SaludAlmacen,
    observacion: PingRespondido | OperacionRespondida,
    politica: PoliticaSalud,
) -> SaludAlmacen:
    exitos = salud.exitos_seguidos + 1
    vuelve = salud.estado is EstadoSalud.CAIDA and exitos < politica.exitos_para_volver
    salud = replace(salud, exitos_seguidos=exitos, fallos_seguidos=0)
    if isinstance(observacion, OperacionRespondida):
        if salud.estado is EstadoSalud.DESCONOCIDA:
            return replace(salud, estado=EstadoSalud.OK)
        return (
            salud
            if salud.estado is not EstadoSalud.CAIDA or vuelve
            else replace(salud, estado=EstadoSalud.OK)
        )
    pong = observacion.pong
    lenta = pong.latencia_ms > politica.lenta_ms
    ritmo = (max(salud.ritmo, 0) + 1) if lenta else (min(salud.ritmo, 0) - 1)
    historial = _con(salud.historial, pong.latencia_ms)
    salud = replace(salud, pong=pong, ritmo=ritmo, historial=historial)
    if vuelve:
        return salud
    if pong.solo_lectura:
        return replace(salud, estado=EstadoSalud.SOLO_LECTURA)
    if salud.estado is EstadoSalud.LENTA and ritmo > -politica.cambios_de_ritmo:
        return salud
    if lenta and (ritmo >= politica.cambios_de_ritmo):
        return replace(salud, estado=EstadoSalud.LENTA)
    return replace(salud, estado=EstadoSalud.OK)


def _con(historial: tuple[float | None, ...], latencia_ms: float | None) -> tuple[float | None, ...]:
    return (*historial, latencia_ms)[-HISTORIAL_MAX:]


def _espera(salud: SaludAlmacen, politica: PoliticaSalud) -> float:
    """Seconds until the next ping."""
    if salud.estado is EstadoSalud.CAIDA:
        return politica.reintento_s if salud.exitos_seguidos else politica.intervalo_caida_s
    return politica.reintento_s if salud.fallos_seguidos else politica.intervalo_s
