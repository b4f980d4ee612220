"""A server whose clock does not go with this machine's: the order of changes depends on it. Pure rules."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from core.domain.models.almacen import NombreAlmacen
from gui.avisos.aviso import Aviso, Nivel
from gui.salud.palabras import FuenteSalud
from gui.widgets.formato import segundos

translate = QCoreApplication.translate

DESFASE_AVISO_MS = 500.0
DESFASE_MAX_MS = 60_000.0


def aviso_de_reloj(fuente: FuenteSalud, nombre: NombreAlmacen) -> Aviso | None:
    """What to say of that store's clock; None while it goes with ours."""
    pong = fuente.salud(nombre).pong
    if pong is None or pong.desfase_ms is None or abs(pong.desfase_ms) < DESFASE_AVISO_MS:
        return None
    plantilla = (
        translate("Salud", "El reloj de {almacen} va {s} por delante del de este equipo")
        if pong.desfase_ms > 0
        else translate("Salud", "El reloj de {almacen} va {s} por detrás del de este equipo")
    )
    grave = abs(pong.desfase_ms) >= DESFASE_MAX_MS
    return Aviso(
        clave=f"reloj-{nombre}",
        nivel=Nivel.ERROR if grave else Nivel.AVISO,
        titulo=plantilla.format(almacen=nombre.etiqueta, s=segundos(abs(pong.desfase_ms) / 1000)),
        detalle=translate(
            "Salud",
            "Sincronice la hora de ambos (NTP): el orden de los cambios depende de ella.",
        ),
    )
