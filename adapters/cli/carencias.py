"""What is said of a store that lacks what the other one takes for copied, by every order that meets one."""

from __future__ import annotations

from adapters.cli.salida import numero
from core.domain.models.pareja import Carencia, MotivoCarencia

_MOTIVOS = {
    MotivoCarencia.A_MEDIAS: "La copia de {origen} a {destino} quedó a medias.",
    MotivoCarencia.OTRA_BASE: "{destino} no es la base de datos que había antes.",
    MotivoCarencia.VACIADA: "A {destino} le faltan las tareas que {origen} da por copiadas.",
    MotivoCarencia.NUEVA: "{destino} está vacía.",
}


def aviso_de_carencia(carencia: Carencia) -> str:
    """Why it is not read from, and what to do."""
    destino, origen = carencia.destino.etiqueta, carencia.destino.otro.etiqueta
    cuantas = "" if carencia.filas is None else f" ({numero(carencia.filas)}, lápidas incluidas)"
    return (
        f"{_MOTIVOS[carencia.motivo].format(destino=destino, origen=origen)} No se lee de {destino} hasta "
        f"que tenga lo que hay en {origen}{cuantas}. Para copiárselo: "
        f"dual-tareas rellenar {carencia.destino}. Si no es la base que debía ser, corrija la dirección."
    )
