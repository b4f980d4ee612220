"""From the arguments to an exit code: whatever happens ends as a sentence, never as a traceback."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import typer

from adapters.cli.app import app
from adapters.cli.ayuda import ErrorDeUso, frase_de_uso
from adapters.cli.salida import ArgumentoInvalido, Codigo, Interrumpido, avisar
from adapters.logs import archivo_abierto, cerrar_registro
from core.domain.errores_sistema import motivo_del_sistema
from core.domain.errors import ConfiguracionInvalida, DualTareasError

_log = logging.getLogger(__name__)


def main(argumentos: Sequence[str] | None = None) -> int:
    """Run `dual-tareas` with `argumentos` (the process's own when None); the exit code."""
    with _terminable():
        try:
            with _despues_sin_interrupciones(es_el_programa=argumentos is None):
                codigo = app(args=argumentos, prog_name="dual-tareas", standalone_mode=False)
                sys.stdout.flush()
        except BrokenPipeError:  # whoever read our output has seen enough
            codigo = _callar_salida()
        except OSError as error:
            avisar(f"No se pudo terminar: {motivo_del_sistema(error)}.")
            _log.info("El sistema rechazó una operación", exc_info=error)
            codigo = _callar_salida()
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  each becomes a sentence
            codigo = _contar(error)
        finally:
            cerrar_registro()
    return int(codigo or Codigo.HECHO)


def _callar_salida() -> Codigo:
    """Send what is still to be printed nowhere: Python would complain once more when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Codigo.EN_PARTE


@contextmanager
def _despues_sin_interrupciones(*, es_el_programa: bool) -> Iterator[None]:
    """What happened inside is done: Ctrl+C changes nothing of it any more, and would end in a traceback.

    For good, so only where the process is ours: what follows is its end, in which drivers join their threads.
    """
    try:
        yield
    finally:
        if es_el_programa and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _terminable() -> Iterator[None]:
    """Turn a request to end into an exception, so that everything that was opened is closed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    antes = signal.signal(signal.SIGTERM, _terminar)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, antes)


def _terminar(_senal: int, _marco: FrameType | None) -> None:
    raise SystemExit(Codigo.TERMINADO)


def _contar(error: BaseException) -> Codigo:
    """Say what happened; the exit code that it means."""
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        avisar("Interrumpido.")
        return Codigo.INTERRUMPIDO
    if isinstance(error, DualTareasError):
        avisar(f"{error} {error.que_hacer}".rstrip())
        if isinstance(error, Interrumpido):
            return Codigo.INTERRUMPIDO
        mal_pedido = isinstance(error, ArgumentoInvalido | ConfiguracionInvalida)
        return Codigo.MAL_PEDIDO if mal_pedido else Codigo.EN_PARTE
    if isinstance(error, ErrorDeUso):
        avisar(frase_de_uso(error))
        return Codigo.MAL_PEDIDO
    _log.critical("Error interno", exc_info=error)
    ruta = archivo_abierto()
    donde = f" Los detalles están en {ruta}: envíelo a quien mantiene el programa." if ruta else ""
    avisar(f"Error interno del programa ({type(error).__name__}): no es culpa suya.{donde}")
    return Codigo.ERROR_INTERNO
