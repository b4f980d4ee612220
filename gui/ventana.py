"""The window: it composes rail, banners, pages and status bar, and passes things on between them. No more."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

from PySide6.QtCore import QByteArray, QSettings, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from core.domain.events import Evento, ReplicacionTerminada, SaludObservada
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.consulta import Resumen
from core.domain.models.tarea import Tarea
from core.health import EstadoSalud
from gui.actividad.manejador import ManejadorActividad
from gui.actividad.vista import VistaActividad
from gui.avisos.aviso import Accion, Aviso, Nivel
from gui.avisos.bandeja import BandejaAvisos
from gui.bridge import Puente
from gui.conflictos.casos import CasosDeConflictos
from gui.conflictos.montaje import MontajeConflictos
from gui.executor import Ejecutores
from gui.importar.dialogo import Importador
from gui.importar.importacion import Importacion
from gui.paginas import Paginas
from gui.pings import Pings
from gui.salud.avisos_salud import AccionesSalud, PresentadorSalud
from gui.salud.barra import BarraEstado
from gui.salud.control import ControlAvisosSalud
from gui.salud.detalle import DetalleAlmacen, VentanaDetalle, ahora_utc
from gui.salud.indicador import Indicador
from gui.salud.montaje import FuenteMontaje, MontajeReplicacion
from gui.salud.resumen import VigiaResumen
from gui.salud.vista import VistaSalud
from gui.tareas.casos import CasosDeTareas
from gui.tareas.vista import VistaTareas
from gui.tema import GestorTema
from gui.verificacion.casos import CasosDeVerificacion
from gui.verificacion.montaje import MontajeVerificacion
from gui.widgets.carril import Carril
from gui.widgets.etiquetas import etiqueta
from gui.widgets.iconos import icono_de_la_aplicacion
from gui.widgets.raiz import Raiz

CLAVE_GEOMETRIA = "ventana/geometria"
REFRESCO_MS = 1000
TAMANO = QSize(1280, 800)
TAMANO_MINIMO = QSize(640, 480)
ESTRECHA_CARACTERES = 125
"""Narrower than this, the rail shows icons alone."""


class FuenteVentana(FuenteMontaje, Protocol):
    """What the shell asks of the container."""

    problema_embebido: str

    @property
    def modo(self) -> str:
        """The environment in a word or two."""
        ...

    def ping_ahora(self, nombre: NombreAlmacen) -> None:
        """Ping that store now; the answer comes as an event."""
        ...


class Ventana(QMainWindow):
    """Shows at once, before there is any database; `conectar` brings it to life.

    Attributes:
        problema: why the program could not start; empty when it could.

    Signals:
        cerrada: the operator closed it and nothing held it back.
    """

    cerrada = Signal()

    def __init__(
        self,
        puente: Puente,
        ejecutores: Ejecutores,
        manejador: ManejadorActividad,
        tema: GestorTema,
        preferencias: QSettings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._puente = puente
        self._preferencias = preferencias
        self._fuente: FuenteVentana | None = None
        self.problema = ""
        self._largos = ejecutores.largos
        self._importacion = Importacion(puente, ejecutores.largos, self)
        self._control: ControlAvisosSalud | None = None
        self.carril = Carril(tema)
        self.avisos = BandejaAvisos()
        self._pings = Pings(puente, self.avisos, self)
        self.barra = BarraEstado()
        self.tareas = VistaTareas(puente, ejecutores.escrituras, self.avisos)
        self.salud = VistaSalud()
        self._conflictos = MontajeConflictos(puente, ejecutores.escrituras, self.avisos, self.carril, self)
        self.conflictos = self._conflictos.vista
        self.verificacion = MontajeVerificacion(puente, ejecutores.largos, self.avisos, self.carril, self)
        self.actividad = VistaActividad(manejador)
        self._paginas = Paginas(self.carril)
        self._componer()
        self._cablear()
        self._restaurar_geometria()

    def estados(self) -> tuple[EstadoSalud, ...]:
        """The state of each store; empty before there are any."""
        fuente = self._fuente
        return tuple(fuente.estado_salud(nombre) for nombre in fuente.almacenes) if fuente else ()

    @property
    def vista_actual(self) -> str:
        """The key of the view on show."""
        return self._paginas.actual

    def conectar(
        self,
        fuente: FuenteVentana,
        casos: CasosDeTareas,
        *,
        conflictos: CasosDeConflictos,
        verificacion: CasosDeVerificacion,
        resumir: Callable[[], Resumen],
        importar: Importador,
    ) -> None:
        """The container is ready: show what it knows and let the operator work."""
        self._fuente = fuente
        self._pings.conectar(fuente)
        self._importacion.conectar(importar)
        self.carril.poner_modo(fuente.modo, self._explicar_modo(fuente))
        self.barra.conectar(fuente)
        self.salud.conectar(fuente)
        acciones = AccionesSalud(reintentar=self._pings.reintentar, ver_pendientes=self._ver_pendientes)
        presentador = PresentadorSalud(fuente, acciones, ahora_s=time.monotonic, ahora=ahora_utc)
        self._control = ControlAvisosSalud(presentador, self.avisos, self)
        self.montaje = MontajeReplicacion(
            self._puente,
            self._largos,
            fuente,
            self._control,
            avisos=self.avisos,
            barra=self.barra,
            salud=self.salud,
            tareas=self.tareas,
            ver=self.ver,
            ventana=self,
        )
        vigia = VigiaResumen(self._puente, resumir, self)
        self._control.pendientes.connect(self.barra.poner_pendientes)
        vigia.preguntado.connect(self._control.preguntar)
        vigia.resumido.connect(self.barra.resumir)
        vigia.resumido.connect(self._control.resumir)
        vigia.resumido.connect(self.tareas.resumir)
        self._puente.evento.connect(self._control.recibir)
        self._puente.evento.connect(vigia.recibir)
        self._puente.evento.connect(self._al_evento)
        self.tareas.total_cambiado.connect(vigia.pedir_pronto)
        self.tareas.conectar(casos)
        self._conflictos.conectar(conflictos)
        self.verificacion.conectar(verificacion)
        self.tareas.setFocus()
        vigia.pedir()
        if fuente.problema_embebido:
            self._avisar_sin_embebido(fuente.problema_embebido)
        self._refrescar()

    def no_arranco(self, mensaje: str, que_hacer: str) -> None:
        """There will be no container: say why, and keep the window open to be read."""
        self.problema = f"{mensaje} {que_hacer}".strip()
        consejo = etiqueta(self.tr("Corrija la causa y vuelva a abrir el programa."), tono="muted")
        consejo.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._paginas.sustituir("tareas", consejo)  # it would say «loading» for ever
        self.ver("tareas")
        self.barra.detener(self.tr("No se pudo arrancar"))
        self.avisos.mostrar(
            Aviso(
                clave="arranque",
                nivel=Nivel.ERROR,
                titulo=self.tr("El programa no pudo arrancar"),
                detalle=self.problema,
                acciones=(Accion(self.tr("Ver actividad"), partial(self.ver, "actividad")),),
            )
        )

    @Slot(str)
    def ver(self, clave: str) -> None:
        """Show that view."""
        self._paginas.ver(clave)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name
        super().resizeEvent(event)
        self.carril.compactar(self.width() < self.fontMetrics().averageCharWidth() * ESTRECHA_CARACTERES)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802  Qt's name
        """Ask if text is unsaved; then go at once."""
        if not self.tareas.puede_cerrar():
            event.ignore()  # the question is on screen, and its answer may close the window again
            return
        self._importacion.cancelar()
        self.verificacion.cancelar()
        self._preferencias.setValue(CLAVE_GEOMETRIA, self.saveGeometry())
        event.accept()
        self.cerrada.emit()

    def _componer(self) -> None:
        self.setWindowTitle("Dual Tareas")
        self.setWindowIcon(icono_de_la_aplicacion())
        for clave, nombre, pagina in (
            ("tareas", self.tr("Tareas"), self.tareas),
            ("salud", self.tr("Salud"), self.salud),
            ("conflictos", self.tr("Conflictos"), self.conflictos),
            ("verificacion", self.tr("Verificación"), self.verificacion.vista),
            ("actividad", self.tr("Actividad"), self.actividad),
        ):
            self._paginas.anadir(clave, nombre, pagina)
        centro = QVBoxLayout()
        centro.setContentsMargins(16, 12, 16, 12)
        centro.setSpacing(0)
        centro.addWidget(self.avisos)
        centro.addWidget(self._paginas, 1)
        arriba = QHBoxLayout()
        arriba.setSpacing(0)
        arriba.addWidget(self.carril)
        arriba.addLayout(centro, 1)
        raiz = Raiz()
        todo = QVBoxLayout(raiz)
        todo.setContentsMargins(0, 0, 0, 0)
        todo.setSpacing(0)
        todo.addLayout(arriba, 1)
        todo.addWidget(self.barra)
        self.setCentralWidget(raiz)
        self.ver("tareas")

    def _cablear(self) -> None:
        self._conflictos.ver_pedido.connect(self.ver)
        self._conflictos.tarea_cambiada.connect(self.tareas.actualizar)
        self.verificacion.tareas_cambiadas.connect(self.tareas.actualizar)
        self.verificacion.ver_pedido.connect(self.ver)
        self.tareas.conflicto_decidido.connect(self._conflictos.anotar)
        self.barra.detalle_pedido.connect(self._abrir_detalle)
        self.salud.ping_pedido.connect(self._pings.pedir)
        self.tareas.pagina_cargada.connect(self.barra.datos_leidos)
        self.tareas.hallazgos.connect(self.barra.poner_hallazgos)
        self.tareas.importar_pedido.connect(self._importacion.preguntar)
        self.tareas.historial_pedido.connect(self._ver_historial)
        for accion in (self.tareas.herramientas.accion_importar, self.tareas.herramientas.accion_salir):
            self.addAction(accion)  # their keys hold in every view
        self._importacion.importado.connect(self.tareas.actualizar)
        # Durations grow and a state goes stale by itself, without any event.
        reloj = QTimer(self)
        reloj.setInterval(REFRESCO_MS)
        reloj.timeout.connect(self._refrescar)
        reloj.start()

    def _restaurar_geometria(self) -> None:
        self.setMinimumSize(TAMANO_MINIMO)
        guardada = self._preferencias.value(CLAVE_GEOMETRIA)
        if not isinstance(guardada, QByteArray) or not self.restoreGeometry(guardada):
            self.resize(TAMANO.boundedTo(self.screen().availableSize()))

    @Slot()
    def _refrescar(self) -> None:
        self.barra.refrescar()
        self.salud.refrescar()
        if self._control is not None:
            self._control.refrescar()

    @Slot(object)
    def _al_evento(self, evento: Evento) -> None:
        if isinstance(evento, SaludObservada):
            self.barra.refrescar()
            self.salud.recibir(evento)
        elif isinstance(evento, ReplicacionTerminada):
            self.tareas.actualizar()  # rows that waited for the other store no longer do

    @Slot(object)
    def _abrir_detalle(self, indicador: Indicador) -> None:
        if self._fuente is None:
            return
        detalle = DetalleAlmacen(self._fuente, indicador.nombre)
        detalle.ping_pedido.connect(self._pings.pedir)
        self._puente.evento.connect(detalle.recibir)
        VentanaDetalle(detalle, self).abrir_sobre(indicador)

    def _ver_pendientes(self) -> None:
        self.ver("tareas")
        self.tareas.mostrar_pendientes()

    @Slot(object)
    def _ver_historial(self, tarea: Tarea) -> None:
        self.ver("actividad")
        self.actividad.buscar(str(tarea.id))

    def _avisar_sin_embebido(self, problema: str) -> None:
        self.avisos.mostrar(
            Aviso(
                clave="embebido",
                nivel=Nivel.AVISO,
                titulo=self.tr("Se trabaja solo con SQL: no hay MongoDB"),
                detalle=problema,
            )
        )

    def _explicar_modo(self, fuente: FuenteVentana) -> str:
        return "\n".join(f"{nombre.etiqueta}: {fuente.direccion(nombre)}" for nombre in fuente.almacenes)
