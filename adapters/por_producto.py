"""Each store by what it runs on: the one place that asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from adapters.mongo import MongoTareaRepository
from adapters.peewee import PeeweeTareaRepository
from adapters.repositorio_base import RepositorioDeUnAlmacen
from core.domain.models.almacen import NombreAlmacen

T = TypeVar("T")


def por_producto(
    almacenes: Mapping[NombreAlmacen, RepositorioDeUnAlmacen],
    sql: Callable[[PeeweeTareaRepository], T],
    mongo: Callable[[MongoTareaRepository], T],
) -> dict[NombreAlmacen, T]:
    """What is made of each; it uses the repository's connections and deadlines."""

    def uno(almacen: RepositorioDeUnAlmacen) -> T:
        if isinstance(almacen, PeeweeTareaRepository):
            return sql(almacen)
        if isinstance(almacen, MongoTareaRepository):
            return mongo(almacen)
        raise TypeError(f"nothing is known of {type(almacen).__name__}")

    return {nombre: uno(almacen) for nombre, almacen in almacenes.items()}
