"""Banners about writes that did not go as asked: why, what may be done, and when that has become possible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from PySide6.QtCore import QObject, Slot

from core.domain.errors import EscrituraIncierta, NingunAlmacenDisponible, ResultadoDesconocido
from core.domain.events import SaludObservada
from core.domain.models.almacen import NombreAlmacen
from core.health import RESPONDEN
from gui.avisos.aviso import Accion, Aviso, Nivel
from gui.avisos.bandeja import BandejaAvisos
from gui.bridge import Puente
from gui.tareas.operaciones import Operaciones
from gui.tareas.textos import citado, clave, explicar

OCUPADA_S = 10.0
"""How long it is said that a tarea is busy, seconds."""


class Asunto(StrEnum):
    """What was tried; part of the banner's key."""

    GUARDAR = "guardar"
    ELIMINAR = "eliminar"
    RESTAURAR = "eliminada"
    """In the place of the banner that offered it."""


class _Nombrada(Protocol):
    @property
    def id(self) -> UUID: ...

    @property
    def titulo(self) -> str: ...


@dataclass(frozen=True, slots=True)
class _Fallo:
    aviso: Aviso
    por_caida: bool


class FallosDeEscritura(QObject):
    """At most one banner for each tarea and what was tried on it."""

    def __init__(
        self, puente: Puente, operaciones: Operaciones, avisos: BandejaAvisos, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._avisos = avisos
        self._fallos: dict[str, _Fallo] = {}
        operaciones.aun_ocupada.connect(self._decir_que_espere)
        puente.evento.connect(self._al_evento)

    def contar(
        self, asunto: Asunto, de: _Nombrada, error: BaseException, otra_vez: Callable[[], None]
    ) -> None:
        """It failed, or nobody knows: say why, and offer to try again."""
        aviso = Aviso(
            clave=clave(asunto, de),
            nivel=Nivel.ERROR,
            titulo=self._titulo(asunto, error).format(titulo=citado(de.titulo)),
            detalle=explicar(error),
            acciones=(Accion(self.tr("Reintentar"), otra_vez),),
        )
        por_caida = isinstance(error, NingunAlmacenDisponible | EscrituraIncierta | ResultadoDesconocido)
        self._fallos[aviso.clave] = _Fallo(aviso, por_caida)
        self._avisos.mostrar(aviso)

    def retirar(self, asunto: Asunto, de: _Nombrada) -> None:
        """It went well, or is wanted no more."""
        self._fallos.pop(clave(asunto, de), None)
        self._avisos.retirar(clave(asunto, de))

    def _titulo(self, asunto: Asunto, error: BaseException) -> str:
        if isinstance(error, EscrituraIncierta | ResultadoDesconocido):
            return {
                Asunto.GUARDAR: self.tr("No se sabe si se ha guardado {titulo}"),
                Asunto.ELIMINAR: self.tr("No se sabe si se ha eliminado {titulo}"),
                Asunto.RESTAURAR: self.tr("No se sabe si se ha restaurado {titulo}"),
            }[asunto]
        return {
            Asunto.GUARDAR: self.tr("No se ha guardado {titulo}"),
            Asunto.ELIMINAR: self.tr("No se ha eliminado {titulo}"),
            Asunto.RESTAURAR: self.tr("No se ha restaurado {titulo}"),
        }[asunto]

    @Slot(object)
    def _decir_que_espere(self, de: _Nombrada) -> None:
        self._avisos.mostrar(
            Aviso(
                clave=clave("ocupada", de),
                nivel=Nivel.INFO,
                titulo=self.tr("No se ha hecho nada: aún se está escribiendo {titulo}").format(
                    titulo=citado(de.titulo)
                ),
                detalle=self.tr("Repítalo cuando su fila diga que ha terminado."),
                caduca_s=OCUPADA_S,
            )
        )

    @Slot(object)
    def _al_evento(self, evento: object) -> None:
        """A store is back: what failed because none answered can be tried now."""
        if not isinstance(evento, SaludObservada):
            return
        if evento.antes.estado in RESPONDEN or evento.ahora.estado not in RESPONDEN:
            return
        for nombre, fallo in [*self._fallos.items()]:
            if not self._avisos.veces(nombre):
                del self._fallos[nombre]  # closed by the operator
            elif fallo.por_caida:
                self._avisos.actualizar(self._ya_se_puede(fallo.aviso, evento.ahora.almacen))

    def _ya_se_puede(self, aviso: Aviso, almacen: NombreAlmacen) -> Aviso:
        detalle = self.tr("{almacen} ya responde: puede reintentarlo.").format(almacen=almacen.etiqueta)
        return replace(aviso, detalle=detalle)
