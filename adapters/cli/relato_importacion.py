"""What an import tells: its summary, and how far it came when it did not end."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from adapters.archivos import Formato, Lectura
from adapters.cli.carencias import aviso_de_carencia
from adapters.cli.salida import avisar, contar, decir, decir_json, numero
from adapters.logs import limpiar
from core.application.importar_tareas import InformeImportacion
from core.domain.errors import ArchivoInvalido
from core.domain.events import EscrituraTerminada, Evento
from core.domain.models.almacen import Desenlace, NombreAlmacen
from core.domain.models.importacion import SuerteFila
from core.domain.models.pareja import Carencia

INCIDENCIAS_A_LA_VISTA = 20


class _Suerte(NamedTuple):
    """How an outcome is told, of one row and of several."""

    una: str
    varias: str
    explicacion_una: str = ""
    explicacion_varias: str = ""

    def linea(self, cuenta: int) -> str:
        """One line of the summary."""
        palabra, explicacion = (
            (self.una, self.explicacion_una) if cuenta == 1 else (self.varias, self.explicacion_varias)
        )
        return f"  {numero(cuenta):>10} {palabra}{': ' if explicacion else ''}{explicacion}"


_SUERTES = {
    SuerteFila.NUEVA: _Suerte("nueva", "nuevas"),
    SuerteFila.IGUAL: _Suerte(
        "igual", "iguales", "ya estaba, con el mismo contenido", "ya estaban, con el mismo contenido"
    ),
    SuerteFila.DISTINTA: _Suerte(
        "distinta",
        "distintas",
        "ya existe con otro contenido, que se conserva",
        "ya existen con otro contenido, que se conserva",
    ),
    SuerteFila.ELIMINADA: _Suerte(
        "eliminada",
        "eliminadas",
        "se eliminó antes y sigue eliminada",
        "se eliminaron antes y siguen eliminadas",
    ),
    SuerteFila.RECHAZADA: _Suerte("rechazada", "rechazadas", "no se puede guardar", "no se pueden guardar"),
}


@dataclass(frozen=True, slots=True)
class Pedido:
    """What the operator asked for; see the options of the verb."""

    archivo: Path
    formato: Formato | None
    simular: bool
    rechazadas: Path | None
    sobrescribir: bool
    en_json: bool


@dataclass(slots=True)
class Marcha:
    """What is known while it runs.

    Attributes:
        informe: as of the last batch that ended.
        ausentes: the stores that did not take part of it, each with its last error.
        aplazadas: those of them that get it in order, once they have what was there before.
        carencias: those of which nothing is known but that they lack everything: somebody has to agree.
        rehusan: those of them that answered, and said no.
        reparos: the stores that refused rows which the other one took, each with the last reason.
        parar: the operator asked to stop.
        corte: why the file could not be read to its end.
    """

    informe: InformeImportacion = field(default_factory=InformeImportacion)
    ausentes: dict[NombreAlmacen, str] = field(default_factory=dict)
    aplazadas: set[NombreAlmacen] = field(default_factory=set)
    carencias: tuple[Carencia, ...] = ()
    rehusan: set[NombreAlmacen] = field(default_factory=set)
    reparos: dict[NombreAlmacen, str] = field(default_factory=dict)
    parar: threading.Event = field(default_factory=threading.Event)
    corte: ArchivoInvalido | None = None

    @property
    def dentro(self) -> int:
        """Rows of the file that are in the databases, as far as is known."""
        return self.informe.cuentas[SuerteFila.NUEVA] + self.informe.cuentas[SuerteFila.IGUAL]

    def oir(self, evento: Evento) -> None:
        """Note which store a batch did not reach."""
        if isinstance(evento, EscrituraTerminada) and not evento.resultado.en_ninguno:
            for uno in evento.resultado.por_almacen:
                if uno.desenlace is not Desenlace.CONFIRMADA:
                    self.ausentes[uno.almacen] = uno.error
                    if uno.desenlace is Desenlace.FALLIDA:
                        self.rehusan.add(uno.almacen)
                    elif uno.desenlace is Desenlace.APLAZADA:
                        self.aplazadas.add(uno.almacen)
                elif uno.le_falta_algo:
                    self.reparos[uno.almacen] = uno.error


def hasta_aqui(que: str, marcha: Marcha, pedido: Pedido, *, repetir: str) -> str:
    """What is in, and that running it again goes on; `repetir` says when to."""
    if pedido.simular:
        return f"{que}; era una simulación y no se ha escrito nada."
    return f"{que}: {_dentro(marcha)}, y quizá las del lote en curso. {repetir}: no se duplicará nada."


def hasta_lo_ilegible(marcha: Marcha, pedido: Pedido) -> str:
    """What to do about a file that breaks off: neither repeating nor mending it would help.

    Its content is what the ids of rows without one are made of.
    """
    if pedido.simular or not marcha.dentro:
        return "No ha entrado nada de este archivo: corríjalo y repita la misma orden."
    return (
        f"La importación no terminó: {_dentro(marcha)}. Copie a otro archivo las filas que siguen a "
        f"{_primeras(marcha.informe.leidas)}, corríjalas e importe solo ese: si corrige este, las filas sin "
        "id que ya entraron se duplicarán."
    )


def _dentro(marcha: Marcha) -> str:
    return f"{contar(marcha.dentro, 'tarea está', 'tareas están')} dentro"


def _primeras(leidas: int) -> str:
    return "la primera" if leidas == 1 else f"las {numero(leidas)} primeras"


def resumir(
    pedido: Pedido,
    lectura: Lectura,
    marcha: Marcha,
    almacenes: tuple[NombreAlmacen, ...],
    duracion_s: float,
) -> None:
    """Tell how it ended, as text or for programs."""
    if pedido.en_json:
        decir_json(_en_json(pedido, lectura, marcha, duracion_s))
        return
    informe = marcha.informe
    verbo = "Revisada" if pedido.simular else "Leída"
    verbo += "" if informe.leidas == 1 else "s"
    decir(
        f"{verbo} {contar(informe.leidas, 'fila', 'filas')} de {pedido.archivo} en {_segundos(duracion_s)}."
    )
    for suerte, palabras in _SUERTES.items():
        cuenta = informe.cuentas[suerte]
        if cuenta or suerte is SuerteFila.NUEVA:
            decir(palabras.linea(cuenta))
    _decir_donde(pedido, marcha, almacenes)
    if lectura.ignoradas:
        avisar(f"Columnas que no se importan: {', '.join(sorted(lectura.ignoradas))}.")
    _decir_incidencias(pedido, marcha)


def _decir_donde(pedido: Pedido, marcha: Marcha, almacenes: tuple[NombreAlmacen, ...]) -> None:
    if pedido.simular:
        decir("Era una simulación: no se ha escrito nada.")
        return
    for carencia in marcha.carencias:
        avisar(aviso_de_carencia(carencia))
    sin_acuerdo = {carencia.destino for carencia in marcha.carencias}
    for ausente, error in marcha.ausentes.items():
        if ausente in sin_acuerdo:
            continue
        dicho, cuando = error.rstrip(".") or f"{ausente.etiqueta} no estuvo disponible", "vuelva"
        if ausente in marcha.rehusan:
            dicho, cuando = f"{ausente.etiqueta} no guardó nada. {error.rstrip('.')}", "se resuelva"
        elif ausente in marcha.aplazadas:
            cuando = "lo esté"
        avisar(f"{dicho}. Lo que le falta está en {ausente.otro.etiqueta} y se copiará cuando {cuando}.")
    for almacen, error in marcha.reparos.items():
        avisar(
            f"{almacen.etiqueta} {error.rstrip('.')}. Lo que le falta está en {almacen.otro.etiqueta}; "
            "«dual-tareas sincronizar» dice qué es."
        )
    nuevas = marcha.informe.cuentas[SuerteFila.NUEVA]
    if not marcha.ausentes and not marcha.reparos and nuevas:
        quien = "La nueva está" if nuevas == 1 else "Las nuevas están"
        decir(f"{quien} en {' y en '.join(nombre.etiqueta for nombre in almacenes)}.")


def _decir_incidencias(pedido: Pedido, marcha: Marcha) -> None:
    informe = marcha.informe
    for una in informe.incidencias[:INCIDENCIAS_A_LA_VISTA]:
        avisar(f"  línea {una.linea}: {una.suerte}: {una.motivo}")
    total = sum(informe.cuentas[suerte] for suerte in list(_SUERTES)[2:])
    if total > INCIDENCIAS_A_LA_VISTA:
        avisar(f"  … y {numero(total - INCIDENCIAS_A_LA_VISTA)} más.")
    if informe.cuentas[SuerteFila.RECHAZADA]:
        _decir_donde_quedan(pedido, marcha)


def _decir_donde_quedan(pedido: Pedido, marcha: Marcha) -> None:
    if pedido.rechazadas is not None:
        avisar(f"Las rechazadas están en {pedido.rechazadas}: corríjalas ahí e importe solo ese archivo.")
        return
    cuando = "Repita la orden con" if marcha.corte else "Con"
    avisar(
        f"{cuando} --rechazadas ARCHIVO: las rechazadas quedan aparte; corríjalas e importe solo ese archivo."
    )


def _en_json(pedido: Pedido, lectura: Lectura, marcha: Marcha, duracion_s: float) -> dict[str, Any]:
    informe = marcha.informe
    return {
        "archivo": str(pedido.archivo),
        "simulada": pedido.simular,
        "cancelada": informe.cancelada,
        "error": None if marcha.corte is None else limpiar(str(marcha.corte)),
        "leidas": informe.leidas,
        **{palabras.varias: informe.cuentas[suerte] for suerte, palabras in _SUERTES.items()},
        "sin_copiar_a": sorted(marcha.ausentes | marcha.reparos),
        "columnas_ignoradas": sorted(lectura.ignoradas),
        "duracion_s": round(duracion_s, 3),
        "incidencias": [
            {"linea": una.linea, "suerte": una.suerte, "motivo": una.motivo} for una in informe.incidencias
        ],
    }


def _segundos(duracion_s: float) -> str:
    return f"{duracion_s:.1f} s".replace(".", ",")
