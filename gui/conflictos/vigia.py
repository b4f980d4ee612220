"""Knows how many conflicts are open, and tells at once when there is one more."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.domain.events import EscrituraTerminada, ReplicacionTerminada
from core.domain.models.almacen import Desenlace, ResultadoEscritura
from core.domain.models.conflicto import RecuentoConflictos
from gui.avisos.aviso import Accion, Aviso, Nivel
from gui.avisos.bandeja import BandejaAvisos
from gui.bridge import Puente
from gui.conflictos.casos import CasosDeConflictos
from gui.tareas.textos import citado

CADA_MS = 60_000
PRONTO_MS = 300
"""A burst of events is one question."""
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
            self._avisos.retirar(CLAVE)
        elif antes is not None and recuento.abiertos > antes:
            self._avisar(recuento.abiertos - antes, propia)

    def _avisar(self, nuevos: int, propia: ResultadoEscritura | None) -> None:
        tarea = propia.tarea if propia is not None and nuevos == 1 else None
        if tarea is not None:
            titulo = self.tr("Su cambio de {titulo} perdió contra otro más reciente").format(
                titulo=citado(tarea.titulo)
            )
            detalle = self.tr("Lo que usted guardó se conserva entero: compare ambos y decida.")
        else:
            titulo = (
                self.tr("Hay un conflicto nuevo")
                if nuevos == 1
                else self.tr("Hay {n} conflictos nuevos").format(n=nuevos)
            )
            detalle = self.tr(
                "Dos personas cambiaron la misma tarea sin verse. Ganó el cambio más reciente y el otro se "
                "conserva entero."
            )
        texto = self.tr("Ver conflicto") if nuevos == 1 else self.tr("Ver conflictos")
        self._avisos.mostrar(
            Aviso(
                clave=CLAVE,
                nivel=Nivel.AVISO,
                titulo=titulo,
                detalle=detalle,
                acciones=(Accion(texto, self._al_ver(tarea.id if tarea is not None else None)),),
            )
        )

    def _al_ver(self, id: UUID | None) -> Callable[[], None]:
        return lambda: self.ver_pedido.emit(id)
