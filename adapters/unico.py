"""One store in the place of two: `ORM=peewee` and `ORM=mongo`, with the same events and health."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from uuid import UUID

from adapters.health.registro import RegistroSalud
from adapters.repositorio_base import RepositorioDeUnAlmacen
from core.domain.errors import AlmacenError, AlmacenNoDisponible, ConflictoDeVersion, ResultadoDesconocido
from core.domain.events import EscrituraTerminada, Evento
from core.domain.models.almacen import Desenlace, NombreAlmacen, ResultadoAlmacen, ResultadoEscritura
from core.domain.models.consulta import Consulta, Filtro, Pagina, Resumen
from core.domain.models.importacion import ResultadoFila
from core.domain.models.tarea import Tarea
from core.health import Fallo, OperacionRespondida


class RepositorioUnico:
    """A TareaRepository that passes on to one store and tells what became of each write."""

    def __init__(
        self,
        almacen: RepositorioDeUnAlmacen,
        *,
        registro: RegistroSalud,
        publicar: Callable[[Evento], None],
    ) -> None:
        self._almacen = almacen
        self._registro = registro
        self._publicar = publicar

    def save(self, tarea: Tarea, *, version: int | None = None) -> Tarea:
        """See `TareaRepository.save`."""
        return self._escribir("save", tarea.id, lambda: self._almacen.save(tarea, version=version))

    def eliminar(self, id: UUID, *, base: Tarea | None = None) -> Tarea:
        """See `TareaRepository.eliminar`."""
        return self._escribir("eliminar", id, lambda: self._almacen.eliminar(id, base=base))

    def get(self, id: UUID, *, eliminadas: bool = False) -> Tarea | None:
        """See `TareaRepository.get`."""
        return self._almacen.get(id, eliminadas=eliminadas)

    def list(self, consulta: Consulta | None = None) -> Pagina:
        """See `TareaRepository.list`."""
        return self._almacen.list(consulta)

    def contar(self, filtro: Filtro | None = None) -> int:
        """See `TareaRepository.contar`."""
        return self._almacen.contar(filtro)

    def resumen(self) -> Resumen:
        """See `TareaRepository.resumen`."""
        return self._almacen.resumen()

    def leer_lote(self, ids: Sequence[UUID]) -> dict[UUID, Tarea]:
        """See `TareaRepository.leer_lote`."""
        return self._almacen.leer_lote(ids)

    def importar_lote(self, tareas: Sequence[Tarea]) -> Sequence[ResultadoFila]:
        """See `TareaRepository.importar_lote`."""
        return self._almacen.importar_lote(tareas)

    def close(self, timeout_s: float = 1.0) -> None:
        """Nothing of its own to close."""

    def _escribir(self, operacion: str, id: UUID, escribir: Callable[[], Tarea]) -> Tarea:
        nombre = self._almacen.nombre
        if self._registro.conocida_caida(nombre):
            raise AlmacenNoDisponible(nombre, self._registro.instantanea(nombre).ultimo_error)
        inicio_s = time.monotonic()
        try:
            tarea = escribir()
        except AlmacenError as error:
            if isinstance(error, AlmacenNoDisponible | ResultadoDesconocido):
                self._registro.observar(nombre, Fallo(str(error)))
            self._contar(operacion, id, _desenlace(error), str(error), None, inicio_s)
            raise
        except ConflictoDeVersion as error:
            self._contar(operacion, id, Desenlace.CONFLICTO, str(error), None, inicio_s)
            raise
        self._registro.observar(nombre, OperacionRespondida())
        self._contar(operacion, id, Desenlace.CONFIRMADA, "", tarea, inicio_s)
        return tarea

    def _contar(
        self,
        operacion: str,
        id: UUID,
        desenlace: Desenlace,
        error: str,
        tarea: Tarea | None,
        inicio_s: float,
    ) -> None:
        nombre = self._almacen.nombre
        uno = ResultadoAlmacen(
            almacen=nombre,
            desenlace=desenlace,
            error=error,
            duracion_ms=(time.monotonic() - inicio_s) * 1000,
        )
        ajeno = ResultadoAlmacen(almacen=nombre.otro, desenlace=Desenlace.NO_CONFIGURADA)
        sql, mongo = (uno, ajeno) if nombre is NombreAlmacen.SQL else (ajeno, uno)
        self._publicar(
            EscrituraTerminada(
                ResultadoEscritura(operacion=operacion, entidad_id=str(id), sql=sql, mongo=mongo, tarea=tarea)
            )
        )


def _desenlace(error: AlmacenError) -> Desenlace:
    if isinstance(error, AlmacenNoDisponible):
        return Desenlace.NO_DISPONIBLE
    return Desenlace.DESCONOCIDA if isinstance(error, ResultadoDesconocido) else Desenlace.FALLIDA
