"""Carries out what the operator decides about a conflict, tells how it went, and takes it back on request."""

from __future__ import annotations

from concurrent.futures import Executor
from functools import partial

from PySide6.QtCore import QObject, Signal

from core.application.resolver_conflicto import ResolverConflictoCommand
from core.conflictos import Campo
from core.domain.errors import ConflictoDeVersion
from core.domain.models.conflicto import ConflictoVisto, Resolucion
from core.domain.models.tarea import Tarea
from gui.avisos.aviso import Accion, Aviso, Nivel
from gui.avisos.bandeja import BandejaAvisos
from gui.bridge import Puente
from gui.conflictos.casos import CasosDeConflictos
from gui.tareas.textos import citado, clave, explicar

DESHACER_S = 30.0
"""How long the banner with «Deshacer» stays, seconds."""


class Resoluciones(QObject):
    """One decision at a time.

    Signals:
        resuelto: (ConflictoVisto) it is decided.
        no_resuelto: (ConflictoVisto) it is not, and has been told.
        cambiada: some tarea was written.
        anotado: one that was decided elsewhere is resolved now, too; or one is open again.
    """

    resuelto = Signal(object)
    no_resuelto = Signal(object)
    cambiada = Signal()
    anotado = Signal()

    def __init__(
        self, puente: Puente, escrituras: Executor, avisos: BandejaAvisos, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._puente = puente
        self._escrituras = escrituras
        self._avisos = avisos
        self._casos: CasosDeConflictos | None = None

    def conectar(self, casos: CasosDeConflictos) -> None:
        """The use cases are there."""
        self._casos = casos

    def resolver(
        self, visto: ConflictoVisto, resolucion: Resolucion, de_la_perdedora: frozenset[Campo]
    ) -> None:
        """Do that on a worker."""
        if self._casos is None:
            return
        orden = ResolverConflictoCommand(visto=visto, resolucion=resolucion, de_la_perdedora=de_la_perdedora)
        self._puente.lanzar(
            partial(self._casos.resolver_conflicto.execute, orden),
            exito=partial(self._al_resolver, orden),
            error=partial(self._al_fallar, visto),
            ejecutor=self._escrituras,
        )

    def anotar(self, perdedora: Tarea, resolucion: Resolucion) -> None:
        """Note what was decided about that value, and carried out, where its write met the other one."""
        if self._casos is None:
            return
        self._puente.lanzar(
            partial(self._casos.resolver_conflicto.anotar, perdedora, resolucion),
            exito=self._al_anotar,
            error=partial(self._al_no_anotar, perdedora),
            ejecutor=self._escrituras,
        )

    def _al_anotar(self, habia: bool) -> None:
        if habia:
            self.anotado.emit()

    def _al_no_anotar(self, perdedora: Tarea, error: BaseException) -> None:
        plantilla = self.tr("{titulo} está como usted decidió, pero su conflicto sigue abierto")
        self._fallo(
            perdedora, plantilla.format(titulo=citado(perdedora.titulo)), explicar(error), nivel=Nivel.AVISO
        )

    def _al_resolver(self, orden: ResolverConflictoCommand, final: Tarea | None) -> None:
        visto, antes = orden.visto, orden.visto.actual
        self.resuelto.emit(visto)
        self._avisos.retirar(clave("conflicto-fallo", visto.perdedora))
        escrita = final is not None and (antes is None or final.version != antes.version)
        acciones: tuple[Accion, ...] = ()
        if escrita and final is not None:
            self.cambiada.emit()
            acciones = (Accion(self.tr("Deshacer"), partial(self._deshacer, antes, final)),)
        elif visto.guardado.abierto:
            acciones = (Accion(self.tr("Deshacer"), partial(self._reabrir, visto)),)
        self._avisos.mostrar(
            Aviso(
                clave=clave("conflicto", visto.perdedora),
                nivel=Nivel.EXITO,
                titulo=self._que_se_hizo(orden.resolucion, final),
                detalle=self._que_queda(orden.resolucion, visto, final),
                acciones=acciones,
                caduca_s=DESHACER_S,
            )
        )

    def _que_se_hizo(self, resolucion: Resolucion, final: Tarea | None) -> str:
        if resolucion is Resolucion.GANADORA:
            return self.tr("Conflicto resuelto: se conserva lo que hay")
        if resolucion is Resolucion.MEZCLA:
            return self.tr("Conflicto resuelto: se guardó la mezcla")
        if final is not None and final.eliminada:
            return self.tr("Conflicto resuelto: la tarea queda eliminada")
        return self.tr("Conflicto resuelto: se restauró lo perdido")

    def _que_queda(self, resolucion: Resolucion, visto: ConflictoVisto, final: Tarea | None) -> str:
        titulo = citado((final or visto.perdedora).titulo)
        if resolucion is Resolucion.GANADORA:
            return self.tr("{titulo}. Lo que se perdió sigue en «Resueltos».").format(titulo=titulo)
        return titulo

    def _deshacer(self, antes: Tarea | None, ahora: Tarea) -> None:
        if self._casos is None:
            return
        self._avisos.retirar(clave("conflicto", ahora))
        self._puente.lanzar(
            partial(self._casos.resolver_conflicto.deshacer, antes, ahora),
            exito=self._al_deshacer,
            error=partial(self._al_no_deshacer, ahora),
            ejecutor=self._escrituras,
        )

    def _reabrir(self, visto: ConflictoVisto) -> None:
        if self._casos is None:
            return
        self._avisos.retirar(clave("conflicto", visto.perdedora))
        self._puente.lanzar(
            partial(self._casos.resolver_conflicto.reabrir, visto),
            exito=partial(self._al_reabrir, visto),
            error=partial(self._al_no_reabrir, visto.perdedora),
            ejecutor=self._escrituras,
        )

    def _al_reabrir(self, visto: ConflictoVisto, _nada: None) -> None:
        self.anotado.emit()
        self._avisos.mostrar(
            Aviso(
                clave=clave("conflicto", visto.perdedora),
                nivel=Nivel.EXITO,
                titulo=self.tr("El conflicto vuelve a estar abierto"),
                detalle=citado(visto.perdedora.titulo),
                caduca_s=DESHACER_S,
            )
        )

    def _al_no_reabrir(self, perdedora: Tarea, error: BaseException) -> None:
        hacen_falta = self.tr(
            "El conflicto sigue resuelto: para abrirlo deben responder todas las bases de datos."
        )
        self._fallo(perdedora, self.tr("No se ha podido deshacer"), f"{hacen_falta} {explicar(error)}")

    def _al_deshacer(self, tarea: Tarea) -> None:
        self.cambiada.emit()
        self._avisos.mostrar(
            Aviso(
                clave=clave("conflicto", tarea),
                nivel=Nivel.EXITO,
                titulo=self.tr("Vuelve a estar lo que había"),
                detalle=self.tr("{titulo}. Lo que se perdió sigue en «Resueltos».").format(
                    titulo=citado(tarea.titulo)
                ),
                caduca_s=DESHACER_S,
            )
        )

    def _al_no_deshacer(self, tarea: Tarea, error: BaseException) -> None:
        self._fallo(tarea, self.tr("No se ha podido deshacer"), explicar(error))

    def _al_fallar(self, visto: ConflictoVisto, error: BaseException) -> None:
        self.no_resuelto.emit(visto)
        titulo = citado(visto.perdedora.titulo)
        if isinstance(error, ConflictoDeVersion):
            self._fallo(
                visto.perdedora,
                self.tr("La tarea cambió mientras usted decidía"),
                self.tr("{titulo} sigue en conflicto y no se ha escrito nada. Compare otra vez.").format(
                    titulo=titulo
                ),
                nivel=Nivel.AVISO,
            )
            return
        plantilla = self.tr("No se ha resuelto el conflicto de {titulo}")
        self._fallo(visto.perdedora, plantilla.format(titulo=titulo), explicar(error))

    def _fallo(self, tarea: Tarea, titulo: str, detalle: str, *, nivel: Nivel = Nivel.ERROR) -> None:
        self._avisos.mostrar(
            Aviso(clave=clave("conflicto-fallo", tarea), nivel=nivel, titulo=titulo, detalle=detalle)
        )
