"""The second look: what differs is read again until it has stayed the same for a while, or is gone.

Rows are read at different instants, so a write on its way looks like a difference. Whatever is found is
looked at again in batches, so that memory does not depend on how much differs, and all of it is counted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final

from adapters.verificacion.manos import Manos
from core.diferencias import Diferencia, FilaVista, Pareja, Subtipo, diferencia_de
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.verificacion import InformeVerificacion
from core.domain.models.version import ADELANTO_MAX_MS, EN_VUELO_MS

LIMITE: Final = 10_000
"""Most differences that are told one by one, and that wait together for their second look."""
MIRADAS: Final = 5
"""Times that a row which keeps changing is looked at again."""
CORTA_S: Final = 0.3
"""How long a difference has to stay the same where no row of it was written just now, seconds."""
RELECTURA: Final = 200
"""Rows read at a time when they are looked at again: each may hold a long text."""
INSISTENCIA_S: Final = tuple(min(0.2 * 1.3**vez, 3.0) for vez in range(15))
"""Pauses before each further look at a few rows that are all that is in doubt, seconds; 23 together."""
AGUANTE_S: Final = 300.0
"""For how long differences beyond `LIMITE` are looked at, seconds; the rest is left unseen, and said."""


class Mirada:
    """Counts and names the differences of one comparison.

    Args:
        espera_s: how long a difference of rows that were written just now has to stay the same to count,
            seconds.
        avisar: called every now and then.
    """

    def __init__(
        self,
        informe: InformeVerificacion,
        manos: Manos,
        parar: threading.Event,
        *,
        ahora_ms: Callable[[], int],
        espera_s: float,
        avisar: Callable[[], None] = lambda: None,
    ) -> None:
        self._informe = informe
        self._manos = manos
        self._parar = parar
        self._ahora_ms = ahora_ms
        self._espera_s = espera_s
        self._avisar = avisar
        # Ids that differ, and a hash of what each store holds of them: whole rows would take memory.
        self._dudas: dict[str, int] = {}
        # Of those, the ones that had changed at every look.
        self._inquietas: dict[str, int] = {}
        self._hay_joven = False
        self._llena_desde_s: float | None = None

    @property
    def agotada(self) -> bool:
        """So much differs, and took so long, that no more is looked at."""
        return self._llena_desde_s is not None and time.monotonic() - self._llena_desde_s > AGUANTE_S

    def anotar(self, pareja: Pareja) -> None:
        """Note a pair that may differ; a tombstone that is no difference is counted."""
        if diferencia_de(pareja) is None:
            self._informe.lapidas_sueltas += pareja.sql is None or pareja.mongo is None
        elif self.agotada:
            self._informe.sin_revisar += 1
        else:
            self._dudar(self._dudas, pareja)
            if len(self._dudas) >= LIMITE:
                self._llena_desde_s = self._llena_desde_s or time.monotonic()
                self._repasar()

    def acabar(self) -> None:
        """Look again at what was noted; what then still differs counts."""
        self._repasar()
        informe = self._informe
        if not (informe.hay_diferencias or informe.sin_revisar or informe.en_vuelo):
            self._insistir()
        informe.en_vuelo += len(self._inquietas)
        self._inquietas = {}

    def _insistir(self) -> None:
        """Where nothing else differs, look longer at what never was still: seen equal once is enough."""
        quietas_s: dict[str, float] = {}
        for espera_s in INSISTENCIA_S:
            if not self._inquietas or self._parar.wait(espera_s):
                return
            antes, self._inquietas = self._inquietas, {}
            for pareja in self.releer(antes):
                quieta_s = (
                    quietas_s.get(pareja.id, 0.0) + espera_s if hash(pareja) == antes[pareja.id] else 0.0
                )
                if diferencia_de(pareja) is None:
                    continue
                if quieta_s >= self._espera_s:
                    self.contar(pareja)
                else:
                    self._inquietas[pareja.id] = hash(pareja)
                    quietas_s[pareja.id] = quieta_s

    def _repasar(self) -> None:
        dudas, self._dudas = self._dudas, {}
        for faltan in reversed(range(MIRADAS)):
            espera_s = self._espera_s if self._hay_joven else min(CORTA_S, self._espera_s)
            if not dudas or self._parar.wait(espera_s):
                break
            antes, dudas, self._hay_joven = dudas, {}, False
            for pareja in self.releer(antes):
                if diferencia_de(pareja) is None:
                    continue
                if hash(pareja) == antes[pareja.id] and not (faltan and self._en_camino(pareja)):
                    self.contar(pareja)
                else:
                    self._dudar(dudas, pareja)
        if len(self._inquietas) + len(dudas) <= RELECTURA:
            self._inquietas |= dudas
        else:
            self._informe.en_vuelo += len(dudas)
        self._hay_joven = False

    def releer(self, ids: Iterable[str]) -> Iterator[Pareja]:
        """What both stores hold of them now."""
        ordenados = list(ids)
        for desde in range(0, len(ordenados), RELECTURA):
            parte = ordenados[desde : desde + RELECTURA]
            leidas = self._manos.en_ambos(lambda almacen, parte=parte: almacen.leer(parte))  # type: ignore[misc]
            sql, mongo = (leidas[nombre] for nombre in NombreAlmacen)
            self._avisar()
            for id in parte:
                yield Pareja(id, sql.get(id), mongo.get(id))

    def contar(self, pareja: Pareja) -> None:
        """It differs for certain, if it does: it is counted, and told if there is room."""
        diferencia = diferencia_de(pareja)
        if diferencia is not None:
            self._informe.cuentas[diferencia.tipo] += 1
            if len(self._informe.diferencias) < LIMITE:
                self._informe.diferencias.append(self._con_edad(diferencia, pareja))

    def _dudar(self, dudas: dict[str, int], pareja: Pareja) -> None:
        dudas[pareja.id] = hash(pareja)
        self._hay_joven = self._hay_joven or self._es_joven(pareja)

    def _es_joven(self, pareja: Pareja) -> bool:
        return _escrita_ms(pareja) >= self._ahora_ms() - 2 * EN_VUELO_MS

    def _en_camino(self, pareja: Pareja) -> bool:
        """Whether its own program may still be at it: a slow network, or two that wrote at once."""
        pendiente = any(fila is not None and fila.pendiente for fila in (pareja.sql, pareja.mongo))
        return (
            pendiente and self._es_joven(pareja) and _escrita_ms(pareja) <= self._ahora_ms() + ADELANTO_MAX_MS
        )

    def _con_edad(self, diferencia: Diferencia, pareja: Pareja) -> Diferencia:
        escrita_ms = _escrita_ms(pareja)
        if not escrita_ms:  # no row of it says
            return diferencia
        return replace(diferencia, edad_s=max(0.0, (self._ahora_ms() - escrita_ms) / 1000))


def sin_texto_por_id(nombre: NombreAlmacen, id: str) -> Pareja:
    """A row of that store whose id is no text, which nobody can ask for."""
    fila = FilaVista(id, 0, False, True, (), ("id",), Subtipo.ID)
    return Pareja(id, fila, None) if nombre is NombreAlmacen.SQL else Pareja(id, None, fila)


def _escrita_ms(pareja: Pareja) -> int:
    return max((fila.escrita_ms for fila in (pareja.sql, pareja.mongo) if fila and fila.contenido), default=0)
