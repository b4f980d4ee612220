"""What an operator is told of an answer: whence it comes, and what it may lack."""

from __future__ import annotations

from adapters.health.registro import RegistroSalud
from core.domain.errors import AlmacenError, AlmacenNoDisponible, ResultadoDesconocido
from core.domain.models.almacen import NombreAlmacen


def no_contesto(error: AlmacenError) -> bool:
    """Whether the store was silent; one that said no is there, whatever it said."""
    return isinstance(error, AlmacenNoDisponible | ResultadoDesconocido)


def que_le_pasa(error: AlmacenError) -> str:
    """Why a store was of no use to a read."""
    verbo = "no responde" if no_contesto(error) else "no puede leer"
    return f"{error.almacen.etiqueta} {verbo} ({str(error).rstrip('.')})"


def aviso_de_lectura(
    registro: RegistroSalud,
    nombre: NombreAlmacen,
    principal: NombreAlmacen,
    error: AlmacenError | None = None,
) -> str:
    """What has to be said of an answer from that store; empty when there is nothing.

    Args:
        error: why the other store did not answer this very question.
    """
    otro = nombre.otro
    fuera = _por_que_no(registro, otro, error)
    aqui, alli = len(registro.faltan_en(nombre)), len(registro.faltan_en(otro))
    if registro.atrasada(nombre) and not fuera and registro.atrasada(otro):
        fuera = "ambas bases de datos se están poniendo al día"
    if fuera and registro.atrasada(nombre):
        return f"A {nombre.etiqueta} le pueden faltar los últimos cambios: {fuera}."
    if not fuera and registro.atrasada(otro):
        fuera = f"{otro.etiqueta} se está poniendo al día"
    if aqui:
        return f"{_le_faltan(nombre, aqui)}; {fuera or _le_faltan(otro, alli)}."
    if nombre is principal:
        return ""
    if not fuera and alli:
        fuera = _le_faltan(otro, alli)
    return f"{fuera}: leído de {nombre.etiqueta}." if fuera else f"Leído de {nombre.etiqueta}."


def _por_que_no(registro: RegistroSalud, otro: NombreAlmacen, error: AlmacenError | None) -> str:
    if error is None and registro.conocida_caida(otro):
        error = AlmacenNoDisponible(otro, registro.instantanea(otro).ultimo_error)
    return que_le_pasa(error) if error is not None else ""


def _le_faltan(nombre: NombreAlmacen, cuantas: int) -> str:
    if cuantas == 1:
        return f"A {nombre.etiqueta} le falta el último cambio de 1 tarea, que no admite"
    return f"A {nombre.etiqueta} le faltan los últimos cambios de {cuantas} tareas, que no admite"
