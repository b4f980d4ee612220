"""The line at the top of the page: its name and what can be done about all of it."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from gui.widgets.etiquetas import etiqueta


class Cabecera(QWidget):
    """Buttons; whoever has them decides what they do."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boton_informe = QPushButton(self.tr("Guardar informe…"))
        self.boton_cancelar = QPushButton(self.tr("Cancelar   Esc"))
        self.boton_verificar = QPushButton(self.tr("Verificar   F5"))
        self.boton_verificar.setProperty("papel", "primario")
        self.boton_verificar.setToolTip(self.tr("Compara todo el contenido de ambas bases de datos"))
        fila = QHBoxLayout(self)
        fila.setContentsMargins(0, 0, 0, 0)
        fila.setSpacing(8)
        fila.addWidget(etiqueta(self.tr("Verificación"), papel="titulo"))
        fila.addStretch(1)
        for boton in (self.boton_informe, self.boton_cancelar, self.boton_verificar):
            fila.addWidget(boton)
