"""What an operation's two outcomes mean to its caller: an error to raise, a line in the log."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

from core.domain.errors import (
    AlmacenError,
    AlmacenNoDisponible,
    AlmacenSoloLectura,
    ConflictoDeVersion,
    DualTareasError,
    EscrituraIncierta,
    EscrituraRechazada,
    NingunAlmacenDisponible,
    RelojDesajustado,
    ResultadoDesconocido,
)
from core.domain.models.almacen import Desenlace, NombreAlmacen, Pong, ResultadoAlmacen, ResultadoEscritura
from core.relojes import comprobar_relojes

_log = logging.getLogger("adapters.dual")


def desenlace_de(error: AlmacenError) -> Desenlace:
    """How an operation that ended in this error ended."""
    if isinstance(error, AlmacenNoDisponible | AlmacenSoloLectura):
        return Desenlace.NO_DISPONIBLE
    return Desenlace.DESCONOCIDA if isinstance(error, ResultadoDesconocido) else Desenlace.FALLIDA


def error_de(resultado: ResultadoEscritura, *, repetida: bool = False) -> DualTareasError | None:
    """The error that a write with these outcomes ends in; None when some store acknowledged it.

    Args:
        repetida: an earlier attempt at the same write ended without an answer. That none was sent now, or
            that it was refused, says nothing of that one: it may still land.
    """
    if not resultado.en_ninguno:
        return None
    desenlaces = {uno.desenlace for uno in resultado.por_almacen}
    motivos = "; ".join(_motivo(uno) for uno in resultado.por_almacen)
    actuales = [uno.actual for uno in resultado.por_almacen if uno.actual is not None]
    sin_saber = [uno for uno in resultado.por_almacen if uno.desenlace is Desenlace.DESCONOCIDA]
    # A write that one store refused and that was looked for in the other one in vain lost, as far as anybody
    # can tell: should it land there yet, it is met as any concurrent write is.
    if sin_saber and not (actuales and all(uno.releida for uno in sin_saber)):
        return EscrituraIncierta(
            f"No se sabe si se ha guardado: se envió y no llegó la respuesta. {motivos}.", resultado
        )
    if actuales and resultado.tarea is not None:
        return ConflictoDeVersion(max(actuales, key=lambda tarea: tarea.version), resultado.tarea)
    if repetida:
        return EscrituraIncierta(
            "Sigue sin saberse si se ha guardado: esta vez no se ha podido, y el intento anterior se envió y "
            f"aún puede llegar. {motivos}.",
            resultado,
        )
    if desenlaces == {Desenlace.NO_DISPONIBLE}:
        return NingunAlmacenDisponible(
            f"No se ha guardado ni enviado nada: ninguna base de datos está disponible. {motivos}.", resultado
        )
    return EscrituraRechazada(f"No se ha guardado en ninguna base de datos. {motivos}.", resultado)


def rehusar_con_mal_reloj(que: str, pongs: Mapping[NombreAlmacen, Pong | None]) -> None:
    """Raise RelojDesajustado, and say so in the log, if a server's clock forbids writing."""
    try:
        comprobar_relojes(pongs)
    except RelojDesajustado as error:
        _log.error("❌ %s no se ha enviado a ninguna base de datos. %s", que, error)
        raise


def registrar_fin(resultado: ResultadoEscritura) -> None:
    """The closing log line: INFO when both have it, WARNING when one lacks it, ERROR when none has it."""
    operacion, entidad = resultado.operacion, resultado.entidad_id
    if resultado.en_ambos and not any(uno.le_falta_algo for uno in resultado.por_almacen):
        _log.info("✅ %s dual exitoso para %s", operacion, entidad)
        return
    motivos = "; ".join(_motivo(uno) for uno in resultado.por_almacen if uno.error or not uno.confirmada)
    if any(uno.desenlace is Desenlace.APLAZADA for uno in resultado.por_almacen) and not resultado.en_ninguno:
        _log.info("✅ %s de %s guardado. %s", operacion, entidad, motivos)
    elif resultado.en_ambos:
        _log.warning("⚠️ %s de %s guardado, aunque no entero en cada base. %s", operacion, entidad, motivos)
    elif not resultado.en_ninguno:
        (confirmada,) = (uno for uno in resultado.por_almacen if uno.confirmada)
        _log.warning(
            "⚠️ %s de %s guardado SOLO en %s. %s", operacion, entidad, confirmada.almacen.etiqueta, motivos
        )
    elif any(uno.desenlace is Desenlace.CONFLICTO for uno in resultado.por_almacen):
        _log.warning("⚠️ %s de %s no aplicado: otra escritura se adelantó. %s", operacion, entidad, motivos)
    else:
        _log.error("❌ %s de %s no confirmado en ninguna base de datos. %s", operacion, entidad, motivos)


def _motivo(uno: ResultadoAlmacen) -> str:
    error = f" ({uno.error.rstrip('.')})" if uno.error else ""
    return f"{uno.almacen.etiqueta}: {uno.desenlace}{error}"


def con_uno(resultado: ResultadoEscritura, uno: ResultadoAlmacen) -> ResultadoEscritura:
    """The same with another outcome of that store."""
    if uno.almacen is NombreAlmacen.SQL:
        return replace(resultado, sql=uno)
    return replace(resultado, mongo=uno)
