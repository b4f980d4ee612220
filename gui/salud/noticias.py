"""Good news: what a banner warned of is over. Pure rules, no widget.

A store that returns usually lacks something: its news waits until it has caught up, and then says how many
tareas were copied and how long that took.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QCoreApplication

from core.domain.events import CuarentenaCambiada, Evento, ReplicacionTerminada
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.apartada import Apartada
from core.health import EstadoSalud
from gui.avisos.aviso import Aviso, Nivel
from gui.salud.palabras import FuenteSalud, clave_de
from gui.salud.pendientes import CuentaPendientes, lo_copiado
from gui.widgets.formato import cuenta

translate = QCoreApplication.translate

BUENA_NOTICIA_S = 12.0
"""How long good news stays, seconds."""
_BIEN = (EstadoSalud.OK, EstadoSalud.LENTA)
_RESPONDEN = (*_BIEN, EstadoSalud.SOLO_LECTURA)
_FUERA = (EstadoSalud.CAIDA, EstadoSalud.DESCONOCIDA)


@dataclass(frozen=True)
class _Noticia:
    aviso: Aviso
    hasta_s: float


class Noticias:
    """Follows the states and tells what ended well.

    Args:
        ahora_s: monotonic clock, seconds.
        apartadas: what could not be copied.
    """

    def __init__(
        self,
        fuente: FuenteSalud,
        pendientes: CuentaPendientes,
        *,
        ahora_s: Callable[[], float],
        apartadas: Callable[[], Sequence[Apartada]] = tuple,
    ) -> None:
        self._apartadas = apartadas
        self._fuente = fuente
        self._pendientes = pendientes
        self._ahora_s = ahora_s
        self._antes: dict[NombreAlmacen, EstadoSalud] = {}
        self._volviendo: set[NombreAlmacen] = set()
        self._copiado: dict[NombreAlmacen, ReplicacionTerminada] = {}
        self._noticias: dict[NombreAlmacen, _Noticia] = {}

    def conocida(self, nombre: NombreAlmacen) -> bool:
        """Whether that store was ever heard of."""
        return nombre in self._antes

    def volviendo(self, nombre: NombreAlmacen) -> bool:
        """Whether it answers again after it was away, and has not caught up yet."""
        return nombre in self._volviendo

    def observar(self, evento: Evento) -> None:
        """Add up what a store gets until it is told that it has everything."""
        if isinstance(evento, CuarentenaCambiada) and evento.apartadas:
            self._callar_que_esta_al_dia()
        if not isinstance(evento, ReplicacionTerminada):
            return
        destino = evento.origen.otro
        if destino in self._noticias or self._antes.get(destino) not in _RESPONDEN:
            antes = self._copiado.get(destino)
            self._copiado[destino] = evento if antes is None else _sumadas(antes, evento)
        if destino in self._noticias and evento.copiadas:
            detalle = self._lo_copiado(destino, self._copiado[destino])
            aviso = replace(self._noticias[destino].aviso, detalle=detalle)
            self._poner(destino, aviso)

    def anotar(self, estados: Mapping[NombreAlmacen, EstadoSalud]) -> None:
        """These are the states now."""
        for nombre, ahora in estados.items():
            antes = self._antes.get(nombre, EstadoSalud.DESCONOCIDA)
            if ahora is not antes:
                self._cambiar(nombre, antes, ahora, otra=estados.get(nombre.otro))
            # A store that was never heard of has nothing to come back from.
            if ahora is not EstadoSalud.DESCONOCIDA or nombre in self._antes:
                self._antes[nombre] = ahora

    def _cambiar(
        self, nombre: NombreAlmacen, antes: EstadoSalud, ahora: EstadoSalud, *, otra: EstadoSalud | None
    ) -> None:
        self._noticias.pop(nombre, None)
        if antes in _RESPONDEN:
            self._copiado.pop(nombre, None)  # what it gets from here on is another account
        if titulo := self._titulo(nombre, antes, ahora):
            # The counts may be older than the end of the catching up: they are not asked.
            al_dia = antes is EstadoSalud.PONIENDOSE_AL_DIA and not self._apartadas()
            if al_dia and otra is EstadoSalud.PONIENDOSE_AL_DIA:
                detalle = translate("Salud", "A {otro} aún le faltan tareas: se copian ahora.").format(
                    otro=nombre.otro.etiqueta
                )
            else:
                detalle = _al_dia() if al_dia else self._por_copiar(nombre)
            self.dar(nombre, titulo, detalle=detalle)
        if ahora is EstadoSalud.PONIENDOSE_AL_DIA:  # then that both are up to date holds no longer
            for otro in [n for n, una in self._noticias.items() if _al_dia() in una.aviso.detalle]:
                del self._noticias[otro]
        if ahora is not EstadoSalud.PONIENDOSE_AL_DIA:
            self._volviendo.discard(nombre)
        elif antes in _FUERA and nombre in self._antes:
            self._volviendo.add(nombre)

    def _titulo(self, nombre: NombreAlmacen, antes: EstadoSalud, ahora: EstadoSalud) -> str:
        if antes in _FUERA and ahora in _RESPONDEN and nombre in self._antes:
            return translate("Salud", "{almacen} vuelve a responder")
        if antes is EstadoSalud.SOLO_LECTURA and ahora in _BIEN:
            return translate("Salud", "{almacen} vuelve a aceptar escrituras")
        if antes is EstadoSalud.LENTA and ahora is EstadoSalud.OK:
            return translate("Salud", "{almacen} vuelve a responder con normalidad")
        if antes is EstadoSalud.PONIENDOSE_AL_DIA and ahora in _BIEN:
            if self._apartadas():  # the banner of the quarantine says which; nobody is up to date beside it
                return translate("Salud", "{almacen} tiene todo lo que se podía copiar")
            return translate("Salud", "{almacen} está al día")
        return ""

    def _callar_que_esta_al_dia(self) -> None:
        """Rows were set apart after it was said that nothing is missing."""
        dicho = {
            translate("Salud", "{almacen} está al día").format(almacen=n.etiqueta) for n in NombreAlmacen
        }
        for nombre, noticia in list(self._noticias.items()):
            if noticia.aviso.titulo in dicho or _al_dia() in noticia.aviso.detalle:
                del self._noticias[nombre]

    def dar(self, nombre: NombreAlmacen, titulo: str, *, detalle: str | None = None) -> None:
        """Tell that, with what was copied if anything was; `{almacen}` in the titulo is the store's name."""
        if detalle is None:
            detalle = self._por_copiar(nombre)
        copiado = self._copiado.get(nombre)
        aviso = Aviso(
            clave=clave_de(nombre),
            nivel=Nivel.EXITO,
            titulo=titulo.format(almacen=nombre.etiqueta),
            detalle=self._lo_copiado(nombre, copiado) if copiado and copiado.copiadas else detalle,
            caduca_s=BUENA_NOTICIA_S,
        )
        self._poner(nombre, aviso)

    def _poner(self, nombre: NombreAlmacen, aviso: Aviso) -> None:
        self._noticias[nombre] = _Noticia(aviso, self._ahora_s() + BUENA_NOTICIA_S)

    def vigentes(self) -> dict[str, Aviso]:
        """What is still worth telling, by key."""
        ahora_s = self._ahora_s()
        for nombre in [n for n, noticia in self._noticias.items() if noticia.hasta_s <= ahora_s]:
            del self._noticias[nombre]
            self._copiado.pop(nombre, None)
        return {noticia.aviso.clave: noticia.aviso for noticia in self._noticias.values()}

    def _lo_copiado(self, destino: NombreAlmacen, copiado: ReplicacionTerminada) -> str:
        # Of its own direction the pass knows better than the counts, which may be older; not of the other.
        return lo_copiado(copiado, al_dia=not (self._pendientes.solo_en(destino) or self._apartadas()))

    def _por_copiar(self, nombre: NombreAlmacen) -> str:
        """What the store that is back still lacks."""
        otro = nombre.otro
        if otro not in self._fuente.almacenes:
            return ""
        faltan = self._pendientes.solo_en(otro)
        if not faltan:
            return translate("Salud", "Lo que se guarde irá a ambas bases de datos.")
        if faltan == 1:
            plantilla = translate("Salud", "Queda 1 tarea por copiar desde {otro}.")
        else:
            plantilla = translate("Salud", "Quedan {n} tareas por copiar desde {otro}.")
        return plantilla.format(n=cuenta(faltan), otro=otro.etiqueta)


def _al_dia() -> str:
    return translate("Salud", "Ambas bases de datos están al día.")


def _sumadas(una: ReplicacionTerminada, otra: ReplicacionTerminada) -> ReplicacionTerminada:
    """Several passes as one; what the last one had to leave is what is left."""
    return replace(
        otra,
        copiadas=una.copiadas + otra.copiadas,
        conflictos=una.conflictos + otra.conflictos,
        duracion_s=una.duracion_s + otra.duracion_s,
    )
