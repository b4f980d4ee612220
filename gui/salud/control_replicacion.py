"""What the operator orders of the replication, on a worker, and the banners that it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

from core.domain.events import (
    CuarentenaCambiada,
    Evento,
    ReplicacionAvanza,
    ReplicacionPausada,
    ReplicacionTerminada,
    SaludObservada,
)
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.apartada import Apartada
from core.health import RESPONDEN
from gui.avisos.aviso import Accion, Aviso, Nivel
from gui.avisos.bandeja import BandejaAvisos
from gui.bridge import Puente
from gui.salud.anuncio_cuarentena import anuncio_de_cuarentena
from gui.salud.barra import BarraEstado
from gui.salud.control import ControlAvisosSalud
from gui.salud.palabras import FuenteReplicacion, Pasada, cambia_de_estado
from gui.salud.panel_replicacion import EstadoPanel
from gui.salud.vista import VistaSalud
from gui.tareas.textos import explicar
from gui.widgets.formato import cuenta

T = TypeVar("T")

translate = QCoreApplication.translate

NOTICIA_S = 10.0
CLAVE_PAUSA, CLAVE_CUARENTENA, CLAVE_ORDEN = "replicacion-pausada", "cuarentena", "replicacion-orden"


class ControlReplicacion(QObject):
    """Between the container, the Salud page, the status bar and the banners.

    Args:
        ejecutor: where a synchronisation may wait as long as it takes.
        ver: show the Salud page.

    Signals:
        tarea_pedida: (Apartada) the operator wants to see that tarea.
    """

    tarea_pedida = Signal(object)

    def __init__(
        self,
        puente: Puente,
        ejecutor: Executor,
        fuente: FuenteReplicacion,
        control: ControlAvisosSalud,
        avisos: BandejaAvisos,
        *,
        ver: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._puente = puente
        self._ejecutor = ejecutor
        self._fuente = fuente
        self._cuenta = control.replicacion
        self._avisos = avisos
        self._ver_salud = ver
        self._vista: VistaSalud | None = None
        self._barra: BarraEstado | None = None
        self._ocupada = False
        self._hubo_apartadas = False
        self._contado: object = None
        # Not from the bus: what is shown here is what the counts make of an event.
        control.observado.connect(self.recibir)
        control.pendientes.connect(self._al_contar)

    def unir(self, barra: BarraEstado, vista: VistaSalud) -> None:
        """Show it there, take orders from there, and ask once how things stand."""
        self._vista, self._barra = vista, barra
        barra.seguir(self._cuenta.retraso)
        if len(self._fuente.almacenes) < 2:
            return
        replicacion, cuarentena = vista.poner_replicacion(tuple(self._fuente.almacenes))
        replicacion.sincronizar_pedido.connect(self.sincronizar)
        replicacion.pausar_pedido.connect(self.pausar)
        replicacion.reanudar_pedido.connect(self.reanudar)
        replicacion.cancelar_pedido.connect(self.cancelar)
        cuarentena.reintentar_pedido.connect(self.reintentar)
        cuarentena.abrir_pedida.connect(self.tarea_pedida)
        self._puente.lanzar(self._preguntar, exito=self._respondida, error=self._no_se_pudo)
        self.refrescar()

    def _preguntar(self) -> tuple[bool, tuple[Apartada, ...]]:
        return self._fuente.replicacion_pausada, self._fuente.cuarentena()

    def _respondida(self, respuesta: tuple[bool, tuple[Apartada, ...]]) -> None:
        pausada, apartadas = respuesta
        self._cuenta.observar(ReplicacionPausada(pausada))
        self._cuenta.observar(CuarentenaCambiada(apartadas))
        self._avisar()
        self.refrescar()

    @Slot(object)
    def recibir(self, evento: Evento) -> None:
        """Follow the replication; what moves is told a few times a second at most."""
        if isinstance(evento, (CuarentenaCambiada, ReplicacionPausada)):
            self._avisar()
        elif not isinstance(evento, (ReplicacionAvanza, ReplicacionTerminada)) and not (
            isinstance(evento, SaludObservada) and cambia_de_estado(evento)
        ):
            return
        self.refrescar()

    @Slot()
    def refrescar(self) -> None:
        """Bring page and status bar up to date."""
        if self._barra is not None:
            self._barra.refrescar()
        if self._vista is None or self._vista.replicacion is None or self._vista.cuarentena is None:
            return
        self._contado = None
        self._al_contar()
        self._vista.cuarentena.poner(self._cuenta.apartadas, ocupada=self._ocupada)
        self._vista.cuarentena.pasa_el_tiempo(datetime.now(UTC))

    @Slot()
    def _al_contar(self) -> None:
        """The same counts that banners and status bar show: told here as soon as they are others."""
        if self._vista is None or self._vista.replicacion is None:
            return
        estado = EstadoPanel(responden=self._responden(), ocupada=self._ocupada)
        contado = (estado, *(self._cuenta.retraso(nombre) for nombre in NombreAlmacen))
        if contado != self._contado:
            self._contado = contado
            self._vista.replicacion.poner(self._cuenta, estado)

    def _responden(self) -> bool:
        return all(self._fuente.estado_salud(nombre) in RESPONDEN for nombre in self._fuente.almacenes)

    # -- orders -------------------------------------------------------------------------------------

    @Slot()
    def sincronizar(self) -> None:
        """Copy both ways now, however long it takes; the answer is a banner."""
        self._ordenar(self._fuente.sincronizar, self._sincronizada)

    @Slot()
    def pausar(self) -> None:
        """Copy nothing by itself any more."""
        self._puente.lanzar(self._fuente.pausar_replicacion, exito=self._nada, error=self._no_se_pudo)

    @Slot()
    def reanudar(self) -> None:
        """Copy by itself again."""
        self._puente.lanzar(self._fuente.reanudar_replicacion, exito=self._nada, error=self._no_se_pudo)

    @Slot()
    def cancelar(self) -> None:
        """End the pass under way."""
        a_medias = any(carencia.aceptada for carencia in self._cuenta.carencias)
        self._puente.lanzar(
            self._fuente.cancelar_replicacion,
            exito=partial(self._cancelada, a_medias),
            error=self._no_se_pudo,
        )

    @Slot()
    def reintentar(self) -> None:
        """Try now what could not be copied."""
        self._ordenar(self._fuente.reintentar_apartadas, self._nada)

    def _ordenar(self, que: Callable[[], T], exito: Callable[[T], None]) -> None:
        if self._ocupada:
            return
        self._ocupada = True
        self._puente.lanzar(
            que,
            exito=lambda valor: self._terminada(lambda: exito(valor)),
            error=lambda fallo: self._terminada(lambda: self._no_se_pudo(fallo)),
            ejecutor=self._ejecutor,
        )
        self.refrescar()

    def _terminada(self, seguir: Callable[[], None]) -> None:
        self._ocupada = False
        seguir()
        self.refrescar()

    def _cancelada(self, a_medias: bool, _: None) -> None:
        acciones = (Accion(self.tr("Pausar"), self.pausar), Accion(self.tr("Seguir"), self.reanudar))
        self._avisos.mostrar(_aviso_de_cancelada(() if a_medias else acciones))

    def _nada(self, _: None) -> None:
        """What came of it comes as an event."""

    # -- banners ------------------------------------------------------------------------------------

    def _sincronizada(self, informes: Mapping[NombreAlmacen, Pasada]) -> None:
        copiadas = sum(informe.copiadas for informe in informes.values())
        cancelada = any(informe.cancelada for informe in informes.values())
        if cancelada:
            titulo = self.tr("Sincronización cancelada")
        elif copiadas:
            titulo = self.tr("Sincronización terminada")
        else:
            titulo = self.tr("No había nada que copiar")
        self._avisos.mostrar(
            Aviso(
                clave=CLAVE_ORDEN,
                nivel=Nivel.INFO if cancelada or not copiadas else Nivel.EXITO,
                titulo=titulo,
                detalle=self._detalle_copiadas(copiadas),
                caduca_s=NOTICIA_S,
            )
        )

    def _detalle_copiadas(self, copiadas: int) -> str:
        if not copiadas:
            return ""
        if copiadas == 1:
            return self.tr("1 tarea copiada.")
        return self.tr("{n} tareas copiadas.").format(n=cuenta(copiadas))

    def _avisar(self) -> None:
        if self._cuenta.pausada:
            self._avisos.actualizar(self._aviso_de_pausa())
        else:
            self._avisos.retirar(CLAVE_PAUSA)
        if self._cuenta.apartadas:
            self._avisos.actualizar(self._aviso_de_cuarentena())
        elif self._hubo_apartadas:
            self._avisos.actualizar(self._cuarentena_vacia())
        self._hubo_apartadas = bool(self._cuenta.apartadas)

    def _aviso_de_pausa(self) -> Aviso:
        return Aviso(
            clave=CLAVE_PAUSA,
            nivel=Nivel.AVISO,
            titulo=self.tr("La replicación está en pausa"),
            detalle=self.tr(
                "Lo que le falte a una base de datos no se copia: si se pierde la otra, se pierde con ella."
            ),
            acciones=(Accion(self.tr("Reanudar"), self.reanudar),),
        )

    def _aviso_de_cuarentena(self) -> Aviso:
        titulo, detalle = anuncio_de_cuarentena(self._cuenta.apartadas)
        return Aviso(
            clave=CLAVE_CUARENTENA,
            nivel=Nivel.AVISO,
            titulo=titulo,
            detalle=detalle,
            acciones=(
                Accion(self.tr("Ver"), self._ver_cuarentena),
                Accion(self.tr("Reintentar ahora"), self.reintentar),
            ),
        )

    def _cuarentena_vacia(self) -> Aviso:
        return Aviso(
            clave=CLAVE_CUARENTENA,
            nivel=Nivel.EXITO,
            titulo=self.tr("Ya no queda nada sin copiar"),
            detalle=self.tr("Las tareas que estaban en cuarentena están en ambas bases de datos."),
            caduca_s=NOTICIA_S,
        )

    def _ver_cuarentena(self) -> None:
        self._ver_salud()
        if self._vista is not None:
            self._vista.mostrar_cuarentena()

    def _no_se_pudo(self, error: BaseException) -> None:
        self._avisos.mostrar(
            Aviso(
                clave=CLAVE_ORDEN,
                nivel=Nivel.ERROR,
                titulo=self.tr("La replicación no pudo hacer lo que se le pidió"),
                detalle=explicar(error),
                caduca_s=15,
            )
        )


def _aviso_de_cancelada(acciones: tuple[Accion, ...]) -> Aviso:
    """What was cancelled goes on by itself, or once the banner of the store that was being filled is used."""
    return Aviso(
        clave=CLAVE_ORDEN,
        nivel=Nivel.INFO,
        titulo=translate("Salud", "Copia cancelada"),
        detalle=translate("Salud", "Lo copiado queda copiado. Seguirá sola en un minuto, salvo que la pause.")
        if acciones
        else translate("Salud", "Lo copiado queda copiado. Seguirá cuando elija «Seguir copiando»."),
        acciones=acciones,
        caduca_s=NOTICIA_S,
    )
