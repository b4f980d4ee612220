"""What the banners say of the stores' health: pure rules, no widget. `vigentes()` is the whole truth now.

The caller shows what it returns, updates what changed and takes away what is gone (`control.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from PySide6.QtCore import QCoreApplication

from core.domain.events import Evento
from core.domain.models.almacen import NombreAlmacen
from core.health import RESPONDEN, EstadoSalud
from gui.avisos.aviso import Accion, Aviso, Nivel
from gui.salud.aviso_reloj import aviso_de_reloj
from gui.salud.noticias import Noticias
from gui.salud.palabras import FuenteSalud, clave_de, desde_cuando, proximo_intento
from gui.salud.pendientes import CuentaPendientes
from gui.salud.rechazos import Rechazos
from gui.salud.replicacion import CuentaReplicacion
from gui.salud.retraso import resumen_de_retraso
from gui.widgets.formato import cuenta, duracion, hora, latencia

translate = QCoreApplication.translate


@dataclass(frozen=True)
class AccionesSalud:
    """What the banners' buttons do."""

    reintentar: Callable[[NombreAlmacen | None], None]
    ver_pendientes: Callable[[], None]


class PresentadorSalud:
    """Turns health and outcomes of writes into banners.

    Attributes:
        pendientes: what waits to be copied; tell it of every Resumen.
        replicacion: how the copying goes.

    Args:
        ahora_s: the monotonic clock that `SaludAlmacen` counts by.
        ahora: the wall clock, with time zone.
    """

    def __init__(
        self,
        fuente: FuenteSalud,
        acciones: AccionesSalud,
        *,
        ahora_s: Callable[[], float],
        ahora: Callable[[], datetime],
    ) -> None:
        self._fuente = fuente
        self._ahora_s = ahora_s
        self._ahora = ahora
        self._reintentar = {
            nombre: Accion(translate("Salud", "Reintentar ahora"), partial(acciones.reintentar, nombre))
            for nombre in (None, *fuente.almacenes)
        }
        self._ver = Accion(translate("Salud", "Ver lo que falta"), acciones.ver_pendientes)
        self._rechazos = Rechazos()
        self.pendientes = CuentaPendientes()
        self.replicacion = CuentaReplicacion(self.pendientes, ahora_s=ahora_s, ahora=ahora)
        self._noticias = Noticias(
            fuente, self.pendientes, ahora_s=ahora_s, apartadas=lambda: self.replicacion.apartadas
        )

    def observar(self, evento: Evento) -> None:
        """Take note of what became of writes and copies."""
        self.pendientes.observar(evento)
        self.replicacion.observar(evento)
        for nombre in self._rechazos.observar(evento):
            self._noticias.dar(nombre, translate("Salud", "{almacen} vuelve a guardar"))
        self._noticias.observar(evento)

    def vigentes(self) -> dict[str, Aviso]:
        """Every banner that should be on show now, by key."""
        estados = {nombre: self._fuente.estado_salud(nombre) for nombre in self._fuente.almacenes}
        for nombre, estado in estados.items():
            if estado is EstadoSalud.CAIDA:
                self._rechazos.olvidar(nombre)  # also one that timed out while the store was going down
        self._noticias.anotar(estados)
        avisos = self._noticias.vigentes()
        nuevos: list[Aviso | None] = [aviso_de_reloj(self._fuente, nombre) for nombre in estados]
        if estados and all(estado is EstadoSalud.CAIDA for estado in estados.values()):
            nuevos.append(self._ninguna())
        else:
            nuevos += [self._de_estado(nombre, estado) for nombre, estado in estados.items()]
            nuevos.append(self._detenida(estados))
        avisos.update((aviso.clave, aviso) for aviso in nuevos if aviso is not None)
        return avisos

    def _de_estado(self, nombre: NombreAlmacen, estado: EstadoSalud) -> Aviso | None:
        match estado:
            case EstadoSalud.CAIDA:
                return self._caida(nombre)
            case EstadoSalud.SOLO_LECTURA:
                return self._solo_lectura(nombre)
            case EstadoSalud.LENTA if self._rechazos.motivo(nombre) is None:
                return self._lenta(nombre)
            case EstadoSalud.PONIENDOSE_AL_DIA if self.replicacion.carencia(nombre) is not None:
                return None  # there is a banner of its own for that (`control_relleno`)
            case EstadoSalud.PONIENDOSE_AL_DIA:
                return self._al_dia(nombre)
            case EstadoSalud.DESCONOCIDA if self._noticias.conocida(nombre):
                return self._sin_noticias(nombre)
            case _:
                return self._no_guarda(nombre)

    def _caida(self, nombre: NombreAlmacen) -> Aviso:
        guardadas = self._guardadas_solo_en(nombre.otro, translate("Salud", "cuando vuelva"))
        detalle = f"{guardadas} {self._intento(nombre)}"
        return Aviso(
            clave=clave_de(nombre),
            nivel=Nivel.AVISO,
            titulo=self._no_responde(nombre),
            detalle=detalle,
            acciones=(self._reintentar[nombre], self._ver),
        )

    def _no_guarda(self, nombre: NombreAlmacen) -> Aviso | None:
        motivo = self._rechazos.motivo(nombre)
        if motivo is None:
            return None
        if nombre.otro not in self._fuente.almacenes:
            detalle = translate("Salud", "Sus textos se conservan.")
        elif self._rechazos.motivo(nombre.otro) is not None:
            detalle = translate("Salud", "Tampoco guarda el otro; sus textos se conservan.")
        else:
            detalle = self._guardadas_solo_en(nombre.otro, translate("Salud", "cuando se resuelva"))
        return Aviso(
            clave=clave_de(nombre),
            nivel=Nivel.AVISO,
            titulo=translate("Salud", "{almacen} no está guardando: {motivo}").format(
                almacen=nombre.etiqueta, motivo=motivo.rstrip(".")
            ),
            detalle=detalle,
            acciones=(self._ver,) if nombre.otro in self._fuente.almacenes else (),
        )

    def _ninguna(self) -> Aviso:
        almacenes = self._fuente.almacenes
        unica = len(almacenes) == 1
        proximo = min(almacenes, key=lambda nombre: self._fuente.salud(nombre).proximo_s)
        return Aviso(
            clave="salud-ninguna",
            nivel=Nivel.ERROR,
            titulo=self._no_responde(almacenes[0])
            if unica
            else translate("Salud", "Ninguna base de datos responde"),
            detalle=translate("Salud", "No se puede guardar; sus textos se conservan.")
            + f" {self._intento(proximo)}",
            acciones=(self._reintentar[None],),
        )

    def _solo_lectura(self, nombre: NombreAlmacen) -> Aviso:
        return Aviso(
            clave=clave_de(nombre),
            nivel=Nivel.AVISO,
            titulo=translate("Salud", "{almacen} está en solo lectura").format(almacen=nombre.etiqueta),
            detalle=translate("Salud", "Responde, pero no admite cambios.")
            + " "
            + self._guardadas_solo_en(nombre.otro, translate("Salud", "cuando los admita")),
            acciones=(self._reintentar[nombre], self._ver),
        )

    def _lenta(self, nombre: NombreAlmacen) -> Aviso:
        return Aviso(
            clave=clave_de(nombre),
            nivel=Nivel.AVISO,
            titulo=translate("Salud", "{almacen} responde despacio").format(almacen=nombre.etiqueta),
            detalle=translate("Salud", "Último ping {ultima}, p95 {p95}. Guardar puede tardar más.").format(
                ultima=latencia(self._fuente.salud(nombre).latencia_ms),
                p95=latencia(self._fuente.salud(nombre).p95_ms),
            ),
        )

    def _al_dia(self, nombre: NombreAlmacen) -> Aviso:
        """Not an outage: but after one, the warning stays until the store has everything."""
        volviendo = self._noticias.volviendo(nombre)
        titulo = (
            translate("Salud", "{almacen} vuelve a responder y se está poniendo al día")
            if volviendo
            else translate("Salud", "{almacen} se está poniendo al día")
        )
        retraso = resumen_de_retraso(self.replicacion.retraso(nombre))
        return Aviso(
            clave=clave_de(nombre),
            nivel=Nivel.AVISO if volviendo else Nivel.INFO,
            titulo=titulo.format(almacen=nombre.etiqueta),
            detalle=translate(
                "Salud", "{retraso}. Mientras tanto, lo que guarde va a {otro} y se copia después, en orden."
            ).format(retraso=f"{retraso[:1].upper()}{retraso[1:]}", otro=nombre.otro.etiqueta),
            acciones=(self._ver,),
        )

    def _detenida(self, estados: Mapping[NombreAlmacen, EstadoSalud]) -> Aviso | None:
        """Both answer, and one of them says no to all that is to be copied."""
        detenida = self.replicacion.detenida
        if detenida is None or not RESPONDEN.issuperset(estados.values()):
            return None  # then its state says why
        return Aviso(
            clave="salud-replicacion",
            nivel=Nivel.AVISO,
            titulo=translate("Salud", "No se puede copiar entre SQL y MongoDB"),
            detalle=translate("Salud", "{motivo} Cuando se resuelva, la copia sigue sola.").format(
                motivo=detenida.motivo
            ),
            acciones=(self._ver,),
        )

    def _sin_noticias(self, nombre: NombreAlmacen) -> Aviso:
        visto_s = self._fuente.salud(nombre).visto_s
        return Aviso(
            clave=clave_de(nombre),
            nivel=Nivel.AVISO,
            titulo=translate("Salud", "No se sabe nada de {almacen} desde hace {lleva}").format(
                almacen=nombre.etiqueta, lleva=duracion(self._ahora_s() - visto_s)
            ),
            detalle=translate("Salud", "Su estado se da por desconocido hasta que responda a un ping."),
            acciones=(self._reintentar[nombre],),
        )

    def _no_responde(self, nombre: NombreAlmacen) -> str:
        salud, ahora_s = self._fuente.salud(nombre), self._ahora_s()
        return translate("Salud", "{almacen} no responde desde las {hora} ({lleva})").format(
            almacen=nombre.etiqueta,
            hora=hora(desde_cuando(salud, ahora_s=ahora_s, ahora=self._ahora())),
            lleva=duracion(ahora_s - salud.desde_s),
        )

    def _guardadas_solo_en(self, nombre: NombreAlmacen, cuando: str) -> str:
        """What went to that store alone, and when the other gets it; nothing to say of a lone store."""
        if nombre not in self._fuente.almacenes:
            return ""
        cuantas = self.pendientes.solo_en(nombre)
        if not cuantas:
            frase = translate("Salud", "Lo que guarde irá SOLO a {almacen} y se copiará {cuando}.")
        elif cuantas == 1:
            frase = translate("Salud", "1 tarea guardada SOLO en {almacen}; se copiará {cuando}.")
        else:
            frase = translate("Salud", "{n} tareas guardadas SOLO en {almacen}; se copiarán {cuando}.")
        return frase.format(n=cuenta(cuantas), almacen=nombre.etiqueta, cuando=cuando)

    def _intento(self, nombre: NombreAlmacen) -> str:
        return translate("Salud", "Próximo intento {cuando}.").format(
            cuando=proximo_intento(self._fuente.salud(nombre), self._ahora_s())
        )
