"""Knows how many conflicts are open, and tells at once when there is one more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.application.listar_conflictos import PaginaVista
from core.domain.events import EscrituraTerminada, ReplicacionTerminada
from core.domain.models.almacen import Desenlace, ResultadoEscritura
from core.domain.models.conflicto import ConflictoVisto, RecuentoConflictos
from core.domain.models.tarea import Tarea
from gui.avisos.aviso import Accion, Aviso, Nivel
from gui.avisos.bandeja import BandejaAvisos
from gui.bridge import Puente
from gui.conflictos.anuncios import (
    Anuncio,
    anuncio_de_abiertos,
    anuncio_de_nuevos,
    anuncio_de_perdida,
)
from gui.conflictos.casos import CasosDeConflictos
from gui.conflictos.conocidos import Conocidos

CADA_MS = 60_000
PRONTO_MS = 300
"""A burst of events is one question."""
MIRADOS = 100
"""Most of them that are read to see which are new, and whose they are."""
CLAVE = "conflictos"


class VigiaConflictos(QObject):
    """Asks every minute and after whatever may have made or ended a conflict.

    Signals:
        contados: (RecuentoConflictos).
        ver_pedido: (UUID | None) the operator wants to see the conflict of that tarea, or all.
    """

    contados = Signal(object)
    ver_pedido = Signal(object)

    def __init__(self, puente: Puente, avisos: BandejaAvisos, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._puente = puente
        self._avisos = avisos
        self._casos: CasosDeConflictos | None = None
        self._sabidos: int | None = None
        self._conocidos = Conocidos()
        self._propia: ResultadoEscritura | None = None
        self._pronto = self._reloj(PRONTO_MS, una_vez=True)
        self._cada = self._reloj(CADA_MS, una_vez=False)
        puente.evento.connect(self._al_evento)

    def conectar(self, casos: CasosDeConflictos) -> None:
        """The use cases are there: begin to ask."""
        self._casos = casos
        self._cada.start()
        self.preguntar()

    @Slot()
    def preguntar(self) -> None:
        """Count now, on a worker."""
        if self._casos is not None:
            # A store that does not answer has its own banner: a count that failed leaves the last one.
            self._puente.lanzar(
                self._casos.contar_conflictos.execute, exito=self._al_contar, error=lambda _fallo: None
            )

    @Slot()
    def pronto(self) -> None:
        """Count soon."""
        if self._casos is not None:
            self._pronto.start()

    def _reloj(self, ms: int, *, una_vez: bool) -> QTimer:
        reloj = QTimer(self)
        reloj.setInterval(ms)
        reloj.setSingleShot(una_vez)
        reloj.timeout.connect(self.preguntar)
        return reloj

    @Slot(object)
    def _al_evento(self, evento: object) -> None:
        if isinstance(evento, ReplicacionTerminada) and evento.conflictos:
            self.pronto()
        elif isinstance(evento, EscrituraTerminada):
            desenlaces = {uno.desenlace for uno in evento.resultado.por_almacen}
            if Desenlace.CONFLICTO in desenlaces:
                self._propia = evento.resultado
                self.pronto()

    def _al_contar(self, recuento: RecuentoConflictos) -> None:
        antes, self._sabidos = self._sabidos, recuento.abiertos
        propia, self._propia = self._propia, None
        self.contados.emit(recuento)
        if not recuento.abiertos:
            self._conocidos.nada()
            self._avisos.retirar(CLAVE)
        elif self._casos is not None:
            decir = partial(self._al_mirar, recuento, antes, propia)
            self._puente.lanzar(
                partial(self._casos.listar_conflictos.execute, limite=MIRADOS),
                exito=decir,
                error=lambda _fallo: decir(None),  # without them, it is said how many
            )

    def _al_mirar(
        self,
        recuento: RecuentoConflictos,
        antes: int | None,
        propia: ResultadoEscritura | None,
        pagina: PaginaVista | None,
    ) -> None:
        """The newest ones, of a count that was `antes`; None where they could not be read."""
        vistos: Sequence[ConflictoVisto] = pagina.conflictos if pagina is not None else ()
        nuevos = self._conocidos.nuevos(pagina) if pagina is not None else None
        if antes is None:
            self._avisar_de_abiertos(recuento, vistos[: recuento.abiertos])
            return
        cuantos = recuento.abiertos - antes
        if pagina is not None and nuevos is not None:
            vistos = nuevos
            cuantos = len(nuevos) if pagina.siguiente is None else max(len(nuevos), cuantos)
        if cuantos > 0:
            self._avisar_de_nuevos(cuantos, vistos[:cuantos], propia)
        elif recuento.abiertos < antes:
            self._avisos.retirar(CLAVE)  # it would tell of more than there are, to somebody who is at them

    def _avisar_de_abiertos(self, recuento: RecuentoConflictos, vistos: Sequence[ConflictoVisto]) -> None:
        if self._sabidos == recuento.abiertos:  # else there is newer news
            self._mostrar(anuncio_de_abiertos(recuento, _perdedoras(vistos), self._propio))

    def _avisar_de_nuevos(
        self, nuevos: int, vistos: Sequence[ConflictoVisto], propia: ResultadoEscritura | None
    ) -> None:
        if nuevos == 1 and propia is not None and propia.tarea is not None:
            self._mostrar(anuncio_de_perdida(propia.tarea))
        else:
            self._mostrar(anuncio_de_nuevos(nuevos, _perdedoras(vistos), self._propio))

    @property
    def _propio(self) -> str:
        return self._casos.nodo if self._casos is not None else ""

    def _mostrar(self, anuncio: Anuncio) -> None:
        if anuncio.nivel is Nivel.INFO:
            texto = self.tr("Ver")
        else:
            texto = self.tr("Ver conflicto") if anuncio.uno else self.tr("Ver conflictos")
        self._avisos.mostrar(
            Aviso(
                clave=CLAVE,
                nivel=anuncio.nivel,
                titulo=anuncio.titulo,
                detalle=anuncio.detalle,
                acciones=(Accion(texto, self._al_ver(anuncio.tarea)),),
            )
        )

    def _al_ver(self, id: UUID | None) -> Callable[[], None]:
        return lambda: self.ver_pedido.emit(id)


def _perdedoras(vistos: Sequence[ConflictoVisto]) -> list[Tarea]:
    return [visto.perdedora for visto in vistos]
