"""A server whose clock does not go with this machine's: the order of changes depends on it. Pure rules."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from core.domain.models.almacen import NombreAlmacen
from core.health import EstadoSalud
from core.relojes import DESFASE_AVISO_MS, DESFASE_MAX_MS, desfase_cierto_ms
from gui.avisos.aviso import Aviso, Nivel
from gui.salud.palabras import FuenteSalud
from gui.widgets.formato import duracion, segundos

translate = QCoreApplication.translate


def aviso_de_reloj(fuente: FuenteSalud, nombre: NombreAlmacen) -> Aviso | None:
    """What to say of that store's clock; None while it goes with ours, as far as its answers tell."""
    salud = fuente.salud(nombre)
    desfase_ms = desfase_cierto_ms(salud.pong)
    # Of one that is down it is an old answer, and its clock keeps nobody from writing to the other.
    if salud.estado is EstadoSalud.CAIDA or abs(desfase_ms) < DESFASE_AVISO_MS:
        return None
    plantilla = (
        translate("Salud", "El reloj de {almacen} va {s} por delante del de este equipo")
        if desfase_ms > 0
        else translate("Salud", "El reloj de {almacen} va {s} por detrás del de este equipo")
    )
    grave = abs(desfase_ms) >= DESFASE_MAX_MS
    tiempo = duracion if grave else segundos
    titulo = plantilla.format(almacen=nombre.etiqueta, s=tiempo(abs(desfase_ms) / 1000))
    if not grave:
        detalle = translate(
            "Salud", "Sincronice la hora de ambos (NTP): el orden de los cambios depende de ella."
        )
        return Aviso(clave=f"reloj-{nombre}", nivel=Nivel.AVISO, titulo=titulo, detalle=detalle)
    return Aviso(
        clave=f"reloj-{nombre}",
        nivel=Nivel.ERROR,
        titulo=translate("Salud", "{motivo}: no se guarda nada").format(motivo=titulo),
        detalle=translate(
            "Salud",
            "Un cambio viejo podría ganar a uno nuevo. Sincronice la hora de ambos (NTP): en cuanto "
            "concuerden se podrá guardar, sin reiniciar nada. Leer se puede igual.",
        ),
    )
