"""Whether both stores are ours to look at: a `tareas` of another program is nobody's to compare or repair."""

from __future__ import annotations

from adapters.cli.salida import avisar, frase_de
from adapters.container import Contenedor
from core.domain.errors import AlmacenNoDisponible, AlmacenSoloLectura, OperacionFallida
from core.domain.models.almacen import NombreAlmacen


def son_nuestras(contenedor: Contenedor) -> bool:
    """Whether no store has a `tareas` that was not adopted; says of each that has. Raises AlmacenError.

    A store without any has nothing that could be another's, and is left without.
    """
    motivos = [motivo for nombre in contenedor.almacenes if (motivo := motivo_ajena(contenedor, nombre))]
    for motivo in motivos:
        avisar(motivo)
    return not motivos


def motivo_ajena(contenedor: Contenedor, nombre: NombreAlmacen) -> str:
    """Why the `tareas` of that store is not ours, and what to do; empty when it is, or when there is none.

    Raises AlmacenNoDisponible, ResultadoDesconocido.
    """
    try:
        if contenedor.revisables[nombre].existe():
            contenedor.preparar(nombre)
    except AlmacenSoloLectura:  # what cannot be written to can be looked at
        return ""
    except OperacionFallida as error:
        return frase_de(error)
    return ""


def responde_y_es_ajena(contenedor: Contenedor, nombre: NombreAlmacen) -> str:
    """The same of a store that has just answered a ping; one that fails since then tells nothing."""
    try:
        return motivo_ajena(contenedor, nombre)
    except AlmacenNoDisponible:  # the ping has told what there is to tell
        return ""
