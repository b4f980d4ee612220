"""What every comparison of both stores has in common: looking again at what differs, the report, the notes.

Rows are read at different instants, so a write on its way looks like a difference. Each is looked at again
until it has stayed the same for a while, or is gone.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from adapters.verificacion.manos import Cancelada, Manos
from core.diferencias import Diferencia, FilaVista, Pareja, Subtipo, diferencia_de
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
CORTA_S = 0.3
"""How long a difference has to stay the same where no row of it was written just now, seconds."""
RELECTURA = 200
"""Rows read at a time when they are looked at again: each may hold a long text."""

Progreso = Callable[[InformeVerificacion], None]
Candidatas = dict[str, int]
"""Ids that differ, and a hash of what each store holds of them: whole rows would take memory."""


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
        self._hay_joven = False

    def verificar(
        self, *, parar: threading.Event | None = None, progreso: Progreso = lambda _informe: None
    ) -> InformeVerificacion:
        """Compare everything, and note the result in both stores.

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

        self._hay_joven = False
        try:
            with Manos(self._almacenes, parar, avisar) as manos:
                candidatas = self._comparar(informe, manos, avisar)
                self._contar_ilegibles(informe, manos)
                self._mirar_otra_vez(candidatas, informe, parar, manos)
        except Cancelada:
            informe.cancelada = True
        informe.cancelada = informe.cancelada or parar.is_set()
        informe.duracion_s = time.monotonic() - inicio_s
        if not informe.cancelada:
            informe.fraccion = 1.0
            self._anotar(informe)
        return informe

    @abstractmethod
    def _comparar(self, informe: InformeVerificacion, manos: Manos, avisar: Callable[[], None]) -> Candidatas:
        """What differs at first sight, up to `LIMITE`; the rest is only counted."""

    def _fraccion(self, informe: InformeVerificacion) -> float:
        """How far it is; asked before each report of progress."""
        return informe.fraccion

    def _mirar(self, pareja: Pareja, candidatas: Candidatas, informe: InformeVerificacion) -> None:
        """Note a pair that differs; a tombstone that is no difference is counted."""
        if diferencia_de(pareja) is None:
            informe.lapidas_sueltas += pareja.sql is None or pareja.mongo is None
        elif len(candidatas) < LIMITE:
            candidatas[pareja.id] = hash(pareja)
            self._hay_joven = self._hay_joven or self._es_joven(pareja)
        else:
            informe.sin_revisar += 1

    def _es_joven(self, pareja: Pareja) -> bool:
        return _escrita_ms(pareja) >= self._ahora_ms() - 2 * EN_VUELO_MS

    def _contar_ilegibles(self, informe: InformeVerificacion, manos: Manos) -> None:
        for nombre, ids in manos.en_ambos(lambda almacen: almacen.ilegibles(LIMITE)).items():
            for id in ids:
                fila = FilaVista(id, 0, False, True, (), ("id",), Subtipo.ID)
                sql, mongo = (fila, None) if nombre is NombreAlmacen.SQL else (None, fila)
                self._firme(Pareja(id, sql, mongo), informe)
                informe.filas_sql += sql is not None
                informe.filas_mongo += mongo is not None

    def _mirar_otra_vez(
        self, candidatas: Candidatas, informe: InformeVerificacion, parar: threading.Event, manos: Manos
    ) -> None:
        for _ in range(MIRADAS):
            espera_s = self._espera_s if self._hay_joven else min(CORTA_S, self._espera_s)
            if not candidatas or parar.wait(espera_s):
                break
            antes, candidatas, self._hay_joven = candidatas, {}, False
            for pareja in self._releer(antes, manos):
                if diferencia_de(pareja) is None:
                    continue
                if hash(pareja) == antes[pareja.id]:
                    self._firme(pareja, informe)
                else:
                    candidatas[pareja.id] = hash(pareja)
                    self._hay_joven = self._hay_joven or self._es_joven(pareja)
        informe.en_vuelo = len(candidatas)

    def _releer(self, ids: Iterable[str], manos: Manos) -> Iterator[Pareja]:
        ordenados = list(ids)
        for desde in range(0, len(ordenados), RELECTURA):
            parte = ordenados[desde : desde + RELECTURA]
            leidas = manos.en_ambos(lambda almacen, parte=parte: almacen.leer(parte))  # type: ignore[misc]
            sql, mongo = (leidas[nombre] for nombre in NombreAlmacen)
            for id in parte:
                yield Pareja(id, sql.get(id), mongo.get(id))

    def _firme(self, pareja: Pareja, informe: InformeVerificacion) -> None:
        diferencia = diferencia_de(pareja)
        if diferencia is not None:
            informe.cuentas[diferencia.tipo] += 1
            if len(informe.diferencias) < LIMITE:
                informe.diferencias.append(self._con_edad(diferencia, pareja))

    def _con_edad(self, diferencia: Diferencia, pareja: Pareja) -> Diferencia:
        escrita_ms = _escrita_ms(pareja)
        if not escrita_ms:  # no row of it says
            return diferencia
        return replace(diferencia, edad_s=max(0.0, (self._ahora_ms() - escrita_ms) / 1000))

    def _anotar(self, informe: InformeVerificacion) -> None:
        nota = informe.nota()
        for nombre, almacen in self._almacenes.items():
            if nombre in informe.ausentes:
                continue
            almacen.anotar(NOTA_ULTIMA, nota)
            if informe.iguales:
                almacen.anotar(NOTA_LIMPIA, nota)


def _escrita_ms(pareja: Pareja) -> int:
    return max((fila.escrita_ms for fila in (pareja.sql, pareja.mongo) if fila and fila.contenido), default=0)
