"""`importar`: a file into the databases, in batches, stoppable and repeatable."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from adapters.archivos import Formato, Lectura, abrir_rechazadas, leer_tareas
from adapters.cli.entorno import contenedor_abierto, preparar
from adapters.cli.salida import Codigo, Interrumpido, avisar, barra, contar, decir, decir_json, numero
from adapters.container import Contenedor
from core.application.importar_tareas import Incidencia, InformeImportacion
from core.domain.errors import ArchivoInvalido, DualTareasError
from core.domain.events import EscrituraTerminada, Evento
from core.domain.models.almacen import Desenlace, NombreAlmacen
from core.domain.models.importacion import SuerteFila

INCIDENCIAS_A_LA_VISTA = 20
_SUERTES = {
    SuerteFila.NUEVA: ("nuevas", ""),
    SuerteFila.IGUAL: ("iguales", "ya estaban, con el mismo contenido"),
    SuerteFila.DISTINTA: ("distintas", "ya existen con otro contenido, que se conserva"),
    SuerteFila.ELIMINADA: ("eliminadas", "se eliminaron antes y siguen eliminadas"),
    SuerteFila.RECHAZADA: ("rechazadas", "no se pueden guardar"),
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
class _Marcha:
    """What is known while it runs.

    Attributes:
        informe: as of the last batch that ended.
        ausentes: the stores that did not take part of it, each with its last error.
        parar: the operator asked to stop.
    """

    informe: InformeImportacion = field(default_factory=InformeImportacion)
    ausentes: dict[NombreAlmacen, str] = field(default_factory=dict)
    parar: threading.Event = field(default_factory=threading.Event)

    def oir(self, evento: Evento) -> None:
        """Note which store a batch did not reach."""
        if isinstance(evento, EscrituraTerminada) and not evento.resultado.en_ninguno:
            for uno in evento.resultado.por_almacen:
                if uno.desenlace not in (Desenlace.CONFIRMADA, Desenlace.NO_CONFIGURADA):
                    self.ausentes[uno.almacen] = uno.error


def importar_archivo(pedido: Pedido) -> Codigo:
    """Import, tell, and say by the exit code whether every row could be stored."""
    ajustes = preparar()
    _comprobar(pedido)
    inicio_s = time.monotonic()
    marcha = _Marcha()
    with ExitStack() as abiertos:
        lectura = abiertos.enter_context(leer_tareas(pedido.archivo, pedido.formato))
        apuntar = _apuntador(pedido, lectura, abiertos)
        contenedor = abiertos.enter_context(contenedor_abierto(ajustes, replicar=not pedido.simular))
        contenedor.bus.suscribir(marcha.oir)
        if contenedor.problema_embebido:
            marcha.ausentes[NombreAlmacen.MONGO] = contenedor.problema_embebido
        _importar(pedido, contenedor, lectura, marcha, apuntar)
    _resumir(pedido, lectura, marcha, contenedor.almacenes, time.monotonic() - inicio_s)
    if marcha.informe.cancelada:
        raise Interrumpido(_hasta_aqui("La importación se detuvo porque usted lo pidió", marcha, pedido))
    return Codigo.EN_PARTE if marcha.informe.cuentas[SuerteFila.RECHAZADA] else Codigo.HECHO


def _comprobar(pedido: Pedido) -> None:
    if pedido.rechazadas is not None and pedido.rechazadas.absolute() == pedido.archivo.absolute():
        raise ArchivoInvalido("Las filas rechazadas no pueden ir al mismo archivo que se importa.")


def _apuntador(pedido: Pedido, lectura: Lectura, abiertos: ExitStack) -> Callable[[Incidencia], None]:
    """Where rejected rows are written down, if they are."""
    if pedido.rechazadas is None:
        return lambda _incidencia: None
    apuntar = abiertos.enter_context(
        abrir_rechazadas(pedido.rechazadas, lectura.formato, sobrescribir=pedido.sobrescribir)
    )
    return lambda uno: apuntar(uno) if uno.suerte is SuerteFila.RECHAZADA else None


def _importar(
    pedido: Pedido,
    contenedor: Contenedor,
    lectura: Lectura,
    marcha: _Marcha,
    apuntar: Callable[[Incidencia], None],
) -> None:
    def progreso(informe: InformeImportacion) -> None:
        marcha.informe = informe
        detalle = contar(informe.leidas, "fila", "filas")
        vista.update(tarea, completed=lectura.leidos_bytes(), detalle=detalle)

    with barra("Importando", lectura.tamano_bytes) as vista, _al_pedir_que_pare(marcha):
        (tarea,) = vista.task_ids
        try:
            marcha.informe = contenedor.importar_tareas.execute(
                lectura.filas,
                simular=pedido.simular,
                progreso=progreso,
                incidencia=apuntar,
                cancelar=marcha.parar.is_set,
            )
        except KeyboardInterrupt:
            raise Interrumpido(_hasta_aqui("La importación se interrumpió", marcha, pedido)) from None
        except DualTareasError as error:
            avisar(f"{error} {error.que_hacer}".rstrip())
            raise ArchivoInvalido(_hasta_aqui("La importación no terminó", marcha, pedido)) from error


@contextmanager
def _al_pedir_que_pare(marcha: _Marcha) -> Iterator[None]:
    """Let Ctrl+C end the import between two batches; pressed again, at once."""

    def parar(_senal: int, _marco: FrameType | None) -> None:
        if marcha.parar.is_set():
            raise KeyboardInterrupt
        marcha.parar.set()
        avisar("Deteniendo la importación al acabar el lote en curso…")

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    antes = signal.signal(signal.SIGINT, parar)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, antes)


def _hasta_aqui(que: str, marcha: _Marcha, pedido: Pedido) -> str:
    if pedido.simular:
        return f"{que}; era una simulación y no se ha escrito nada."
    dentro = marcha.informe.cuentas[SuerteFila.NUEVA] + marcha.informe.cuentas[SuerteFila.IGUAL]
    return (
        f"{que}: {contar(dentro, 'tarea está', 'tareas están')} dentro, y quizá las del lote en curso. "
        "Repita la misma orden para continuar: no se duplicará nada."
    )


def _resumir(
    pedido: Pedido,
    lectura: Lectura,
    marcha: _Marcha,
    almacenes: tuple[NombreAlmacen, ...],
    duracion_s: float,
) -> None:
    if pedido.en_json:
        decir_json(_en_json(pedido, lectura, marcha, duracion_s))
        return
    informe = marcha.informe
    verbo = "Revisadas" if pedido.simular else "Leídas"
    decir(
        f"{verbo} {contar(informe.leidas, 'fila', 'filas')} de {pedido.archivo} en {_segundos(duracion_s)}."
    )
    for suerte, (nombre, explicacion) in _SUERTES.items():
        cuenta = informe.cuentas[suerte]
        if cuenta or suerte is SuerteFila.NUEVA:
            decir(f"  {numero(cuenta):>10} {nombre:<11}{explicacion}".rstrip())
    _decir_donde(pedido, marcha, almacenes)
    if lectura.ignoradas:
        avisar(f"Columnas que no se importan: {', '.join(sorted(lectura.ignoradas))}.")
    _decir_incidencias(pedido, informe)


def _decir_donde(pedido: Pedido, marcha: _Marcha, almacenes: tuple[NombreAlmacen, ...]) -> None:
    if pedido.simular:
        decir("Era una simulación: no se ha escrito nada.")
        return
    for ausente, error in marcha.ausentes.items():
        avisar(
            f"{ausente.etiqueta} no estuvo disponible ({error.rstrip('.')}): lo que le falta está en "
            f"{ausente.otro.etiqueta} y se copiará cuando vuelva."
        )
    if not marcha.ausentes and marcha.informe.cuentas[SuerteFila.NUEVA]:
        decir(f"Las nuevas están en {' y en '.join(nombre.etiqueta for nombre in almacenes)}.")


def _decir_incidencias(pedido: Pedido, informe: InformeImportacion) -> None:
    for una in informe.incidencias[:INCIDENCIAS_A_LA_VISTA]:
        avisar(f"  línea {una.linea}: {una.suerte}: {una.motivo}")
    total = sum(informe.cuentas[suerte] for suerte in list(_SUERTES)[2:])
    if total > INCIDENCIAS_A_LA_VISTA:
        avisar(f"  … y {numero(total - INCIDENCIAS_A_LA_VISTA)} más.")
    if informe.cuentas[SuerteFila.RECHAZADA] and pedido.rechazadas is None:
        avisar(
            "Con --rechazadas ARCHIVO las rechazadas quedan aparte: corríjalas e importe solo ese archivo."
        )


def _en_json(pedido: Pedido, lectura: Lectura, marcha: _Marcha, duracion_s: float) -> dict[str, Any]:
    informe = marcha.informe
    return {
        "archivo": str(pedido.archivo),
        "simulada": pedido.simular,
        "cancelada": informe.cancelada,
        "leidas": informe.leidas,
        **{nombre: informe.cuentas[suerte] for suerte, (nombre, _) in _SUERTES.items()},
        "sin_copiar_a": sorted(marcha.ausentes),
        "columnas_ignoradas": sorted(lectura.ignoradas),
        "duracion_s": round(duracion_s, 3),
        "incidencias": [
            {"linea": una.linea, "suerte": una.suerte, "motivo": una.motivo} for una in informe.incidencias
        ],
    }


def _segundos(duracion_s: float) -> str:
    return f"{duracion_s:.1f} s".replace(".", ",")
