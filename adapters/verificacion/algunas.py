"""A comparison of some tareas alone, looked at one by one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

from adapters.verificacion.manos import Manos
from adapters.verificacion.mirada import Mirada
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.verificacion import InformeVerificacion
from core.domain.models.version import EN_VUELO_MS
from core.domain.ports.revision import AlmacenRevisable


def diferencias_de(
    almacenes: Mapping[NombreAlmacen, AlmacenRevisable],
    ids: Sequence[str],
    *,
    ahora_ms: Callable[[], int],
    espera_s: float = EN_VUELO_MS / 1000,
) -> InformeVerificacion:
    """A comparison of these alone, whatever the rest holds; rows are not counted. Raises AlmacenError."""
    informe = InformeVerificacion(metodo="flujo", empezada_ms=ahora_ms())
    parar = threading.Event()
    with Manos(almacenes, parar, lambda: None) as manos:
        mirada = Mirada(informe, manos, parar, ahora_ms=ahora_ms, espera_s=espera_s)
        for pareja in mirada.releer(ids):
            if pareja.sql is not None or pareja.mongo is not None:
                mirada.anotar(pareja)
        mirada.acabar()
    return informe
