"""What `verificar` and `reparar` share: a comparison that Ctrl+C ends at once, and how it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable

from adapters.cli.parada import al_pedir_que_pare
from adapters.cli.salida import barra, contar, dato, decir, numero
from adapters.container import Contenedor
from adapters.verificacion.informe import NOMBRES_DE_TIPO
from core.domain.models.verificacion import InformeVerificacion

IDS_MAX = 20
"""Most differences told one by one to people; JSON has those of the report."""
GRACIA_S = 0.3
"""How long the comparison may take to hear that it is to end; closing the stores then ends it."""
_PASO_S = 0.05


def comparar(contenedor: Contenedor, parar: threading.Event | None = None) -> InformeVerificacion | None:
    """Compare both, with a bar on stderr; None when it was ended. Raises as `Contenedor.verificar`.

    Args:
        parar: ends it, when set; where there is none, Ctrl+C does.
    """
    if parar is None:
        parar = threading.Event()
        with al_pedir_que_pare(parar.set):
            return comparar(contenedor, parar)
    with barra("Verificando", None) as vista:

        def progreso(informe: InformeVerificacion) -> None:
            filas = max(informe.filas_sql, informe.filas_mongo)
            detalle = contar(filas, "fila", "filas") if filas else ""
            vista.update(vista.task_ids[0], total=1.0, completed=informe.fraccion, detalle=detalle)

        return _aparte(lambda: contenedor.verificar(parar=parar, progreso=progreso), parar)


def _aparte(
    comparar: Callable[[], InformeVerificacion], parar: threading.Event
) -> InformeVerificacion | None:
    """Run it on a thread, so that a server that does not answer keeps nobody who wants to leave."""
    hecho = threading.Event()
    resultado: list[InformeVerificacion | BaseException] = []

    def correr() -> None:
        try:
            resultado.append(comparar())
        except BaseException as error:  # noqa: BLE001  raised again by whoever waits
            resultado.append(error)
        finally:
            hecho.set()

    threading.Thread(target=correr, name="DualRepo-verificar", daemon=True).start()
    while not hecho.wait(_PASO_S):
        if parar.is_set():
            hecho.wait(GRACIA_S)
            break
    if parar.is_set() or not resultado:
        return None
    (uno,) = resultado
    if isinstance(uno, BaseException):
        raise uno
    return None if uno.cancelada else uno


def contar_diferencias(informe: InformeVerificacion) -> None:
    """A table of kinds with their counts, and the first of them."""
    for tipo, cuantas in sorted(informe.cuentas.items()):
        if cuantas:
            decir(f"  {numero(cuantas):>10}  {NOMBRES_DE_TIPO.get(tipo, tipo)}")
    if informe.sin_revisar:
        decir(f"  {numero(informe.sin_revisar):>10}  Sin revisar una a una: son demasiadas")
    for una in informe.diferencias[:IDS_MAX]:
        campos = f" ({dato(', '.join(una.campos))})" if una.campos else ""
        decir(f"  {dato(una.id)}  {NOMBRES_DE_TIPO.get(una.tipo, una.tipo)}{campos}")
    resto = informe.cuentas.total() - min(IDS_MAX, len(informe.diferencias))
    if resto > 0:
        decir(f"  … y {numero(resto)} más.")


def veredicto(informe: InformeVerificacion) -> str:
    """The result in a sentence."""
    filas = f"{numero(informe.filas_sql)} filas en SQL y {numero(informe.filas_mongo)} en MongoDB"
    como = f"método {informe.metodo}, {informe.duracion_s:.1f} s".replace(".", ",")
    if informe.iguales:
        return f"✓ Ambas contienen lo mismo: {filas} ({como})."
    if informe.ausentes and informe.vacia:
        return f"✗ No hay nada que comparar: {filas} ({como})."
    if informe.hay_diferencias or informe.sin_revisar:
        cuantas = informe.cuentas.total() + informe.sin_revisar
        return f"✗ Difieren en {contar(cuantas, 'tarea', 'tareas')}: {filas} ({como})."
    if informe.en_vuelo:
        return (
            f"? No se pudo saber: {contar(informe.en_vuelo, 'tarea cambia', 'tareas cambian')} sin parar; "
            "repita cuando haya calma."
        )
    return "? No se pudo saber: no había nada que comparar."
