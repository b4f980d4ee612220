"""What the list has to say of itself: loading, empty, nothing found, old, read from the other store."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QLabel, QProgressBar

from core.domain.errors import OperacionFallida
from core.domain.events import SaludObservada
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.consulta import Filtro, Pagina
from core.health import EstadoSalud
from gui.adopcion.textos import Hallazgo, en_la_lista, por_adoptar, sin_adoptar
from gui.avisos.aviso import Accion, Aviso, Nivel
from gui.avisos.bandeja import BandejaAvisos
from gui.tareas.carga import CargadorTareas
from gui.tareas.modelo import TareasModel
from gui.tareas.paneles import Panel, Paneles
from gui.tareas.textos import explicar
from gui.widgets.etiquetas import etiqueta
from gui.widgets.formato import duracion, hora

AVISO_LECTURA = "tareas-lectura"
RESPONDEN = frozenset({EstadoSalud.OK, EstadoSalud.LENTA, EstadoSalud.SOLO_LECTURA})
RELECTURA_S = 1.0
"""How soon a list that is not as it should be is read again when its store is heard of, seconds."""
RELECTURA_MAX_S = 30.0
"""Each time in vain doubles that, up to here, seconds."""


class EstadoLista(QObject):
    """Follows the loader and the model, and puts panel, activity line, note and banner accordingly.

    Signals:
        total_cambiado: (int | None) how many tareas the filter lets through; None when not known.
    """

    total_cambiado = Signal(object)

    def __init__(
        self,
        modelo: TareasModel,
        cargador: CargadorTareas,
        paneles: Paneles,
        avisos: BandejaAvisos,
        *,
        ahora_s: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(paneles)
        self._ahora_s = ahora_s
        self._leida_de: NombreAlmacen | None = None
        self._aviso = ""
        self._hallazgo: Hallazgo | None = None
        self._espera_s = RELECTURA_S
        self._preguntada_s = 0.0
        self._modelo = modelo
        self._cargador = cargador
        self._paneles = paneles
        self._avisos = avisos
        self._leida: datetime | None = None
        self._fallo = False
        self._total: int | None = None
        self.actividad = _linea_de_actividad(self.tr("Actualizando la lista"))
        self.nota: QLabel = etiqueta(tono="warn")
        self.nota.setWordWrap(True)
        self.nota.hide()
        cargador.empezada.connect(self._al_empezar)
        cargador.cargada.connect(self._al_cargar)
        cargador.fallida.connect(self._al_fallar)
        cargador.contada.connect(self._al_contar)
        modelo.rowsInserted.connect(self._elegir_panel)
        modelo.rowsRemoved.connect(self._elegir_panel)

    @Slot()
    def _al_empezar(self) -> None:
        self._preguntada_s = self._ahora_s()
        self.actividad.show()
        if self._paneles.visible is Panel.ERROR:
            self._paneles.ver(Panel.CARGANDO)

    @Slot(object, object)
    def _al_cargar(self, pagina: Pagina, cuando: datetime) -> None:
        self.actividad.hide()
        self._leida, self._fallo = cuando, False
        self._avisos.retirar(AVISO_LECTURA)
        self._leida_de, self._aviso = pagina.almacen, pagina.aviso
        if not self._aviso:
            self._espera_s = RELECTURA_S
        self._poner_nota()
        self._elegir_panel()

    @Slot(object, bool)
    def poner_hallazgo(self, hallazgo: Hallazgo | None, adoptando: bool) -> None:
        """A store holds tareas of another program, which the list lacks; None: no longer."""
        self._hallazgo = hallazgo
        if hallazgo is not None:
            letrero = self._paneles.letreros[Panel.POR_ADOPTAR]
            letrero.titular(por_adoptar(hallazgo))
            letrero.explicar(sin_adoptar(hallazgo))
            letrero.botones[0].setEnabled(not adoptando)
            letrero.botones[0].setText(self.tr("Adoptando…") if adoptando else self.tr("Adoptar…"))
        self._poner_nota()
        self._elegir_panel()

    def _poner_nota(self) -> None:
        nota, hallazgo = self._aviso, self._hallazgo
        if nota and hallazgo is not None and hallazgo.almacen is not self._leida_de:
            nota = en_la_lista(hallazgo)  # it does answer: it waits to be told to take part
        self.nota.setText(nota)
        self.nota.setVisible(bool(nota))

    @Slot(object)
    def al_evento(self, evento: object) -> None:
        """A store answers: what could not be read, or only from the other one, is read anew.

        At once when it has just returned, and when it has caught up. Otherwise each sign of life is a chance,
        ever more seldom.
        """
        if not isinstance(evento, SaludObservada) or evento.ahora.estado not in RESPONDEN:
            return
        le_falta = bool(self._aviso) and evento.ahora.almacen is not self._leida_de
        if not (self._fallo or le_falta):
            return
        al_dia = evento.antes.atrasada and not evento.ahora.atrasada
        if evento.antes.estado not in RESPONDEN or al_dia:
            self._espera_s = RELECTURA_S
            self._reintentar()
        elif not self._cargador.preguntando and self._ahora_s() - self._preguntada_s >= self._espera_s:
            self._espera_s = min(2 * self._espera_s, RELECTURA_MAX_S)
            self._reintentar()

    @Slot()
    def _elegir_panel(self) -> None:
        if self._modelo.rowCount():
            self._paneles.ver(Panel.TABLA)
        elif self._leida is not None:
            # Seen from one store only, nothing found is no proof that the other has it all.
            al_dia = not self._aviso
            panel = _panel_sin_filas(self._cargador.consulta.filtro, al_dia=al_dia)
            vacia = panel is Panel.VACIA and self._hallazgo is not None
            self._paneles.ver(Panel.POR_ADOPTAR if vacia else panel)
        elif self._falta_adoptar():
            self._paneles.ver(Panel.POR_ADOPTAR)

    def _falta_adoptar(self) -> bool:
        """Whether that alone is why nothing can be read: there is no other store that could answer."""
        hallazgo = self._hallazgo
        return self._fallo and hallazgo is not None and (hallazgo.otro is None or hallazgo.espera_la_otra)

    @Slot(object)
    def _al_fallar(self, error: BaseException) -> None:
        self.actividad.hide()
        # A sign of life of a store that answers, and says no, is no reason to ask it the same again.
        self._fallo = not isinstance(error, OperacionFallida) or self._modelo.rowCount() == 0
        if self._modelo.rowCount() == 0:
            self._paneles.letreros[Panel.ERROR].explicar(explicar(error))
            self._paneles.ver(Panel.POR_ADOPTAR if self._falta_adoptar() else Panel.ERROR)
            return
        self._avisos.mostrar(
            Aviso(
                clave=AVISO_LECTURA,
                nivel=Nivel.ERROR,
                titulo=self.tr("No se pueden leer las tareas"),
                detalle=" ".join(parte for parte in (self._edad(), explicar(error)) if parte),
                acciones=(Accion(self.tr("Reintentar"), self._reintentar),),
            )
        )

    def _edad(self) -> str:
        if self._leida is None:
            return ""
        tiempo_s = (datetime.now(UTC) - self._leida).total_seconds()
        return self.tr("La lista es de las {hora} (hace {tiempo}).").format(
            hora=hora(self._leida), tiempo=duracion(tiempo_s)
        )

    def _reintentar(self) -> None:
        self._cargador.refrescar(filas=self._modelo.rowCount())

    @Slot(object)
    def _al_contar(self, total: int | None) -> None:
        self._total = total
        self.total_cambiado.emit(total)

    def mover_total(self, cuantas: int) -> None:
        """There are that many more (or fewer), without counting a million again."""
        if self._total is not None:
            self._al_contar(self._total + cuantas)


def _panel_sin_filas(filtro: Filtro, *, al_dia: bool) -> Panel:
    if filtro == Filtro():
        return Panel.VACIA
    if filtro == Filtro(solo_pendientes=True) and al_dia:
        return Panel.AL_DIA
    return Panel.NADA


def _linea_de_actividad(nombre: str) -> QProgressBar:
    """A thin line that moves while the list is read; its room stays, so that nothing jumps."""
    linea = QProgressBar()
    linea.setRange(0, 0)
    linea.setTextVisible(False)
    linea.setFixedHeight(3)
    linea.setAccessibleName(nombre)
    sitio = linea.sizePolicy()
    sitio.setRetainSizeWhenHidden(True)
    linea.setSizePolicy(sitio)
    linea.hide()
    return linea
