"""The stores of this installation, as repair sees them."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.mongo import MongoTareaRepository
from adapters.mongo.reparacion import ReparacionMongo
from adapters.peewee import PeeweeTareaRepository
from adapters.peewee.reparacion import ReparacionSql
from adapters.repositorio_base import RepositorioDeUnAlmacen
from adapters.verificacion.almacenes import con_ficha
from core.domain.models.almacen import NombreAlmacen
from core.domain.ports.reparacion import AlmacenReparable


def reparables(
    almacenes: Mapping[NombreAlmacen, RepositorioDeUnAlmacen],
) -> dict[NombreAlmacen, AlmacenReparable]:
    """Raw access to each; it uses the repositories' connections and deadlines."""
    return {nombre: _reparable(almacen) for nombre, almacen in almacenes.items()}


def identidades(almacenes: Mapping[NombreAlmacen, RepositorioDeUnAlmacen]) -> dict[NombreAlmacen, str]:
    """Which database each is, whatever its address. Raises AlmacenError."""
    return {nombre: con_ficha(almacen).ficha().identidad for nombre, almacen in almacenes.items()}


def _reparable(almacen: RepositorioDeUnAlmacen) -> AlmacenReparable:
    if isinstance(almacen, PeeweeTareaRepository):
        return ReparacionSql(almacen)
    if isinstance(almacen, MongoTareaRepository):
        return ReparacionMongo(almacen)
    raise TypeError(f"no raw access to {type(almacen).__name__}")
