"""The stores of this installation, as repair sees them."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.mongo.reparacion import ReparacionMongo
from adapters.peewee.reparacion import ReparacionSql
from adapters.por_producto import por_producto
from adapters.repositorio_base import RepositorioDeUnAlmacen
from adapters.verificacion.almacenes import con_fichas
from core.domain.models.almacen import NombreAlmacen
from core.domain.ports.reparacion import AlmacenReparable


def reparables(
    almacenes: Mapping[NombreAlmacen, RepositorioDeUnAlmacen],
) -> dict[NombreAlmacen, AlmacenReparable]:
    """Raw access to each; it uses the repositories' connections and deadlines."""
    return por_producto(almacenes, ReparacionSql, ReparacionMongo)


def identidades(almacenes: Mapping[NombreAlmacen, RepositorioDeUnAlmacen]) -> dict[NombreAlmacen, str]:
    """Which database each is, whatever its address. Raises AlmacenError."""
    return {nombre: uno.ficha().identidad for nombre, uno in con_fichas(almacenes).items()}
