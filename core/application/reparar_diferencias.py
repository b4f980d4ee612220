"""Put right what a verification found: plan it, do it, undo it.

The order for each tarea is: what is to be replaced is kept; the store whose content loses is written, then
the other one; both are told that both have it. Each write holds only where the store still has the whole
content that was seen. The new version claims no common version below it (`version_comun` 0): what a
verification objects to is exactly that such marks are not true. So a crash between the two writes leaves a
pendiente that replication brings over by the usual rules, and an edit that lands in between is met there as a
concurrent one, never taken for an ancestor.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from core.application.detalle_diferencia import campos_de
from core.application.obra import Obra
from core.application.obra_reparacion import Ejecutor
from core.application.vuelta import vuelta_de
from core.diferencias import Diferencia, Pareja, TipoDiferencia, diferencia_de
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.reparacion import (
    DetalleDiferencia,
    InformeReparacion,
    PasoReparacion,
    PlanReparacion,
    Reparada,
    Suerte,
)
from core.domain.models.tarea import Tarea
from core.domain.ports.almacen import Almacen
from core.domain.ports.reparacion import AlmacenReparable
from core.reparacion import (
    Accion,
    Decision,
    Gana,
    decidir,
    es_del_todo_devolvible,
    huella,
    mas_reciente,
    vista_de,
)

LOTE = 200
"""Tareas looked at and written together."""

Pedidos = Iterable[tuple[Diferencia, Gana]]
Progreso = Callable[[InformeReparacion], None]


class RepararDiferenciasUseCase:
    """Repairs both stores. Blocks.

    Args:
        almacenes: both, as replication sees them.
        crudos: both, as they lie.
        version_nueva: a version above the one given.
        nodo: this installation's number, as tareas carry it.
        comprobar: raises unless both stores answer and take writes, and the clocks agree.
        apuntar: keeps, for good, what `conflictos` cannot keep exactly; returns where.
        al_confirmar: told the (id, version) of what both stores hold now.
        diario: where `apuntar` keeps it, for people.
    """

    def __init__(
        self,
        almacenes: Mapping[NombreAlmacen, Almacen],
        crudos: Mapping[NombreAlmacen, AlmacenReparable],
        *,
        version_nueva: Callable[[int], int],
        nodo: Callable[[], str],
        ahora_ms: Callable[[], int],
        comprobar: Callable[[], None],
        apuntar: Callable[[Sequence[dict[str, Any]]], str],
        al_confirmar: Callable[[Sequence[tuple[str, int]]], None] = lambda _pares: None,
        lote: int = LOTE,
        diario: str = "el diario de reparaciones",
    ) -> None:
        self._almacenes = almacenes
        self._crudos = crudos
        self._comprobar = comprobar
        self._lote = lote
        self._diario = diario
        self._ejecutor = Ejecutor(
            almacenes,
            crudos,
            version_nueva=version_nueva,
            nodo=nodo,
            ahora_ms=ahora_ms,
            apuntar=apuntar,
            al_confirmar=al_confirmar,
        )

    # -- looking ------------------------------------------------------------------------------------

    def planear(self, pedidos: Pedidos, *, parar: threading.Event | None = None) -> PlanReparacion:
        """What would be done; reads the rows anew and writes nothing. Raises AlmacenError."""
        parar = parar or threading.Event()
        unicos = {diferencia.id: (diferencia, gana) for diferencia, gana in pedidos}
        pasos: list[PasoReparacion] = []
        for parte in _partes(list(unicos.values()), self._lote):
            if parar.is_set():
                break
            parejas = self._leer([diferencia.id for diferencia, _ in parte])
            pasos += [_paso(diferencia, gana, parejas[diferencia.id]) for diferencia, gana in parte]
        return PlanReparacion(tuple(pasos), cancelado=len(pasos) < len(unicos))

    def detalle(self, diferencia: Diferencia) -> DetalleDiferencia:
        """Both values as they are now. Raises AlmacenError."""
        pareja = self._leer([diferencia.id])[diferencia.id]
        crudos = {uno: self._crudos[uno].crudos([diferencia.id]) for uno in NombreAlmacen}
        return DetalleDiferencia(
            id=diferencia.id,
            campos=campos_de(pareja, {uno: crudos[uno].get(diferencia.id, "") for uno in NombreAlmacen}),
            sql=pareja.sql,
            mongo=pareja.mongo,
            crudo_sql=crudos[NombreAlmacen.SQL].get(diferencia.id, ""),
            crudo_mongo=crudos[NombreAlmacen.MONGO].get(diferencia.id, ""),
            mas_reciente=mas_reciente(pareja),
            diferencia=_ahora(diferencia, pareja),
        )

    def _leer(self, ids: Sequence[str]) -> dict[str, Pareja]:
        sql, mongo = (self._crudos[uno].leer(ids) for uno in NombreAlmacen)
        return {id: Pareja(id, sql.get(id), mongo.get(id)) for id in ids}

    # -- doing --------------------------------------------------------------------------------------

    def execute(
        self,
        plan: PlanReparacion,
        *,
        parar: threading.Event | None = None,
        progreso: Progreso = lambda _informe: None,
        asegurar: Progreso = lambda _informe: None,
    ) -> InformeReparacion:
        """Do what was planned, where the stores still hold what was seen.

        Args:
            parar: set from outside, it ends the repair after the batch in hand.
            progreso: called after each batch with the running report; keep it, where an error ends the rest.
            asegurar: called before anything of a batch is written, to keep for good how it can be undone
                (`InformeReparacion.con_vuelta`); what it raises ends the repair before that batch.

        Raises AlmacenError when a store stops answering (whole batches are done, and replication ends the one
        that is half done), ArchivoInvalido, what `comprobar` raises.
        """

        def obras(parte: Sequence[PasoReparacion], informe: InformeReparacion) -> Iterator[Obra]:
            parejas = self._leer([paso.id for paso in parte if paso.accion.escribe])
            for paso in parte:
                decision = _comprobada(paso, parejas.get(paso.id))
                if decision.accion.escribe:
                    yield Obra.de(parejas[paso.id], decision)
                else:
                    _contar(paso.id, decision, informe)

        return self._por_partes(plan.pasos, obras, parar, progreso, asegurar)

    def deshacer(
        self,
        hecha: InformeReparacion,
        *,
        parar: threading.Event | None = None,
        progreso: Progreso = lambda _informe: None,
        asegurar: Progreso = lambda _informe: None,
    ) -> InformeReparacion:
        """Put what a repair replaced back, as a new version in both stores, unless somebody changed it since.

        What a repair only copied is left: it replaced nothing. Raises as `execute`.
        """
        return self._por_partes(hecha.con_vuelta, self._de_vuelta, parar, progreso, asegurar)

    def prever_vuelta(self, hecha: InformeReparacion) -> InformeReparacion:
        """What `deshacer` would come to now, counted (REPARADA: would be put back); nothing is written.

        Raises AlmacenError.
        """
        informe = InformeReparacion(total=len(hecha.con_vuelta))
        for parte in _partes(hecha.con_vuelta, self._lote):
            for _ in self._de_vuelta(parte, informe):
                informe.cuentas[Suerte.REPARADA] += 1
        return informe

    def _de_vuelta(self, parte: Sequence[Reparada], informe: InformeReparacion) -> Iterator[Obra]:
        parejas = self._leer([una.id for una in parte])
        guardadas = self._guardadas(parte)
        for una in parte:
            que = vuelta_de(una, parejas[una.id], guardadas.get(una.id))
            if isinstance(que, Obra):
                yield que
                continue
            informe.cuentas[que] += 1
            if que is Suerte.FALLIDA:
                motivo = (
                    f"lo que se reemplazó no se puede volver a escribir: está, tal cual, en {self._diario}"
                )
                informe.problemas.append((una.id, motivo))

    def _guardadas(self, parte: Sequence[Reparada]) -> dict[str, Tarea]:
        guardadas: dict[str, Tarea] = {}
        for nombre in NombreAlmacen:
            claves = [una.clave for una in parte if una.clave and una.guardada_en is nombre]
            for uno in self._almacenes[nombre].leer_conflictos(claves) if claves else ():
                perdedora = uno.conflicto.perdedora
                guardadas[str(perdedora.id)] = perdedora
        return guardadas

    def _por_partes(
        self,
        que: Sequence[Any],
        obras: Callable[[Sequence[Any], InformeReparacion], Iterator[Obra]],
        parar: threading.Event | None,
        progreso: Progreso,
        asegurar: Progreso,
    ) -> InformeReparacion:
        self._comprobar()
        parar, inicio_s = parar or threading.Event(), time.monotonic()
        informe = InformeReparacion(total=len(que))
        for parte in _partes(que, self._lote):
            if parar.is_set():
                informe.cancelada = True
                break
            self._ejecutor.hacer(list(obras(parte, informe)), informe, asegurar)
            informe.duracion_s = time.monotonic() - inicio_s
            progreso(informe)
        return informe


def _partes(que: Sequence[Any], lote: int) -> Iterator[Sequence[Any]]:
    for desde in range(0, len(que), lote):
        yield que[desde : desde + lote]


def _huellas(pareja: Pareja) -> tuple[str, str]:
    return (huella(pareja.sql), huella(pareja.mongo))


def _decidir(pareja: Pareja, gana: Gana) -> Decision:
    if pareja.sql is None and pareja.mongo is None:
        return Decision(accion=Accion.NADA)
    return decidir(pareja, gana)


def _sin_alcance(diferencia: Diferencia, pareja: Pareja) -> bool:
    """Its id is no text: nothing finds it by that."""
    return "id" in diferencia.campos and pareja.sql is None and pareja.mongo is None


def _ahora(diferencia: Diferencia, pareja: Pareja) -> Diferencia | None:
    if _sin_alcance(diferencia, pareja):
        return diferencia
    return diferencia_de(pareja) if pareja.sql or pareja.mongo else None


def _paso(diferencia: Diferencia, gana: Gana, pareja: Pareja) -> PasoReparacion:
    decision = _decidir(pareja, gana)
    vistas = tuple(uno and uno.version for uno in (pareja.sql, pareja.mongo))
    if _sin_alcance(diferencia, pareja):
        motivo = "su id no es un texto con un UUID, y el programa no alcanza esa fila: corríjala a mano"
        decision = Decision(accion=Accion.IMPOSIBLE, motivo=motivo)
    elif (
        decision.accion.escribe
        and diferencia.tipo is not TipoDiferencia.MALFORMADA  # then a version may be no number
        and vistas != (diferencia.version_sql, diferencia.version_mongo)
    ):
        decision = Decision(accion=Accion.CAMBIO)
    return PasoReparacion(
        diferencia=diferencia,
        gana=gana,
        accion=decision.accion,
        ganador=decision.ganador,
        motivo=decision.motivo,
        huellas=_huellas(pareja),
        devolvible=_devolvible(pareja, decision),
        espera=_espera(pareja, decision),
    )


def _espera(pareja: Pareja, decision: Decision) -> bool:
    """Whether what would be deleted only waits to be copied to the store that lacks it."""
    if decision.accion is not Accion.ELIMINAR or decision.ganador is None:
        return False
    otra = vista_de(pareja, decision.ganador.otro)
    return vista_de(pareja, decision.ganador) is None and otra is not None and otra.pendiente


def _devolvible(pareja: Pareja, decision: Decision) -> bool:
    """Whether undoing brings back all that the two rows hold now. The winner's is written anew as well."""
    if decision.ganador is None:
        return True
    mia, otra = vista_de(pareja, decision.ganador), vista_de(pareja, decision.ganador.otro)
    se_van = [mia, otra if decision.accion.sobrescribe else None]
    return all(vista is None or es_del_todo_devolvible(vista) for vista in se_van)


def _comprobada(paso: PasoReparacion, pareja: Pareja | None) -> Decision:
    """What is to be done now about what was planned."""
    if pareja is None:
        return Decision(accion=paso.accion, motivo=paso.motivo)
    decision = _decidir(pareja, paso.gana)
    if decision.accion is not Accion.NADA and _huellas(pareja) != paso.huellas:
        return Decision(accion=Accion.CAMBIO)
    return decision


def _contar(id: str, decision: Decision, informe: InformeReparacion) -> None:
    suertes = {Accion.NADA: Suerte.IGUALES, Accion.CAMBIO: Suerte.CAMBIO, Accion.IMPOSIBLE: Suerte.FALLIDA}
    informe.cuentas[suertes[decision.accion]] += 1
    if decision.accion is Accion.IMPOSIBLE:
        informe.problemas.append((id, decision.motivo))
