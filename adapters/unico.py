"""One store in the place of two: `ORM=peewee` and `ORM=mongo`, with the same events and health."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from adapters.dual.convergencia import releer
from adapters.dual.desenlace import desenlace_de, error_de, rehusar_con_mal_reloj
from adapters.health.registro import RegistroSalud
from adapters.repositorio_base import (
    RepositorioDeUnAlmacen,
    escribir_o_conflicto,
    escritura_de_eliminar,
    nueva_escritura,
)
from core.domain.errors import AlmacenError, ConflictoDeVersion
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
from core.health import OperacionRespondida

T = TypeVar("T")


class RepositorioUnico:
    """A TareaRepository that passes on to one store, tells what became of each write, and notes its health.

    Args:
        timeout_s: longest that an operation may run in the store, seconds.
    """

    def __init__(
        self,
        almacen: RepositorioDeUnAlmacen,
        *,
        reloj: RelojHibrido,
        registro: RegistroSalud,
        publicar: Callable[[Evento], None],
        timeout_s: float = 3.0,
    ) -> None:
        self._almacen = almacen
        self._reloj = reloj
        self._registro = registro
        self._publicar = publicar
        self._timeout_s = timeout_s

    # -- writing ------------------------------------------------------------------------------------

    def save(self, tarea: Tarea, *, version: int | None = None) -> Tarea:
        """See `TareaRepository.save`."""
        self._comprobar_reloj(f"save de {tarea.id}")
        escritura = nueva_escritura(tarea, reloj=self._reloj, version=version)
        return self._escribir("save", escritura, repetida=version is not None)

    def eliminar(self, id: UUID, *, base: Tarea | None = None, repite: Tarea | None = None) -> Tarea:
        """See `TareaRepository.eliminar`."""
        self._comprobar_reloj(f"eliminar de {id}")
        escritura = escritura_de_eliminar(id, base, self.get, reloj=self._reloj, repite=repite)
        return self._escribir("eliminar", escritura, repetida=repite is not None)

    def importar_lote(self, tareas: Sequence[Tarea]) -> Sequence[ResultadoFila]:
        """See `TareaRepository.importar_lote`."""
        self._comprobar_reloj(f"importar de {len(tareas)} tareas")
        uno = self._intentar(partial(self._almacen.importar_lote, tareas))
        resultados: Sequence[ResultadoFila] = self._terminar("importar", f"{len(tareas)} tareas", uno).valor
        return resultados

    def _comprobar_reloj(self, que: str) -> None:
        # The monitor's last ping: there is none of its own before a write to a single store. Asked before a
        # version is taken: one taken in a wrong hour would drag later ones with it.
        nombre = self._almacen.nombre
        rehusar_con_mal_reloj(que, {nombre: self._registro.instantanea(nombre).pong})

    def _escribir(self, operacion: str, escritura: Escritura, *, repetida: bool) -> Tarea:
        uno = self._intentar(partial(escribir_o_conflicto, self._almacen, escritura))
        self._terminar(operacion, str(escritura.fila.id), uno, escritura.fila, repetida=repetida)
        return escritura.fila

    def _terminar(
        self,
        operacion: str,
        entidad_id: str,
        uno: ResultadoAlmacen,
        fila: Tarea | None = None,
        *,
        repetida: bool = False,
    ) -> ResultadoAlmacen:
        """Tell what became of it; raises what it ended in, if that is an error."""
        nombre = uno.almacen
        ajeno = ResultadoAlmacen(almacen=nombre.otro, desenlace=Desenlace.NO_CONFIGURADA)
        sql, mongo = (uno, ajeno) if nombre is NombreAlmacen.SQL else (ajeno, uno)
        resultado = ResultadoEscritura(
            operacion=operacion, entidad_id=entidad_id, sql=sql, mongo=mongo, tarea=fila
        )
        if fila is not None:
            resultado = releer(resultado, fila, {nombre: self._almacen}, responde=self._responde)
        self._publicar(EscrituraTerminada(resultado))
        error = error_de(resultado, repetida=repetida)
        if error is not None:
            raise error
        return resultado.de(nombre)

    def _responde(self, nombre: NombreAlmacen) -> bool:
        return not self._registro.conocida_caida(nombre)

    def _intentar(self, funcion: Callable[[], Any]) -> ResultadoAlmacen:
        nombre, inicio_s = self._almacen.nombre, time.monotonic()
        if not self._responde(nombre):
            error = self._registro.instantanea(nombre).ultimo_error
            return ResultadoAlmacen(almacen=nombre, desenlace=Desenlace.NO_DISPONIBLE, error=error)
        uno = self._probar(funcion)
        return replace(uno, duracion_ms=(time.monotonic() - inicio_s) * 1000)

    def _probar(self, funcion: Callable[[], Any]) -> ResultadoAlmacen:
        nombre, inicio_s = self._almacen.nombre, self._registro.ahora_s()
        try:
            valor = funcion()
        except ConflictoDeVersion as error:
            self._registro.observar(nombre, OperacionRespondida())
            return ResultadoAlmacen(
                almacen=nombre, desenlace=Desenlace.CONFLICTO, error=str(error), actual=error.actual
            )
        except AlmacenError as error:
            self._registro.observar_escritura_fallida(error, desde_s=inicio_s, plazo_s=self._timeout_s)
            return ResultadoAlmacen(almacen=nombre, desenlace=desenlace_de(error), error=str(error))
        self._registro.observar(nombre, OperacionRespondida())
        return ResultadoAlmacen(almacen=nombre, desenlace=Desenlace.CONFIRMADA, valor=valor)

    # -- reading ------------------------------------------------------------------------------------

    def get(self, id: UUID, *, eliminadas: bool = False) -> Tarea | None:
        """See `TareaRepository.get`."""
        return self._leer(lambda almacen: almacen.get(id, eliminadas=eliminadas))

    def list(self, consulta: Consulta | None = None) -> Pagina:
        """See `TareaRepository.list`."""
        return self._leer(lambda almacen: almacen.list(consulta))

    def contar(self, filtro: Filtro | None = None) -> int:
        """See `TareaRepository.contar`."""
        return self._leer(lambda almacen: almacen.contar(filtro))

    def resumen(self) -> Resumen:
        """See `TareaRepository.resumen`."""
        return self._leer(lambda almacen: almacen.resumen())

    def leer_lote(self, ids: Sequence[UUID]) -> dict[UUID, Tarea]:
        """See `TareaRepository.leer_lote`."""
        return self._leer(lambda almacen: almacen.leer_lote(ids))

    def ha_desaparecido(self, id: UUID) -> bool:
        """See `TareaRepository.ha_desaparecido`."""
        return self._responde(self._almacen.nombre) and self._almacen.ha_desaparecido(id)

    def _leer(self, leer: Callable[[RepositorioDeUnAlmacen], T]) -> T:
        inicio_s = self._registro.ahora_s()
        try:
            return leer(self._almacen)
        except AlmacenError as error:
            self._registro.observar_lectura_fallida(error, desde_s=inicio_s, plazo_s=self._timeout_s)
            raise

    def close(self, timeout_s: float = 1.0) -> None:
        """Nothing of its own to close."""
