"""The window while a store that was away catches up: nobody is to feel that thousands of rows are copied."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.domain.models.almacen import NombreAlmacen
from core.health import EstadoSalud

if TYPE_CHECKING:
    from tests.bench.ventana import Escena

PENDIENTES = 5_000


def ponerse_al_dia(escena: Escena, llenar: Callable[[int], None]) -> None:
    """MongoDB goes, that many rows come in without it, and it returns; measures until it has them all."""
    mongo = NombreAlmacen.MONGO
    contenedor = escena.programa._contenedor
    escena.fase("matar MongoDB para que se atrase", ("mongo", "matar"), escena.esta(mongo, EstadoSalud.CAIDA))
    hilo = threading.Thread(target=llenar, args=(PENDIENTES,))
    hilo.start()
    escena.esperar(lambda: not hilo.is_alive(), "llenar sin MongoDB", 120)
    atrasadas = contenedor.resumir.execute().pendientes[NombreAlmacen.SQL]
    assert atrasadas is not None
    assert atrasadas >= PENDIENTES, f"solo {atrasadas} pendientes: no hay qué medir"
    al_dia = escena.esta(mongo, EstadoSalud.OK, EstadoSalud.LENTA)
    escena.fase(
        f"revivir MongoDB, {PENDIENTES} pendientes",
        ("mongo", "start"),
        lambda: al_dia() and not contenedor.salud(mongo).atrasada,
    )
    quedan = contenedor.resumir.execute().pendientes[NombreAlmacen.SQL]
    print(f"pendientes al volver MongoDB: {atrasadas}; después: {quedan}", flush=True)
