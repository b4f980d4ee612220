"""What the conflict inbox asks of the container."""

from __future__ import annotations

from typing import Protocol

from core.application.listar_conflictos import ContarConflictosUseCase, ListarConflictosUseCase
from core.application.resolver_conflicto import ResolverConflictoUseCase


class CasosDeConflictos(Protocol):
    """The use cases about values that lost, and whose they are."""

    @property
    def nodo(self) -> str:
        """This installation's number as its tareas carry it; it may change."""
        ...

    @property
    def listar_conflictos(self) -> ListarConflictosUseCase:
        """List them."""
        ...

    @property
    def contar_conflictos(self) -> ContarConflictosUseCase:
        """Count those that wait for a decision."""
        ...

    @property
    def resolver_conflicto(self) -> ResolverConflictoUseCase:
        """Decide about one."""
        ...
