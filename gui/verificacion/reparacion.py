"""What the operator chooses for a repair: which differences, whose content wins; simulated, then done."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.domain.models.reparacion import PlanReparacion
from core.reparacion import Gana
from gui.verificacion.palabras import nombre_de_gana, relato_del_plan
from gui.widgets.desplegable import Desplegable
from gui.widgets.etiquetas import etiqueta
from gui.widgets.formato import cuenta

MARGEN_PX = 16


class Ambito(StrEnum):
    """Which differences are meant."""

    ELEGIDAS = "elegidas"
    A_LA_VISTA = "a_la_vista"
    TODAS = "todas"


class BarraReparacion(QFrame):
    """Says what is wanted; does nothing by itself.

    Signals:
        simular_pedido: count what the repair would do.
        reparar_pedido: do what was simulated.
        eleccion_cambiada: another scope or another winner: what was simulated is not meant any more.
    """

    simular_pedido = Signal()
    reparar_pedido = Signal()
    eleccion_cambiada = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.ambito = Desplegable()
        self.gana = Desplegable()
        self.boton_simular = QPushButton(self.tr("Simular"))
        self.boton_reparar = QPushButton(self.tr("Reparar…"))
        self._relato = etiqueta(tono="muted")
        self._relato.setWordWrap(True)
        self._plan: PlanReparacion | None = None
        self._ocupada = False
        self._cuentas = {Ambito.ELEGIDAS: 0, Ambito.A_LA_VISTA: 0, Ambito.TODAS: 0}
        self._hay_mas = False
        self._componer()
        self.olvidar()

    @property
    def elegido(self) -> tuple[Ambito, Gana]:
        """What is chosen."""
        return Ambito(self.ambito.currentData()), Gana(self.gana.currentData())

    @property
    def plan(self) -> PlanReparacion | None:
        """What was simulated of what is chosen now."""
        return self._plan

    @property
    def relato(self) -> str:
        """What is said of it."""
        return self._relato.text()

    def contar(self, *, elegidas: int, a_la_vista: int, todas: int, hay_mas: bool = False) -> None:
        """How many each scope means now; `hay_mas`: not all differences are in the list."""
        cuentas = {Ambito.ELEGIDAS: elegidas, Ambito.A_LA_VISTA: a_la_vista, Ambito.TODAS: todas}
        if cuentas == self._cuentas and hay_mas == self._hay_mas:
            return
        self._hay_mas = hay_mas
        cambia = cuentas[self.elegido[0]] != self._cuentas[self.elegido[0]]
        self._cuentas = cuentas
        self._rotular()
        if cambia:
            self.olvidar()
        self._ofrecer()

    def ocupar(self, si: bool) -> None:
        """A job is under way."""
        self._ocupada = si
        self._ofrecer()

    def poner_plan(self, plan: PlanReparacion) -> None:
        """This is what it would do."""
        self._plan = plan
        self._relato.setText(self.tr("Simulado. {relato}").format(relato=relato_del_plan(plan)))
        self._ofrecer()

    def olvidar(self) -> None:
        """Nothing is simulated."""
        self._plan = None
        self._relato.setText(
            self.tr("Simular cuenta lo que se haría y no escribe nada. Después se pregunta antes de reparar.")
        )
        self._ofrecer()

    def minimumSizeHint(self) -> QSize:  # noqa: N802  Qt's name
        """As wide as it needs to be with the buttons under the choices, whatever it is now."""
        ancho = max(parte.minimumSize().width() for parte in self._partes) + 2 * MARGEN_PX
        return QSize(ancho, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name
        """Buttons beside the choices where there is room, else under them."""
        super().resizeEvent(event)
        juntas = sum(parte.sizeHint().width() for parte in self._partes) + 2 * MARGEN_PX + 8
        cabe = event.size().width() >= juntas
        direccion = QBoxLayout.Direction.LeftToRight if cabe else QBoxLayout.Direction.TopToBottom
        self._arriba.setDirection(direccion)

    @property
    def paradas(self) -> tuple[QWidget, ...]:
        """What the keyboard stops at, in order."""
        return (self.ambito, self.gana, self.boton_simular, self.boton_reparar)

    def _componer(self) -> None:
        self._rotular()
        self.ambito.setAccessibleName(self.tr("Qué diferencias se reparan"))
        for gana in Gana:
            self.gana.addItem(nombre_de_gana(gana), gana.value)
        self.gana.setCurrentIndex(self.gana.findData(Gana.RECIENTE.value))
        self.gana.setAccessibleName(self.tr("Qué base de datos gana"))
        elegir = QHBoxLayout()
        elegir.setSpacing(8)
        elegir.addWidget(etiqueta(self.tr("Reparar")))
        elegir.addWidget(self.ambito)
        elegir.addWidget(self.gana)
        elegir.addStretch(1)
        botones = QHBoxLayout()
        botones.setSpacing(8)
        botones.addStretch(1)
        botones.addWidget(self.boton_simular)
        botones.addWidget(self.boton_reparar)
        self._partes = (elegir, botones)
        self._arriba = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._arriba.setSpacing(8)
        self._arriba.addLayout(elegir, 1)
        self._arriba.addLayout(botones)
        todo = QVBoxLayout(self)
        todo.setContentsMargins(MARGEN_PX, 10, MARGEN_PX, 10)
        todo.setSpacing(6)
        todo.addLayout(self._arriba)
        todo.addWidget(self._relato)
        self.ambito.currentIndexChanged.connect(self._al_elegir)
        self.gana.currentIndexChanged.connect(self._al_elegir)
        self.boton_simular.clicked.connect(self.simular_pedido)
        self.boton_reparar.clicked.connect(self.reparar_pedido)

    def _rotular(self) -> None:
        rotulos = {
            Ambito.ELEGIDAS: self.tr("Las elegidas ({n})"),
            Ambito.A_LA_VISTA: self.tr("Las de este filtro ({n})"),
            Ambito.TODAS: self.tr("Todas las de la lista ({n})") if self._hay_mas else self.tr("Todas ({n})"),
        }
        for lugar, (ambito, rotulo) in enumerate(rotulos.items()):
            texto = rotulo.format(n=cuenta(self._cuentas[ambito]))
            if lugar < self.ambito.count():
                self.ambito.setItemText(lugar, texto)
            else:
                self.ambito.addItem(texto, ambito.value)

    @Slot()
    def _al_elegir(self) -> None:
        self.olvidar()
        self.eleccion_cambiada.emit()

    def _ofrecer(self) -> None:
        hay = bool(self._cuentas[self.elegido[0]]) and not self._ocupada
        escribe = self._plan is not None and bool(self._plan.se_escriben)
        self.boton_simular.setEnabled(hay)
        self.boton_reparar.setEnabled(escribe and not self._ocupada)
        cuantas = self._plan.se_escriben if self._plan is not None else 0
        texto = self.tr("Reparar {n}…").format(n=cuenta(cuantas)) if escribe else self.tr("Reparar…")
        self.boton_reparar.setText(texto)
