"""What every verb begins with: settings, log, and a started container that is closed whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from adapters.cli.salida import avisar
from adapters.container import Contenedor
from adapters.logs import configurar_registro
from adapters.nodo import preparar_carpeta
from adapters.settings import Ajustes, cargar_ajustes


def preparar() -> Ajustes:
    """The settings, with logging set up after them. Raises ConfiguracionInvalida."""
    ajustes = cargar_ajustes()
    preparar_carpeta(ajustes.datos)  # before the log, which would complain of the same folder first
    configurar_registro(ajustes.datos, ajustes.log_level)
    return ajustes


@contextmanager
def contenedor_abierto(
    ajustes: Ajustes, *, replicar: bool = True, mirar: bool = False, decir_ausencia: bool = True
) -> Iterator[Contenedor]:
    """A started container. Closed even when its start fails half-way: it may have begun a server.

    Args:
        replicar: bring the stores up to date meanwhile; not for a verb that only looks.
        mirar: look which store is behind all the same; for a verb that gives what it reads to others.
        decir_ausencia: tell why there is no private MongoDB where one was wanted; the terminal does not
            hear it from the log.
    """
    contenedor = Contenedor(ajustes)
    try:
        contenedor.iniciar(replicar=replicar, mirar=mirar)
        if decir_ausencia and contenedor.problema_embebido:
            avisar(f"Se trabaja solo con SQL. {contenedor.problema_embebido}")
        yield contenedor
    finally:
        contenedor.close()
