"""The replication engine: copies pendientes from the store that has them to the one that lacks them.

One pass serves a store that was down, a crash between the two writes, a backfill and a rollback: they are
all "rows pendientes here". Every step is idempotent and conditional on what was read, so that several
programs may run it at once, and a pass that dies anywhere is simply run again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from adapters.health.compuerta import Compuerta
from adapters.replicacion.cola import Ilegibles, paginas
from adapters.replicacion.cuarentena import SIN_LEER, Cuarentena, dicho
from adapters.replicacion.empujar import empujar
from adapters.replicacion.gemelas import desempatar
from adapters.replicacion.informe import InformePasada
from adapters.replicacion.lotes import Separador
from adapters.replicacion.perdedoras import Perdedoras
from adapters.replicacion.ritmo import RitmoDeLotes
from core.conflictos import pierde_algo
from core.domain.errors import AlmacenSoloLectura, EsquemaSinAdoptar, OperacionFallida
from core.domain.models.almacen import Escritura, NombreAlmacen
from core.domain.models.tarea import Tarea
from core.domain.models.version import SIN_FECHA, lleva_esperando
from core.domain.ports.almacen import Almacen

_log = logging.getLogger("adapters.replicacion")


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """What whoever runs a pass has to say in it.

    Attributes:
        cancelar: asked before each batch.
        progreso: called after each batch with the running report.
        al_faltar: called before rows are copied that should have been in the other store by now.
        esperar: waits that many seconds, or until the pass is to end.
    """

    cancelar: Callable[[], bool] = lambda: False
    progreso: Callable[[InformePasada], None] = lambda _informe: None
    al_faltar: Callable[[], None] = lambda: None
    esperar: Callable[[float], object] = lambda _segundos: None


class MotorReplicacion:
    """Drains one store into the other, a batch at a time. Blocks; owns no thread.

    Args:
        almacenes: both stores.
        ahora_ms: the wall clock, milliseconds since the epoch.
        lote: rows a batch; None: as many as fit into a batch's time.
        compuerta: tells whether operators write meanwhile, to whom the engine then gives way.
    """

    def __init__(
        self,
        almacenes: Mapping[NombreAlmacen, Almacen],
        *,
        ahora_ms: Callable[[], int],
        lote: int | None = None,
        compuerta: Compuerta | None = None,
    ) -> None:
        self.cuarentena = Cuarentena(ahora_ms)
        self.perdedoras = Perdedoras(almacenes, ahora_ms=ahora_ms)
        self._ilegibles = Ilegibles(self.cuarentena)
        self._almacenes = almacenes
        self._ahora_ms = ahora_ms
        self._compuerta = compuerta or Compuerta()
        self._ritmos = {nombre: RitmoDeLotes(lote) for nombre in almacenes}
        self._separador = Separador()

    def drenar(
        self, origen: NombreAlmacen, control: Control | None = None, informe: InformePasada | None = None
    ) -> InformePasada:
        """One pass over the pendientes of `origen` (the store that has them), oldest version first.

        What was done is in `informe`, also when an error ends it; that is returned, too.

        A pass that was not cancelled has looked at everything that was pendiente when it began.
        Raises AlmacenError when a store stops answering: what was copied is copied, the rest stays marked.
        """
        control = control or Control()
        informe = informe if informe is not None else InformePasada()
        self._separador = Separador(lleno=self.cuarentena.llena)
        sin_ver = self.cuarentena.ids(origen)
        almacen = self._almacenes[origen]
        for filas in paginas(almacen, self._ritmos[origen], informe, ahora_ms=self._ahora_ms):
            if control.cancelar():
                informe.cancelada = True
                return informe
            sin_ver.difference_update(fila.id for fila in filas)
            self._un_lote(filas, origen, informe, control)
        sin_ver -= self._apartar_ilegibles(origen, informe)  # last, when few are left to be looked through
        for id in sin_ver:  # no longer pendiente: somebody else settled it
            self.cuarentena.soltar(origen, id)
        return informe

    def _apartar_ilegibles(self, origen: NombreAlmacen, informe: InformePasada) -> set[UUID]:
        """Tell of those that nobody can copy; which they are, as of the last look."""
        filas = self._ilegibles.mirar(self._almacenes[origen])
        if filas is None:
            sabidas = self.cuarentena.por_motivo(origen, SIN_LEER)
            informe.apartadas |= dict.fromkeys(sabidas, SIN_LEER)
            return sabidas
        for fila in filas:
            if self._toca(origen, fila, informe):
                self._apartar(fila, origen, SIN_LEER, informe)
        return {fila.id for fila in filas}

    def _un_lote(
        self, filas: Sequence[Tarea], origen: NombreAlmacen, informe: InformePasada, control: Control
    ) -> None:
        inicio_s, pasadas = time.monotonic(), self._compuerta.pasadas
        nuevas: list[Tarea] = []
        otra_vez: list[Tarea] = []
        for fila in filas:
            if self._toca(origen, fila, informe):
                (otra_vez if self.cuarentena.esta(origen, fila) else nuevas).append(fila)
        informe.miradas += len(filas)
        # Those that failed before go by themselves, or they would hold up the others at each retry.
        for parte, repetidas in ((nuevas, False), (otra_vez, True)):
            if parte:
                self._copiar(parte, origen, informe, control, repetidas=repetidas)
        duracion_s = time.monotonic() - inicio_s
        self._ritmos[origen].tras(len(filas), duracion_s)
        control.progreso(informe)
        hay_operadores = self._compuerta.en_vuelo > 0 or self._compuerta.pasadas != pasadas
        if pausa_s := RitmoDeLotes.pausa_s(duracion_s, hay_operadores=hay_operadores):
            control.esperar(pausa_s)

    def _toca(self, origen: NombreAlmacen, fila: Tarea, informe: InformePasada) -> bool:
        """Whether it is to be tried now; else it is told of as it was set apart."""
        if self.cuarentena.toca(origen, fila):
            return True
        informe.apartadas[fila.id] = self.cuarentena.motivo(origen, fila.id)
        if self.cuarentena.en_ambas(origen, fila.id):
            informe.en_ambas.add(fila.id)
        return False

    def _copiar(
        self,
        filas: Sequence[Tarea],
        origen: NombreAlmacen,
        informe: InformePasada,
        control: Control,
        *,
        repetidas: bool,
    ) -> None:
        destino = self._almacenes[origen.otro]
        otras = destino.leer_lote([fila.id for fila in filas])
        comunes: dict[UUID, int] = {}
        sencillas: list[Escritura] = []
        encontradas: list[Tarea] = []
        for fila in filas:
            otra = otras.get(fila.id)
            if otra is not None and otra.version == fila.version:
                if otra.misma_escritura(fila):
                    comunes[fila.id] = fila.version
                else:
                    self._desempatar(fila, otra, origen, comunes, informe)
            elif Escritura(fila).se_aplica_a(otra):
                sencillas.append(Escritura(fila))
            else:
                encontradas.append(fila)
        # Where the other store holds a newer version, it is this one that lacks something.
        le_faltan = [escritura.fila for escritura in sencillas]
        le_faltan += [fila for fila in encontradas if otras[fila.id].version < fila.version]
        if not repetidas and _falta_alguna(
            le_faltan, self._ahora_ms(), hay_en_vuelo=bool(self._compuerta.en_vuelo)
        ):
            control.al_faltar()
        # The compare-and-set applies exactly where the other store lacks the row or merely lags: what
        # changed since we looked is refused there, and met again in the next pass.
        escritos = self._separador.escribir(destino, sencillas)
        for escritura, escrito in zip(sencillas, escritos, strict=True):
            if escrito.aplicada:
                comunes[escritura.fila.id] = escritura.fila.version
                informe.copiadas += 1
            elif motivo := escritura.rechazada_por(origen.otro, escrito):
                self._apartar(escritura.fila, origen, motivo, informe)
        for fila in encontradas:
            informe.cancelada = informe.cancelada or control.cancelar()
            if informe.cancelada:  # each may take as long as a store that holds a lock lets it
                break
            self._encontrar(fila, origen, comunes, informe)
        self._confirmar(comunes, filas, origen, informe)

    def _encontrar(
        self, fila: Tarea, origen: NombreAlmacen, comunes: dict[UUID, int], informe: InformePasada
    ) -> None:
        """Each store holds a version that the other lacks: the higher wins, a concurrent loser is kept."""
        aqui, alli = self._almacenes[origen], self._almacenes[origen.otro]
        otra: Tarea | None = None
        try:
            otra = alli.leer(fila.id)
            if otra is not None and otra.version > fila.version:
                if pierde_algo(fila, otra):
                    self.perdedoras.conservar(fila, otra.version, alli, aqui)
                    informe.conflictos += 1
                gana, destino = otra, aqui
            else:
                informe.conflictos += otra is not None and pierde_algo(otra, fila)
                gana, destino = fila, alli
            if empujar(
                destino, gana, otro=alli if destino is aqui else aqui, conservar=self.perdedoras.conservar
            ):
                comunes[gana.id] = gana.version
                informe.copiadas += 1
        except (AlmacenSoloLectura, EsquemaSinAdoptar):
            raise  # of the whole store, not of this row
        except OperacionFallida as error:
            self._no_se_pudo(error, fila, otra, origen, informe)

    def _desempatar(
        self,
        fila: Tarea,
        otra: Tarea,
        origen: NombreAlmacen,
        comunes: dict[UUID, int],
        informe: InformePasada,
    ) -> None:
        """Two contents under one version: one of them wins and gets a version of its own."""
        try:
            nueva, guardada = desempatar(
                fila, otra, origen, self._almacenes, conservar=self.perdedoras.conservar
            )
        except (AlmacenSoloLectura, EsquemaSinAdoptar):
            raise
        except OperacionFallida as error:
            self._no_se_pudo(error, fila, otra, origen, informe)
            return
        informe.conflictos += guardada
        if nueva is not None:
            comunes[nueva.id] = nueva.version
            informe.copiadas += 1

    def _confirmar(
        self,
        comunes: Mapping[UUID, int],
        filas: Sequence[Tarea],
        origen: NombreAlmacen,
        informe: InformePasada,
    ) -> None:
        """Both stores hold these. A mark that cannot be cleared keeps nobody waiting: the row is in both."""
        if not comunes:
            return
        pares = list(comunes.items())
        # What the other store does not let clear is pendiente there, and told by the pass over its own rows.
        self._separador.confirmar(self._almacenes[origen.otro], pares)
        rehusadas = self._separador.confirmar(self._almacenes[origen], pares)
        informe.confirmadas += len(pares) - len(rehusadas)
        for id in comunes.keys() - rehusadas.keys():
            self.cuarentena.soltar(origen, id)
        for fila in filas:
            if motivo := rehusadas.get(fila.id):
                self._apartar(fila, origen, motivo, informe, en_ambas=True)

    def _no_se_pudo(
        self,
        error: OperacionFallida,
        fila: Tarea,
        otra: Tarea | None,
        origen: NombreAlmacen,
        informe: InformePasada,
    ) -> None:
        """Set apart what the store that refused is to get: here it may be the other one's row, which only the
        pass over that store may say to be missing. This one's loses, and waits with it.
        """
        if error.almacen is not origen or otra is None:
            self._apartar(fila, origen, str(error), informe)
        elif self.cuarentena.apartar(origen.otro, otra, str(error)):
            informe.nuevas += 1
            _log.warning("⚠️ La tarea %s no se puede copiar a %s: %s", otra.id, origen.etiqueta, error)

    def _apartar(
        self,
        fila: Tarea,
        origen: NombreAlmacen,
        motivo: str,
        informe: InformePasada,
        *,
        en_ambas: bool = False,
    ) -> None:
        if en_ambas:
            informe.en_ambas.add(fila.id)
        informe.apartadas[fila.id] = dicho(origen, motivo, en_ambas=en_ambas)
        if self.cuarentena.apartar(origen, fila, motivo, en_ambas=en_ambas):
            informe.nuevas += 1
            que = "" if en_ambas else f" no se puede copiar a {origen.otro.etiqueta}:"
            _log.warning("⚠️ La tarea %s%s %s", fila.id, que, informe.apartadas[fila.id])


def _falta_alguna(filas: Sequence[Tarea], ahora_ms: int, *, hay_en_vuelo: bool) -> bool:
    """Whether the other store should have any of them by now: it is not on its way.

    Where the version does not say since when one waits, it may be while anything is in the air.
    """
    return any(
        lleva_esperando(fila.version, ahora_ms) if fila.version >= SIN_FECHA else not hay_en_vuelo
        for fila in filas
    )
