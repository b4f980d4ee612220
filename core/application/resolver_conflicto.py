"""Decide about a value that lost: keep what is there, restore the loser, or take some fields of each."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.conflictos import Campo, dicen_lo_mismo
from core.domain.errors import (
    ConflictoDeVersion,
    ConflictoNoEncontrado,
    ConflictoSinAnotar,
    DualTareasError,
)
from core.domain.models.conflicto import ConflictoVisto, Resolucion
from core.domain.models.tarea import Tarea, ahora_utc
from core.domain.ports.conflicto_repository import ConflictoRepository
from core.domain.ports.tarea_repository import TareaRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolverConflictoCommand:
    """What was decided, and on what.

    Attributes:
        visto: the conflict as the operator saw it: a change since then is not overwritten.
        resolucion: what to do.
        de_la_perdedora: the fields to take from the loser, where some of each are wanted.
    """

    visto: ConflictoVisto
    resolucion: Resolucion
    de_la_perdedora: frozenset[Campo] = frozenset()


class ResolverConflictoUseCase:
    """Writes what was decided over what is there, like any edit, keeps what that replaced, notes it decided.

    In that order: a crash in between leaves an open conflict whose two values are equal, never a
    decision that was noted and not carried out. And what the write did not replace is not kept as replaced:
    should it lose to somebody else, it has to come up as a conflict of its own.
    """

    def __init__(self, conflictos: ConflictoRepository, repositorio: TareaRepository) -> None:
        self._conflictos = conflictos
        self._repositorio = repositorio

    def execute(self, command: ResolverConflictoCommand) -> Tarea | None:
        """The tarea as it is then; None where there is none any more.

        Raises ConflictoDeVersion if it has changed since it was seen (the conflict stays open), what
        `TareaRepository.save` raises, ConflictoNoEncontrado, ConflictoSinAnotar.
        """
        visto = command.visto
        deseada = _deseada(command)
        escribe = deseada is not None and not dicen_lo_mismo(deseada, visto.actual)
        if deseada is not None and escribe:
            final: Tarea | None = self._escribir(deseada, visto.actual)
        else:
            final = self._sin_cambios(visto)
        try:
            if escribe and visto.actual is not None and final is not None:
                self._conflictos.conservar(visto.actual, final.version)
            self._conflictos.resolver(visto.guardado.clave, command.resolucion)
        except DualTareasError as error:
            if not escribe:
                raise
            raise ConflictoSinAnotar(str(error)) from error
        return final

    def anotar(self, perdedora: Tarea, resolucion: Resolucion) -> bool:
        """Note a decision that was carried out already, by whoever met the conflict; False if none was kept.

        Raises AlmacenError, LecturaImposible.
        """
        try:
            self._conflictos.resolver((perdedora.id, perdedora.version), resolucion)
        except ConflictoNoEncontrado:
            return False
        return True

    def reabrir(self, visto: ConflictoVisto) -> None:
        """Take back a decision that wrote nothing. Raises as `ConflictoRepository.reabrir`."""
        self._conflictos.reabrir(visto.guardado.clave)

    def deshacer(self, antes: Tarea | None, ahora: Tarea) -> Tarea:
        """Write what a resolution replaced over what it wrote. Raises as `execute`."""
        deseada = antes if antes is not None else replace(ahora, eliminada=True)
        return self._escribir(deseada, ahora)

    def _sin_cambios(self, visto: ConflictoVisto) -> Tarea | None:
        """What is there, if it still is what the operator saw."""
        ahora = self._repositorio.leer_lote([visto.perdedora.id]).get(visto.perdedora.id)
        if ahora is not None and ahora.version != (visto.actual.version if visto.actual else 0):
            raise ConflictoDeVersion(ahora, visto.actual or visto.perdedora)
        return ahora

    def _escribir(self, deseada: Tarea, actual: Tarea | None) -> Tarea:
        try:
            if deseada.eliminada:
                return self._repositorio.eliminar(deseada.id, base=actual)
            return self._repositorio.save(_sobre(actual, deseada))
        except ConflictoDeVersion as error:
            # Our own write whose answer was lost, or somebody else who decided the same.
            if not dicen_lo_mismo(deseada, error.actual):
                raise
            return error.actual


def _deseada(command: ResolverConflictoCommand) -> Tarea | None:
    """What the tarea is to say; None: what it says now."""
    perdedora, actual = command.visto.perdedora, command.visto.actual
    if command.resolucion is Resolucion.GANADORA:
        return None
    if command.resolucion is Resolucion.PERDEDORA or actual is None:
        return perdedora
    tomados = {campo.value: getattr(perdedora, campo) for campo in command.de_la_perdedora}
    return replace(actual, eliminada=False, **tomados)


def _sobre(actual: Tarea | None, deseada: Tarea) -> Tarea:
    """An edit of `actual` that says what `deseada` does; a new tarea where there is none."""
    if actual is None:
        return replace(deseada, version=0, version_comun=0, pendiente=False, actualizada_en=ahora_utc())
    return replace(
        actual,
        titulo=deseada.titulo,
        descripcion=deseada.descripcion,
        estado=deseada.estado,
        eliminada=False,
        actualizada_en=ahora_utc(),
    )
