"""The stores of this installation, as the backfill sees them."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.mongo import MongoTareaRepository
from adapters.mongo.lotes import LotesMongo
from adapters.peewee import PeeweeTareaRepository
from adapters.peewee.lotes import LotesSql
from adapters.repositorio_base import RepositorioDeUnAlmacen
from core.domain.models.almacen import NombreAlmacen
from core.domain.ports.relleno import AlmacenRellenable


def rellenables(
    almacenes: Mapping[NombreAlmacen, RepositorioDeUnAlmacen],
) -> dict[NombreAlmacen, AlmacenRellenable]:
    """Bulk access to each; it uses the repositories' connections and deadlines."""
    return {nombre: _rellenable(almacen) for nombre, almacen in almacenes.items()}


def _rellenable(almacen: RepositorioDeUnAlmacen) -> AlmacenRellenable:
    if isinstance(almacen, PeeweeTareaRepository):
        return LotesSql(almacen)
    if isinstance(almacen, MongoTareaRepository):
        return LotesMongo(almacen)
    raise TypeError(f"no bulk access to {type(almacen).__name__}")
