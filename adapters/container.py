"""The composition root: settings in, wired objects out. Production and tests call the same."""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from adapters.casos_de_uso import CasosDeUso
from adapters.cierre import cerrar_en_orden, en_lo_que_queda
from adapters.conflictos import ConflictosDeAlmacenes
from adapters.dual import DualTareaRepository
from adapters.dual.carriles import Carriles
from adapters.embedded import MongoEmbebido, MongoEmbebidoNoDisponible
from adapters.events import BusEventos
from adapters.health.monitor import HealthMonitor
from adapters.health.pinger import Pinger, ping_en_paralelo
from adapters.health.registro import RegistroSalud
from adapters.mongo import MongoTareaRepository
from adapters.nodo import ahora_ms, crear_reloj, tomar_puesto
from adapters.peewee import PeeweeTareaRepository
from adapters.registro_nodo import ReclamadorDeNodo, registros_de
from adapters.reparacion.control import ControlReparacion
from adapters.replicacion.control import ControlReplicacion
from adapters.replicacion.parejas import Parejas
from adapters.repositorio_base import RepositorioDeUnAlmacen
from adapters.settings import Ajustes, cargar_ajustes
from adapters.unico import RepositorioUnico
from adapters.verificacion.continua import VerificacionContinua
from adapters.verificacion.control import ControlVerificacion
from core.application.crear_tarea import CrearTareaUseCase
from core.domain.errors import AlmacenError, ConfiguracionInvalida
from core.domain.models.almacen import NombreAlmacen, Pong
from core.domain.models.consulta import Filtro
from core.domain.models.tarea import EstadoTarea
from core.domain.models.version import RelojHibrido
from core.domain.ports.tarea_repository import TareaRepository
from core.health import RESPONDEN, EstadoSalud, PoliticaSalud, SaludAlmacen

_log = logging.getLogger(__name__)

CIERRE_S = 0.8
"""What closing may spend on waiting, seconds: the whole of it is to take no longer than a second."""


class Contenedor(CasosDeUso, ControlReplicacion, ControlVerificacion, ControlReparacion):
    """Everything a program needs, built once from the settings.

    Args:
        ajustes: the settings.
        carriles: the write lanes; threads of its own when None. Closed with the container.
        bus: where events are published.
    """

    def __init__(
        self, ajustes: Ajustes, *, carriles: Carriles | None = None, bus: BusEventos | None = None
    ) -> None:
        self.ajustes = ajustes
        self.bus = bus or BusEventos()
        self.problema_embebido = ""
        self._carriles = carriles or Carriles.crear()
        self._embebido: MongoEmbebido | None = None
        self._stores: dict[NombreAlmacen, RepositorioDeUnAlmacen] = {}
        self._pingers: dict[NombreAlmacen, Pinger] = {}
        self._monitor: HealthMonitor | None = None
        self._continua: VerificacionContinua | None = None
        self._reclamador: ReclamadorDeNodo | None = None
        self._repositorio: DualTareaRepository | RepositorioUnico | None = None
        self._registro = RegistroSalud(())
        self._reloj: RelojHibrido | None = None

    # -- life ---------------------------------------------------------------------------------------

    def iniciar(self, *, replicar: bool = True, mirar: bool = False) -> Self:
        """Start the embedded MongoDB if it is wanted, wire everything, begin to watch. Blocks for seconds.

        No database needs to answer.

        Args:
            replicar: copy pendientes in the background.
            mirar: without that, too, look which store is behind before the first read; it stays so.

        Raises ConfiguracionInvalida.
        """
        puesto = tomar_puesto(self.ajustes.datos)
        reloj = self._reloj = crear_reloj(puesto)
        self._abrir_almacenes(self._url_mongo(), reloj)
        self._registro = RegistroSalud(
            self._stores,
            politica=_politica(self.ajustes),
            publicar=self.bus.publicar,
            frescura_s=self.ajustes.ping_timeout_s + self.ajustes.monitor_intervalo_s + 2.0,
            replicada=(replicar or mirar) and len(self._stores) == 2,
        )
        self._abrir_repositorio(reloj)
        self._monitor = HealthMonitor(list(self._pingers.values()), self._registro)
        self._monitor.start()
        if replicar and self._replicador is not None:
            self._replicador.start()
        if replicar:
            self._reclamador = ReclamadorDeNodo(puesto, reloj, registros_de(self._stores), ahora_ms=ahora_ms)
            self.bus.suscribir(self._reclamador.oir)
            self._reclamador.start()
            self._verificar_cada(60.0 * self.ajustes.verificar_cada_min)
        return self

    def _verificar_cada(self, cada_s: float) -> None:
        if cada_s and len(self._stores) == 2:
            self._continua = VerificacionContinua(
                self,
                cada_s=cada_s,
                listas=self._estan_al_dia,
                publicar=self.bus.publicar,
                ahora_ms=ahora_ms,
            )
            self._continua.start()

    def _estan_al_dia(self) -> bool:
        """Whether both answer and neither is behind: only then is a comparison worth anything."""
        return all(
            self._registro.estado(uno) in RESPONDEN and not self._registro.atrasada(uno)
            for uno in self._stores
        )

    def close(self, timeout_s: float = CIERRE_S) -> None:
        """Confirm what is queued, end what waits for a server, let everything go; idempotent.

        Args:
            timeout_s: what may be spent on confirmations and on threads that have to end, all together,
                seconds; closing the stores then ends whatever still waits for a server.
        """
        limite_s = time.monotonic() + timeout_s
        con_plazo = (self._continua, self._monitor, self._repositorio, self._replicador, self._reclamador)
        cerrar_en_orden(
            *(en_lo_que_queda(limite_s, parte.close) for parte in con_plazo if parte is not None),
            self._carriles.close,
            *(almacen.close for almacen in self._stores.values()),
            *([self._embebido.detener] if self._embebido is not None else []),
        )

    def __enter__(self) -> Self:
        try:
            return self.iniciar()
        except BaseException:
            self.close()
            raise

    def __exit__(
        self, tipo: type[BaseException] | None, error: BaseException | None, traza: TracebackType | None
    ) -> None:
        self.close()

    def _url_mongo(self) -> str | None:
        """Where MongoDB is; None when this installation works with SQL alone."""
        if self.ajustes.orm == "peewee":
            return None
        if self.ajustes.mongo_url is not None:
            return self.ajustes.mongo_url.get_secret_value()
        embebido = MongoEmbebido(self.ajustes.datos)
        try:
            url = embebido.iniciar()
        except MongoEmbebidoNoDisponible as error:
            if self.ajustes.orm == "mongo":
                raise ConfiguracionInvalida(str(error)) from error
            # The window opens on SQL alone and a banner says why: never silently something else.
            self.problema_embebido = str(error)
            _log.warning("⚠️ MongoDB embebido no disponible: %s", error)
            return None
        self._embebido = embebido
        return url

    def _abrir_almacenes(self, url_mongo: str | None, reloj: RelojHibrido) -> None:
        timeout_s = self.ajustes.operacion_timeout_s
        if self.ajustes.orm != "mongo":
            self._stores[NombreAlmacen.SQL] = PeeweeTareaRepository(
                self.ajustes.sql_url.get_secret_value(), reloj=reloj, timeout_s=timeout_s
            )
        if url_mongo is not None:
            self._stores[NombreAlmacen.MONGO] = MongoTareaRepository(
                url_mongo, reloj=reloj, timeout_s=timeout_s
            )

    def _abrir_repositorio(self, reloj: RelojHibrido) -> None:
        if len(self._stores) == 2:
            parejas = Parejas(self._stores, self._registro, publicar=self.bus.publicar, ahora_ms=ahora_ms)
            dual = DualTareaRepository(
                sql_repository=self._stores[NombreAlmacen.SQL],
                mongo_repository=self._stores[NombreAlmacen.MONGO],
                executor=self._carriles,
                principal=NombreAlmacen(self.ajustes.principal),
                registro=self._registro,
                reloj=reloj,
                publicar=self.bus.publicar,
                ping_timeout_s=self.ajustes.ping_timeout_s,
                operacion_timeout_s=self.ajustes.operacion_timeout_s,
                mirar_parejas=parejas.mirar,
                mirada_s=parejas.mirada_s,
            )
            self._repositorio, self._pingers = dual, dual.pingers
            self._montar_replicacion(self._stores, parejas, self._registro, self.bus)
            return
        ((nombre, almacen),) = self._stores.items()
        self._repositorio = RepositorioUnico(
            almacen,
            reloj=reloj,
            registro=self._registro,
            publicar=self.bus.publicar,
            timeout_s=self.ajustes.operacion_timeout_s,
        )
        self._pingers = {
            nombre: Pinger(
                almacen,
                self._carriles.ping[nombre],
                self._registro,
                timeout_s=self.ajustes.ping_timeout_s,
            )
        }

    # -- use cases ----------------------------------------------------------------------------------

    @property
    def repositorio(self) -> TareaRepository:
        """The repository that every use case works on."""
        if self._repositorio is None:
            raise RuntimeError("the container was not started: call iniciar() first")
        return self._repositorio

    @property
    def conflictos(self) -> ConflictosDeAlmacenes:
        """The values that lost, of every store."""
        plazo_s = self.ajustes.operacion_timeout_s
        return ConflictosDeAlmacenes(self._stores, self._registro, ahora_ms=ahora_ms, plazo_s=plazo_s)

    @property
    def nodo(self) -> str:
        """This installation's number as the tareas that it writes carry it; empty before `iniciar`."""
        return f"{self._reloj.nodo:04x}" if self._reloj is not None else ""

    # -- health -------------------------------------------------------------------------------------

    @property
    def almacenes(self) -> tuple[NombreAlmacen, ...]:
        """The stores that this installation works with, SQL first."""
        return tuple(self._stores)

    @property
    def modo(self) -> str:
        """The environment in a word or two, for the badge."""
        if self._embebido is not None:
            return "EMBEBIDO"
        if len(self._stores) == 2:
            return "DUAL"
        return " Y ".join(f"SOLO {nombre.etiqueta}" for nombre in self._stores)

    def salud(self, nombre: NombreAlmacen) -> SaludAlmacen:
        """The last snapshot of a store."""
        return self._registro.instantanea(nombre)

    def estado_salud(self, nombre: NombreAlmacen) -> EstadoSalud:
        """A store's state; DESCONOCIDA when nothing was heard of it for too long."""
        return self._registro.estado(nombre)

    def ping_ahora(self, nombre: NombreAlmacen) -> None:
        """Ping a store now, without waiting for the answer: it comes as an event."""
        self._pingers[nombre].pedir()

    def ping_ambos(self) -> Mapping[NombreAlmacen, Pong | AlmacenError]:
        """Ping every store in parallel and wait for the answers."""
        return ping_en_paralelo(self._pingers)

    def preparar(self, nombre: NombreAlmacen, *, adoptar: bool = False) -> None:
        """Create or check a store's schema (see `Almacen.preparar`). Raises AlmacenError."""
        self._stores[nombre].preparar(adoptar=adoptar)

    def filas_sin_adoptar(self, nombre: NombreAlmacen) -> int:
        """How many rows a store's `tareas` has, whoever made it. Raises AlmacenError."""
        return self._stores[nombre].filas_sin_adoptar()

    def estados_ajenos(self, nombre: NombreAlmacen) -> int:
        """How many tareas of a store have an estado that is none of ours. Raises AlmacenError."""
        almacen = self._stores[nombre]
        return max(0, almacen.contar() - sum(almacen.contar(Filtro(estado=uno)) for uno in EstadoTarea))

    def direccion(self, nombre: NombreAlmacen) -> str:
        """Where a store is, without secrets."""
        return self._stores[nombre].direccion()


def _politica(ajustes: Ajustes) -> PoliticaSalud:
    return PoliticaSalud(
        intervalo_s=ajustes.monitor_intervalo_s,
        intervalo_caida_s=min(0.5, ajustes.monitor_intervalo_s),
        caducidad_s=max(10.0, 3 * (ajustes.monitor_intervalo_s + ajustes.ping_timeout_s)),
    )


_del_proceso: list[Contenedor] = []
# Held while it starts, which takes seconds: two threads must not start a MongoDB each.
_lock_del_proceso = threading.Lock()


def contenedor_del_proceso() -> Contenedor:
    """The container of a script: built from the settings at first use, closed when the process ends."""
    with _lock_del_proceso:
        if not _del_proceso:
            contenedor = Contenedor(cargar_ajustes())
            # Before it starts: one that fails halfway has to be closed, too.
            atexit.register(contenedor.close)
            _del_proceso.append(contenedor.iniciar())
        return _del_proceso[0]


def get_crear_tarea_use_case() -> CrearTareaUseCase:
    """The use case that creates tareas, wired as the settings say."""
    return contenedor_del_proceso().crear_tarea
