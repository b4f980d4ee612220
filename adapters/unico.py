"""One store in the place of two: `ORM=peewee` and `ORM=mongo`, with the same events and health."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from uuid import UUID

from adapters.dual.desenlace import desenlace_de, error_de, rehusar_con_mal_reloj
from adapters.health.registro import RegistroSalud
from adapters.repositorio_base import RepositorioDeUnAlmacen, escritura_de_lapida, nueva_escritura
from core.domain.errors import AlmacenError, AlmacenNoDisponible, ResultadoDesconocido, TareaNoEncontrada
from core.domain.events import EscrituraTerminada, Evento
from core.domain.models.almacen import (
    Desenlace,
    Escritura,
    NombreAlmacen,
    ResultadoAlmacen,
    ResultadoEscritura,
)
from core.domain.models.consulta import Consulta, Filtro, Pagina, Resumen
from core.domain.models.importacion import ResultadoFila
from core.domain.models.tarea import Tarea
from core.domain.models.version import RelojHibrido
from core.health import Fallo, OperacionRespondida


class RepositorioUnico:
    """A TareaRepository that passes on to one store and tells what became of each write."""

    def __init__(
        self,
        almacen: RepositorioDeUnAlmacen,
        *,
        reloj: RelojHibrido,
        registro: RegistroSalud,
        publicar: Callable[[Evento], None],
    ) -> None:
        self._almacen = almacen
        self._reloj = reloj
        self._registro = registro
        self._publicar = publicar

    def save(self, tarea: Tarea, *, version: int | None = None) -> Tarea:
        """See `TareaRepository.save`."""
        self._comprobar_reloj(f"save de {tarea.id}")
        return self._escribir("save", nueva_escritura(tarea, reloj=self._reloj, version=version))

    def eliminar(self, id: UUID, *, base: Tarea | None = None, repite: Tarea | None = None) -> Tarea:
        """See `TareaRepository.eliminar`."""
        actual = base or self.get(id)
        if actual is None or actual.eliminada:
            raise TareaNoEncontrada(id)
        self._comprobar_reloj(f"eliminar de {id}")
        return self._escribir("eliminar", escritura_de_lapida(actual, reloj=self._reloj, repite=repite))

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
        self._comprobar_reloj(f"importar de {len(tareas)} tareas")
        return self._almacen.importar_lote(tareas)

    def close(self, timeout_s: float = 1.0) -> None:
        """Nothing of its own to close."""

    def _comprobar_reloj(self, que: str) -> None:
        # The monitor's last ping: there is none of its own before a write to a single store. Asked before a
        # version is taken: one taken in a wrong hour would drag later ones with it.
        nombre = self._almacen.nombre
        rehusar_con_mal_reloj(que, {nombre: self._registro.instantanea(nombre).pong})

    def _escribir(self, operacion: str, escritura: Escritura) -> Tarea:
        uno = self._intentar(escritura)
        ajeno = ResultadoAlmacen(almacen=uno.almacen.otro, desenlace=Desenlace.NO_CONFIGURADA)
        sql, mongo = (uno, ajeno) if uno.almacen is NombreAlmacen.SQL else (ajeno, uno)
        resultado = ResultadoEscritura(
            operacion=operacion,
            entidad_id=str(escritura.fila.id),
            sql=sql,
            mongo=mongo,
            tarea=escritura.fila,
        )
        self._publicar(EscrituraTerminada(resultado))
        error = error_de(resultado)
        if error is not None:
            raise error
        return escritura.fila

    def _intentar(self, escritura: Escritura) -> ResultadoAlmacen:
        nombre, inicio_s = self._almacen.nombre, time.monotonic()
        if self._registro.conocida_caida(nombre):
            error = self._registro.instantanea(nombre).ultimo_error
            return ResultadoAlmacen(almacen=nombre, desenlace=Desenlace.NO_DISPONIBLE, error=error)
        try:
            escrito = self._almacen.escribir(escritura)
        except AlmacenError as error:
            if isinstance(error, AlmacenNoDisponible | ResultadoDesconocido):
                self._registro.observar(nombre, Fallo(str(error)))
            desenlace, motivo, actual = desenlace_de(error), str(error), None
        else:
            self._registro.observar(nombre, OperacionRespondida())
            desenlace = Desenlace.CONFIRMADA if escrito.aplicada else Desenlace.CONFLICTO
            motivo, actual = escrito.error, escrito.actual
        return ResultadoAlmacen(
            almacen=nombre,
            desenlace=desenlace,
            error=motivo,
            actual=actual,
            duracion_ms=(time.monotonic() - inicio_s) * 1000,
        )
