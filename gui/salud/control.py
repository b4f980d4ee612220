"""Keeps the banners in step with the presenter: shows the new, updates the changed, removes the gone."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from core.domain.events import Evento, SaludObservada
from core.domain.models.consulta import Resumen
from gui.avisos.aviso import Aviso
from gui.avisos.bandeja import BandejaAvisos
from gui.salud.avisos_salud import PresentadorSalud
from gui.salud.palabras import cambia_de_estado
from gui.salud.replicacion import CuentaReplicacion


class ControlAvisosSalud(QObject):
    """Call `refrescar` on a timer (durations grow, states go stale) and `recibir` for every event.

    Signals:
        pendientes: how many tareas wait for the other store, as the banners have it.
        observado: (Evento) the counts behind the banners know of it by now.
    """

    pendientes = Signal(object)
    observado = Signal(object)

    def __init__(
        self, presentador: PresentadorSalud, bandeja: BandejaAvisos, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._presentador = presentador
        self._bandeja = bandeja
        self._mostrados: dict[str, Aviso] = {}

    @property
    def replicacion(self) -> CuentaReplicacion:
        """How the copying goes, as the banners have it."""
        return self._presentador.replicacion

    @Slot(object)
    def recibir(self, evento: Evento) -> None:
        """Take note; a mere ping waits for the timer, a change of state does not."""
        self._presentador.observar(evento)
        if not isinstance(evento, SaludObservada) or cambia_de_estado(evento):
            self.refrescar()
        self.observado.emit(evento)

    @Slot()
    def preguntar(self) -> None:
        """The stores are being asked for their count."""
        self._presentador.pendientes.preguntar()

    def resumir(self, resumen: Resumen) -> None:
        """Take the stores' count of pendientes."""
        self._presentador.pendientes.resumir(resumen)
        self.refrescar()

    @Slot()
    def refrescar(self) -> None:
        """Bring the tray up to date."""
        vigentes = self._presentador.vigentes()
        for clave in self._mostrados.keys() - vigentes.keys():
            self._bandeja.retirar(clave)
        for clave, aviso in vigentes.items():
            # Telling the same again would start its expiry anew.
            if self._mostrados.get(clave) != aviso:
                self._bandeja.actualizar(aviso)
        self._mostrados = vigentes
        self.pendientes.emit(self.replicacion.por_copiar())
