"""The stores of this installation, as verification and purging see them."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.mongo import MongoTareaRepository
from adapters.mongo.ficha import FichaMongo
from adapters.mongo.revision import RevisionMongo
from adapters.peewee import PeeweeTareaRepository
from adapters.peewee.ficha import FichaSql
from adapters.peewee.revision import RevisionSql
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
    return {nombre: _revisable(almacen) for nombre, almacen in almacenes.items()}


def _revisable(almacen: RepositorioDeUnAlmacen) -> AlmacenRevisable:
    if isinstance(almacen, PeeweeTareaRepository):
        return RevisionSql(almacen)
    if isinstance(almacen, MongoTareaRepository):
        return RevisionMongo(almacen)
    raise TypeError(f"no raw access to {type(almacen).__name__}")


def con_fichas(
    almacenes: Mapping[NombreAlmacen, RepositorioDeUnAlmacen],
) -> dict[NombreAlmacen, AlmacenConFicha]:
    """What each says of itself."""
    return {nombre: con_ficha(almacen) for nombre, almacen in almacenes.items()}


def con_ficha(almacen: RepositorioDeUnAlmacen) -> AlmacenConFicha:
    """What a store says of itself; it uses the repository's connections and deadlines."""
    if isinstance(almacen, PeeweeTareaRepository):
        return FichaSql(almacen)
    if isinstance(almacen, MongoTareaRepository):
        return FichaMongo(almacen)
    raise TypeError(f"no notes in {type(almacen).__name__}")


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
