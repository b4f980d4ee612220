"""Comparison of both stores by reading all rows of both, in order, page by page ("flujo").

Pages and not one long cursor: each has the store's deadline, no snapshot holds the database's cleaning up,
and it can be stopped between any two. Both stores are read at the same time, one page ahead; memory does not
depend on how many rows there are.

Rows are read at different instants, so a write on its way looks like a difference. Each is looked at again
until it has stayed the same for a while, or is gone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor

from core.diferencias import FilaVista, Pareja, diferencia_de, emparejar
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.verificacion import NOTA_LIMPIA, NOTA_ULTIMA, InformeVerificacion
from core.domain.models.version import EN_VUELO_MS
from core.domain.ports.revision import AlmacenRevisable

PAGINA = 2_000
"""Rows a page."""
LIMITE = 10_000
"""Most differences that are looked at again, and told one by one."""
MIRADAS = 5
"""Times that a row which keeps changing is looked at again."""
AVANCE_S = 0.2
"""Between two reports of progress, seconds."""

Progreso = Callable[[InformeVerificacion], None]


class VerificadorFlujo:
    """Compares both stores. Blocks; reads on two threads of its own.

    Args:
        espera_s: how long a difference has to stay the same to count, seconds.
    """

    def __init__(
        self,
        almacenes: Mapping[NombreAlmacen, AlmacenRevisable],
        *,
        ahora_ms: Callable[[], int],
        espera_s: float = EN_VUELO_MS / 1000,
        pagina: int = PAGINA,
    ) -> None:
        self._almacenes = almacenes
        self._ahora_ms = ahora_ms
        self._espera_s = espera_s
        self._pagina = pagina

    def verificar(
        self, *, parar: threading.Event | None = None, progreso: Progreso = lambda _informe: None
    ) -> InformeVerificacion:
        """Compare everything, and note the result in both stores.

        Args:
            parar: set from outside, it ends the comparison after the page in hand.
            progreso: called every now and then with the running report.

        Raises AlmacenError when a store does not answer: nothing is then known, and nothing noted.
        """
        parar = parar or threading.Event()
        inicio_s = time.monotonic()
        informe = InformeVerificacion(metodo="flujo", empezada_ms=self._ahora_ms())
        candidatas = self._comparar(informe, parar, progreso)
        self._mirar_otra_vez(candidatas, informe, parar)
        informe.cancelada = parar.is_set()
        informe.duracion_s = time.monotonic() - inicio_s
        if not informe.cancelada:
            self._anotar(informe)
        return informe

    def _comparar(
        self, informe: InformeVerificacion, parar: threading.Event, progreso: Progreso
    ) -> dict[str, Pareja]:
        """The pairs that differ at first sight, up to `LIMITE`; the rest is only counted."""
        candidatas: dict[str, Pareja] = {}
        avisar_s = time.monotonic() + AVANCE_S
        with ThreadPoolExecutor(2, thread_name_prefix="DualRepo-verificar") as hilos:
            sql, mongo = (self._filas(nombre, hilos, parar) for nombre in NombreAlmacen)
            for pareja in emparejar(sql, mongo):
                informe.filas_sql += pareja.sql is not None
                informe.filas_mongo += pareja.mongo is not None
                if diferencia_de(pareja) is not None:
                    if len(candidatas) < LIMITE:
                        candidatas[pareja.id] = pareja
                    else:
                        informe.sin_revisar += 1
                elif pareja.sql is None or pareja.mongo is None:
                    informe.lapidas_sueltas += 1
                if time.monotonic() >= avisar_s:
                    avisar_s = time.monotonic() + AVANCE_S
                    progreso(informe)
        self._contar_ilegibles(informe)
        return candidatas

    def _filas(self, nombre: NombreAlmacen, hilos: Executor, parar: threading.Event) -> Iterator[FilaVista]:
        """All rows of a store, the next page being read while this one is used."""
        leer = self._almacenes[nombre].pagina
        futuro = hilos.submit(leer, tras="", limite=self._pagina)
        while not parar.is_set():
            filas = futuro.result()  # the store's own deadline bounds it
            if len(filas) < self._pagina:
                yield from filas
                return
            futuro = hilos.submit(leer, tras=filas[-1].id, limite=self._pagina)
            yield from filas

    def _contar_ilegibles(self, informe: InformeVerificacion) -> None:
        for nombre, almacen in self._almacenes.items():
            for id in almacen.ilegibles(LIMITE):
                fila = FilaVista(id, 0, False, True, (), ("id",))
                sql, mongo = (fila, None) if nombre is NombreAlmacen.SQL else (None, fila)
                self._firme(Pareja(id, sql, mongo), informe)
                informe.filas_sql += sql is not None
                informe.filas_mongo += mongo is not None

    def _mirar_otra_vez(
        self, candidatas: dict[str, Pareja], informe: InformeVerificacion, parar: threading.Event
    ) -> None:
        for _ in range(MIRADAS):
            if not candidatas or parar.wait(self._espera_s):
                break
            antes, candidatas = candidatas, {}
            for id, pareja in self._releer(list(antes)):
                if diferencia_de(pareja) is None:
                    continue
                if pareja == antes[id]:
                    self._firme(pareja, informe)
                else:
                    candidatas[id] = pareja
        informe.en_vuelo = len(candidatas)

    def _releer(self, ids: list[str]) -> Iterator[tuple[str, Pareja]]:
        for desde in range(0, len(ids), self._pagina):
            parte = ids[desde : desde + self._pagina]
            sql, mongo = (self._almacenes[nombre].leer(parte) for nombre in NombreAlmacen)
            for id in parte:
                yield id, Pareja(id, sql.get(id), mongo.get(id))

    @staticmethod
    def _firme(pareja: Pareja, informe: InformeVerificacion) -> None:
        diferencia = diferencia_de(pareja)
        if diferencia is not None:
            informe.cuentas[diferencia.tipo] += 1
            if len(informe.diferencias) < LIMITE:
                informe.diferencias.append(diferencia)

    def _anotar(self, informe: InformeVerificacion) -> None:
        nota = informe.nota()
        for almacen in self._almacenes.values():
            almacen.anotar(NOTA_ULTIMA, nota)
            if informe.iguales:
                almacen.anotar(NOTA_LIMPIA, nota)
