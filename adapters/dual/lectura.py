"""Reads: the principal first, the other when it cannot answer or does not know."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from adapters.dual.avisos import aviso_de_lectura, no_contesto, que_le_pasa
from adapters.dual.cuenta_pendientes import CuentaPendientes
from adapters.dual.primera_mirada import PrimeraMirada
from adapters.dual.primera_pareja import PrimeraPareja
from adapters.health.registro import RegistroSalud
from core.domain.errors import (
    AlmacenError,
    AlmacenNoDisponible,
    EsquemaSinAdoptar,
    LecturaImposible,
    LecturaRehusada,
)
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.consulta import Filtro
from core.domain.models.tarea import Tarea
from core.domain.ports.almacen import Almacen

_log = logging.getLogger("adapters.dual")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Lectura(Generic[T]):
    """What a read found, and the store that said so.

    Attributes:
        aviso: why it was not the principal, or what it may lack; empty when there is nothing to be said.
        atrasada: that store may lack the last changes, and no other one could be asked.
    """

    valor: T
    almacen: NombreAlmacen
    aviso: str = ""
    atrasada: bool = False


class LectorConRespaldo:
    """Asks the stores one after the other until one gives an answer that counts."""

    def __init__(
        self,
        almacenes: Mapping[NombreAlmacen, Almacen],
        registro: RegistroSalud,
        principal: NombreAlmacen,
        *,
        timeout_s: float,
        pareja: PrimeraPareja,
    ) -> None:
        self._almacenes = almacenes
        self._registro = registro
        self.principal = principal
        self._timeout_s = timeout_s
        self._mas_lleno = CuentaPendientes(
            lambda nombre: self.leer_de(nombre, "cuenta de pendientes", _contar_pendientes),
            ahora_s=registro.ahora_s,
        )
        self._primera_mirada = PrimeraMirada(
            lambda nombre: self.leer_de(nombre, "pendientes", _primeros_pendientes),
            registro,
            timeout_s=timeout_s,
            pareja=pareja,
        )

    def leer(
        self,
        que: str,
        leer: Callable[[Almacen], T],
        *,
        cuenta: Callable[[T], bool] = lambda _valor: True,
        id: UUID | None = None,
    ) -> Lectura[T]:
        """The first answer for which `cuenta` holds, else the first (or the only) answer.

        A store known to be down is asked last, so that a read does not wait for it; so is one that has
        returned and is still behind, and one that refused rows which the other has, so that no read goes
        back in time.

        Args:
            id: the tarea that is asked for, where it is one: of two stores that each refused something, the
                one is asked that did not refuse this.

        Raises LecturaImposible when no store can answer.
        """
        self._primera_mirada.esperar()
        errores: dict[NombreAlmacen, AlmacenError] = {}
        respuestas: list[Lectura[T]] = []
        for nombre in self._orden(id):
            # Of the moment before: a store may become up to date while it gives rows of when it was not.
            aviso = self.aviso_de(nombre, errores.get(nombre.otro))
            atrasada = self.puede_faltar_en(nombre, id)
            try:
                valor = self._leer_con_empeno(nombre, que, leer)
            except AlmacenError as error:
                errores[nombre] = error
                continue
            self._desconfiar(errores.get(nombre.otro), nombre)
            lectura = Lectura(
                valor,
                nombre,
                aviso or self.aviso_de(nombre, errores.get(nombre.otro)),
                atrasada or self.puede_faltar_en(nombre, id),
            )
            if cuenta(valor):
                return lectura
            respuestas.append(lectura)
        # One that is still to be filled does not know what there is: its «no» is none.
        if respuestas and not (errores and self._registro.por_rellenar(respuestas[0].almacen)):
            return respuestas[0]
        for lectura in respuestas:
            errores[lectura.almacen] = AlmacenNoDisponible(lectura.almacen, "aún no tiene todas las tareas")
        motivos = "; ".join(
            f"{nombre.etiqueta}: {str(error).rstrip('.')}" for nombre, error in errores.items()
        )
        if all(isinstance(error, EsquemaSinAdoptar) for error in errores.values()):
            raise errores[self.principal]  # that is what has to be done, and whoever asks knows how to say it
        if any(no_contesto(error) for error in errores.values()):
            raise LecturaImposible(f"Ninguna base de datos puede responder. {motivos}.")
        raise LecturaRehusada(f"Ninguna base de datos puede leer las tareas. {motivos}.")

    def _desconfiar(self, error: AlmacenError | None, contesto: NombreAlmacen) -> None:
        """One store has answered for another that could not. It may have shown what that one still lacks, and
        the next read would go back in time, were it to ask that one again before a pass of replication was
        made: that is so where anything is pendiente in it now, after the answer."""
        registro = self._registro
        if (
            error is None
            or not no_contesto(error)
            or not registro.replicada
            or registro.atrasada(error.almacen)
        ):
            return
        try:
            hay = self.leer_de(contesto, "pendientes", _primeros_pendientes)
        except AlmacenError:
            hay = None
        if hay is None or hay:
            registro.marcar_dudosa(error.almacen)

    def _leer_con_empeno(self, nombre: NombreAlmacen, que: str, leer: Callable[[Almacen], T]) -> T:
        """Twice where the other store may lack something: that a connection was reset is no reason to go back
        in time, and what an operator has just saved may be in this one alone. A store that let its deadline
        pass is known to be down by then, and not asked again.
        """
        try:
            return self.leer_de(nombre, que, leer)
        except AlmacenError as error:
            registro, otro = self._registro, nombre.otro
            peor = registro.atrasada(otro) or registro.faltan_en(otro)
            if not peor or not no_contesto(error) or registro.conocida_caida(nombre):
                raise
        return self.leer_de(nombre, que, leer)

    def leer_de(self, nombre: NombreAlmacen, que: str, leer: Callable[[Almacen], T]) -> T:
        """One store's answer; a failure is noted, so that the next call need not wait for it, and rises."""
        inicio_s = self._registro.ahora_s()
        try:
            return leer(self._almacenes[nombre])
        except AlmacenError as error:
            self._registro.observar_lectura_fallida(error, desde_s=inicio_s, plazo_s=self._timeout_s)
            _log.warning("⚠️ Lectura (%s): %s", que, que_le_pasa(error))
            raise

    def leer_lote(self, ids: Sequence[UUID]) -> dict[UUID, Tarea]:
        """The newest row that any store has for each id; both are asked.

        A store known to be down is left out, and one that waits to be adopted: nothing of ours is in it. Any
        other has to answer: what it holds would be missed, and with it that a tarea was deleted.

        Raises AlmacenError for a store that cannot be read, LecturaImposible when both are down.
        """
        filas: dict[UUID, Tarea] = {}
        leidas = 0
        sin_adoptar: EsquemaSinAdoptar | None = None
        for nombre in NombreAlmacen:
            try:
                de_este = self._leer_lote_de(nombre, ids)
            except EsquemaSinAdoptar as error:
                sin_adoptar = error
                continue
            if de_este is None:
                continue
            leidas += 1
            for id, fila in de_este.items():
                if id not in filas or fila.version > filas[id].version:
                    filas[id] = fila
        if not leidas and sin_adoptar is not None:
            raise sin_adoptar
        if not leidas:
            errores = (self._registro.instantanea(nombre).ultimo_error for nombre in NombreAlmacen)
            raise LecturaImposible(f"Ninguna base de datos puede responder. {'; '.join(errores)}")
        return filas

    def _leer_lote_de(self, nombre: NombreAlmacen, ids: Sequence[UUID]) -> dict[UUID, Tarea] | None:
        """None for a store that is down. A first failure may be a connection that died idle."""
        for ultimo in (False, True):
            if self._registro.conocida_caida(nombre):
                return None
            try:
                return self.leer_de(nombre, f"{len(ids)} tareas", lambda almacen: almacen.leer_lote(ids))
            except AlmacenError:
                if ultimo and not self._registro.conocida_caida(nombre):
                    raise
        return None

    def falta_en_ambos(self, id: UUID) -> bool:
        """Whether both stores say that they have nothing of that id."""
        try:
            return not any(
                self._registro.conocida_caida(nombre)
                or self.leer_de(nombre, f"{id}", lambda almacen: almacen.leer(id)) is not None
                for nombre in NombreAlmacen
            )
        except AlmacenError:  # it may hold it; what is wrong is told by the write that follows
            return False

    def _orden(self, id: UUID | None) -> list[NombreAlmacen]:
        """Of two that are behind, first the one that gets the writes, for there one's own are; where both get
        them, the one that has more which the other lacks."""
        registro = self._registro

        def reparos(uno: NombreAlmacen) -> tuple[bool, ...]:
            faltan = registro.faltan_en(uno)
            return (
                registro.conocida_caida(uno),
                registro.por_rellenar(uno),
                registro.atrasada(uno),
                id in faltan,
                bool(faltan),
                registro.aplaza(uno),
            )

        primero, segundo = sorted((self.principal, self.principal.otro), key=reparos)
        if not registro.atrasada(primero) or reparos(primero) != reparos(segundo):
            return [primero, segundo]
        return sorted((primero, segundo), key=self._mas_lleno.cuantas, reverse=True)

    def puede_faltar_en(self, nombre: NombreAlmacen, id: UUID | None = None) -> bool:
        """Whether that store may lack the last changes, of that tarea or of any."""
        faltan = self._registro.faltan_en(nombre)
        return self._registro.atrasada(nombre) or (bool(faltan) if id is None else id in faltan)

    def aviso_de(self, nombre: NombreAlmacen, error: AlmacenError | None = None) -> str:
        """See `aviso_de_lectura`."""
        return aviso_de_lectura(self._registro, nombre, self.principal, error)


def _contar_pendientes(almacen: Almacen) -> int:
    return almacen.contar(Filtro(solo_pendientes=True, eliminadas=True))


def _primeros_pendientes(almacen: Almacen) -> Sequence[Tarea]:
    # Not the first alone: behind those on their way there may be some of a clock that was ahead.
    return almacen.pendientes(tras=None, limite=20)
