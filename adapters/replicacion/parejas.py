"""Keeps watch that neither store is taken for whole when it was emptied, or another one stands in its place.

Marks in rows cannot tell: a confirmed row says that the other store has it, and says so still when that
store was wiped. Such a store is behind with everything (see `core.domain.models.pareja`): nothing is read
from it and nothing written to it that the other one can serve, and it is filled once an operator has agreed.
Agreed, because it may also be that an address is wrong, and a million tareas are not for another's database.

Several programs may look and decide at the same time: an identity is given once, an agreement is a note
that says the same whoever writes it, and two that fill one store only insert what is not there.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from uuid import uuid4

from adapters.health.registro import RegistroSalud
from adapters.repositorio_base import RepositorioDeUnAlmacen
from adapters.verificacion.almacenes import con_fichas
from core.domain.errors import OperacionFallida, ResultadoDesconocido
from core.domain.events import CarenciasCambiadas, Evento
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.consulta import Filtro
from core.domain.models.pareja import (
    SIN_LATIDO,
    Carencia,
    Ficha,
    Latido,
    MotivoCarencia,
    PorRellenar,
    motivo_de_carencia,
)
from core.domain.ports.almacen import Almacen

_log = logging.getLogger(__name__)

NUEVA_DESDE = 20_000
"""From so many rows on an empty store is filled as a whole; fewer are as soon copied by their marks."""
MUESTRA = 32
"""Rows that are looked for in the other store, of the oldest as of the newest."""
REPARTIDAS_MIN = 8
"""From so many rows of all parts of the ids on, what is missing of them counts."""
RELEVO_MS = 10_000
"""In that time whoever works with another database in its place has looked and noticed, milliseconds."""
LATIDO_MAX_MS = 15_000
"""Whoever fills a store and has not said so for that long has died, milliseconds."""

Fichas = dict[NombreAlmacen, Ficha]


class Parejas:
    """Who of the two lacks what the other one takes for copied. Every method but `carencias` asks the stores.

    Args:
        almacenes: both stores.
        registro: told which of them is not to be read from.
        publicar: told when that changes (`CarenciasCambiadas`).
        ahora_ms: the wall clock, milliseconds since the epoch.
    """

    def __init__(
        self,
        almacenes: Mapping[NombreAlmacen, RepositorioDeUnAlmacen],
        registro: RegistroSalud,
        *,
        publicar: Callable[[Evento], None],
        ahora_ms: Callable[[], int],
    ) -> None:
        self._almacenes: Mapping[NombreAlmacen, Almacen] = almacenes
        self._con_ficha = con_fichas(almacenes)
        self._registro = registro
        self._publicar = publicar
        self._ahora_ms = ahora_ms
        self._yo = uuid4().hex
        self._carencias: dict[NombreAlmacen, Carencia] = {}
        self._relevos_s: dict[NombreAlmacen, float] = {}
        self._mirada_s = 0.0
        # Guards the dict above against two threads that look at once; held for its exchange alone.
        self._lock = threading.Lock()

    @property
    def carencias(self) -> tuple[Carencia, ...]:
        """Which store has to be filled, as of the last look."""
        with self._lock:
            return tuple(self._carencias.values())

    def carencia(self, destino: NombreAlmacen) -> Carencia | None:
        """What that store lacks, as of the last look."""
        with self._lock:
            return self._carencias.get(destino)

    def mirar(self) -> None:
        """Look at both, and tell the registry and the listeners what has changed. Raises AlmacenError."""
        empezada_s = time.time()
        fichas = {nombre: uno.ficha() for nombre, uno in self._con_ficha.items()}
        nuevas: dict[NombreAlmacen, Carencia] = {}
        for destino in fichas:
            if carencia := self._carencia_de(destino, fichas):
                nuevas[destino] = carencia
            elif fichas[destino.otro].pareja != fichas[destino].identidad:  # nothing that it could lack
                self._con_ficha[destino.otro].anotar_pareja(fichas[destino].identidad)
        self._poner(nuevas)
        self._mirada_s = empezada_s

    def mirada_s(self) -> float:
        """When the last look began that came to an end, `time.time`; 0 before the first."""
        return self._mirada_s

    def _carencia_de(self, destino: NombreAlmacen, fichas: Fichas) -> Carencia | None:
        ficha, otra = fichas[destino], fichas[destino.otro]
        motivo, aceptada = motivo_de_carencia(ficha, otra), False
        if motivo is MotivoCarencia.A_MEDIAS:
            aceptada = ficha.por_rellenar is not None and ficha.por_rellenar.seguir
        elif motivo is MotivoCarencia.OTRA_BASE and not otra.tiene_filas:
            return None
        elif motivo is None and otra.tiene_filas:
            if self._le_faltan_confirmadas(destino):
                motivo = MotivoCarencia.VACIADA
                self._recordar_vaciada(destino, otra.identidad)
            elif not ficha.tiene_filas and (self._contar(destino.otro) or 0) >= NUEVA_DESDE:
                motivo, aceptada = MotivoCarencia.NUEVA, True
        if motivo is None:
            return None
        antes = self.carencia(destino)
        filas = antes.filas if antes is not None else self._contar(destino.otro)
        return Carencia(destino=destino, motivo=motivo, aceptada=aceptada, filas=filas)

    def _le_faltan_confirmadas(self, destino: NombreAlmacen) -> bool:
        """Whether it lacks half of a few tareas that the other one takes for copied. No row ever goes away
        but a confirmed tombstone, so that what lives in one, confirmed, is in the other in some version.

        Half: one or two may have been deleted by hand, which verification tells; and an emptied store has
        what was written to it since then, which in a small one may be among the oldest, and so is what was
        imported, whose versions have no date: hence some from all over as well.
        """
        otra = self._con_ficha[destino.otro]
        viejas, nuevas = (set(otra.muestra(MUESTRA, nuevas=nuevas)) for nuevas in (False, True))
        repartidas = set(otra.repartidas())
        todas = viejas | nuevas | repartidas
        hay = self._almacenes[destino].leer_lote(list(todas)).keys()
        # Where ids lie close together, the parts of all possible ones have few: a single row tells nothing.
        grupos = [viejas, repartidas if len(repartidas) >= REPARTIDAS_MIN else set()]
        return bool(todas) and (not hay or any(uno and 2 * len(uno - hay) >= len(uno) for uno in grupos))

    def _recordar_vaciada(self, destino: NombreAlmacen, origen: str) -> None:
        """Until it is filled, or both are found equal, whatever is written to it meanwhile."""
        nota = self._con_ficha[destino].ficha().por_rellenar
        if nota is not None and nota.origen == origen:
            return  # somebody has just agreed
        try:
            self._con_ficha[destino].anotar_por_rellenar(
                PorRellenar(origen=origen, seguir=False, vaciada=True)
            )
        except OperacionFallida as error:  # read-only, say: then it is found anew each time
            _log.info("%s: no se pudo anotar que se vació: %s", destino.etiqueta, error)

    def aceptar(self, destino: NombreAlmacen) -> None:
        """Let it be filled, by whichever program comes to it first; it goes on where it was put off."""
        ficha, otra = self._con_ficha[destino].ficha(), self._con_ficha[destino.otro].ficha()
        nota = ficha.por_rellenar
        if nota is None or nota.vaciada or nota.origen != otra.identidad:
            # What an earlier one that was left has noted is not how far this one has got.
            self._con_ficha[destino].olvidar_punto()
            nota = PorRellenar(origen=otra.identidad)
        en_lugar_de = otra.pareja if otra.pareja != ficha.identidad else ""
        nota = replace(nota, seguir=True, en_lugar_de=en_lugar_de)
        # Before the other store's: of one that is taken for the pair it must be known that it is not whole.
        self._con_ficha[destino].anotar_por_rellenar(nota)
        self.emparejar(destino)
        self.mirar()

    def emparejar(self, destino: NombreAlmacen) -> None:
        """One that is to be filled is the pair of the other one from now on, not from when it is whole.

        A program that still works with the database in whose place it stands must not confirm there what
        this one will never get. It notices at its next look, and until that must have been, nothing is copied
        (`falta_para_empezar_s`). Whoever fills makes sure of it first: who agreed may have died in between.
        But nobody does so twice: if a third one is accepted afterwards, it is that one's turn.
        """
        ficha, otra = self._con_ficha[destino].ficha(), self._con_ficha[destino.otro].ficha()
        nota = ficha.por_rellenar
        if nota is None or not nota.seguir or otra.pareja not in ("", ficha.identidad, nota.en_lugar_de):
            return
        if otra.pareja and otra.pareja != ficha.identidad:
            # Before the exchange: a program that dies after it has promised the wait.
            nota = replace(nota, desde_ms=self._ahora_ms() + RELEVO_MS)
            self._con_ficha[destino].anotar_por_rellenar(nota)
            self._relevos_s[destino] = time.monotonic() + RELEVO_MS / 1_000
        if otra.pareja != ficha.identidad:
            self._con_ficha[destino.otro].anotar_pareja(ficha.identidad)
        if nota.en_lugar_de:
            self._con_ficha[destino].anotar_por_rellenar(replace(nota, en_lugar_de=""))

    def falta_para_empezar_s(self, destino: NombreAlmacen) -> float:
        """How long to wait before the first row is copied there, seconds (see `emparejar`)."""
        nota = self._con_ficha[destino].ficha().por_rellenar
        por_nota_s = ((nota.desde_ms if nota is not None else 0) - self._ahora_ms()) / 1_000
        # That of whoever noted it may be another clock, or have been set back since: ours does not jump.
        por_reloj_s = self._relevos_s.get(destino, 0.0) - time.monotonic()
        return min(RELEVO_MS / 1_000, max(0.0, por_nota_s, por_reloj_s))

    def son_pareja(self, destino: NombreAlmacen) -> bool:
        """Whether the other one still takes that one for its pair."""
        return self._con_ficha[destino.otro].ficha().pareja == self._con_ficha[destino].ficha().identidad

    def posponer(self, destino: NombreAlmacen) -> None:
        """Do not go on filling it before somebody says so: it stays behind, half filled."""
        nota = self._con_ficha[destino].ficha().por_rellenar
        if nota is not None:
            self._con_ficha[destino].anotar_por_rellenar(replace(nota, seguir=False))
            self._con_ficha[destino].anotar_latido(SIN_LATIDO)
        self.mirar()

    def de_otro(self, destino: NombreAlmacen) -> bool:
        """Whether another program is filling it at this moment."""
        return self.senal_de_otro_ms(destino) is not None

    def senal_de_otro_ms(self, destino: NombreAlmacen) -> int | None:
        """How long ago another program that fills it has said so, milliseconds; None where none does."""
        ficha = self._con_ficha[destino].ficha()
        if ficha.por_rellenar is None or ficha.latido.quien == self._yo:
            return None
        hace_ms = abs(self._ahora_ms() - ficha.latido.ms)
        return hace_ms if hace_ms < LATIDO_MAX_MS else None

    def latir(self, destino: NombreAlmacen) -> bool:
        """Note that this program is filling it; whether that is still wanted."""
        nota = self._con_ficha[destino].ficha().por_rellenar
        if nota is None or not nota.seguir:
            return False
        # Not into the note that was read: somebody may be putting it off at this very moment.
        self._con_ficha[destino].anotar_latido(Latido(self._ahora_ms(), self._yo))
        return True

    def callar(self, destino: NombreAlmacen) -> None:
        """This program is not at it any more: another one, or its own next run, need not wait."""
        if self._con_ficha[destino].ficha().latido.quien == self._yo:
            self._con_ficha[destino].anotar_latido(SIN_LATIDO)

    def ultima_version(self, nombre: NombreAlmacen) -> int:
        """See `AlmacenConFicha.ultima_version`."""
        return self._con_ficha[nombre].ultima_version()

    def dar_por_entera(self, destino: NombreAlmacen) -> None:
        """It has all that is confirmed in the other one: it was filled, or both were found equal."""
        fichas = {nombre: uno.ficha() for nombre, uno in self._con_ficha.items()}
        # In this order: a program that dies in between leaves it to be filled again, not forgotten.
        if fichas[destino.otro].pareja != fichas[destino].identidad:
            self._con_ficha[destino.otro].anotar_pareja(fichas[destino].identidad)
        if fichas[destino].por_rellenar is not None:
            self._con_ficha[destino].anotar_por_rellenar(None)
        self.mirar()

    def _poner(self, nuevas: dict[NombreAlmacen, Carencia]) -> None:
        with self._lock:
            cambian = nuevas != self._carencias
            self._carencias = nuevas
        for nombre in NombreAlmacen:
            self._registro.marcar_por_rellenar(nombre, si=nombre in nuevas)
        if cambian:
            self._publicar(CarenciasCambiadas(tuple(nuevas.values())))

    def _contar(self, nombre: NombreAlmacen) -> int | None:
        try:
            return self._almacenes[nombre].contar(Filtro(eliminadas=True))
        except (OperacionFallida, ResultadoDesconocido):
            return None  # it takes too long: nobody needs to know
