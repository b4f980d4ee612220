"""A purge without retention, where all is quiet; the operator may be killed between its two deletions."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from typing import Any

from adapters.container import Contenedor
from adapters.nodo import ahora_ms
from adapters.verificacion.flujo import VerificadorFlujo
from core.application.purgar_lapidas import PurgarLapidasCommand, PurgarLapidasUseCase
from core.domain.models.almacen import NombreAlmacen


def purgar(contenedor: Contenedor, *, matar: bool) -> None:
    """Verify, and delete every confirmed tombstone for good."""
    revisables: Mapping[NombreAlmacen, Any] = contenedor.revisables
    VerificadorFlujo(revisables, ahora_ms=ahora_ms).verificar()
    if matar:
        _morir_tras_purgar(revisables[NombreAlmacen.SQL])
    caso = PurgarLapidasUseCase(revisables, ahora_ms=ahora_ms, comprobar=lambda: None, margen_ms=0)
    caso.execute(PurgarLapidasCommand(dias=0))


def _morir_tras_purgar(revisable: Any) -> None:
    original = revisable.purgar

    def purgar_y_morir(lapidas: Sequence[tuple[str, int]]) -> None:
        original(lapidas)
        os.kill(os.getpid(), signal.SIGKILL)

    revisable.purgar = purgar_y_morir
