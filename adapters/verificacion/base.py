"""What every comparison of both stores has in common: how it begins and ends, the report, the notes."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

from adapters.verificacion.manos import Cancelada, Manos
from adapters.verificacion.mirada import LIMITE, Mirada, sin_texto_por_id
from core.domain.errors import AlmacenError
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.verificacion import NOTA_LIMPIA, NOTA_ULTIMA, InformeVerificacion
from core.domain.models.version import EN_VUELO_MS
from core.domain.ports.revision import AlmacenRevisable

PAGINA = 2_000
"""Rows a page."""
AVANCE_S = 0.2
"""Between two reports of progress, seconds."""

Progreso = Callable[[InformeVerificacion], None]


class Verificador(ABC):
    """Compares both stores. Blocks; works on two threads of its own.

    Args:
        espera_s: how long a difference of rows that were written just now has to stay the same to count,
            seconds.
    """

    metodo: str

    def __init__(
        self,
        almacenes: Mapping[NombreAlmacen, AlmacenRevisable],
        *,
        ahora_ms: Callable[[], int],
        espera_s: float = EN_VUELO_MS / 1000,
        pagina: int = PAGINA,
        motivo: str = "",
    ) -> None:
        self._almacenes = almacenes
        self._ahora_ms = ahora_ms
        self._espera_s = espera_s
        self._pagina = pagina
        self._motivo = motivo

    def verificar(
        self, *, parar: threading.Event | None = None, progreso: Progreso = lambda _informe: None
    ) -> InformeVerificacion:
        """Compare everything, and note the result in both stores where they take it.

        Args:
            parar: set from outside, it ends the comparison within half a second.
            progreso: called every now and then, in this thread, with the running report.

        Raises AlmacenError when a store does not answer: nothing is then known, and nothing noted.
        """
        parar = parar or threading.Event()
        inicio_s = avisado_s = time.monotonic()
        informe = InformeVerificacion(
            metodo=self.metodo, empezada_ms=self._ahora_ms(), motivo_metodo=self._motivo
        )

        def avisar() -> None:
            nonlocal avisado_s
            if time.monotonic() - avisado_s >= AVANCE_S:
                avisado_s = time.monotonic()
                informe.duracion_s = avisado_s - inicio_s
                informe.fraccion = self._fraccion(informe)
                progreso(informe)

        try:
            with Manos(self._almacenes, parar, avisar) as manos:
                mirada = Mirada(
                    informe,
                    manos,
                    parar,
                    ahora_ms=self._ahora_ms,
                    espera_s=self._espera_s,
                    avisar=avisar,
                )
                self._comparar(informe, manos, mirada, avisar)
                self._contar_ilegibles(informe, manos, mirada)
                ajenas = manos.en_ambos(lambda almacen: almacen.columnas_ajenas())
                informe.columnas_ajenas = tuple(nombre for suyas in ajenas.values() for nombre in suyas)
                mirada.acabar()
        except Cancelada:
            informe.cancelada = True
        informe.cancelada = informe.cancelada or parar.is_set()
        informe.duracion_s = time.monotonic() - inicio_s
        if not informe.cancelada:
            informe.fraccion = 1.0
            self._anotar(informe)
        return informe

    @abstractmethod
    def _comparar(
        self, informe: InformeVerificacion, manos: Manos, mirada: Mirada, avisar: Callable[[], None]
    ) -> None:
        """Give what differs at first sight to `mirada`."""

    def _fraccion(self, informe: InformeVerificacion) -> float:
        """How far it is; asked before each report of progress."""
        return informe.fraccion

    def _contar_ilegibles(self, informe: InformeVerificacion, manos: Manos, mirada: Mirada) -> None:
        for nombre, ids in manos.en_ambos(lambda almacen: almacen.ilegibles(LIMITE)).items():
            for id in ids:
                mirada.contar(sin_texto_por_id(nombre, id))
            informe.filas_sql += len(ids) if nombre is NombreAlmacen.SQL else 0
            informe.filas_mongo += len(ids) if nombre is NombreAlmacen.MONGO else 0

    def _anotar(self, informe: InformeVerificacion) -> None:
        """Tell the stores; one that does not take the note changes nothing of what was found."""
        nota = informe.nota()
        donde = [uno for nombre, uno in self._almacenes.items() if nombre not in informe.ausentes]
        fallos = [fallo for uno in donde if (fallo := _intentar(uno, NOTA_ULTIMA, nota))]
        if informe.iguales and not fallos:
            fallos = _anotar_limpia(donde, nota)
        informe.sin_anotar = " ".join(fallos)


def _anotar_limpia(donde: Sequence[AlmacenRevisable], nota: str) -> list[str]:
    """Note it in all of them or in none: in one alone it would be believed there. What went wrong."""
    anteriores: list[tuple[AlmacenRevisable, str]] = []
    for almacen in donde:
        try:
            anteriores.append((almacen, almacen.nota(NOTA_LIMPIA) or ""))
        except AlmacenError as error:
            return [_no_anotada(almacen, error)]
    for almacen in donde:
        if fallo := _intentar(almacen, NOTA_LIMPIA, nota):
            # Where the answer was lost it may stand there, too.
            otros = [_intentar(uno, NOTA_LIMPIA, anterior) for uno, anterior in anteriores]
            return [fallo, *(otro for otro in otros if otro and otro != fallo)]
    return []


def _intentar(almacen: AlmacenRevisable, clave: str, nota: str) -> str:
    """Note it; what went wrong, one sentence."""
    try:
        almacen.anotar(clave, nota)
    except AlmacenError as error:
        return _no_anotada(almacen, error)
    return ""


def _no_anotada(almacen: AlmacenRevisable, error: AlmacenError) -> str:
    return f"El resultado no se pudo anotar en {almacen.nombre.etiqueta}: {str(error).rstrip('.')}."
