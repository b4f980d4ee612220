"""The conflicts of all stores as one list: whichever store keeps a loser, it is shown once.

The same loser may be kept in one store or in both, noticed there at different times. An entry that one store
holds as resolved counts as resolved everywhere: the other one was away when somebody decided. It is marked
there when a listing meets it, or when replication next compares what the two keep
(`adapters.replicacion.perdedoras`), so that nothing has to remember who was away.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from adapters.health.registro import RegistroSalud
from core.domain.errors import (
    AlmacenError,
    AlmacenNoDisponible,
    ConflictoNoEncontrado,
    LecturaImposible,
    LecturaRehusada,
    ResultadoDesconocido,
)
from core.domain.models.almacen import Conflicto, NombreAlmacen
from core.domain.models.conflicto import (
    ClaveConflicto,
    ConflictoGuardado,
    LugarConflicto,
    PaginaConflictos,
    RecuentoConflictos,
    Resolucion,
)
from core.domain.models.tarea import Tarea
from core.domain.ports.almacen import Almacen

_log = logging.getLogger(__name__)
T = TypeVar("T")

_CALLAN = (AlmacenNoDisponible, ResultadoDesconocido)
PAGINA = 200
"""Conflicts looked at in one go while they are counted."""
LENTO_S = 0.5
TRAS_CALLAR_S = 5.0
"""For how long a store is not asked again after it took longer than `LENTO_S` to fail, seconds: a list has
many pages, and where somebody keeps its table locked each of them costs a deadline."""


@dataclass(frozen=True, slots=True)
class _Respuestas(Generic[T]):
    """What the stores said that could answer, and what the others failed with."""

    valores: dict[NombreAlmacen, T]
    errores: dict[NombreAlmacen, AlmacenError]

    @property
    def aviso(self) -> str:
        """What the list may lack, for the operator; empty when all stores answered."""
        return " ".join(
            f"{nombre.etiqueta} no se ha podido leer ({_motivo(error)}): puede guardar otros conflictos."
            for nombre, error in self.errores.items()
        )

    def exigir_alguna(self) -> None:
        """Raise LecturaImposible if no store answered."""
        if not self.valores:
            motivos = "; ".join(f"{n.etiqueta}: {_motivo(error)}" for n, error in self.errores.items())
            if any(isinstance(error, _CALLAN) for error in self.errores.values()):
                raise LecturaImposible(f"Ninguna base de datos puede responder. {motivos}.")
            raise LecturaRehusada(f"Ninguna base de datos puede leer los conflictos. {motivos}.")


@dataclass(frozen=True, slots=True)
class _Entrada:
    """A conflict and the store whose list it comes from."""

    almacen: NombreAlmacen
    guardado: ConflictoGuardado

    @property
    def orden(self) -> tuple[LugarConflicto, bool]:
        """Highest first; of two alike SQL's counts."""
        return (self.guardado.lugar, self.almacen is NombreAlmacen.SQL)


class ConflictosDeAlmacenes:
    """The ConflictoRepository over one store or two.

    Args:
        almacenes: where conflicts are kept.
        registro: which of them are known to be down: those are not asked.
        ahora_ms: the wall clock, milliseconds since the epoch.
        plazo_s: the stores' deadline, seconds.
    """

    def __init__(
        self,
        almacenes: Mapping[NombreAlmacen, Almacen],
        registro: RegistroSalud,
        *,
        ahora_ms: Callable[[], int],
        plazo_s: float = 3.0,
    ) -> None:
        self._plazo_s = plazo_s
        self._almacenes = almacenes
        self._registro = registro
        self._ahora_ms = ahora_ms
        self._calladas: dict[NombreAlmacen, tuple[float, AlmacenError]] = {}

    def pagina(self, *, tras: LugarConflicto | None, limite: int, resueltos: bool) -> PaginaConflictos:
        """See `ConflictoRepository.pagina`."""
        listas = self._preguntar(
            lambda uno: uno.listar_conflictos(tras=tras, limite=limite, resueltos=resueltos)
        )
        listas.exigir_alguna()
        entradas = sorted(
            (_Entrada(nombre, uno) for nombre, lista in listas.valores.items() for uno in lista),
            key=lambda entrada: entrada.orden,
            reverse=True,
        )
        # A list that goes on has filled the page by itself: nothing of the page stands below its last place.
        miradas = entradas[:limite]
        hay_mas = len(entradas) > limite or any(len(lista) == limite for lista in listas.valores.values())
        return PaginaConflictos(
            conflictos=tuple(self._sin_repetir(miradas, resueltos=resueltos)),
            siguiente=miradas[-1].guardado.lugar if hay_mas and miradas else None,
            aviso=listas.aviso,
        )

    def contar(self, tope: int) -> RecuentoConflictos:
        """See `ConflictoRepository.contar`. Where both stores keep some, they are compared one by one."""
        cuentas = self._preguntar(lambda uno: uno.contar_conflictos())
        cuentas.exigir_alguna()
        abiertos = max(cuentas.valores.values())
        if abiertos and len(cuentas.valores) > 1:
            return self._contar_una_a_una(tope)
        return RecuentoConflictos(abiertos=min(abiertos, tope), hay_mas=abiertos > tope, aviso=cuentas.aviso)

    def _contar_una_a_una(self, tope: int) -> RecuentoConflictos:
        abiertos, tras = 0, None
        while True:
            pagina = self.pagina(tras=tras, limite=PAGINA, resueltos=False)
            abiertos += len(pagina.conflictos)
            tras = pagina.siguiente
            if abiertos > tope or tras is None:
                return RecuentoConflictos(
                    abiertos=min(abiertos, tope), hay_mas=abiertos > tope, aviso=pagina.aviso
                )

    def conservar(self, perdedora: Tarea, version_ganadora: int) -> None:
        """See `ConflictoRepository.conservar`."""
        ahora_ms = self._ahora_ms()
        conflicto = Conflicto(perdedora=perdedora, version_ganadora=version_ganadora, cuando_ms=ahora_ms)

        def guardar(uno: Almacen) -> None:
            uno.guardar_conflicto(conflicto)
            uno.resolver_conflicto(perdedora.id, perdedora.version, Resolucion.REEMPLAZADA, ahora_ms)

        self._preguntar(guardar).exigir_alguna()

    def resolver(self, clave: ClaveConflicto, resolucion: Resolucion) -> None:
        """See `ConflictoRepository.resolver`."""
        ahora_ms = self._ahora_ms()
        respuestas = self._preguntar(lambda uno: uno.resolver_conflicto(*clave, resolucion, ahora_ms))
        if any(respuestas.valores.values()):
            return
        for error in respuestas.errores.values():
            raise error
        raise ConflictoNoEncontrado(clave[0])

    def reabrir(self, clave: ClaveConflicto) -> None:
        """See `ConflictoRepository.reabrir`."""
        respuestas = self._preguntar(lambda uno: uno.reabrir_conflicto(*clave))
        for error in respuestas.errores.values():
            raise error  # where it was taken back already, the next listing notes it again
        if not any(respuestas.valores.values()):
            raise ConflictoNoEncontrado(clave[0])

    def _sin_repetir(self, entradas: Sequence[_Entrada], *, resueltos: bool) -> Iterator[ConflictoGuardado]:
        otros = self._tambien_en(entradas)
        for entrada in entradas:
            guardado = entrada.guardado
            otra = otros.get((entrada.almacen, guardado.clave))
            if otra is not None and otra.guardado.abierto != guardado.abierto:
                self._igualar(entrada, otra)
                if not resueltos:
                    continue
            elif otra is not None and otra.orden > entrada.orden:
                continue  # it has been shown, at its place in the other list
            yield guardado

    def _tambien_en(
        self, entradas: Sequence[_Entrada]
    ) -> dict[tuple[NombreAlmacen, ClaveConflicto], _Entrada]:
        """For each entry, by its store and key, the one that the other store keeps."""
        otros: dict[tuple[NombreAlmacen, ClaveConflicto], _Entrada] = {}
        for nombre, almacen in self._almacenes.items():
            claves = [uno.guardado.clave for uno in entradas if uno.almacen is not nombre]
            if not claves or self._registro.conocida_caida(nombre) or self._callada(nombre) is not None:
                continue
            try:
                hallados = almacen.leer_conflictos(claves)
            except AlmacenError as error:  # the list says already what it may lack, or will next time
                _log.debug("%s: no se pudieron comparar los conflictos: %s", nombre.etiqueta, error)
                continue
            otros.update(((nombre.otro, uno.clave), _Entrada(nombre, uno)) for uno in hallados)
        return otros

    def _igualar(self, una: _Entrada, otra: _Entrada) -> None:
        """One store says resolved, the other one does not know: tell it."""
        resuelta, abierta = (otra, una) if una.guardado.abierto else (una, otra)
        guardado = resuelta.guardado
        try:
            self._almacenes[abierta.almacen].resolver_conflicto(
                *guardado.clave, guardado.resolucion, guardado.resuelta_en_ms or self._ahora_ms()
            )
        except AlmacenError as error:  # the next listing meets it again
            _log.debug("%s: la resolución queda para más tarde: %s", abierta.almacen.etiqueta, error)

    def _callada(self, nombre: NombreAlmacen) -> AlmacenError | None:
        hasta_s, error = self._calladas.get(nombre, (0.0, None))
        return error if self._registro.ahora_s() < hasta_s else None

    def _preguntar(self, pregunta: Callable[[Almacen], T]) -> _Respuestas[T]:
        """Ask every store that is not known to be down."""
        respuestas: _Respuestas[T] = _Respuestas({}, {})
        for nombre, almacen in self._almacenes.items():
            if self._registro.conocida_caida(nombre):
                motivo = self._registro.instantanea(nombre).ultimo_error or "no responde"
                respuestas.errores[nombre] = AlmacenNoDisponible(nombre, motivo)
                continue
            inicio_s = self._registro.ahora_s()
            if (callada := self._callada(nombre)) is not None:
                respuestas.errores[nombre] = callada
                continue
            try:
                respuestas.valores[nombre] = pregunta(almacen)
            except AlmacenError as error:
                # So that the next question does not wait for a store that hangs.
                self._registro.observar_lectura_fallida(error, desde_s=inicio_s, plazo_s=self._plazo_s)
                respuestas.errores[nombre] = error
                if self._registro.ahora_s() - inicio_s > LENTO_S:
                    self._calladas[nombre] = (self._registro.ahora_s() + TRAS_CALLAR_S, error)
        return respuestas


def _motivo(error: AlmacenError) -> str:
    return str(error).rstrip(".")
