"""`importar`: a file into the databases, in batches, stoppable and repeatable."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from adapters.archivos import Formato, Lectura, abrir_rechazadas, leer_tareas
from adapters.cli.entorno import contenedor_abierto, preparar
from adapters.cli.parada import al_pedir_que_pare
from adapters.cli.relato_importacion import Marcha, Pedido, hasta_aqui, hasta_lo_ilegible, resumir
from adapters.cli.salida import ArgumentoInvalido, Codigo, Interrumpido, avisar, barra, contar
from adapters.container import Contenedor
from core.application.importar_tareas import Incidencia, InformeImportacion
from core.domain.errors import ArchivoInvalido, DualTareasError
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.importacion import SuerteFila

CONTINUAR = "Repita la misma orden para continuar"
RESUELTO = "Cuando esté resuelto, repita la misma orden"


def importar_archivo(pedido: Pedido) -> Codigo:
    """Import, tell, and say by the exit code whether every row could be stored."""
    ajustes = preparar()
    _comprobar(pedido)
    inicio_s = time.monotonic()
    marcha = Marcha()
    with ExitStack() as abiertos:
        lectura = abiertos.enter_context(leer_tareas(pedido.archivo, pedido.formato))
        apuntar = _apuntador(pedido, lectura, abiertos)
        contenedor = abiertos.enter_context(contenedor_abierto(ajustes, replicar=not pedido.simular))
        contenedor.bus.suscribir(marcha.oir)
        if contenedor.problema_embebido:
            marcha.ausentes[NombreAlmacen.MONGO] = ""  # the reason has just been told
        _importar(pedido, contenedor, lectura, marcha, apuntar)
        marcha.carencias = tuple(una for una in contenedor.carencias if not una.aceptada)
    resumir(pedido, lectura, marcha, contenedor.almacenes, time.monotonic() - inicio_s)
    if marcha.corte is not None:
        avisar(str(marcha.corte))
        raise ArchivoInvalido(hasta_lo_ilegible(marcha, pedido)) from marcha.corte
    if marcha.informe.cancelada:
        raise Interrumpido(
            hasta_aqui("La importación se detuvo porque usted lo pidió", marcha, pedido, repetir=CONTINUAR)
        )
    return Codigo.EN_PARTE if marcha.informe.cuentas[SuerteFila.RECHAZADA] else Codigo.HECHO


def _comprobar(pedido: Pedido) -> None:
    if pedido.rechazadas is not None and _es_el_mismo(pedido.rechazadas, pedido.archivo):
        raise ArchivoInvalido("Las filas rechazadas no pueden ir al mismo archivo que se importa.")


def _es_el_mismo(uno: Path, otro: Path) -> bool:
    """Whether both name one file, by whatever way: a link, `..`, capitals where they do not matter."""
    try:
        return uno.samefile(otro)
    except OSError:  # one of them is not there, or cannot be looked at
        return uno.resolve() == otro.resolve()


def _apuntador(pedido: Pedido, lectura: Lectura, abiertos: ExitStack) -> Callable[[Incidencia], None]:
    """Where rejected rows are written down, if they are."""
    if pedido.rechazadas is None:
        return lambda _incidencia: None
    if pedido.rechazadas.suffix and Formato.de_la_ruta(pedido.rechazadas) is not lectura.formato:
        raise ArgumentoInvalido(
            f"Las filas rechazadas se escriben en {lectura.formato.upper()}, como las demás: dele a "
            f"«{pedido.rechazadas}» un nombre que acabe en .{lectura.formato}."
        )
    apuntar = abiertos.enter_context(
        abrir_rechazadas(pedido.rechazadas, lectura.formato, sobrescribir=pedido.sobrescribir)
    )
    return lambda uno: apuntar(uno) if uno.suerte is SuerteFila.RECHAZADA else None


def _importar(
    pedido: Pedido,
    contenedor: Contenedor,
    lectura: Lectura,
    marcha: Marcha,
    apuntar: Callable[[Incidencia], None],
) -> None:
    def progreso(informe: InformeImportacion) -> None:
        marcha.informe = informe
        detalle = contar(informe.leidas, "fila", "filas")
        vista.update(tarea, completed=lectura.leidos_bytes(), detalle=detalle)

    def parar() -> None:
        marcha.parar.set()
        avisar("Deteniendo la importación al acabar el lote en curso…")

    with barra("Importando", lectura.tamano_bytes) as vista, al_pedir_que_pare(parar):
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
            raise Interrumpido(
                hasta_aqui("La importación se interrumpió", marcha, pedido, repetir=CONTINUAR)
            ) from None
        except ArchivoInvalido as error:
            if not marcha.informe.leidas:
                raise
            marcha.corte = error  # told with what was read before it: rows refused there are named, too
        except DualTareasError as error:
            avisar(f"{error} {error.que_hacer}".rstrip())
            raise DualTareasError(
                hasta_aqui("La importación no terminó", marcha, pedido, repetir=RESUELTO)
            ) from error
