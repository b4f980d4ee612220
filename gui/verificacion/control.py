"""What the operator orders of the page, on a worker, one at a time; and what came of it, told in a banner."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from core.diferencias import Diferencia
from core.domain.events import VerificacionHecha
from core.domain.models.reparacion import InformeReparacion, PlanReparacion, Suerte
from core.domain.models.verificacion import InformeVerificacion
from core.reparacion import Gana
from gui.avisos.aviso import Accion, Aviso, Nivel
from gui.avisos.bandeja import BandejaAvisos
from gui.bridge import Puente
from gui.tareas.textos import explicar
from gui.verificacion.casos import CasosDeVerificacion
from gui.verificacion.nota import Nota
from gui.verificacion.palabras import relato_de_reparacion, veredicto
from gui.verificacion.trabajo import Avisar, Trabajo

CLAVE = "reparacion"
CLAVE_DE_FONDO = "verificacion"
VERIFICAR, SIMULAR, REPARAR, DESHACER = "verificar", "simular", "reparar", "deshacer"


class ControlVerificacion(QObject):
    """Between the page and the use cases.

    Signals:
        verificada: (InformeVerificacion).
        de_fondo: (InformeVerificacion) nobody asked for it here.
        anterior: (Nota or None) the last verification that anybody made.
        simulado: (PlanReparacion).
        reparado: (InformeReparacion) something was written, or tried.
        ver_pedido: the page is wanted.
        siguientes_pedidas: the differences that the list had no room for are wanted.
        fallo: (str, BaseException) that job broke off.
        tareas_cambiadas: the list of tareas is not what it was.
    """

    verificada = Signal(object)
    de_fondo = Signal(object)
    anterior = Signal(object)
    simulado = Signal(object)
    reparado = Signal(object)
    ver_pedido = Signal()
    siguientes_pedidas = Signal()
    fallo = Signal(str, object)
    tareas_cambiadas = Signal()

    def __init__(
        self, puente: Puente, ejecutor: Executor, avisos: BandejaAvisos, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._puente = puente
        self._avisos = avisos
        self._casos: CasosDeVerificacion | None = None
        self.total = 0
        self._ordenadas = 0  # verifications ordered here
        self._sin_listar = 0
        self._hechas: list[InformeReparacion] = []  # that can be undone, the last one first to go
        self.trabajo = Trabajo(puente, ejecutor, self)
        puente.evento.connect(self._al_evento)

    def conectar(self, casos: CasosDeVerificacion) -> None:
        """The use cases are there."""
        self._casos = casos

    def preguntar(self) -> None:
        """What the last verification found."""
        if self._casos is not None:
            # A store that does not answer has its own banner; the page then says that nothing is known.
            esta = self._ordenadas
            self._puente.lanzar(
                self._casos.ultima,
                exito=lambda nota: self._al_recordar(nota, esta),
                error=lambda _fallo: None,
            )

    def verificar(self) -> None:
        """Compare everything now."""
        if self._casos is None:
            return
        casos = self._casos
        self._ordenadas += 1
        self._lanzar(
            VERIFICAR,
            lambda parar, avisar: casos.verificar(parar=parar, progreso=avisar),
            self._al_verificar,
        )

    def simular(self, diferencias: Sequence[Diferencia], gana: Gana) -> None:
        """Count what repairing these would do."""
        if self._casos is None:
            return
        casos = self._casos
        self._lanzar(
            SIMULAR,
            lambda parar, _avisar: casos.plan_de_reparacion(diferencias, gana, parar=parar),
            self._al_simular,
        )

    def reparar(self, plan: PlanReparacion) -> None:
        """Do it."""
        if self._casos is None:
            return
        casos = self._casos
        self.total = len(plan.pasos)
        hecha = InformeReparacion(total=self.total)

        def hacer(parar: threading.Event, avisar: Avisar) -> InformeReparacion:
            def al_asegurar(informe: InformeReparacion) -> None:
                nonlocal hecha
                hecha = informe

            return casos.reparar(plan, parar=parar, progreso=avisar, al_asegurar=al_asegurar)

        # Where a store stops answering, what was done until then is done, and can be undone; so can what is
        # done of the batch in hand, be it the first one.
        self._lanzar(REPARAR, hacer, self._al_reparar, al_fallar=lambda error: self._a_medias(hecha, error))

    def _deshacer(self, hecha: InformeReparacion) -> None:
        if self._casos is None:
            return
        casos = self._casos
        self.total = len(hecha.con_vuelta)
        self._lanzar(
            DESHACER,
            lambda parar, avisar: casos.deshacer_reparacion(hecha, parar=parar, progreso=avisar),
            partial(self._al_deshacer, hecha),
        )

    @Slot(object)
    def _al_evento(self, evento: object) -> None:
        """What a comparison in the background found; that one broke off is told by the health of a store."""
        if not isinstance(evento, VerificacionHecha) or evento.informe is None or self.trabajo.ocupado:
            return
        informe = evento.informe
        self._ordenadas += 1
        self._sin_listar = informe.sin_listar
        self.de_fondo.emit(informe)
        if not informe.hay_diferencias:
            self._avisos.retirar(CLAVE_DE_FONDO)
            return
        dicho = veredicto(informe)
        self._avisos.mostrar(
            Aviso(
                clave=CLAVE_DE_FONDO,
                nivel=Nivel.AVISO,
                titulo=self.tr("Las dos bases de datos no dicen lo mismo"),
                detalle=self.tr("{cuantas} Véalas y decida cuál vale.").format(cuantas=f"{dicho.palabra}."),
                acciones=(Accion(self.tr("Ver"), self.ver_pedido.emit),),
            )
        )

    @Slot()
    def cancelar(self) -> None:
        """Stop what is under way."""
        self.trabajo.cancelar()

    def _lanzar(
        self,
        asunto: str,
        hacer: Callable[[threading.Event, Avisar], object],
        exito: Callable[..., None],
        *,
        al_fallar: Callable[[BaseException], None] = lambda _error: None,
    ) -> None:
        def error(fallo: BaseException) -> None:
            al_fallar(fallo)
            self.fallo.emit(asunto, fallo)

        self.trabajo.lanzar(asunto, hacer, exito=exito, error=error)

    def _al_recordar(self, nota: Nota | None, esta: int) -> None:
        if esta == self._ordenadas:  # else it would be told over the result of one that was made since
            self.anterior.emit(nota)

    def _al_verificar(self, informe: InformeVerificacion) -> None:
        if not informe.cancelada:
            self._sin_listar = informe.sin_listar
        self.verificada.emit(informe)

    def _al_simular(self, plan: PlanReparacion) -> None:
        self.simulado.emit(plan)

    def _al_reparar(self, informe: InformeReparacion) -> None:
        nivel = Nivel.EXITO if informe.completa else Nivel.AVISO
        titulo = self.tr("Reparación cancelada") if informe.cancelada else self.tr("Reparación terminada")
        self._contar(informe, titulo, nivel)

    def _a_medias(self, informe: InformeReparacion, error: BaseException) -> None:
        if informe.miradas or informe.con_vuelta:
            self._contar(informe, self.tr("La reparación se quedó a medias"), Nivel.ERROR, explicar(error))

    def _contar(self, informe: InformeReparacion, titulo: str, nivel: Nivel, mas: str = "") -> None:
        if informe.con_vuelta:
            self._hechas.append(informe)
        acciones = (*self._vuelta(self.tr("Deshacer"), informe), *self._siguientes())
        detalle = f"{relato_de_reparacion(informe)} {mas}".strip()
        # It stays until it is closed: the way back is here.
        self._avisos.mostrar(
            Aviso(clave=CLAVE, nivel=nivel, titulo=titulo, detalle=detalle, acciones=acciones)
        )
        if informe.cuentas[Suerte.REPARADA] or informe.con_vuelta:
            self.tareas_cambiadas.emit()
        self.reparado.emit(informe)

    def _vuelta(self, texto: str, hecha: InformeReparacion) -> tuple[Accion, ...]:
        """The way back from that repair, where it replaced anything."""
        return (
            (Accion(texto, partial(self._deshacer, hecha)),)
            if any(una is hecha for una in self._hechas)
            else ()
        )

    def _siguientes(self) -> tuple[Accion, ...]:
        """On with what the list had no room for."""
        return (Accion(self.tr("Verificar otra vez"), self._seguir),) if self._sin_listar else ()

    def _seguir(self) -> None:
        self.ver_pedido.emit()
        self.siguientes_pedidas.emit()

    def _al_deshacer(self, hecha: InformeReparacion, informe: InformeReparacion) -> None:
        texto = self.tr("Seguir deshaciendo")
        if not informe.cancelada:
            self._hechas = [una for una in self._hechas if una is not hecha]
            texto = self.tr("Deshacer también la anterior")
        self._avisos.mostrar(
            Aviso(
                clave=CLAVE,
                nivel=Nivel.EXITO if informe.completa else Nivel.AVISO,
                titulo=self.tr("Deshacer se canceló")
                if informe.cancelada
                else self.tr("Reparación deshecha"),
                detalle=self.tr("Vuelve a estar, en ambas, lo que se había sobrescrito: {relato}").format(
                    relato=relato_de_reparacion(informe)
                ),
                acciones=self._vuelta(texto, self._hechas[-1]) if self._hechas else (),
            )
        )
        self.tareas_cambiadas.emit()
        self.reparado.emit(informe)
