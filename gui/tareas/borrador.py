"""The text being edited, and saving it exactly once. No Qt in here.

`Borrador` is a value; `Escritor` lives as long as one tarea is in the form and remembers a write whose
answer never came, so that trying again repeats that write instead of competing with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID, uuid4

from core.application.actualizar_tarea import ActualizarTareaCommand
from core.application.crear_tarea import CrearTareaCommand
from core.application.restaurar_tarea import RestaurarTareaCommand
from core.domain.errors import ConflictoDeVersion, EscrituraIncierta, TareaInvalida
from core.domain.models.tarea import EstadoTarea, Tarea, ahora_utc
from gui.tareas.casos import CasosDeTareas


@dataclass(frozen=True, slots=True, kw_only=True)
class Borrador:
    """What the form holds.

    Attributes:
        base: the value the edit started from; None for a new tarea.
        id: of `base`, or chosen when the new tarea was begun and kept through every retry.
    """

    base: Tarea | None = None
    id: UUID = field(default_factory=uuid4)
    titulo: str = ""
    descripcion: str = ""
    estado: EstadoTarea = EstadoTarea.PENDIENTE

    @classmethod
    def de(cls, tarea: Tarea) -> Borrador:
        """An edit of that tarea, with nothing changed yet."""
        return cls(
            base=tarea,
            id=tarea.id,
            titulo=tarea.titulo,
            descripcion=tarea.descripcion,
            estado=tarea.estado,
        )

    @property
    def sucio(self) -> bool:
        """Whether something would be lost by dropping it."""
        limpio = Borrador(id=self.id) if self.base is None else Borrador.de(self.base)
        return not self.mismo_texto(limpio)

    def mismo_texto(self, otro: Borrador) -> bool:
        """Whether both say the same, whatever they started from."""
        return (self.titulo, self.descripcion, self.estado) == (otro.titulo, otro.descripcion, otro.estado)

    def errores(self) -> Mapping[str, str]:
        """For each field that no store would take, the reason; the domain's own rules."""
        pruebas = (
            Tarea(titulo=self.titulo),
            Tarea(titulo="-", descripcion=self.descripcion),
            Tarea(titulo="-", estado=self.estado),
        )
        fallos = [fallo for prueba in pruebas if (fallo := _fallo(prueba)) is not None]
        return {fallo.campo: fallo.motivo for fallo in fallos}


def _fallo(tarea: Tarea) -> TareaInvalida | None:
    try:
        tarea.validada()
    except TareaInvalida as error:
        return error
    return None


@dataclass(frozen=True, slots=True)
class _Intento:
    """One write: its content, the instant it carries, and the row that was sent if that is to be repeated."""

    borrador: Borrador
    momento: datetime
    fila: Tarea | None = None

    @property
    def version(self) -> int | None:
        """Of the row that was sent."""
        return self.fila.version if self.fila is not None else None


class Escritor:
    """Writes the drafts of one tarea, one after the other; runs on a worker, one call at a time."""

    def __init__(self) -> None:
        self._incierto: _Intento | None = None

    def guardar(self, casos: CasosDeTareas, borrador: Borrador) -> Tarea:
        """The tarea as stored. Raises what the use cases raise.

        A write with unknown outcome is repeated first, with its version and its content: one version must
        not stand for two contents. Then what was typed since is written over it.
        """
        antes = self._incierto
        # On another base the operator has seen what came of it since.
        if antes is not None and _version(borrador) == _version(antes.borrador):
            repetida = self._escribir(casos, antes)
            if borrador.mismo_texto(antes.borrador):
                return repetida
            borrador = replace(borrador, base=repetida)
        return self._escribir(casos, _Intento(borrador, ahora_utc()))

    def _escribir(self, casos: CasosDeTareas, intento: _Intento) -> Tarea:
        try:
            escrita = _ejecutar(casos, intento)
        except EscrituraIncierta as error:
            if error.resultado.tarea is not None:
                self._incierto = replace(intento, fila=error.resultado.tarea)
            raise
        except ConflictoDeVersion as error:
            self._incierto = None
            # Our own write whose answer was lost, met again: nobody disagrees with anybody.
            if error.actual.mismo_contenido(error.propuesta):
                return error.actual
            raise
        self._incierto = None
        return escrita


def _version(borrador: Borrador) -> int:
    return borrador.base.version if borrador.base is not None else 0


def _ejecutar(casos: CasosDeTareas, intento: _Intento) -> Tarea:
    borrador, base = intento.borrador, intento.borrador.base
    if base is None:
        return casos.crear.execute(
            CrearTareaCommand(
                id=borrador.id,
                titulo=borrador.titulo,
                descripcion=borrador.descripcion,
                estado=borrador.estado,
                version=intento.version,
                momento=intento.momento,
            )
        )
    if base.eliminada:
        lapida = replace(
            base, titulo=borrador.titulo, descripcion=borrador.descripcion, estado=borrador.estado
        )
        return casos.restaurar.execute(RestaurarTareaCommand(id=base.id, lapida=lapida, repite=intento.fila))
    return casos.actualizar.execute(
        ActualizarTareaCommand(
            id=base.id,
            titulo=borrador.titulo,
            descripcion=borrador.descripcion,
            estado=borrador.estado,
            base=base,
            version=intento.version,
            momento=intento.momento,
        )
    )
