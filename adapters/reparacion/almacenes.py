"""The stores of this installation, as repair sees them."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.mongo import MongoTareaRepository
from adapters.mongo.ficha import FichaMongo
from adapters.mongo.reparacion import ReparacionMongo
from adapters.peewee import PeeweeTareaRepository
from adapters.peewee.ficha import FichaSql
from adapters.peewee.reparacion import ReparacionSql
from adapters.repositorio_base import RepositorioDeUnAlmacen
from core.domain.models.almacen import NombreAlmacen
from core.domain.ports.reparacion import AlmacenReparable


def reparables(
    almacenes: Mapping[NombreAlmacen, RepositorioDeUnAlmacen],
) -> dict[NombreAlmacen, AlmacenReparable]:
    """Raw access to each; it uses the repositories' connections and deadlines."""
    return {nombre: _reparable(almacen) for nombre, almacen in almacenes.items()}


def identidades(almacenes: Mapping[NombreAlmacen, RepositorioDeUnAlmacen]) -> dict[NombreAlmacen, str]:
    """Which database each is, whatever its address. Raises AlmacenError."""
    return {nombre: _identidad(almacen) for nombre, almacen in almacenes.items()}


def _identidad(almacen: RepositorioDeUnAlmacen) -> str:
    if isinstance(almacen, PeeweeTareaRepository):
        return FichaSql(almacen).ficha().identidad
    if isinstance(almacen, MongoTareaRepository):
        return FichaMongo(almacen).ficha().identidad
    raise TypeError(f"no notes in {type(almacen).__name__}")


def _reparable(almacen: RepositorioDeUnAlmacen) -> AlmacenReparable:
    if isinstance(almacen, PeeweeTareaRepository):
        return ReparacionSql(almacen)
    if isinstance(almacen, MongoTareaRepository):
        return ReparacionMongo(almacen)
    raise TypeError(f"no raw access to {type(almacen).__name__}")
