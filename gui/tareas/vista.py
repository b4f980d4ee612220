"""The page of tareas: tools, table and form put together, and the signals between them. It only composes."""

from __future__ import annotations

from concurrent.futures import Executor
from datetime import datetime

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.domain.models.consulta import Columna, Pagina, Resumen
from core.domain.models.tarea import Tarea
from gui.avisos.bandeja import BandejaAvisos
from gui.bridge import Puente
from gui.tareas.antiguedad import Antiguedad
from gui.tareas.carga import CargadorTareas
from gui.tareas.casos import CasosDeTareas
from gui.tareas.edicion import Edicion
from gui.tareas.eliminacion import Eliminacion
from gui.tareas.estado_lista import EstadoLista
from gui.tareas.fallos import FallosDeEscritura
from gui.tareas.formulario import FormularioTarea
from gui.tareas.herramientas import Herramientas
from gui.tareas.modelo import TareasModel
from gui.tareas.ocultas import Ocultas
from gui.tareas.operaciones import Operaciones
from gui.tareas.paneles import Paneles
from gui.tareas.reparto import Reparto
from gui.tareas.tabla import TablaTareas
from gui.tareas.totales import Totales


class VistaTareas(QWidget):
    """What an operator works in all day.

    Signals:
        pagina_cargada: (NombreAlmacen, datetime) that store answered, then.
        total_cambiado: (int | None) how many tareas the filter lets through; None when not known.
        hallazgos: (int | None) the same while there is a filter; None when all are on show.
        importar_pedido: the operator wants to import a file.
        historial_pedido: (Tarea) the operator wants to know what became of it.
        conflicto_decidido: (Tarea, Resolucion) what became of a value that lost, in the form or the list.
    """

    pagina_cargada = Signal(object, object)
    total_cambiado = Signal(object)
    hallazgos = Signal(object)
    importar_pedido = Signal()
    historial_pedido = Signal(object)
    conflicto_decidido = Signal(object, object)

    def __init__(
        self, puente: Puente, escrituras: Executor, avisos: BandejaAvisos, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._avisos = avisos
        self._conectada = False
        self._sin_preguntar = False
        self.modelo = TareasModel(self)
        self.cargador = CargadorTareas(puente, self.modelo, self)
        self.operaciones = Operaciones(puente, escrituras, self.modelo, self)
        self.herramientas = Herramientas()
        self.tabla = TablaTareas(self.modelo)
        self.formulario = FormularioTarea()
        fallos = FallosDeEscritura(puente, self.operaciones, avisos, self)
        self.edicion = Edicion(self.formulario, self.operaciones, fallos, self)
        self._antiguedad = Antiguedad(self.formulario, self.cargador, self)
        self.eliminacion = Eliminacion(self.formulario, self.operaciones, fallos, avisos, self)
        self._ocultas = Ocultas(self.operaciones, self.modelo, avisos, self.herramientas.quitar_filtros, self)
        self._componer()
        self._unir()
        puente.evento.connect(self.estado.al_evento)
        self._teclas()
        self._ofrecer()

    def _componer(self) -> None:
        self.paneles = Paneles(
            self.tabla,
            importar=self.importar_pedido.emit,
            crear=self.nueva,
            quitar_filtros=self.herramientas.quitar_filtros,
            reintentar=self.actualizar,
        )
        self.estado = EstadoLista(self.modelo, self.cargador, self.paneles, self._avisos)
        self._totales = Totales(self.modelo, self.cargador, self.estado, self.actualizar, self)
        lista = QWidget()
        columna = QVBoxLayout(lista)
        columna.setContentsMargins(0, 0, 0, 0)
        columna.setSpacing(4)
        for parte in (self.herramientas, self.estado.actividad, self.estado.nota):
            columna.addWidget(parte)
        columna.addWidget(self.paneles, 1)
        self._reparto = Reparto(lista, self.formulario, lambda: self.tabla.ancho_minimo)
        todo = QVBoxLayout(self)
        todo.setContentsMargins(0, 0, 0, 0)
        todo.addWidget(self._reparto)

    def _unir(self) -> None:
        self.herramientas.nueva.connect(self.nueva)
        self.herramientas.editar.connect(self._editar_actual)
        self.herramientas.eliminar.connect(self._eliminar_actual)
        self.herramientas.actualizar.connect(self.actualizar)
        self.herramientas.importar.connect(self.importar_pedido)
        self.herramientas.salir.connect(self._cerrar_ventana)
        self.herramientas.filtro_cambiado.connect(self.cargador.filtrar)
        self.herramientas.orden.elegido.connect(self.tabla.ordenar)
        self.tabla.horizontalHeader().sortIndicatorChanged.connect(self.herramientas.orden.poner)
        self.modelo.orden_pedido.connect(self._ordenar)
        self.cargador.cargada.connect(self._al_cargar)
        self._totales.cambiado.connect(self.total_cambiado)
        self._totales.hallazgos.connect(self.hallazgos)
        self.cargador.por_reemplazar.connect(self.tabla.recordar_lugar)
        self.cargador.reemplazada.connect(self._al_reemplazar)
        self.tabla.elegida.connect(self._al_elegir)
        self.tabla.editar_pedido.connect(self._editar)
        self.tabla.eliminar_pedido.connect(self.eliminacion.preguntar)
        self.tabla.historial_pedido.connect(self.historial_pedido)
        self.edicion.perdidas.decidida.connect(self.conflicto_decidido)
        self.edicion.mostrar.connect(self._mostrar)
        self.edicion.creada.connect(self._totales.una_mas)
        self.edicion.terminada.connect(self._al_terminar_edicion)
        self.eliminacion.cerrada.connect(self._al_terminar_edicion)
        self.eliminacion.eliminada.connect(self._totales.una_menos)
        self.eliminacion.restaurada.connect(self._totales.una_mas)
        self.eliminacion.restaurada.connect(self._al_restaurar)

    def _teclas(self) -> None:
        for tecla, hacer in (
            ("Ctrl+N", self.nueva),
            ("Ctrl+S", self.formulario.guardar),
            ("Ctrl+F", self._buscar),
            ("Ctrl+Shift+O", self.herramientas.abrir_orden),
            ("F5", self.actualizar),
            ("Ctrl+Z", self.eliminacion.deshacer_ultima),  # a text field keeps it for its own text
        ):
            atajo = QShortcut(QKeySequence(tecla), self)
            # Wherever the focus is in the window, but only while this page is in view.
            atajo.setContext(Qt.ShortcutContext.WindowShortcut)
            atajo.activated.connect(hacer)

    # What the shell asks

    def conectar(self, casos: CasosDeTareas) -> None:
        """The use cases are there: load and let the operator work."""
        self._conectada = True
        self.modelo.almacenes = casos.almacenes
        self.operaciones.conectar(casos)
        self.cargador.conectar(casos)
        self._ofrecer()

    def puede_cerrar(self) -> bool:
        """Whether the window may close now; if typed text would be lost, asks, and closes it after."""
        if self._sin_preguntar or not self.formulario.sucio:
            return True
        self.edicion.dejar(self._cerrar_ventana)
        return False

    def no_preguntar(self) -> None:
        """Nobody is there to answer: text that is not saved holds nothing back any more."""
        self._sin_preguntar = True

    def _cerrar_ventana(self) -> None:
        self.window().close()

    @Slot()
    def actualizar(self) -> None:
        """Read the list again, keeping rows, place and selection until the answer is there."""
        self.cargador.refrescar(filas=self.tabla.filas_en_uso)

    @Slot(object)
    def resumir(self, resumen: Resumen) -> None:
        """If no store counts any pendiente, rows that still say so are read again."""
        if all(cuantas == 0 for cuantas in resumen.pendientes.values()) and self.modelo.hay_pendientes:
            self.actualizar()

    @Slot()
    def mostrar_pendientes(self) -> None:
        """Show only what one store may lack."""
        self.herramientas.solo_pendientes()

    @Slot(object, bool)
    def _ordenar(self, columna: Columna, descendente: bool) -> None:
        self.cargador.ordenar(columna, descendente=descendente)

    @Slot(object, object)
    def _al_cargar(self, pagina: Pagina, cuando: datetime) -> None:
        self.pagina_cargada.emit(pagina.almacen, cuando)
        self.tabla.anticipar()

    @Slot()
    def _al_reemplazar(self) -> None:
        self.tabla.volver_al_lugar()
        id = self.formulario.id
        if id is not None:
            self.tabla.seleccionar(id)
            self.edicion.llegada(self.modelo.con_id(id))
        self._ofrecer()

    # One tarea

    @Slot()
    def nueva(self) -> None:
        """Begin a new tarea."""
        if self._conectada:
            self.edicion.dejar(self._empezar_nueva)

    def _empezar_nueva(self) -> None:
        self.tabla.seleccionar(None)
        self._reparto.usar_formulario()
        self.edicion.nueva()
        self._ofrecer()

    @Slot(object)
    def _al_elegir(self, tarea: Tarea | None) -> None:
        """The operator moved to another row: show it, unless something typed would be lost."""
        if tarea is None or tarea.id == self.formulario.id or self.operaciones.asentando:
            return
        if self.formulario.sucio:
            self.tabla.seleccionar(self.formulario.id)
        self.edicion.dejar(lambda: self._abrir(tarea))

    def _abrir(self, tarea: Tarea) -> None:
        # It may have changed while the operator was being asked.
        tarea = self.modelo.con_id(tarea.id) or tarea
        self.edicion.abrir(tarea)
        self._antiguedad.mirar()
        self._mostrar(tarea)

    @Slot(object)
    def _mostrar(self, tarea: Tarea) -> None:
        self.tabla.seleccionar(tarea.id)
        self._ofrecer()

    @Slot(object)
    def _editar(self, tarea: Tarea) -> None:
        def seguir() -> None:
            self._abrir(tarea)
            self._reparto.usar_formulario()
            self.formulario.enfocar()

        if tarea.id == self.formulario.id:
            self._reparto.usar_formulario()
            self.formulario.enfocar()
        else:
            self.edicion.dejar(seguir)

    @Slot()
    def _editar_actual(self) -> None:
        if self.tabla.actual is not None:
            self._editar(self.tabla.actual)

    @Slot()
    def _eliminar_actual(self) -> None:
        if self.tabla.actual is not None:
            self.eliminacion.preguntar(self.tabla.actual)

    @Slot()
    def _buscar(self) -> None:
        self._reparto.usar_lista()
        self.herramientas.busqueda.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.herramientas.busqueda.selectAll()

    @Slot(object)
    def _al_restaurar(self, tarea: Tarea) -> None:
        if not self.formulario.sucio:
            self._abrir(tarea)
            self.formulario.decir(self.tr("Tarea restaurada"), "ok")
            self._al_terminar_edicion()

    @Slot()
    def _al_terminar_edicion(self) -> None:
        self._reparto.usar_lista()
        self.tabla.setFocus(Qt.FocusReason.OtherFocusReason)
        self._ofrecer()

    def _ofrecer(self) -> None:
        actual = self.tabla.actual
        self.herramientas.ofrecer(
            hay_elegida=actual is not None,
            eliminable=actual is not None and not actual.eliminada,
            conectada=self._conectada,
        )
