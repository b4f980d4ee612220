"""List tareas page by page, and count them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from core.domain.models.consulta import Consulta, Filtro, Pagina, Resumen
from core.domain.ports.tarea_repository import TareaRepository


class ListarTareasUseCase:
    """Search, filter and order happen in the store; this only carries the question."""

    def __init__(self, repositorio: TareaRepository) -> None:
        self._repositorio = repositorio

    def execute(self, consulta: Consulta | None = None) -> Pagina:
        """One page. Raises CursorCaducado, LecturaImposible, AlmacenError."""
        return self._repositorio.list(consulta)

    def paginas(self, consulta: Consulta) -> Iterator[Pagina]:
        """The page that `consulta` asks for and every one after it, each read when it is wanted."""
        while True:
            pagina = self._repositorio.list(consulta)
            yield pagina
            if pagina.siguiente is None:
                return
            consulta = replace(consulta, tras=pagina.siguiente)


class ContarTareasUseCase:
    """Counts the tareas that a filter lets through."""

    def __init__(self, repositorio: TareaRepository) -> None:
        self._repositorio = repositorio

    def execute(self, filtro: Filtro | None = None) -> int:
        """How many. Raises LecturaImposible, AlmacenError."""
        return self._repositorio.contar(filtro)


class ResumirUseCase:
    """The figures that are always in view."""

    def __init__(self, repositorio: TareaRepository) -> None:
        self._repositorio = repositorio

    def execute(self) -> Resumen:
        """Counts. Raises LecturaImposible, AlmacenError."""
        return self._repositorio.resumen()
