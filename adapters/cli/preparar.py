"""`preparar`: create or check both schemas; adopt tareas of another program, after asking."""

from __future__ import annotations

from adapters.cli.entorno import contenedor_abierto, preparar
from adapters.cli.salida import ESTADOS, Codigo, avisar, contar, decir, frase_de, preguntar_si_hay_quien
from adapters.container import Contenedor
from core.domain.errors import AlmacenError, EsquemaSinAdoptar, FaltaLaClave
from core.domain.models.almacen import NombreAlmacen


def preparar_almacenes(*, adoptar: bool) -> Codigo:
    """Prepare each store; without `adoptar`, ask on a terminal before anything of the user's is touched."""
    with contenedor_abierto(preparar(), replicar=False) as contenedor:
        listos = [_preparar(contenedor, nombre, adoptar=adoptar) for nombre in contenedor.almacenes]
    return Codigo.HECHO if all(listos) else Codigo.EN_PARTE


def _preparar(contenedor: Contenedor, nombre: NombreAlmacen, *, adoptar: bool) -> bool:
    try:
        contenedor.preparar(nombre)
        hay = contenedor.revisables[nombre].existe()
    except EsquemaSinAdoptar as error:
        avisar(error.que_hay)
        if not (adoptar or preguntar_si_hay_quien(f"¿Adoptar las tareas que hay en {nombre.etiqueta}?")):
            avisar(f"{nombre.etiqueta} queda como estaba. Para adoptarlas sin preguntar: --adoptar.")
            return False
        if adoptadas := _tocar(contenedor, nombre):
            decir(f"✓ {nombre.etiqueta}: tareas adoptadas.{_y_ahora(contenedor, nombre)}")
        return adoptadas
    except FaltaLaClave as error:
        if not adoptar:
            avisar(f"✗ {frase_de(error)}")
            return False
        if puesta := _tocar(contenedor, nombre):
            decir(f"✓ {nombre.etiqueta} está preparada: se le puso la clave que le faltaba.")
        return puesta
    except AlmacenError as error:
        avisar(f"✗ {frase_de(error)}")
        return False
    if not hay:
        return _recrear(contenedor, nombre, adoptar=adoptar)
    decir(f"✓ {nombre.etiqueta} está preparada.")
    return True


def _recrear(contenedor: Contenedor, nombre: NombreAlmacen, *, adoptar: bool) -> bool:
    """It was prepared, and then somebody dropped its `tareas`: that may be a mistake, which nothing hides."""
    que = "la tabla" if nombre is NombreAlmacen.SQL else "la colección"
    avisar(f"En {nombre.etiqueta} falta {que} «tareas»: alguien la borró o le cambió el nombre.")
    if not (adoptar or preguntar_si_hay_quien("¿Crear una vacía?")):
        avisar(f"{nombre.etiqueta} queda como estaba. Para crearla sin preguntar: --adoptar.")
        return False
    contenedor.preparar(nombre, adoptar=True)
    decir(
        f"✓ {nombre.etiqueta}: creada, vacía. «dual-tareas rellenar {nombre}» le copia lo que tiene la otra."
    )
    return True


def _tocar(contenedor: Contenedor, nombre: NombreAlmacen) -> bool:
    """Do to the user's `tareas` what it takes; why not is told."""
    try:
        contenedor.preparar(nombre, adoptar=True)
    except AlmacenError as error:
        avisar(f"✗ {frase_de(error)}")
        return False
    return True


def _y_ahora(contenedor: Contenedor, nombre: NombreAlmacen) -> str:
    """What becomes of them, and what of them no form of ours would have let in."""
    frases = [" Las que no tenían fecha llevan la del 1 de enero de 1970: quiere decir que no se sabe."]
    if nombre.otro in contenedor.almacenes:
        frases.insert(
            0,
            f" Se copiarán a {nombre.otro.etiqueta} con la ventana abierta o con «dual-tareas sincronizar».",
        )
    try:
        ajenos = contenedor.estados_ajenos(nombre)
    except AlmacenError as error:  # they are adopted all the same
        avisar(f"No se pudo mirar si sus estados son los de este programa: {error}")
        ajenos = 0
    if ajenos:
        frases.append(
            f" {contar(ajenos, 'tiene', 'tienen')} un estado que no es {ESTADOS}: se conserva tal cual."
        )
    return "".join(frases)
