"""From settings to a running window and back: application, container on a worker, leaving in time."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, QSettings, Qt, QTranslator
from PySide6.QtWidgets import QApplication

from adapters.container import Contenedor
from adapters.dual.carriles import Carriles
from adapters.events import BusEventos
from adapters.settings import Ajustes
from core.domain.errors import DualTareasError
from gui.actividad.manejador import ManejadorActividad
from gui.arranque_captura import Captura
from gui.avisos.errores import RedDeErrores
from gui.bridge import Puente
from gui.executor import Ejecutores, QtExecutor, carriles_qt
from gui.recolector import Recolector
from gui.senales import cerrar_con_senales
from gui.tareas.casos import CasosDeTareas
from gui.tema import GestorTema, Modo
from gui.tema.fuentes import asegurar_fuentes
from gui.tema.gestor import CLAVE_MODO
from gui.ventana import Ventana
from gui.verificacion.casos import CasosDelContenedor
from gui.widgets.formato import localidad

_log = logging.getLogger(__name__)

CAMBIO_DE_HILO_S = 0.0002
"""Longest that a busy worker keeps the interpreter from the GUI thread, seconds."""
SALIDA_S = 0.7
"""From the window's closing to the process's end, at most, whatever the databases do, seconds."""
CIERRE_S = 0.5
"""Of that, what the container may take, seconds."""

SIN_PRISA_S = 0.4
"""Leaving took longer: no room for the interpreter's own end, half a second with drivers' threads to join."""
EN_VUELO_S = 0.15
"""Of that, what reads and saves in flight may take, seconds."""

ARCHIVO_PREFERENCIAS = "ventana.ini"
VARIABLE_TEMA = "DUAL_TAREAS_TEMA"
"""`claro`, `oscuro` or `sistema`, whatever was chosen in the window."""

FabricaContenedor = Callable[[Ajustes, Carriles, BusEventos], Contenedor]


def ejecutar(ajustes: Ajustes, captura: Path | None) -> int:
    """Run the program until its window closes. Ends the process itself if a store held up the closing."""
    app = crear_aplicacion(sys.argv[:1])
    preferencias = _preferencias(ajustes, captura)
    programa = Programa(ajustes, preferencias=preferencias, modo=modo_impuesto(ajustes, captura))
    toma = Captura(programa.ventana, captura, programa) if captura is not None else None
    with cerrar_con_senales(programa.ventana):
        programa.ventana.show()
        programa.iniciar()
        codigo = app.exec()
        inicio_s = time.monotonic()
        limpio = programa.salir()
    codigo = toma.codigo if toma is not None else codigo
    if not limpio:
        _log.warning("Se cierra sin esperar a una base de datos que no responde")
    if not limpio or time.monotonic() - inicio_s > SIN_PRISA_S:
        _irse_ya(codigo)
    return codigo


def crear_aplicacion(argumentos: list[str]) -> QApplication:
    """The QApplication as this program wants it."""
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication(argumentos)
    app.setApplicationName("dual-tareas")
    app.setApplicationDisplayName("Dual Tareas")
    app.setDesktopFileName("dual-tareas")
    QLocale.setDefault(localidad())
    traducir_qt(app)
    asegurar_fuentes(app)
    return app


def traducir_qt(app: QApplication) -> None:
    """Qt's own words too: names of keys in menus, the file dialog."""
    traductor = QTranslator(app)
    carpeta = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if traductor.load(QLocale(QLocale.Language.Spanish), "qtbase", "_", carpeta):
        app.installTranslator(traductor)


class Programa(QObject):
    """The window and what lives behind it, in the order in which it has to come and go."""

    def __init__(
        self,
        ajustes: Ajustes,
        *,
        preferencias: QSettings,
        fabrica: FabricaContenedor | None = None,
        modo: Modo | None = None,
    ) -> None:
        super().__init__()
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self._bus = BusEventos()
        self._carriles = carriles_qt()
        self._contenedor = (fabrica or _contenedor)(ajustes, self._carriles, self._bus)
        self._arranque: Future[Contenedor] | None = None
        self._manejador = ManejadorActividad()
        self._ejecutores = Ejecutores.crear(casos=ajustes.hilos_casos, largos=ajustes.hilos_largos)
        self.puente = Puente(self._ejecutores.lecturas, self)
        self.tema = GestorTema(app, preferencias, self, modo=modo)
        self.ventana = Ventana(self.puente, self._ejecutores, self._manejador, self.tema, preferencias)
        self._red = RedDeErrores(self.ventana.avisos, self)
        self._recolector = Recolector(self)

    def iniciar(self) -> None:
        """Start the container on a worker; the window is on screen meanwhile."""
        # Each call into Qt gives the interpreter away and has to get it back from a busy worker; painting a
        # table makes some hundreds of them.
        sys.setswitchinterval(CAMBIO_DE_HILO_S)
        self._recolector.iniciar()
        logging.getLogger().addHandler(self._manejador)
        self._red.tender()
        self.puente.conectar_bus(self._bus)
        self._arranque = self.puente.lanzar(self._contenedor.iniciar, exito=self._listo, error=self._fallo)

    def salir(self, plazo_s: float = SALIDA_S) -> bool:
        """Close everything within `plazo_s` seconds; whether nothing was left running."""
        limite_s = time.monotonic() + plazo_s
        self.puente.cerrar()
        self._ejecutores.close()
        cierre = threading.Thread(target=self._cerrar, name="DualTareas-cierre", daemon=True)
        cierre.start()
        cierre.join(plazo_s)
        limpio = not cierre.is_alive()
        lineas = (*self._carriles.ping.values(), *self._carriles.operacion.values())
        for ejecutor in (*self._ejecutores, *lineas):
            if isinstance(ejecutor, QtExecutor):
                limpio &= ejecutor.esperar(max(0, round((limite_s - time.monotonic()) * 1000)))
        self._red.soltar()
        self._recolector.detener()
        logging.getLogger().removeHandler(self._manejador)
        return limpio

    def _cerrar(self) -> None:
        """In a thread of its own: a container that is still starting is closed once it has started."""
        if self._arranque is not None and not self._arranque.cancel():
            self._arranque.exception(timeout=None)
        # What is in flight ends by itself in milliseconds, unless its store is frozen.
        limite_s = time.monotonic() + EN_VUELO_S
        for ejecutor in (self._ejecutores.escrituras, self._ejecutores.lecturas):
            ejecutor.esperar(max(0, round((limite_s - time.monotonic()) * 1000)))
        self._contenedor.close(CIERRE_S)

    def _listo(self, contenedor: Contenedor) -> None:
        self.ventana.conectar(
            contenedor,
            CasosDeTareas.sobre(contenedor.repositorio, contenedor.almacenes),
            conflictos=contenedor,
            verificacion=CasosDelContenedor(contenedor),
            resumir=contenedor.resumir.execute,
            importar=contenedor.importar_archivo,
        )

    def _fallo(self, error: BaseException) -> None:
        if isinstance(error, DualTareasError):
            self.ventana.no_arranco(str(error), error.que_hacer)
        else:
            self.ventana.no_arranco(
                self.tr("Error interno ({tipo}).").format(tipo=type(error).__name__),
                self.tr("El detalle está en Actividad."),
            )


def _contenedor(ajustes: Ajustes, carriles: Carriles, bus: BusEventos) -> Contenedor:
    return Contenedor(ajustes, carriles=carriles, bus=bus)


def _preferencias(ajustes: Ajustes, captura: Path | None) -> QSettings:
    """The window's own memory, beside the data. A picture is taken with the defaults and leaves no trace."""
    if captura is not None:
        return QSettings(os.devnull, QSettings.Format.IniFormat)
    return QSettings(str(ajustes.datos / ARCHIVO_PREFERENCIAS), QSettings.Format.IniFormat)


def modo_impuesto(ajustes: Ajustes, captura: Path | None) -> Modo | None:
    """The theme that the environment asks for; in a picture, else the one that the operator chose."""
    pedido = os.environ.get(VARIABLE_TEMA, "")
    archivo = ajustes.datos / ARCHIVO_PREFERENCIAS
    if pedido not in set(Modo) and captura is not None and archivo.exists():
        guardado = QSettings(str(archivo), QSettings.Format.IniFormat)
        pedido = str(guardado.value(CLAVE_MODO, ""))
    return Modo(pedido) if pedido in set(Modo) else None


def _irse_ya(codigo: int) -> None:
    """Leave without joining threads that wait for a server: what was acknowledged is in the stores."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(codigo)
