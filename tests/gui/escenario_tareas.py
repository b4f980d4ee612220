"""The tareas view over a real dual repository on two stores in memory, for the tests beside this file."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMessageBox, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from adapters.dual.repositorio import DualTareaRepository
from adapters.events import BusEventos
from adapters.health.registro import RegistroSalud
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.tarea import EstadoTarea, Tarea
from core.domain.models.version import componer
from core.domain.ports.almacen import Almacen
from gui.avisos.aviso import Aviso
from gui.avisos.bandeja import BandejaAvisos
from gui.bridge import Puente
from gui.executor import Ejecutores, carriles_qt
from gui.tareas.campos import CampoDeTexto
from gui.tareas.casos import CasosDeTareas
from gui.tareas.paneles import Panel
from gui.tareas.vista import VistaTareas
from tests.fakes import AlmacenEnMemoria, reloj_de_prueba

PLAZO_MS = 5000
PLAZO_S = PLAZO_MS / 1000
INICIO = datetime(2025, 3, 30, 17, 0, tzinfo=UTC)


def tarea_n(n: int, **campos: Any) -> Tarea:
    """The n-th newest tarea, confirmed in both stores."""
    instante = INICIO - timedelta(minutes=n)
    version = componer(int(instante.timestamp() * 1000), 0, 7)
    valores: dict[str, Any] = {
        "titulo": f"Tarea {n:04}",
        "descripcion": f"Descripción {n}",
        "estado": list(EstadoTarea)[n % 3],
        "creada_en": instante,
        "actualizada_en": instante,
        "version": version,
        "version_comun": version,
    }
    return Tarea(**(valores | campos))


def escribir(campo: CampoDeTexto, texto: str) -> None:
    """Put that text into the field as if it had been typed."""
    if isinstance(campo.editor, QLineEdit):
        campo.editor.setText(texto)
    else:
        campo.editor.setPlainText(texto)


class Compuerta:
    """Holds the named operations of a store until it is opened."""

    def __init__(self, almacen: AlmacenEnMemoria, *metodos: str) -> None:
        self._abierta = threading.Event()
        self.llegadas = 0
        self._metodos = metodos
        almacen.antes = self._esperar

    def _esperar(self, metodo: str) -> None:
        if metodo in self._metodos:
            self.llegadas += 1
            assert self._abierta.wait(PLAZO_S), "la compuerta no se abrió a tiempo"

    def abrir(self) -> None:
        self._abierta.set()


class Escenario:
    """A window with the view in it, its stores, and an operator's hands.

    Args:
        replicada: a store can be behind, as where replication runs.
    """

    def __init__(self, qtbot: QtBot, *, replicada: bool = False) -> None:
        self.qtbot = qtbot
        self.sql, self.mongo = (AlmacenEnMemoria(nombre) for nombre in NombreAlmacen)
        self._montar(self.sql, self.mongo, replicada=replicada)

    @classmethod
    def sobre(cls, qtbot: QtBot, sql: Almacen, mongo: Almacen) -> Escenario:
        """The same on other stores, which stay the caller's to close."""
        escenario = cls.__new__(cls)
        escenario.qtbot = qtbot
        escenario.sql, escenario.mongo = (AlmacenEnMemoria(nombre) for nombre in NombreAlmacen)
        escenario._montar(sql, mongo)
        return escenario

    def _montar(self, sql: Almacen, mongo: Almacen, *, replicada: bool = False) -> None:
        self.bus = BusEventos()
        self.registro = RegistroSalud(publicar=self.bus.publicar, replicada=replicada)
        self.registro.por_mirar = False
        self.ejecutores = Ejecutores.crear(casos=4, largos=1)
        self.puente = Puente(self.ejecutores.lecturas)
        self.puente.conectar_bus(self.bus)
        self.carriles = carriles_qt()
        self.repositorio = DualTareaRepository(
            sql_repository=sql,
            mongo_repository=mongo,
            executor=self.carriles,
            registro=self.registro,
            publicar=self.bus.publicar,
            reloj=reloj_de_prueba(),
        )
        self.ventana = QWidget()
        self.qtbot.addWidget(self.ventana)
        self.avisos = BandejaAvisos()
        self.vista = VistaTareas(self.puente, self.ejecutores.escrituras, self.avisos)
        columna = QVBoxLayout(self.ventana)
        columna.addWidget(self.avisos)
        columna.addWidget(self.vista, 1)
        self.ventana.resize(1200, 700)
        self.modelo, self.formulario = self.vista.modelo, self.vista.formulario

    def cerrar(self) -> None:
        for almacen in (self.sql, self.mongo):
            almacen.antes = None
        self.puente.cerrar()
        self.ejecutores.close()
        self.repositorio.close()
        self.carriles.close()

    def poblar(self, cuantas: int, **campos: Any) -> list[Tarea]:
        tareas = [tarea_n(n, **campos) for n in range(cuantas)]
        for tarea in tareas:
            self.sembrar(tarea)
        return tareas

    def sembrar(self, tarea: Tarea) -> None:
        """Put the row into both stores behind the window's back."""
        self.sql.filas[tarea.id] = self.mongo.filas[tarea.id] = tarea

    def mostrar(self) -> None:
        """Show the window and wait for the first rows."""
        self.ventana.show()
        self.vista.conectar(CasosDeTareas.sobre(self.repositorio))
        self.esperar_lista()
        self.esperar(lambda: self.vista.paneles.visible is not Panel.CARGANDO)

    def esperar(self, condicion: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condicion, timeout=PLAZO_MS)

    def esperar_lista(self) -> None:
        self.esperar(lambda: not self.vista.cargador.preguntando)

    def esperar_guardado(self) -> None:
        self.esperar(lambda: not self.vista.operaciones.ocupada(self.formulario.id))

    def elegir(self, fila: int) -> Tarea:
        self.vista.tabla.selectRow(fila)
        tarea = self.modelo.tarea(fila)
        assert tarea is not None
        return tarea

    def escribir_titulo(self, texto: str) -> None:
        escribir(self.formulario.titulo, texto)

    def escribir_descripcion(self, texto: str) -> None:
        escribir(self.formulario.descripcion, texto)

    def guardar(self) -> None:
        QTest.mouseClick(self.formulario.boton_guardar, Qt.MouseButton.LeftButton)

    def guardar_y_esperar(self) -> None:
        self.guardar()
        self.esperar_guardado()

    def pregunta(self) -> QMessageBox:
        """The question that is open; there must be exactly one."""
        abiertas = [caja for caja in self.ventana.findChildren(QMessageBox) if caja.isVisible()]
        assert len(abiertas) == 1, f"{len(abiertas)} preguntas abiertas"
        return abiertas[0]

    def contestar(self, texto: str) -> None:
        boton = next(boton for boton in self.pregunta().buttons() if boton.text() == texto)
        QTest.mouseClick(boton, Qt.MouseButton.LeftButton)

    def titulos(self) -> list[str]:
        return [str(self.modelo.index(fila, 0).data()) for fila in range(self.modelo.rowCount())]

    def almacenes_de(self, fila: int) -> str:
        return str(self.modelo.index(fila, 3).data())

    def aviso(self, titulo: str) -> Aviso:
        """The banner whose titulo has that in it."""
        hallados = [aviso for aviso in self.avisos.avisos if titulo in aviso.titulo]
        assert hallados, f"no hay aviso con {titulo!r}: {[a.titulo for a in self.avisos.avisos]}"
        return hallados[0]
