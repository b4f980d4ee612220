"""The stores of this installation, as verification and purging see them."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.mongo.ficha import FichaMongo
from adapters.mongo.revision import RevisionMongo
from adapters.peewee.ficha import FichaSql
from adapters.peewee.revision import RevisionSql
from adapters.por_producto import por_producto
from adapters.repositorio_base import RepositorioDeUnAlmacen
from core.domain.errors import AlmacenError, AlmacenSoloLectura
from core.domain.models.almacen import NombreAlmacen, Pong
from core.domain.ports.pareja import AlmacenConFicha
from core.domain.ports.revision import AlmacenRevisable
from core.relojes import comprobar_relojes


def revisables(
    almacenes: Mapping[NombreAlmacen, RepositorioDeUnAlmacen],
) -> dict[NombreAlmacen, AlmacenRevisable]:
    """Raw access to each; it uses the repositories' connections and deadlines."""
    return por_producto(almacenes, RevisionSql, RevisionMongo)


def con_fichas(
    almacenes: Mapping[NombreAlmacen, RepositorioDeUnAlmacen],
) -> dict[NombreAlmacen, AlmacenConFicha]:
    """What each says of itself."""
    return por_producto(almacenes, FichaSql, FichaMongo)


def comprobar_escribibles(respuestas: Mapping[NombreAlmacen, Pong | AlmacenError]) -> None:
    """Raise unless every store answered, takes writes, and has a clock that goes with ours."""
    pongs: dict[NombreAlmacen, Pong] = {}
    for nombre, respuesta in respuestas.items():
        if isinstance(respuesta, AlmacenError):
            raise respuesta
        if respuesta.solo_lectura:
            raise AlmacenSoloLectura(nombre, "Solo admite lecturas.")
        pongs[nombre] = respuesta
    comprobar_relojes(pongs)
