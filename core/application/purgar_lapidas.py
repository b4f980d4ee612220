"""Delete tombstones for good, once nothing can need them any more (DESIGN, section 5).

A tombstone goes only if both stores hold the same one, both know that the other does, it is older than the
retention, and a verification that began after it found both stores equal. Never by age alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from core.diferencias import FilaVista
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.verificacion import NOTA_LIMPIA, empezada_ms_de
from core.domain.models.version import ADELANTO_MAX_MS
from core.domain.ports.revision import AlmacenRevisable

DIAS = 30
"""Retention unless told otherwise, days."""
DIA_MS = 86_400_000
LOTE = 500
"""Tombstones a batch."""
MARGEN_MS = 2 * ADELANTO_MAX_MS
"""Clocks of two writers that may still write differ by no more: so much later, a verification is newer."""


class SuerteLapida(StrEnum):
    """What becomes of one tombstone. PURGABLE: nothing needs it. The rest stay, for that reason."""

    PURGABLE = "purgable"
    RECIENTE = "reciente"
    SIN_CONFIRMAR = "sin_confirmar"
    DISTINTA = "distinta"
    SIN_VERIFICAR = "sin_verificar"


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgarLapidasCommand:
    """Which tombstones.

    Attributes:
        dias: the retention, days.
        simular: only count.
    """

    dias: int = DIAS
    simular: bool = False


@dataclass(slots=True)
class InformePurga:
    """Counts so far.

    Attributes:
        cuentas: tombstones by what became, or would become, of them; one id counts once.
        purgadas: deleted for good in this run.
        limpia_ms: start of the last clean verification that both stores know of; None without one.
        cancelada: it was stopped before the end.
    """

    cuentas: Counter[SuerteLapida] = field(default_factory=Counter)
    purgadas: int = 0
    limpia_ms: int | None = None
    cancelada: bool = False


def suerte_de(
    mia: FilaVista, otra: FilaVista | None, *, corte_ms: int, verificada_ms: int | None
) -> SuerteLapida:
    """What becomes of the tombstone `mia`, of which the other store holds `otra`.

    Args:
        corte_ms: what was written since then is kept.
        verificada_ms: what was written before then has been verified.

    The other store may have nothing: a purge ended between its two deletions. The tombstone is confirmed, so
    no one copies it back, and it can go under the same rule.
    """
    if mia.pendiente or (otra is not None and otra.pendiente):
        return SuerteLapida.SIN_CONFIRMAR
    if not mia.lapida_confirmada or (otra is not None and otra != mia):
        return SuerteLapida.DISTINTA
    if mia.escrita_ms >= corte_ms:
        return SuerteLapida.RECIENTE
    if verificada_ms is None or verificada_ms <= mia.escrita_ms:
        return SuerteLapida.SIN_VERIFICAR
    return SuerteLapida.PURGABLE


class PurgarLapidasUseCase:
    """Purges both stores. Blocks.

    Args:
        comprobar: raises unless both stores answer and take writes, and the clocks agree.
        margen_ms: how much later than a tombstone a verification has to begin to be newer, milliseconds.
    """

    def __init__(
        self,
        almacenes: Mapping[NombreAlmacen, AlmacenRevisable],
        *,
        ahora_ms: Callable[[], int],
        comprobar: Callable[[], None],
        lote: int = LOTE,
        margen_ms: int = MARGEN_MS,
    ) -> None:
        self._almacenes = almacenes
        self._ahora_ms = ahora_ms
        self._comprobar = comprobar
        self._lote = lote
        self._margen_ms = margen_ms

    def falta_verificar(self, command: PurgarLapidasCommand) -> bool:
        """Whether the last clean verification is too old for the tombstones that are old enough."""
        verificada_ms = self._verificada_ms(self.limpia_ms())
        return verificada_ms is None or verificada_ms <= self._corte_ms(command)

    def _verificada_ms(self, limpia_ms: int | None) -> int | None:
        return None if limpia_ms is None else limpia_ms - self._margen_ms

    def limpia_ms(self) -> int | None:
        """When the last clean verification began; the older, if the stores' notes differ.

        A store that was restored from a backup has an older note, or none: what was verified before it was
        restored says nothing of what it holds now.
        """
        notas = [empezada_ms_de(almacen.nota(NOTA_LIMPIA)) for almacen in self._almacenes.values()]
        sabidas = [nota for nota in notas if nota is not None]
        return min(sabidas) if len(sabidas) == len(notas) else None

    def execute(
        self,
        command: PurgarLapidasCommand,
        *,
        progreso: Callable[[InformePurga], None] = lambda _informe: None,
        cancelar: Callable[[], bool] = lambda: False,
    ) -> InformePurga:
        """Purge, or count what would be purged.

        Args:
            progreso: called after each batch with the running report.
            cancelar: asked before each batch.

        Raises: AlmacenError when a store does not answer; before that nothing was purged, or whole batches
        were, or half of one, which the next run ends. What `comprobar` raises.
        """
        self._comprobar()
        informe = InformePurga(limpia_ms=self.limpia_ms())
        for origen, lapidas in self._lotes():
            if cancelar():
                informe.cancelada = True
                break
            purgables = self._juzgar(origen, lapidas, self._corte_ms(command), informe)
            if purgables and not command.simular:
                informe.purgadas += self._purgar(purgables)
            progreso(informe)
        return informe

    def _corte_ms(self, command: PurgarLapidasCommand) -> int:
        return self._ahora_ms() - command.dias * DIA_MS

    def _lotes(self) -> Iterator[tuple[NombreAlmacen, Sequence[FilaVista]]]:
        for origen, almacen in self._almacenes.items():
            tras = ""
            while lapidas := almacen.pagina(tras=tras, limite=self._lote, solo_lapidas=True):
                yield origen, lapidas
                tras = lapidas[-1].id

    def _juzgar(
        self,
        origen: NombreAlmacen,
        lapidas: Sequence[FilaVista],
        corte_ms: int,
        informe: InformePurga,
    ) -> dict[str, int]:
        """Count these tombstones; id and version of those that may go.

        Seen from the second store, one that both hold has been counted already.
        """
        otras = self._almacenes[origen.otro].leer([lapida.id for lapida in lapidas])
        verificada_ms = self._verificada_ms(informe.limpia_ms)
        purgables = {}
        for lapida in lapidas:
            otra = otras.get(lapida.id)
            if origen is not next(iter(self._almacenes)) and otra is not None and otra.eliminada:
                continue
            suerte = suerte_de(lapida, otra, corte_ms=corte_ms, verificada_ms=verificada_ms)
            informe.cuentas[suerte] += 1
            if suerte is SuerteLapida.PURGABLE:
                purgables[lapida.id] = lapida.version
        return purgables

    def _purgar(self, purgables: Mapping[str, int]) -> int:
        """Delete them in one store, then in the other; how many are gone from both.

        Each deletion holds only for exactly this confirmed tombstone, so one that somebody restores meanwhile
        stays. A crash in between leaves a confirmed tombstone in the second store: nobody copies it, because
        it is not pendiente, a read that misses in the first store meets it, and the next run deletes it.
        """
        primero, segundo = self._almacenes.values()
        primero.purgar(list(purgables.items()))
        quedan = primero.leer(list(purgables))  # changed under our hands: no longer ours to delete
        idas = {id: version for id, version in purgables.items() if id not in quedan}
        return len(segundo.purgar(list(idas.items())) | (idas.keys() - segundo.leer(list(idas)).keys()))
