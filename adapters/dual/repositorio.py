"""DualTareaRepository: the TareaRepository that keeps both stores."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from adapters.dual.carriles import Carriles
from adapters.dual.confirmador import Confirmador
from adapters.dual.convergencia import converger
from adapters.dual.desenlace import error_de, registrar_fin
from adapters.dual.despacho import Despachador
from adapters.dual.importacion import importar_lote
from adapters.dual.lectura import LectorConRespaldo
from adapters.dual.lecturas import LecturasDuales
from adapters.dual.primera_pareja import PrimeraPareja
from adapters.health.pinger import Pinger
from adapters.health.registro import RegistroSalud
from adapters.nodo import ahora_ms, reloj_del_proceso
from adapters.replicacion.gemelas import desempatar_antes
from adapters.replicacion.perdedoras import Perdedoras
from adapters.repositorio_base import escribir_o_conflicto, escritura_de_eliminar, nueva_escritura
from core.domain.errors import (
    AlmacenError,
    RelojDesajustado,
)
from core.domain.events import EscrituraTerminada, Evento
from core.domain.models.almacen import Escritura, NombreAlmacen, ResultadoEscritura
from core.domain.models.importacion import ResultadoFila
from core.domain.models.tarea import Tarea
from core.domain.models.version import RelojHibrido
from core.domain.ports.almacen import Almacen

_log = logging.getLogger("adapters.dual")

CIERRE_S = 1.0
"""What closing may spend on telling the stores what is still queued, seconds."""


class DualTareaRepository(LecturasDuales):
    """Writes to both stores at once, goes on with one, reads the principal first.

    Args:
        sql_repository: the SQL store; stays the caller's to close.
        mongo_repository: the MongoDB store; stays the caller's to close.
        executor: where pings and writes run: lanes, any executor of four workers or more (stays the
            caller's to shut down), or None for lanes of its own.
        principal: the store that reads ask first.
        registro: shared knowledge of both stores' health.
        reloj: source of versions.
        publicar: called with each event, in the thread where it happened.
        ping_timeout_s: longest a ping may run, seconds.
        operacion_timeout_s: longest an operation may run in one store, seconds.
        mirar_parejas: called before the first read or write, and before one that comes long after the last
            look: marks in `registro` a store that was emptied, or is another one.
        mirada_s: when anybody has looked last, `time.time`; None where nobody tells.
    """

    def __init__(
        self,
        *,
        sql_repository: Almacen,
        mongo_repository: Almacen,
        executor: Executor | Carriles | None = None,
        principal: NombreAlmacen = NombreAlmacen.SQL,
        registro: RegistroSalud | None = None,
        reloj: RelojHibrido | None = None,
        publicar: Callable[[Evento], None] = lambda _evento: None,
        ping_timeout_s: float = 3.0,
        operacion_timeout_s: float = 3.0,
        mirar_parejas: Callable[[], None] = lambda: None,
        mirada_s: Callable[[], float] | None = None,
    ) -> None:
        self._almacenes: Mapping[NombreAlmacen, Almacen] = {
            NombreAlmacen.SQL: sql_repository,
            NombreAlmacen.MONGO: mongo_repository,
        }
        self._carriles_propios = executor is None
        self.carriles = (
            executor
            if isinstance(executor, Carriles)
            else Carriles.crear()
            if executor is None
            else Carriles.sobre(executor)
        )
        self.registro = registro or RegistroSalud(publicar=publicar)
        self._reloj = reloj or reloj_del_proceso()
        self._publicar = publicar
        self.pingers = {
            nombre: Pinger(almacen, self.carriles.ping[nombre], self.registro, timeout_s=ping_timeout_s)
            for nombre, almacen in self._almacenes.items()
        }
        pareja = PrimeraPareja(mirar_parejas, timeout_s=2 * operacion_timeout_s, mirada_s=mirada_s)
        self._despachador = Despachador(
            carriles=self.carriles,
            pingers=self.pingers,
            registro=self.registro,
            timeout_s=operacion_timeout_s,
            pareja=pareja,
            principal=principal,
        )
        self._lector = LectorConRespaldo(
            self._almacenes, self.registro, principal, timeout_s=operacion_timeout_s, pareja=pareja
        )
        self._perdedoras = Perdedoras(self._almacenes, ahora_ms=ahora_ms)
        self._confirmador = Confirmador(
            self._almacenes,
            publicar=publicar,
            disponible=lambda nombre: not self.registro.conocida_caida(nombre),
        )

    # -- writing ------------------------------------------------------------------------------------

    def save(self, tarea: Tarea, *, version: int | None = None) -> Tarea:
        """See `TareaRepository.save`."""
        escritura = nueva_escritura(tarea, reloj=self._reloj, version=version)
        return self._escribir("save", escritura, repetida=version is not None)

    def eliminar(self, id: UUID, *, base: Tarea | None = None, repite: Tarea | None = None) -> Tarea:
        """See `TareaRepository.eliminar`."""
        escritura = escritura_de_eliminar(id, base, self.get, reloj=self._reloj, repite=repite)
        return self._escribir("eliminar", escritura, repetida=repite is not None)

    def importar_lote(self, tareas: Sequence[Tarea]) -> Sequence[ResultadoFila]:
        """See `TareaRepository.importar_lote`: one ping and one dispatch for the whole batch."""
        return importar_lote(
            tareas,
            reloj=self._reloj,
            existentes=self._lector.leer_lote([tarea.id for tarea in tareas]),
            almacenes=self._almacenes,
            despachar=self._dispatch_escritura,
            confirmar=self._confirmador.anotar,
        )

    def _dispatch_escritura(
        self,
        *,
        operacion: str,
        sql_func: Callable[[], Any],
        mongo_func: Callable[[], Any],
        entidad_id: object,
        tarea: Tarea | None = None,
        repetida: bool = False,
        asentar: Callable[[ResultadoEscritura], ResultadoEscritura] = lambda resultado: resultado,
    ) -> ResultadoEscritura:
        """The one door for writes: ping both, run in those that answer, log, publish.

        Args:
            operacion: the method's name, for the log.
            sql_func: what to do in SQL, run on its lane.
            mongo_func: what to do in MongoDB, run on its lane.
            entidad_id: what it is about, for the log.
            tarea: the row that is written, where there is one.
            repetida: an earlier attempt at the same write may still land.
            asentar: what to make of the outcomes before anybody is told of them.

        Returns: what each store said; at least one acknowledged.
        Raises: ConflictoDeVersion, NingunAlmacenDisponible, EscrituraRechazada, EscrituraIncierta;
        RelojDesajustado, before anything is sent.
        """
        # Until what was missed is marked: no store is called up to date in the middle of a write.
        with self.registro.compuerta.escritura():
            resultado = self._despachador.despachar(
                operacion=operacion,
                funciones={NombreAlmacen.SQL: sql_func, NombreAlmacen.MONGO: mongo_func},
                entidad_id=entidad_id,
                tarea=tarea,
            )
            resultado = asentar(resultado)
            for uno in resultado.por_almacen:
                if uno.le_falta_algo and not resultado.en_ninguno:
                    self.registro.marcar_atrasada(uno.almacen)
        registrar_fin(resultado)
        self._publicar(EscrituraTerminada(resultado))
        error = error_de(resultado, repetida=repetida)
        if error is not None:
            raise error
        return resultado

    def _escribir(self, operacion: str, escritura: Escritura, *, repetida: bool) -> Tarea:
        fila = escritura.fila
        self._desempatar(escritura)
        try:
            resultado = self._dispatch_escritura(
                operacion=operacion,
                sql_func=partial(escribir_o_conflicto, self._almacenes[NombreAlmacen.SQL], escritura),
                mongo_func=partial(escribir_o_conflicto, self._almacenes[NombreAlmacen.MONGO], escritura),
                entidad_id=fila.id,
                tarea=fila,
                repetida=repetida,
                asentar=partial(
                    converger,
                    fila=fila,
                    almacenes=self._almacenes,
                    responde=lambda nombre: not self.registro.conocida_caida(nombre),
                    confirmar=self._confirmador.anotar,
                    conservar=self._perdedoras.conservar,
                ),
            )
        except RelojDesajustado:
            if not repetida:  # an earlier attempt may have sent it
                self._reloj.desdecir(fila.version)
            raise
        if not resultado.en_ambos:
            return fila
        self._confirmador.anotar({fila.id: fila.version})
        # Both acknowledged it, so the next write from this value may rely on it being common.
        return replace(fila, version_comun=fila.version, pendiente=False)

    def _desempatar(self, escritura: Escritura) -> None:
        if any(self.registro.conocida_caida(nombre) for nombre in self._almacenes):
            return  # only one store gets the write: the value of the other one stays there
        try:
            desempatar_antes(
                escritura,
                self._almacenes,
                # By the reader's door: a store that does not answer is known to be down when it is pinged.
                leer=lambda nombre: self._lector.leer_de(
                    nombre, "save", lambda almacen: almacen.leer(escritura.fila.id)
                ),
                conservar=self._perdedoras.conservar,
            )
        except AlmacenError as error:
            # Whoever cannot answer will not take the write either, and what is wrong is told then.
            _log.debug("%s: no se pudo mirar antes de escribir: %s", error.almacen.etiqueta, error)

    def close(self, timeout_s: float = CIERRE_S) -> None:
        """Confirm what is queued, within about `timeout_s` seconds, and let the own lanes go."""
        self._confirmador.close(timeout_s)
        if self._carriles_propios:
            self.carriles.close()
