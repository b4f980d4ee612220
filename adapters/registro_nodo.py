"""Sees to it that no two installations sign with the same node number.

Numbers are drawn at random, and 300 installations share one with a chance of one half. So each claims its
number in every store, at the first contact, and takes another where somebody else was first. A store that is
away is asked when it returns; until then, versions that two writers made alike are told apart by their
content (see `Tarea.misma_escritura`). Two copies of one folder on machines that cannot be told apart stay one
installation: nothing can tell that.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Protocol

from adapters.mongo.nodos import NodosMongo
from adapters.nodo import Puesto
from adapters.peewee.nodos import NodosSql
from adapters.por_producto import por_producto
from adapters.repositorio_base import RepositorioDeUnAlmacen
from core.domain.errors import AlmacenError
from core.domain.events import Evento, SaludObservada
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.version import RelojHibrido
from core.health import EstadoSalud

_log = logging.getLogger(__name__)

REINTENTO_S = 5.0
"""Between two tries at a store that could not be asked, seconds."""
INTENTOS = 20
"""Numbers tried in one go; that many taken ones in a row mean that something else is wrong."""


class RegistroDeNodos(Protocol):
    """Where the numbers of one store are written down."""

    def reclamar(self, nodo: int, instalacion: str, *, ahora_ms: int) -> str:
        """Take that number for that installation unless another has it; whose it is then.

        Raises AlmacenError.
        """
        ...


class ReclamadorDeNodo:
    """Claims this process's number in every store, in a thread of its own."""

    def __init__(
        self,
        puesto: Puesto,
        reloj: RelojHibrido,
        registros: Mapping[NombreAlmacen, RegistroDeNodos],
        *,
        ahora_ms: Callable[[], int],
        reintento_s: float = REINTENTO_S,
    ) -> None:
        self._puesto = puesto
        self._reloj = reloj
        self._registros = registros
        self._ahora_ms = ahora_ms
        self._reintento_s = reintento_s
        self._reclamados: dict[NombreAlmacen, int] = {}
        self._despertar = threading.Event()
        self._cerrado = threading.Event()
        self._hilo = threading.Thread(target=self._bucle, name="DualRepo-nodo", daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._hilo.start()

    def oir(self, evento: Evento) -> None:
        """Ask a store that returns, again too: it may have been restored from before our claim (to be
        subscribed to the event bus)."""
        if isinstance(evento, SaludObservada) and evento.antes.estado is not evento.ahora.estado:
            if evento.ahora.estado is EstadoSalud.CAIDA:
                self._reclamados.pop(evento.ahora.almacen, None)
            else:
                self._despertar.set()

    def close(self, timeout_s: float = 1.0) -> None:
        """End the thread, waiting no longer than `timeout_s` seconds for it; idempotent."""
        self._cerrado.set()
        self._despertar.set()
        if self._hilo.is_alive():
            self._hilo.join(timeout_s)

    def reclamar(self) -> bool:
        """Ask every store that was not asked yet; whether all of them know this number as ours."""
        for _ in range(INTENTOS):
            ajeno = False
            for nombre, registro in self._registros.items():
                if self._reclamados.get(nombre) != self._reloj.nodo and not self._cerrado.is_set():
                    ajeno = not self._es_nuestro(nombre, registro)
                    if ajeno:
                        break
            if not ajeno:
                break
            self._reloj.cambiar_nodo(self._puesto.otro_numero())
        return all(self._reclamados.get(nombre) == self._reloj.nodo for nombre in self._registros)

    def _es_nuestro(self, nombre: NombreAlmacen, registro: RegistroDeNodos) -> bool:
        """False if somebody else has the number; a store that does not say is asked later."""
        nodo = self._reloj.nodo
        try:
            dueno = registro.reclamar(nodo, self._puesto.instalacion, ahora_ms=self._ahora_ms())
        except AlmacenError as error:
            _log.debug("%s: el número de nodo se registrará más tarde: %s", nombre.etiqueta, error)
            return True
        if dueno != self._puesto.instalacion:
            _log.warning(
                "⚠️ El número de nodo %04x ya es de otra instalación en %s: se toma otro para lo que se "
                "escriba desde ahora.",
                nodo,
                nombre.etiqueta,
            )
            return False
        self._reclamados[nombre] = nodo
        return True

    def _bucle(self) -> None:
        while not self._cerrado.is_set():
            try:
                self.reclamar()
            except Exception:  # noqa: BLE001
                # Our bug, or a data folder that went away: writing goes on with the number there is.
                _log.exception("Error interno al registrar el número de nodo")
            self._despertar.wait(self._reintento_s)
            self._despertar.clear()  # whoever wakes it later is met by the look at what is closed, or waits


def registros_de(
    almacenes: Mapping[NombreAlmacen, RepositorioDeUnAlmacen],
) -> dict[NombreAlmacen, RegistroDeNodos]:
    """The register of each store."""
    return por_producto(almacenes, NodosSql, NodosMongo)
