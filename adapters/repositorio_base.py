"""A single store as a TareaRepository: what `ORM=peewee` and `ORM=mongo` run on.

Shared by both adapters: they bring the atomic row operations of `Almacen`, this adds versions and rules.
Every write is marked pendiente, so that a deployment which later becomes dual catches up by itself.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from adapters.nodo import reloj_del_proceso
from core.domain.errors import AlmacenError, ConflictoDeVersion, OperacionFallida, TareaNoEncontrada
from core.domain.models.almacen import Escrito, Escritura, NombreAlmacen
from core.domain.models.consulta import Consulta, Filtro, Pagina, Resumen
from core.domain.models.importacion import ResultadoFila, SuerteFila, suerte_de, version_de_importacion
from core.domain.models.tarea import Tarea, ahora_utc
from core.domain.models.version import RelojHibrido
from core.domain.ports.almacen import Almacen


def nueva_escritura(tarea: Tarea, *, reloj: RelojHibrido, version: int | None = None) -> Escritura:
    """The write that `save(tarea)` means: a new version over the one that `tarea` was read with.

    Raises TareaInvalida before anything is sent.
    """
    fila = replace(
        tarea.validada(),
        version=version or reloj.siguiente(tarea.version),
        version_comun=tarea.comun_conocida,
        pendiente=True,
        nodo=f"{reloj.nodo:04x}",
    )
    return Escritura(fila, tarea.version)


def escritura_de_lapida(tarea: Tarea, *, reloj: RelojHibrido, repite: Tarea | None = None) -> Escritura:
    """The write that turns `tarea` into a tombstone; `repite`: the one of an earlier attempt, again."""
    lapida = replace(tarea, eliminada=True, actualizada_en=repite.actualizada_en if repite else ahora_utc())
    return nueva_escritura(lapida, reloj=reloj, version=repite.version if repite else None)


def escritura_de_eliminar(
    id: UUID,
    base: Tarea | None,
    leer: Callable[[UUID], Tarea | None],
    *,
    reloj: RelojHibrido,
    repite: Tarea | None,
) -> Escritura:
    """What `eliminar` means (see `TareaRepository.eliminar`); `leer`: how to find what stands there.

    Raises TareaNoEncontrada.
    """
    actual = base or leer(id)
    if actual is None or actual.eliminada:
        raise TareaNoEncontrada(id)
    return escritura_de_lapida(actual, reloj=reloj, repite=repite)


def escribir_o_conflicto(almacen: Almacen, escritura: Escritura) -> Tarea:
    """Write it in one store. Raises ConflictoDeVersion where something else stands there, AlmacenError."""
    escrito = almacen.escribir(escritura)
    if motivo := escritura.rechazada_por(almacen.nombre, escrito):
        raise OperacionFallida(almacen.nombre, motivo)
    if escrito.actual is not None:
        raise ConflictoDeVersion(escrito.actual, escritura.fila)
    return escritura.fila


def escritura_importada(tarea: Tarea, *, reloj: RelojHibrido) -> Escritura:
    """The write of a row of a file (see `version_de_importacion`)."""
    nueva = replace(tarea, version=0, pendiente=False).validada()
    return nueva_escritura(nueva, reloj=reloj, version=version_de_importacion(nueva))


def planear_importacion(
    tareas: Sequence[Tarea], existentes: Mapping[UUID, Tarea], *, reloj: RelojHibrido
) -> tuple[dict[UUID, Escritura], list[ResultadoFila | None]]:
    """The writes that bring in what does not exist yet, and what can be said of each row before them.

    Returns: writes by id; one entry a tarea, in order, None for one that its write decides.
    """
    escrituras: dict[UUID, Escritura] = {}
    resultados: list[ResultadoFila | None] = []
    for tarea in tareas:
        repetida = escrituras.get(tarea.id)  # the same id twice in one file
        existente = existentes.get(tarea.id) or (repetida and repetida.fila)
        if existente is None:
            escrituras[tarea.id] = escritura_importada(tarea, reloj=reloj)
        resultados.append(suerte_de(tarea, existente) if existente else None)
    return escrituras, resultados


def _suerte_de_escrito(nombre: NombreAlmacen, escritura: Escritura, escrito: Escrito) -> ResultadoFila:
    if motivo := escritura.rechazada_por(nombre, escrito):
        return ResultadoFila(SuerteFila.RECHAZADA, motivo)
    if escrito.actual is not None:
        return suerte_de(escritura.fila, escrito.actual)
    return ResultadoFila(SuerteFila.NUEVA)


class RepositorioDeUnAlmacen(Almacen, ABC):
    """TareaRepository on top of one Almacen."""

    def __init__(self, reloj: RelojHibrido | None) -> None:
        self._reloj = reloj or reloj_del_proceso()

    def save(self, tarea: Tarea, *, version: int | None = None) -> Tarea:
        """See `TareaRepository.save`."""
        return escribir_o_conflicto(self, nueva_escritura(tarea, reloj=self._reloj, version=version))

    def eliminar(self, id: UUID, *, base: Tarea | None = None, repite: Tarea | None = None) -> Tarea:
        """See `TareaRepository.eliminar`."""
        escritura = escritura_de_eliminar(id, base, self.leer, reloj=self._reloj, repite=repite)
        return escribir_o_conflicto(self, escritura)

    def get(self, id: UUID, *, eliminadas: bool = False) -> Tarea | None:
        """See `TareaRepository.get`."""
        tarea = self.leer(id)
        return None if tarea is None or (tarea.eliminada and not eliminadas) else tarea

    def ha_desaparecido(self, id: UUID) -> bool:
        """See `TareaRepository.ha_desaparecido`."""
        try:
            return self.leer(id) is None
        except AlmacenError:  # what is wrong is told by the write that follows
            return False

    def list(self, consulta: Consulta | None = None) -> Pagina:
        """See `TareaRepository.list`."""
        return self.listar(consulta or Consulta())

    def importar_lote(self, tareas: Sequence[Tarea]) -> Sequence[ResultadoFila]:
        """See `TareaRepository.importar_lote`."""
        # Looked for first: a row that another program put here may carry no version to be refused by.
        existentes = self.leer_lote([tarea.id for tarea in tareas])
        nuevas, resultados = planear_importacion(tareas, existentes, reloj=self._reloj)
        escritos = dict(zip(nuevas, self.escribir_lote(list(nuevas.values())), strict=True))
        return [
            resultado or _suerte_de_escrito(self.nombre, nuevas[tarea.id], escritos[tarea.id])
            for tarea, resultado in zip(tareas, resultados, strict=True)
        ]

    def filas_sin_adoptar(self) -> int:
        """How many rows there are, whoever made the table: asked before adopting it. Raises AlmacenError."""
        return self.contar()

    def resumen(self) -> Resumen:
        """See `TareaRepository.resumen`."""
        return Resumen(
            total=self.contar(),
            pendientes={self.nombre: self.contar(Filtro(solo_pendientes=True, eliminadas=True))},
        )
