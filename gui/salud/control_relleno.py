"""A store that lacks everything: the banner that asks whether to fill it, tells how it goes and how it ended.

What the operator decides runs on a worker: it is noted in a database.
"""

from __future__ import annotations

from concurrent.futures import Executor
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from core.domain.events import (
    CarenciasCambiadas,
    Evento,
    ReplicacionAvanza,
    ReplicacionPausada,
    SaludObservada,
)
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.pareja import Carencia, MotivoCarencia
from core.health import RESPONDEN
from gui.avisos.aviso import Accion, Aviso, Nivel
from gui.avisos.bandeja import BandejaAvisos
from gui.bridge import Puente
from gui.salud.control import ControlAvisosSalud
from gui.salud.palabras import FuenteReplicacion, clave_de
from gui.salud.retraso import marcha
from gui.tareas.textos import explicar
from gui.widgets.formato import cuenta

NOTICIA_S = 15.0


class ControlRelleno(QObject):
    """Between the container and the banners, for as long as the window lives.

    Signals:
        cambiadas: (frozenset[NombreAlmacen]) these stores have to be filled.
    """

    cambiadas = Signal(object)

    def __init__(
        self,
        puente: Puente,
        ejecutor: Executor,
        fuente: FuenteReplicacion,
        control: ControlAvisosSalud,
        avisos: BandejaAvisos,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._puente = puente
        self._ejecutor = ejecutor
        self._fuente = fuente
        self._cuenta = control.replicacion
        self._avisos = avisos
        self._nombres: frozenset[NombreAlmacen] = frozenset()
        self._mostrados: dict[NombreAlmacen, Aviso] = {}
        control.observado.connect(self.recibir)
        self._puente.lanzar(self._preguntar, exito=self._respondida, error=self._no_se_pudo)

    def _preguntar(self) -> tuple[Carencia, ...]:
        return self._fuente.carencias

    def _respondida(self, carencias: tuple[Carencia, ...]) -> None:
        self._cuenta.observar(CarenciasCambiadas(carencias))
        self.refrescar()

    @Slot(object)
    def recibir(self, evento: Evento) -> None:
        """Follow what is told of it."""
        if isinstance(evento, (CarenciasCambiadas, ReplicacionAvanza, ReplicacionPausada, SaludObservada)):
            self.refrescar()

    def refrescar(self) -> None:
        """Show what is lacking, and the good news where nothing is any more."""
        nombres = frozenset(una.destino for una in self._cuenta.carencias)
        if nombres != self._nombres:
            self._nombres = nombres
            self.cambiadas.emit(nombres)
        for nombre in NombreAlmacen:
            carencia = self._cuenta.carencia(nombre)
            if carencia is not None:
                self._mostrar(nombre, self._aviso(carencia))
            elif self._mostrados.pop(nombre, None) is not None:
                self._avisos.retirar(_clave(nombre))  # that it is up to date is told where all news are

    def _mostrar(self, nombre: NombreAlmacen, aviso: Aviso) -> None:
        antes = self._mostrados.get(nombre)
        if antes is None or _dicho(antes) != _dicho(aviso):
            self._mostrados[nombre] = aviso
            self._avisos.actualizar(aviso)

    def _aviso(self, carencia: Carencia) -> Aviso:
        if carencia.aceptada:
            return self._en_marcha(carencia)
        nombre = carencia.destino
        origen, destino = nombre.otro.etiqueta, nombre.etiqueta
        a_medias = carencia.motivo is MotivoCarencia.A_MEDIAS
        detalle = self.tr("{direccion}: no se lee de ella, y lo que guarde va a {origen}. {que}").format(
            direccion=self._fuente.direccion(nombre), origen=origen, que=self._lo_que_haria(carencia)
        )
        return Aviso(
            clave=_clave(nombre),
            nivel=Nivel.AVISO,
            titulo=self._titulo(carencia.motivo).format(destino=destino, origen=origen),
            detalle=detalle,
            acciones=(
                Accion(
                    self.tr("Seguir copiando") if a_medias else self.tr("Copiar todo ahora"),
                    partial(self.rellenar, nombre),
                ),
            ),
        )

    def _titulo(self, motivo: MotivoCarencia) -> str:
        match motivo:
            case MotivoCarencia.A_MEDIAS:
                return self.tr("La copia de {origen} a {destino} quedó a medias")
            case MotivoCarencia.OTRA_BASE:
                return self.tr("{destino} no es la base de datos que había antes")
            case MotivoCarencia.VACIADA:
                return self.tr("A {destino} le faltan las tareas que {origen} da por copiadas")
            case MotivoCarencia.NUEVA:
                return self.tr("{destino} está vacía")

    def _lo_que_haria(self, carencia: Carencia) -> str:
        if carencia.filas is None:
            que = self.tr("Se le puede copiar todo lo que hay en {origen}; nada de lo que tiene se cambia.")
        else:
            que = self.tr("Se le pueden copiar las {n} de {origen}; nada de lo que tiene se cambia.")
        return que.format(n=cuenta(carencia.filas or 0), origen=carencia.destino.otro.etiqueta)

    def _en_marcha(self, carencia: Carencia) -> Aviso:
        nombre = carencia.destino
        retraso = self._cuenta.retraso(nombre)
        callan = [una for una in NombreAlmacen if self._fuente.estado_salud(una) not in RESPONDEN]
        como = (
            self.tr("espera a que {quien} responda, y sigue donde quedó").format(quien=callan[0].etiqueta)
            if callan
            else marcha(retraso)
        )
        quedan = self.tr("Quedan {n}").format(n=cuenta(retraso.pendientes))
        detalle = self.tr("{como}. Puede seguir trabajando: lo que guarde va a {origen} y se copia después.")
        return Aviso(
            clave=_clave(nombre),
            nivel=Nivel.INFO,
            titulo=self.tr("Se copia a {destino} todo lo que hay en {origen}").format(
                destino=nombre.etiqueta, origen=nombre.otro.etiqueta
            ),
            detalle=detalle.format(
                como=f"{quedan} · {como}" if como else quedan, origen=nombre.otro.etiqueta
            ),
            acciones=(Accion(self.tr("Cancelar"), self.cancelar),),
        )

    def rellenar(self, nombre: NombreAlmacen) -> None:
        """The operator agrees: copy everything there."""
        self._puente.lanzar(
            partial(self._fuente.rellenar, nombre),
            exito=self._nada,
            error=self._no_se_pudo,
            ejecutor=self._ejecutor,
        )

    def cancelar(self) -> None:
        """Stop it where it is; the banner then offers to go on."""
        self._puente.lanzar(self._fuente.cancelar_replicacion, exito=self._nada, error=self._no_se_pudo)

    def _nada(self, _: None) -> None:
        """What came of it comes as an event."""

    def _no_se_pudo(self, error: BaseException) -> None:
        self._avisos.mostrar(
            Aviso(
                clave="relleno-orden",
                nivel=Nivel.ERROR,
                titulo=self.tr("No se pudo empezar la copia"),
                detalle=explicar(error),
                caduca_s=NOTICIA_S,
            )
        )


def _clave(nombre: NombreAlmacen) -> str:
    return f"relleno-{clave_de(nombre)}"


def _dicho(aviso: Aviso) -> tuple[str, str, tuple[str, ...]]:
    return aviso.titulo, aviso.detalle, tuple(accion.texto for accion in aviso.acciones)
