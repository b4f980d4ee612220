"""All that is known of a store as plain text, to be pasted into a message to whoever can help."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from PySide6.QtCore import QCoreApplication

from adapters.logs import ocultar_secretos
from core.domain.models.almacen import NombreAlmacen
from core.health import EstadoSalud, SaludAlmacen
from gui.salud.palabras import FuenteSalud, aspecto, desde_cuando, proximo_intento
from gui.widgets.formato import SIN_DATO, duracion, hora, latencia, segundos

translate = QCoreApplication.translate

_CALLADOS = (EstadoSalud.CAIDA, EstadoSalud.DESCONOCIDA)


def filas_de_detalle(
    fuente: FuenteSalud, nombre: NombreAlmacen, *, ahora_s: float, ahora: datetime
) -> tuple[tuple[str, str], ...]:
    """(name, value) of each thing worth knowing, in reading order; passwords in an error are hidden."""
    salud, estado = fuente.salud(nombre), fuente.estado_salud(nombre)
    pong = salud.pong
    desde = hora(desde_cuando(salud, ahora_s=ahora_s, ahora=ahora))
    edad = _edad(salud, estado, ahora_s=ahora_s, ahora=ahora)
    return (
        (translate("Salud", "Estado"), aspecto(estado).palabra),
        (
            translate("Salud", "Desde"),
            translate("Salud", "{hora} (hace {lleva})").format(
                hora=desde, lleva=duracion(ahora_s - salud.desde_s)
            ),
        ),
        (translate("Salud", "Dirección"), fuente.direccion(nombre) or SIN_DATO),
        (translate("Salud", "Servidor"), (pong.version_servidor if pong else "") or SIN_DATO),
        (translate("Salud", "Papel"), ((pong.rol if pong else "") or SIN_DATO) + edad),
        (
            translate("Salud", "Latencia"),
            translate("Salud", "{ultima} · p95 {p95}").format(
                ultima=latencia(salud.latencia_ms), p95=latencia(salud.p95_ms)
            ),
        ),
        (translate("Salud", "Fallos seguidos"), str(salud.fallos_seguidos)),
        (translate("Salud", "Próximo ping"), proximo_intento(salud, ahora_s)),
        (translate("Salud", "Reloj del servidor"), _desfase(salud) + edad),
        (
            translate("Salud", "Último error"),
            ocultar_secretos(salud.ultimo_error) + _a_las(salud.error_s, ahora_s=ahora_s, ahora=ahora)
            or translate("Salud", "ninguno"),
        ),
    )


def diagnostico(fuente: FuenteSalud, nombre: NombreAlmacen, *, ahora_s: float, ahora: datetime) -> str:
    """The details and the last pings of that store, one a line."""
    filas = filas_de_detalle(fuente, nombre, ahora_s=ahora_s, ahora=ahora)
    historial = fuente.salud(nombre).historial
    pings = ", ".join(translate("Salud", "sin respuesta") if v is None else f"{v:.2f}" for v in historial)
    cabecera = translate("Salud", "Dual Tareas: diagnóstico de {almacen}, {cuando}").format(
        almacen=nombre.etiqueta, cuando=ahora.astimezone().isoformat(timespec="seconds")
    )
    cuerpo = [f"{campo}: {valor}" for campo, valor in filas]
    ultimos = translate("Salud", "Últimos {n} pings (ms): {pings}").format(
        n=len(historial), pings=pings or SIN_DATO
    )
    return "\n".join((cabecera, *cuerpo, ultimos))


def _edad(salud: SaludAlmacen, estado: EstadoSalud, *, ahora_s: float, ahora: datetime) -> str:
    """From when that is which only an answer tells, where the store does not answer now; else nothing."""
    if salud.pong is None or estado not in _CALLADOS:
        return ""
    return _a_las(salud.respondio_s, ahora_s=ahora_s, ahora=ahora)


def _a_las(s: float, *, ahora_s: float, ahora: datetime) -> str:
    """« (a las 10:42:07)» for a monotonic instant; nothing for one that never was."""
    if not math.isfinite(s):
        return ""
    cuando = ahora - timedelta(seconds=max(0.0, ahora_s - s))
    return translate("Salud", " (a las {hora})").format(hora=hora(cuando))


def _desfase(salud: SaludAlmacen) -> str:
    desfase_ms = salud.pong.desfase_ms if salud.pong else None
    if desfase_ms is None:
        return SIN_DATO
    if abs(desfase_ms) < 1000:
        return translate("Salud", "{ms} de diferencia").format(ms=latencia(abs(desfase_ms)))
    return translate("Salud", "{s} de diferencia").format(s=segundos(abs(desfase_ms) / 1000))
