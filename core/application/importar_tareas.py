"""Bring many tareas in from a file, in batches, so that running it again duplicates nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.domain.errors import DualTareasError, TareaInvalida
from core.domain.models.importacion import ResultadoFila, SuerteFila, suerte_de
from core.domain.models.tarea import Tarea
from core.domain.ports.tarea_repository import TareaRepository


@dataclass(frozen=True, slots=True)
class FilaLeida:
    """One record of the file: the line it starts at, and the tarea or the reason why there is none.

    Attributes:
        original: the record as it stands in the file, where there is no tarea: to be mended and tried again.
    """

    linea: int
    tarea: Tarea | None = None
    motivo: str = ""
    original: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Incidencia:
    """A row that did not go in: its line and why; `original` as in `FilaLeida`."""

    linea: int
    suerte: SuerteFila
    motivo: str
    original: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class InformeImportacion:
    """Counts so far, and the first rows that did not go in.

    Attributes:
        cuentas: rows by outcome.
        incidencias: at most `INCIDENCIAS_MAX` of them, without their texts; the counts are complete.
        cancelada: it was stopped before the end.
    """

    cuentas: Counter[SuerteFila] = field(default_factory=Counter)
    incidencias: list[Incidencia] = field(default_factory=list)
    cancelada: bool = False

    @property
    def leidas(self) -> int:
        """Rows read so far."""
        return self.cuentas.total()


INCIDENCIAS_MAX = 1000
_SE_CUENTAN = (SuerteFila.NUEVA, SuerteFila.IGUAL)


class ImportarTareasUseCase:
    """Reads rows lazily and hands them to the repository a batch at a time (one ping each)."""

    def __init__(self, repositorio: TareaRepository, *, lote: int = 1000) -> None:
        self._repositorio = repositorio
        self._lote = lote

    def execute(
        self,
        filas: Iterable[FilaLeida],
        *,
        simular: bool = False,
        progreso: Callable[[InformeImportacion], None] = lambda _informe: None,
        incidencia: Callable[[Incidencia], None] = lambda _incidencia: None,
        cancelar: Callable[[], bool] = lambda: False,
    ) -> InformeImportacion:
        """Import all of `filas`.

        Args:
            simular: check every row, compare it with what the stores hold, and write nothing.
            progreso: called after each batch with the running report.
            incidencia: called for each row that did not go in, without bound.
            cancelar: asked before each batch.

        Raises: as `TareaRepository.importar_lote`; batches before that are in.
        """
        informe = InformeImportacion()
        for lote in _lotes(filas, self._lote):
            if cancelar():
                informe.cancelada = True
                break
            for fila, resultado in self._resultados(lote, simular=simular):
                informe.cuentas[resultado.suerte] += 1
                if resultado.suerte not in _SE_CUENTAN:
                    suceso = Incidencia(fila.linea, resultado.suerte, resultado.motivo, fila.original)
                    incidencia(suceso)
                    if len(informe.incidencias) < INCIDENCIAS_MAX:
                        informe.incidencias.append(replace(suceso, original={}))  # it may be long
            progreso(informe)
        return informe

    def _resultados(
        self, lote: list[FilaLeida], *, simular: bool
    ) -> Iterator[tuple[FilaLeida, ResultadoFila]]:
        buenas: list[tuple[FilaLeida, Tarea]] = []
        for fila in lote:
            if fila.tarea is None:
                yield fila, ResultadoFila(SuerteFila.RECHAZADA, fila.motivo)
                continue
            try:
                buenas.append((fila, fila.tarea.validada()))
            except TareaInvalida as error:
                yield fila, ResultadoFila(SuerteFila.RECHAZADA, str(error))
        if buenas:
            tareas = [tarea for _, tarea in buenas]
            resultados = self._comparar(tareas) if simular else self._repositorio.importar_lote(tareas)
            yield from zip((fila for fila, _ in buenas), resultados, strict=True)

    def _comparar(self, tareas: Sequence[Tarea]) -> Sequence[ResultadoFila]:
        """What `importar_lote` would say, without writing."""
        vistas = self._repositorio.leer_lote([tarea.id for tarea in tareas])
        resultados = []
        for tarea in tareas:
            vista = vistas.setdefault(tarea.id, tarea)
            resultados.append(ResultadoFila(SuerteFila.NUEVA) if vista is tarea else suerte_de(tarea, vista))
        return resultados


def _lotes(filas: Iterable[FilaLeida], cuantas: int) -> Iterator[list[FilaLeida]]:
    """Batches; where the file breaks off, what was read before comes first and then the error rises."""
    lote: list[FilaLeida] = []
    try:
        for fila in filas:
            lote.append(fila)
            if len(lote) == cuantas:
                yield lote
                lote = []
    except DualTareasError:
        if lote:
            yield lote
        raise
    if lote:
        yield lote
