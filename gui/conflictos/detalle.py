"""One conflict opened: what is there now beside what was lost, and the three ways out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.conflictos import Campo, dicen_lo_mismo
from core.domain.models.conflicto import ConflictoVisto, Resolucion
from core.domain.models.tarea import Tarea
from gui.conflictos.comparacion import Comparacion
from gui.conflictos.eleccion import Eleccion, Lado
from gui.conflictos.textos import autoria, que_se_decidio
from gui.tareas.borrador import Borrador
from gui.tareas.preguntas import Respuesta, UnaPregunta
from gui.widgets.etiquetas import EtiquetaElidida, etiqueta


class DetalleConflicto(QFrame):
    """Shows one conflict; decides nothing by itself.

    Attributes:
        nodo_propio: tells the number of this installation.

    Signals:
        resuelto: (ConflictoVisto, Resolucion, frozenset of the fields to take from the loser).
    """

    resuelto = Signal(object, object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._visto: ConflictoVisto | None = None
        self._comparacion: Comparacion | None = None
        self._ocupado = False
        self._pregunta = UnaPregunta(self)
        self._tras: QWidget | None = None
        self.nodo_propio: Callable[[], str] = str
        self._titulo = EtiquetaElidida()
        self._titulo.setProperty("papel", "titulo")
        self._nota = etiqueta(tono="muted")
        self._nota.setWordWrap(True)
        self._autoria = (etiqueta(tono="muted"), etiqueta(tono="muted"))
        self.boton_conservar = QPushButton(self.tr("Conservar lo que hay"))
        self.boton_conservar.setProperty("papel", "primario")
        self.boton_restaurar = QPushButton(self.tr("Restaurar lo perdido"))
        self.boton_mezclar = QPushButton(self.tr("Guardar la mezcla"))
        self._columna = QVBoxLayout(self)
        self._componer()
        self.abrir(None)

    @property
    def visto(self) -> ConflictoVisto | None:
        """The one on show."""
        return self._visto

    @property
    def comparacion(self) -> Comparacion | None:
        """Both values; None where there is only one."""
        return self._comparacion

    def abrir(self, visto: ConflictoVisto | None) -> None:
        """Show that one; None: nothing is chosen. What is on show already keeps what was chosen in it."""
        if visto is not None and self._visto is not None and _huella(visto) == _huella(self._visto):
            self._visto = visto
            return
        self._visto = visto
        self._quitar_comparacion()
        if visto is not None:
            self._titulo.setText(visto.perdedora.titulo)
            self._nota.setText(self._explicacion(visto))
            self._decir_autores(visto)
            self._poner_comparacion(visto)
            self._ordenar()
        self._ofrecer()

    def poner_tras(self, anterior: QWidget) -> None:
        """Tab comes here from that one."""
        self._tras = anterior
        self._ordenar()

    def _ordenar(self) -> None:
        """Tab follows the eye; the values, which are only read, come after what is decided.

        Said anew for each conflict: what was made last would otherwise come last.
        """
        comparacion = self._comparacion
        if self._tras is None or comparacion is None:
            return
        botones = (self.boton_mezclar, self.boton_restaurar, self.boton_conservar)
        cadena = (self._tras, *comparacion.opciones, *botones, *comparacion.muestras)
        for uno, siguiente in pairwise(cadena):
            QWidget.setTabOrder(uno, siguiente)

    def _decir_autores(self, visto: ConflictoVisto) -> None:
        propio, ahora = self.nodo_propio(), ""
        if visto.actual is not None:
            ahora = self.tr("Ahora: {autoria}").format(autoria=autoria(visto.actual, propio))
        perdio = self.tr("Perdió: {autoria}").format(autoria=autoria(visto.perdedora, propio))
        for parte, texto in zip(self._autoria, (ahora, perdio), strict=True):
            parte.setText(texto)

    def ocupar(self, si: bool) -> None:
        """A decision is on its way: no second one meanwhile."""
        self._ocupado = si
        self._ofrecer()

    def _componer(self) -> None:
        self._columna.setContentsMargins(16, 12, 16, 12)
        self._columna.setSpacing(8)
        self._columna.addWidget(self._titulo)
        self._columna.addWidget(self._nota)
        autores = QGridLayout()
        autores.setContentsMargins(0, 0, 4, 0)
        autores.setSpacing(8)
        for columna, parte in enumerate(self._autoria):
            parte.setWordWrap(True)
            autores.setColumnStretch(columna, 1)
            autores.addWidget(parte, 0, columna)
        self._columna.addLayout(autores)
        self._hueco = QVBoxLayout()
        self._columna.addLayout(self._hueco, 1)
        fila = QHBoxLayout()
        fila.setSpacing(8)
        fila.addStretch()
        for boton, resolucion in (
            (self.boton_mezclar, Resolucion.MEZCLA),
            (self.boton_restaurar, Resolucion.PERDEDORA),
            (self.boton_conservar, Resolucion.GANADORA),
        ):
            boton.clicked.connect(lambda _=False, r=resolucion: self._decidir(r))
            fila.addWidget(boton)
        self._columna.addLayout(fila)

    def _quitar_comparacion(self) -> None:
        if self._comparacion is not None:
            self._hueco.removeWidget(self._comparacion)
            self._comparacion.hide()
            self._comparacion.deleteLater()
            self._comparacion = None

    def _poner_comparacion(self, visto: ConflictoVisto) -> None:
        actual = visto.actual or visto.perdedora
        # What a deletion says beside that is nobody's to choose: the one that lives is shown.
        perdedora = actual if visto.perdedora.eliminada else visto.perdedora
        if actual.eliminada:
            actual = perdedora
        eleccion = Eleccion(Borrador.de(perdedora), actual)
        self._comparacion = Comparacion(
            eleccion,
            {Lado.SUYO: self.tr("Lo que hay"), Lado.MIO: self.tr("Lo que se perdió")},
            elegible=_ambas_viven(visto) and len(eleccion.distintos) > 1,
            todo=False,
            iguales=not _ambas_viven(visto),
            marca=self.tr("en la mezcla"),
        )
        self._comparacion.cambiada.connect(self._ofrecer)
        self._hueco.addWidget(self._comparacion, 1)

    def _explicacion(self, visto: ConflictoVisto) -> str:
        perdedora, actual = visto.perdedora, visto.actual
        if visto.guardado.resolucion == Resolucion.REPARACION:
            texto = self.tr("Las dos bases de datos no decían lo mismo, y una reparación puso el otro valor.")
        elif actual is None:
            texto = self.tr("La tarea ya no existe. Restaurar lo perdido la crea otra vez.")
        elif perdedora.eliminada and not actual.eliminada:
            texto = self.tr("Una persona la eliminó y otra la cambió sin saberlo: ganó el cambio.")
        elif actual.eliminada and not perdedora.eliminada:
            texto = self.tr("Una persona la cambió y otra la eliminó sin saberlo: ahora está eliminada.")
        elif dicen_lo_mismo(perdedora, actual):
            texto = self.tr("Lo que hay ya dice lo mismo que lo que se perdió: no queda nada que elegir.")
        else:
            texto = self.tr("Dos personas la cambiaron sin ver una el cambio de la otra.")
        distintas = actual is not None and not dicen_lo_mismo(perdedora, actual)
        elegir = self.tr("Elija qué queda.") if visto.guardado.abierto and distintas else ""
        return " ".join(parte for parte in (texto, elegir, _punto(que_se_decidio(visto))) if parte)

    @Slot()
    def _ofrecer(self) -> None:
        visto = self._visto
        self.setVisible(visto is not None)
        if visto is None:
            return
        iguales = dicen_lo_mismo(visto.perdedora, visto.actual)
        distintos = len(self._comparacion.lados) if self._comparacion else 0
        mezcla = self._hay_mezcla(visto)
        self.boton_conservar.setVisible(visto.guardado.abierto)
        self.boton_conservar.setEnabled(not self._ocupado)
        self.boton_restaurar.setText(
            self.tr("Eliminarla") if visto.perdedora.eliminada else self.tr("Restaurar lo perdido")
        )
        self.boton_restaurar.setEnabled(not self._ocupado and not iguales)
        self.boton_mezclar.setVisible(_ambas_viven(visto) and distintos > 1)
        self.boton_mezclar.setEnabled(not self._ocupado and mezcla)
        self.boton_mezclar.setToolTip(
            "" if mezcla else self.tr("Elija arriba al menos un campo de cada lado")
        )

    def _tomados(self) -> frozenset[Campo]:
        lados = self._comparacion.lados if self._comparacion is not None else {}
        return frozenset(campo for campo, lado in lados.items() if lado is Lado.MIO)

    def _hay_mezcla(self, visto: ConflictoVisto) -> bool:
        distintos = len(self._comparacion.lados) if self._comparacion is not None else 0
        return _ambas_viven(visto) and 0 < len(self._tomados()) < distintos

    def _decidir(self, resolucion: Resolucion) -> None:
        visto = self._visto
        if visto is None:
            return
        if resolucion is Resolucion.MEZCLA or not self._hay_mezcla(visto):
            self._mandar(visto, resolucion)
            return
        hacer = self.boton_conservar if resolucion is Resolucion.GANADORA else self.boton_restaurar
        self._pregunta.hacer(
            f"{visto.guardado.clave}-{resolucion}",
            self.tr("¿Descartar la mezcla que ha elegido?"),
            self.tr("Eligió campos de cada lado, y esto los deja sin efecto."),
            (
                Respuesta(self.tr("Volver a la mezcla"), self.boton_mezclar.setFocus, prudente=True),
                Respuesta(hacer.text(), partial(self._mandar, visto, resolucion)),
            ),
        )

    def _mandar(self, visto: ConflictoVisto, resolucion: Resolucion) -> None:
        self.resuelto.emit(visto, resolucion, self._tomados())

    def enfocar(self) -> None:
        """Let the keyboard decide, on the way that loses nothing where there is one."""
        boton = self.boton_conservar if self.boton_conservar.isVisible() else self.boton_restaurar
        boton.setFocus(Qt.FocusReason.OtherFocusReason)


def _huella(visto: ConflictoVisto) -> object:
    """What an operator would see change."""
    guardado, actual = visto.guardado, visto.actual
    return (guardado.clave, guardado.abierto, actual.version if actual is not None else 0)


def _ambas_viven(visto: ConflictoVisto) -> bool:
    def vive(tarea: Tarea | None) -> bool:
        return tarea is not None and not tarea.eliminada

    return vive(visto.perdedora) and vive(visto.actual)


def _punto(texto: str) -> str:
    return f"{texto}." if texto else ""
