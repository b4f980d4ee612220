"""`preparar`: create or check both schemas; adopt tareas of another program, after asking."""

from __future__ import annotations

from adapters.cli.entorno import contenedor_abierto, preparar
from adapters.cli.salida import Codigo, avisar, decir, preguntar_si_hay_quien
from adapters.container import Contenedor
from core.domain.errors import AlmacenError, EsquemaSinAdoptar
from core.domain.models.almacen import NombreAlmacen


def preparar_almacenes(*, adoptar: bool) -> Codigo:
    """Prepare each store; without `adoptar`, ask on a terminal before anything of the user's is touched."""
    with contenedor_abierto(preparar(), replicar=False) as contenedor:
        listos = [_preparar(contenedor, nombre, adoptar=adoptar) for nombre in contenedor.almacenes]
    return Codigo.HECHO if all(listos) else Codigo.EN_PARTE


def _preparar(contenedor: Contenedor, nombre: NombreAlmacen, *, adoptar: bool) -> bool:
    try:
        contenedor.preparar(nombre)
    except EsquemaSinAdoptar as error:
        avisar(str(error))
        if not (adoptar or preguntar_si_hay_quien(f"¿Adoptar las tareas que hay en {nombre.etiqueta}?")):
            avisar(f"{nombre.etiqueta} queda como estaba. Para adoptarlas sin preguntar: --adoptar.")
            return False
        return _adoptar(contenedor, nombre)
    except AlmacenError as error:
        avisar(f"✗ {nombre.etiqueta}: {error}")
        return False
    decir(f"✓ {nombre.etiqueta} está preparada.")
    return True


def _adoptar(contenedor: Contenedor, nombre: NombreAlmacen) -> bool:
    try:
        contenedor.preparar(nombre, adoptar=True)
    except AlmacenError as error:
        avisar(f"✗ {nombre.etiqueta}: {error}")
        return False
    decir(
        f"✓ {nombre.etiqueta}: tareas adoptadas. Se copiarán a la otra base de datos con la ventana abierta."
    )
    return True
