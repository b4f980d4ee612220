"""Comparison of both stores by reading all rows of both, in order, page by page ("flujo").

Pages and not one long cursor: each has the store's deadline, no snapshot holds the database's cleaning up,
and it can be stopped between any two. Both stores are read at the same time, one page ahead; memory does not
depend on how many rows there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from adapters.verificacion.base import Verificador
from adapters.verificacion.manos import Manos
from adapters.verificacion.mirada import Mirada
from core.diferencias import FilaVista, diferencia_de, emparejar
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.verificacion import InformeVerificacion
from core.domain.ports.revision import AlmacenRevisable

_IDS = 16**4


class VerificadorFlujo(Verificador):
    """Compares both stores by an ordered merge of all of their rows."""

    metodo = "flujo"

    def _comparar(
        self, informe: InformeVerificacion, manos: Manos, mirada: Mirada, avisar: Callable[[], None]
    ) -> None:
        sql, mongo = (self._filas(nombre, manos) for nombre in NombreAlmacen)
        for vistas, pareja in enumerate(emparejar(sql, mongo)):
            informe.filas_sql += pareja.sql is not None
            informe.filas_mongo += pareja.mongo is not None
            if pareja.sql is None or pareja.mongo is None or diferencia_de(pareja) is not None:
                mirada.anotar(pareja)
            if not vistas % 100:
                informe.fraccion = max(informe.fraccion, _lugar(pareja.id))
                avisar()

    def _filas(self, nombre: NombreAlmacen, manos: Manos) -> Iterator[FilaVista]:
        """All rows of a store, the next page being read while this one is used."""
        futuro = manos.pedir(nombre, partial(_pagina, tras="", limite=self._pagina))
        while True:
            filas = manos.esperar(futuro)
            if len(filas) < self._pagina:
                yield from filas
                return
            futuro = manos.pedir(nombre, partial(_pagina, tras=filas[-1].id, limite=self._pagina))
            yield from filas


def _pagina(almacen: AlmacenRevisable, *, tras: str, limite: int) -> list[FilaVista]:
    return list(almacen.pagina(tras=tras, limite=limite))


def _lugar(id: str) -> float:
    """How far into all possible ids that one is, 0 to 1; 0 where it cannot be told."""
    try:
        return 0.95 * int(id[:4], 16) / _IDS
    except ValueError:
        return 0.0
