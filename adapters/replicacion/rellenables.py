"""The stores of this installation, as the backfill sees them."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.mongo.lotes import LotesMongo
from adapters.peewee.lotes import LotesSql
from adapters.por_producto import por_producto
from adapters.repositorio_base import RepositorioDeUnAlmacen
from core.domain.models.almacen import NombreAlmacen
from core.domain.ports.relleno import AlmacenRellenable


def rellenables(
    almacenes: Mapping[NombreAlmacen, RepositorioDeUnAlmacen],
) -> dict[NombreAlmacen, AlmacenRellenable]:
    """Bulk access to each; it uses the repositories' connections and deadlines."""
    return por_producto(almacenes, LotesSql, LotesMongo)
