"""What there is to say where a store has no `tareas` at all: the other one's rows are all differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from adapters.verificacion.flujo import VerificadorFlujo
from adapters.verificacion.manos import Manos
from adapters.verificacion.mirada import Mirada
from core.diferencias import Pareja
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.verificacion import InformeVerificacion
from core.domain.ports.revision import AlmacenRevisable


class VerificadorAusente(VerificadorFlujo):
    """Tells the rows of the store that has any, each as one that the other lacks.

    Args:
        ausentes: the stores without `tareas`; nothing is asked of them, nor noted there.
    """

    def __init__(
        self,
        almacenes: Mapping[NombreAlmacen, AlmacenRevisable],
        ausentes: Sequence[NombreAlmacen],
        *,
        ahora_ms: Callable[[], int],
    ) -> None:
        presentes = {nombre: uno for nombre, uno in almacenes.items() if nombre not in ausentes}
        que = " ni ".join(
            "la tabla «tareas» de SQL" if uno is NombreAlmacen.SQL else "la colección «tareas» de MongoDB"
            for uno in ausentes
        )
        super().__init__(presentes, ahora_ms=ahora_ms, motivo=f"No existe {que}.")
        self._ausentes = tuple(ausentes)

    def _comparar(
        self, informe: InformeVerificacion, manos: Manos, mirada: Mirada, avisar: Callable[[], None]
    ) -> None:
        informe.ausentes = self._ausentes
        for nombre in self._almacenes:
            for fila in self._filas(nombre, manos):
                en_sql = nombre is NombreAlmacen.SQL
                informe.filas_sql += en_sql
                informe.filas_mongo += not en_sql
                mirada.contar(Pareja(fila.id, fila if en_sql else None, None if en_sql else fila))
                avisar()
