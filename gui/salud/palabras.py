"""Each state of a store as an operator sees it: a word, an icon and a colour, never one of them alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from PySide6.QtCore import QCoreApplication

from core.domain.events import SaludObservada
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.apartada import Apartada
from core.domain.models.pareja import Carencia
from core.health import EstadoSalud, SaludAlmacen
from gui.salud.retraso import Retraso, resumen_breve_de_retraso, resumen_de_retraso
from gui.widgets.formato import duracion, hora, latencia

translate = QCoreApplication.translate


class FuenteSalud(Protocol):
    """The part of the container that tells how the stores are; asking it never blocks."""

    @property
    def almacenes(self) -> Sequence[NombreAlmacen]:
        """The stores in use."""
        ...

    def salud(self, nombre: NombreAlmacen) -> SaludAlmacen:
        """The last snapshot."""
        ...

    def estado_salud(self, nombre: NombreAlmacen) -> EstadoSalud:
        """The state, DESCONOCIDA when too old to be believed."""
        ...

    def direccion(self, nombre: NombreAlmacen) -> str:
        """Where it is, without secrets."""
        ...


class Pasada(Protocol):
    """What a pass in one direction did, as far as it is told."""

    @property
    def copiadas(self) -> int:
        """Rows written."""
        ...

    @property
    def cancelada(self) -> bool:
        """It was stopped before its end."""
        ...


class FuenteReplicacion(FuenteSalud, Protocol):
    """The part of the container that steers the replication. Call it on a worker."""

    @property
    def replicacion_pausada(self) -> bool:
        """Whether the operator has paused it."""
        ...

    def sincronizar(self) -> Mapping[NombreAlmacen, Pasada]:
        """Copy both ways now, and wait until that is done. Raises AlmacenError."""
        ...

    def pausar_replicacion(self) -> None:
        """Copy nothing by itself until it is resumed."""
        ...

    def reanudar_replicacion(self) -> None:
        """Copy by itself again."""
        ...

    def cancelar_replicacion(self) -> None:
        """End the pass under way after its batch; the next one comes at its usual time."""
        ...

    @property
    def carencias(self) -> tuple[Carencia, ...]:
        """The stores that have to be filled as a whole."""
        ...

    def rellenar(self, destino: NombreAlmacen) -> None:
        """Let that one be filled, in the background. Raises AlmacenError."""
        ...

    def cuarentena(self) -> tuple[Apartada, ...]:
        """What could not be copied."""
        ...

    def reintentar_apartadas(self) -> None:
        """Try again now what could not be copied."""
        ...


@dataclass(frozen=True, slots=True)
class Aspecto:
    """Word, icon (a file of `resources/iconos`) and role of the palette."""

    palabra: str
    icono: str
    rol: str


def aspecto(estado: EstadoSalud) -> Aspecto:
    """How that state is shown."""
    match estado:
        case EstadoSalud.OK:
            return Aspecto(translate("Salud", "OK"), "estado-ok", "ok")
        case EstadoSalud.LENTA:
            return Aspecto(translate("Salud", "LENTA"), "estado-lenta", "warn")
        case EstadoSalud.CAIDA:
            return Aspecto(translate("Salud", "CAÍDA"), "estado-caida", "error")
        case EstadoSalud.PONIENDOSE_AL_DIA:
            return Aspecto(translate("Salud", "PONIÉNDOSE AL DÍA"), "estado-poniendose-al-dia", "info")
        case EstadoSalud.SOLO_LECTURA:
            return Aspecto(translate("Salud", "SOLO LECTURA"), "estado-solo-lectura", "warn")
        case EstadoSalud.DESCONOCIDA:
            return Aspecto(translate("Salud", "DESCONOCIDA"), "estado-desconocida", "muted")


def clave_de(nombre: NombreAlmacen) -> str:
    """The key of the banner about that store's state."""
    return f"salud-{nombre}"


def cambia_de_estado(evento: SaludObservada) -> bool:
    """Whether more happened than a ping: another state, or it is behind now, or no longer."""
    antes, ahora = evento.antes, evento.ahora
    return (antes.estado, antes.atrasada) != (ahora.estado, ahora.atrasada)


def desde_cuando(salud: SaludAlmacen, *, ahora_s: float, ahora: datetime) -> datetime:
    """The wall-clock instant of the last change of state."""
    return ahora - timedelta(seconds=max(0.0, ahora_s - salud.desde_s))


def proximo_intento(salud: SaludAlmacen, ahora_s: float) -> str:
    """«en 3 s», or that it is under way."""
    falta_s = salud.proximo_s - ahora_s
    if falta_s <= 0:
        return translate("Salud", "en curso")
    return translate("Salud", "en {s} s").format(s=max(1, round(falta_s)))


def fallos_en_palabras(cuantos: int) -> str:
    """«1 fallo», «24 fallos». A store that is down has failed once at least: in a write, if not in a ping."""
    cuantos = max(1, cuantos)
    return translate("Salud", "1 fallo") if cuantos == 1 else f"{cuantos} {translate('Salud', 'fallos')}"


def resumen_breve(
    salud: SaludAlmacen, estado: EstadoSalud, ahora_s: float, retraso: Retraso | None = None
) -> str:
    """What stands beside the word where there is little room; the whole is on hover and in the details."""
    if estado is EstadoSalud.PONIENDOSE_AL_DIA and retraso is not None:
        return resumen_breve_de_retraso(retraso)
    if estado is EstadoSalud.CAIDA:
        return " · ".join(
            (
                duracion(ahora_s - salud.desde_s),
                fallos_en_palabras(salud.fallos_seguidos),
                proximo_intento(salud, ahora_s),
            )
        )
    if estado is EstadoSalud.DESCONOCIDA:
        return ""
    return f"{latencia(salud.latencia_ms)} · p95 {latencia(salud.p95_ms)}"


def resumen_corto(
    salud: SaludAlmacen,
    estado: EstadoSalud,
    *,
    ahora_s: float,
    ahora: datetime,
    retraso: Retraso | None = None,
) -> str:
    """What stands beside the word in the status bar."""
    if estado is EstadoSalud.PONIENDOSE_AL_DIA and retraso is not None:
        return resumen_de_retraso(retraso)
    lleva = duracion(ahora_s - salud.desde_s)
    match estado:
        case EstadoSalud.CAIDA:
            return translate("Salud", "hace {lleva} · {fallos} · intento {cuando}").format(
                lleva=lleva,
                fallos=fallos_en_palabras(salud.fallos_seguidos),
                cuando=proximo_intento(salud, ahora_s),
            )
        case EstadoSalud.DESCONOCIDA:
            if salud.visto_s < 0:
                return translate("Salud", "aún sin respuesta")
            return translate("Salud", "sin noticias desde hace {s}").format(
                s=duracion(ahora_s - salud.visto_s)
            )
        case _:
            desde = hora(desde_cuando(salud, ahora_s=ahora_s, ahora=ahora))
            partes = [latencia(salud.latencia_ms), f"p95 {latencia(salud.p95_ms)}"]
            if salud.fallos_seguidos:
                partes.append(fallos_en_palabras(salud.fallos_seguidos))
            partes.append(translate("Salud", "desde {hora}").format(hora=desde))
            return " · ".join(partes)
