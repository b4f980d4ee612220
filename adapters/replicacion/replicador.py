"""Runs the replication engine by itself: at start, when a store returns, and while anything is pendiente."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from adapters.health.registro import RegistroSalud
from adapters.replicacion.informe import InformePasada
from adapters.replicacion.motor import MotorReplicacion
from adapters.replicacion.pasadas import Pasadas, Progreso, callar
from adapters.replicacion.relleno_guiado import RellenoGuiado
from core.domain.errors import AlmacenError, AlmacenNoDisponible, EsquemaSinAdoptar, ResultadoDesconocido
from core.domain.events import Evento, ReplicacionPausada, SaludObservada
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.apartada import Apartada
from core.health import RESPONDEN

_log = logging.getLogger(__name__)

INTERVALO_S = 3.0
"""Between looks for pendientes, seconds."""
_REPETIR_S = 0.02
"""Before a pass is repeated because a store is still behind, seconds; doubled each time."""
_REPETIR_MAX_S = 1.0
"""Longest of those waits, seconds."""
_TURNO_S = 0.1
"""Between two looks, while it waits for its turn, at whether it was cancelled, seconds."""
TRAS_CANCELAR_S = 60.0
"""Until the next pass of the background after an operator has cancelled one, seconds: long enough to be seen
as ended, and to pause it for good."""
_VUELTAS_MAX = 40
"""Most rounds in a row; what is left then is taken up at the next look."""


class Replicador:
    """One thread that makes passes in both directions whenever both stores answer."""

    def __init__(
        self,
        motor: MotorReplicacion,
        registro: RegistroSalud,
        *,
        publicar: Callable[[Evento], None],
        intervalo_s: float = INTERVALO_S,
        relleno: RellenoGuiado | None = None,
    ) -> None:
        self._cuarentena = motor.cuarentena
        self._pasadas = Pasadas(motor, registro, publicar=publicar, relleno=relleno)
        self._registro = registro
        self._publicar = publicar
        self._intervalo_s = intervalo_s
        self._pausada = False
        self._no_antes_s = 0.0
        self._despertar = threading.Event()
        # An operator has cancelled: what is being filled, here or by another program, is to be put off.
        self._por_posponer = threading.Event()
        self._cerrado = threading.Event()
        # One for each round, from before it waits for its turn: what ends it cannot come too early.
        self._paradas: set[threading.Event] = set()
        self._guarda = threading.Lock()  # of the set above; held for that alone
        # One round at a time in this process: a second would only repeat the first one's work.
        self._turno = threading.Lock()
        self._hilo = threading.Thread(target=self._bucle, name="DualRepo-replicacion", daemon=True)

    # -- life ---------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin; the first pass is made as soon as both stores answer."""
        self._hilo.start()

    def oir(self, evento: Evento) -> None:
        """Look at once when a store begins to answer, or is found to be behind (subscribe to the bus)."""
        if isinstance(evento, SaludObservada):
            antes, ahora = evento.antes, evento.ahora
            vuelve = antes.estado not in RESPONDEN and ahora.estado in RESPONDEN
            if vuelve:
                self._pasadas.motor.perdedoras.mirar_pronto()
            if vuelve or (ahora.atrasada and not antes.atrasada):
                self.despertar()

    def close(self, timeout_s: float = 1.0) -> None:
        """Stop after the batch in hand, waiting no longer than `timeout_s` seconds; idempotent."""
        self._cerrado.set()
        self._parar()
        self._despertar.set()
        if self._hilo.is_alive():
            self._hilo.join(timeout_s)

    # -- what an operator may do --------------------------------------------------------------------

    def sincronizar(self, progreso: Progreso = callar) -> dict[NombreAlmacen, InformePasada]:
        """Passes in both directions, now, paused or not, until there is nothing left that they could copy.

        Returns: for each store, what was done with its pendientes.
        Raises AlmacenError when a store does not answer.
        """
        self._pasadas.motor.perdedoras.mirar_pronto()
        return self._ronda(lambda: False, progreso, del_todo=True)

    @property
    def pausada(self) -> bool:
        """Whether the operator has paused what runs in the background."""
        return self._pausada

    def pausar(self) -> None:
        """End the pass in hand after its batch, and begin none until `reanudar`."""
        self._pausar(True)
        self._parar()

    def reanudar(self) -> None:
        """Go on where it was left: what is pendiente is marked in the stores."""
        self._pausar(False)
        self.despertar()

    def cancelar(self) -> None:
        """End every round that has begun, after its batch; the background begins none for a minute, unless
        a store returns or is found to be behind.

        A store that is being filled, be it by another program, is put off, as soon as both answer: that goes
        on when somebody says so.
        """
        self._no_antes_s = time.monotonic() + TRAS_CANCELAR_S
        self._por_posponer.set()
        self._parar()
        self._despertar.set()

    def despertar(self) -> None:
        """Look for pendientes now, unless paused: the caller knows that there are new ones."""
        self._no_antes_s = 0.0
        self._despertar.set()

    def cuarentena(self) -> tuple[Apartada, ...]:
        """The rows that cannot be copied, the longest there first."""
        return self._cuarentena.todas()

    def reintentar_apartadas(self) -> None:
        """Try those rows again now, without waiting for the answer: it comes as an event."""
        self._cuarentena.reintentar()
        self._pasadas.decir_cuarentena()
        self.despertar()

    def _parar(self) -> None:
        with self._guarda:
            for parada in self._paradas:
                parada.set()

    def _pausar(self, pausada: bool) -> None:
        if self._pausada is not pausada:
            self._pausada = pausada
            self._publicar(ReplicacionPausada(pausada))

    # -- rounds -------------------------------------------------------------------------------------

    def _bucle(self) -> None:
        while not self._cerrado.is_set():
            almacenes = self._registro.almacenes
            if all(self._registro.estado(uno) in RESPONDEN for uno in almacenes):
                if self._toca():
                    self._intentar()
                else:
                    self._mirar()
            self._despertar.wait(self._espera_s())
            self._despertar.clear()

    def _toca(self) -> bool:
        """Whether the operator lets a pass begin."""
        return not self._pausada and time.monotonic() >= self._no_antes_s

    def _espera_s(self) -> float:
        """Until the next look; sooner where a row that was set apart is to be tried before."""
        proximo_s = self._cuarentena.proximo_en_s()
        return self._intervalo_s if proximo_s is None else min(self._intervalo_s, max(1.0, proximo_s))

    def _mirar(self) -> None:
        """What has to be known of the stores, and told to them, also while nothing is copied."""
        try:
            self._posponer_si_se_pidio()
            self._pasadas.mirar_parejas()
        except AlmacenError as error:
            _log.info("Mientras no se copia nada, no se pudo mirar qué le falta a cada una: %s", error)
        except Exception:  # noqa: BLE001
            _log.exception("Error interno en la replicación")

    def _posponer_si_se_pidio(self) -> None:
        if self._por_posponer.is_set():
            self._pasadas.posponer_rellenos()
            self._por_posponer.clear()  # after: where a store did not answer, it is still to be done

    def _intentar(self) -> None:
        try:
            self._ronda(lambda: self._pausada, callar, del_todo=False)
            self._pasadas.decir_que_se_detuvo(None)
        except AlmacenError as error:
            if self._cerrado.is_set():  # it is we who closed it
                return
            # It gets no writes before a pass has gone through: it might refuse each of them as well.
            self._registro.admitir_escrituras(error.almacen, si=False)
            if isinstance(error, EsquemaSinAdoptar):  # told, and asked about, wherever it is met
                _log.info("La replicación espera: %s", error)
            elif isinstance(error, AlmacenNoDisponible | ResultadoDesconocido):
                _log.warning("⚠️ La replicación se detuvo y seguirá cuando ambas respondan: %s", error)
            else:
                self._pasadas.decir_que_se_detuvo(error)
        except Exception:  # noqa: BLE001
            # Our bug must not end replication for the life of the program; it is reported each time.
            _log.exception("Error interno en la replicación")

    def _ronda(
        self, pausada: Callable[[], bool], progreso: Progreso, *, del_todo: bool
    ) -> dict[NombreAlmacen, InformePasada]:
        informes = {origen: InformePasada() for origen in self._registro.almacenes}
        with self._parada() as parada:
            while not self._turno.acquire(timeout=_TURNO_S):
                if parada.is_set():
                    return _canceladas(informes)
            inicio_s = time.monotonic()
            try:
                self._posponer_si_se_pidio()
                self._pasar_hasta_acabar(informes, parada, pausada, progreso, del_todo=del_todo)
                self._posponer_si_se_pidio()
            finally:
                self._turno.release()
                for origen, informe in informes.items():
                    self._pasadas.terminar(origen, informe, time.monotonic() - inicio_s)
        return informes

    @contextmanager
    def _parada(self) -> Iterator[threading.Event]:
        """What `cancelar` sets to end the round that is about to begin."""
        parada = threading.Event()
        with self._guarda:
            self._paradas.add(parada)
        if self._cerrado.is_set():  # looked at after: `close` either finds it in the set or is seen here
            parada.set()
        try:
            yield parada
        finally:
            with self._guarda:
                self._paradas.discard(parada)

    def _pasar_hasta_acabar(
        self,
        informes: dict[NombreAlmacen, InformePasada],
        parada: threading.Event,
        pausada: Callable[[], bool],
        progreso: Progreso,
        *,
        del_todo: bool,
    ) -> None:
        """Passes both ways until neither copies anything and no store is behind."""

        def parar() -> bool:
            return parada.is_set() or pausada()

        espera_s = _REPETIR_S
        self._pasadas.mirar_parejas()  # once a round: what a pass itself fills it looks at again
        for _ in range(_VUELTAS_MAX):
            copiadas = 0
            esperan = {nombre for nombre in informes if self._pasadas.espera_relleno(nombre)}
            # First whom only a doubt, or its last rows, keep from normal: that is soon settled. What the
            # other one gets meanwhile is pendiente there until confirmed, and would look like more of it.
            for origen in sorted(informes, key=lambda uno: self._registro.aplaza(uno.otro)):
                if origen.otro in esperan:
                    continue
                informe = informes[origen]
                pasada = self._pasadas.pasar(
                    origen, informe, parar=parar, esperar=parada.wait, progreso=progreso
                )
                copiadas += pasada.copiadas
            if parar():
                return
            if any(self._registro.atrasada(nombre) for nombre in informes.keys() - esperan):
                # Each try to declare it up to date holds writers up for a moment: ever more seldom.
                parada.wait(espera_s)
                espera_s = min(2 * espera_s, _REPETIR_MAX_S)
            elif not copiadas:
                if not esperan:  # of one that nobody took for the pair, nothing is to be had either
                    perdedoras = self._pasadas.motor.perdedoras
                    if del_todo:
                        perdedoras.igualar_del_todo(parar=parar, esperar=parada.wait)
                    else:
                        perdedoras.igualar(parar=parar)
                return


def _canceladas(informes: dict[NombreAlmacen, InformePasada]) -> dict[NombreAlmacen, InformePasada]:
    for informe in informes.values():
        informe.cancelada = True
    return informes
