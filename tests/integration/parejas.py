"""Programs on both databases, one of which is emptied or replaced: see `test_parejas`."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
from pymongo import MongoClient

from adapters.container import Contenedor
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.pareja import MotivoCarencia
from core.domain.models.tarea import Tarea
from tests.integration.revision import SQL
from tests.servidores.espera import esperar

CUANTAS = 40
Abrir = Callable[..., Contenedor]
Correr = Callable[..., tuple[int, str, str]]


def confirmadas(contenedor: Contenedor, cuantas: int = CUANTAS) -> list[Tarea]:
    """Tareas that both stores hold, and know that the other does."""
    tareas = [contenedor.repositorio.save(Tarea(titulo=f"tarea {n}")) for n in range(cuantas)]
    sin_pendientes(contenedor)
    return tareas


def sin_pendientes(contenedor: Contenedor) -> None:
    esperar(lambda: not any(contenedor.resumir.execute().pendientes.values()), plazo_s=10)


def vaciar(nombre: NombreAlmacen, url: str, *, notas: bool = False) -> None:
    """Somebody wipes a database by hand."""
    if nombre is SQL:
        with psycopg.connect(url) as conexion:
            conexion.execute("TRUNCATE tareas")
            if notas:
                conexion.execute("DROP TABLE tareas, dual_tareas_meta, conflictos")
        return
    cliente: MongoClient[dict[str, object]]
    with MongoClient(url) as cliente:
        base = cliente.get_default_database()
        if notas:
            cliente.drop_database(base.name)
        else:
            base["tareas"].delete_many({})


def motivos(contenedor: Contenedor) -> dict[NombreAlmacen, tuple[MotivoCarencia, bool]]:
    return {una.destino: (una.motivo, una.aceptada) for una in contenedor.carencias}
