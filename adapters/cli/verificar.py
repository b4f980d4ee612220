"""`verificar`: whether both databases hold the same, once or every so many minutes."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adapters.cli.adoptadas import son_nuestras
from adapters.cli.entorno import contenedor_abierto, preparar
from adapters.cli.parada import al_pedir_que_pare
from adapters.cli.salida import (
    ArgumentoInvalido,
    Codigo,
    avisar,
    contar,
    dato,
    decir,
    frase_de,
    texto_json,
)
from adapters.cli.verificacion import comparar, contar_diferencias, veredicto
from adapters.container import Contenedor
from adapters.verificacion.continua import UltimaLimpia
from adapters.verificacion.informe import (
    comprobar_informe,
    diferencia_como_dict,
    firma_de,
    guardar_informe,
    resultado,
    resumen_como_dict,
)
from core.domain.errors import AlmacenError, ArchivoInvalido, DualTareasError, LecturaImposible
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.verificacion import InformeVerificacion

CADA_MIN = 5
"""Between two comparisons of `--continuo` unless told otherwise, minutes."""
Parada = threading.Event
"""What ends `--continuo`; its wait is the pause between two comparisons."""
_CODIGOS = {
    "iguales": Codigo.HECHO,
    "diferentes": Codigo.EN_PARTE,
    "desconocido": Codigo.MAL_PEDIDO,
}


@dataclass(frozen=True, slots=True)
class Pedido:
    """What the operator asked for; see the options of the verb."""

    en_json: bool
    continuo: bool
    minutos: int | None
    informe: Path | None
    sobrescribir: bool


def verificar_almacenes(pedido: Pedido) -> Codigo:
    """Compare, tell, and say by the exit code: 0 equal, 1 different, 2 nobody can tell."""
    if pedido.minutos is not None and not pedido.continuo:
        raise ArgumentoInvalido("Los minutos solo se dicen con --continuo.")
    if pedido.informe is not None:
        if pedido.continuo:
            raise ArgumentoInvalido("--informe es de una sola verificación: no va con --continuo.")
        try:
            comprobar_informe(pedido.informe, sobrescribir=pedido.sobrescribir)
        except ArchivoInvalido as error:  # not 1, which says that they differ
            raise ArgumentoInvalido(str(error)) from error
    elif pedido.sobrescribir:
        raise ArgumentoInvalido("--sobrescribir solo se dice con --informe.")
    ajustes = preparar()
    with contenedor_abierto(ajustes, replicar=False, decir_ausencia=False) as contenedor:
        if len(contenedor.almacenes) < 2:
            motivo = contenedor.problema_embebido or "Ponga ORM=dual y las direcciones de ambas."
            avisar(f"Solo se verifica con las dos bases de datos. {motivo}")
            return Codigo.MAL_PEDIDO
        try:
            if not son_nuestras(contenedor):
                return Codigo.MAL_PEDIDO
        except AlmacenError as error:
            if not pedido.continuo:  # that one waits until it is back
                avisar(_frase(error))
                return Codigo.MAL_PEDIDO
        return _sin_parar(contenedor, pedido) if pedido.continuo else _una_vez(contenedor, pedido)


def _una_vez(contenedor: Contenedor, pedido: Pedido) -> Codigo:
    try:
        informe = comparar(contenedor)
    except DualTareasError as error:
        avisar(_frase(error))
        return Codigo.MAL_PEDIDO
    if informe is None:
        avisar("La verificación se canceló: no se sabe si son iguales.")
        return Codigo.MAL_PEDIDO
    _decir(informe, pedido, por_copiar(contenedor, informe))
    if pedido.informe is not None:
        try:
            rutas = guardar_informe(
                informe, firma_de(contenedor), pedido.informe, sobrescribir=pedido.sobrescribir
            )
        except ArchivoInvalido as error:  # what was found is told above; 1 would say that they differ
            avisar(f"{error} No hay informe.")
            return Codigo.MAL_PEDIDO
        avisar(f"Informe guardado en {rutas[0]} y {rutas[1]}.")
    return _CODIGOS[resultado(informe)]


def _sin_parar(contenedor: Contenedor, pedido: Pedido) -> Codigo:
    """Until Ctrl+C, which ends it with the code of what was found last."""
    parar, codigo = Parada(), Codigo.MAL_PEDIDO
    limpia = UltimaLimpia()
    with al_pedir_que_pare(parar.set):
        while not parar.is_set():
            try:
                pulso = contenedor.pulso()
                if limpia.vale(pulso):
                    avisar("Ningún programa ha escrito desde la última verificación, sin diferencias.")
                elif (informe := comparar(contenedor, parar)) is not None:
                    codigo = _CODIGOS[resultado(informe)]
                    limpia.anotar(pulso, informe)
                    _decir(informe, pedido, por_copiar(contenedor, informe))
            except AlmacenError as error:
                codigo = Codigo.MAL_PEDIDO
                limpia.anotar((), None)  # while it was away anything may have been done to it
                avisar(_frase(error))
            parar.wait(60.0 * (pedido.minutos or CADA_MIN))
    return codigo


def _frase(error: DualTareasError) -> str:
    dicho = frase_de(error) if isinstance(error, AlmacenError) else f"{error} {error.que_hacer}".rstrip()
    return f"{dicho} No se sabe si son iguales."


def por_copiar(contenedor: Contenedor, informe: InformeVerificacion) -> Mapping[NombreAlmacen, int]:
    """How many tareas wait in each store to be copied to the other one, where something differs.

    A difference that replication would end by itself is no reason to repair anything.
    """
    if not informe.hay_diferencias:
        return {}
    try:
        pendientes = contenedor.resumir.execute().pendientes
    except (LecturaImposible, AlmacenError) as error:  # it was compared all the same
        avisar(f"No se pudo mirar cuántas tareas esperan a copiarse: {error}")
        return {}
    return {nombre: n for nombre, n in pendientes.items() if n}


def _contar_por_copiar(esperan: Mapping[NombreAlmacen, int]) -> None:
    for nombre, n in esperan.items():
        cuantas = contar(n, "tarea espera", "tareas esperan")
        decir(f"  De las que difieren, {cuantas} en {nombre.etiqueta} a copiarse a {nombre.otro.etiqueta}.")
    if esperan:
        decir("  Cópielas antes de reparar nada: «dual-tareas sincronizar».")


def _decir(informe: InformeVerificacion, pedido: Pedido, esperan: Mapping[NombreAlmacen, int]) -> None:
    if pedido.en_json:
        _escribir_json(informe, esperan, en_una_linea=pedido.continuo)
        return
    decir(veredicto(informe))
    if informe.motivo_metodo:
        decir(f"  {informe.motivo_metodo}")
    if informe.ausentes:
        decir("  Si debería estar, revise SQL_URL y MONGO_URL; si no, «dual-tareas preparar» la crea, vacía,")
        ordenes = " o ".join(f"«dual-tareas rellenar {nombre}»" for nombre in informe.ausentes)
        decir(f"  y {ordenes} le copia lo que tiene la otra.")
    if informe.columnas_ajenas:
        decir(f"  Columnas de SQL que no se comparan: {dato(', '.join(informe.columnas_ajenas))}.")
    if informe.sin_anotar:
        decir(f"  {informe.sin_anotar}")
    contar_diferencias(informe)
    _contar_por_copiar(esperan)
    sys.stdout.flush()


def _escribir_json(
    informe: InformeVerificacion, esperan: Mapping[NombreAlmacen, int], *, en_una_linea: bool
) -> None:
    """One object; a difference at a time, and on a line of its own unless every line is to be an object."""
    salto = "" if en_una_linea else "\n"
    cabeza = texto_json({**resumen_como_dict(informe), "por_copiar": esperan})
    sys.stdout.write(f'{cabeza[:-1]}, "diferencias": [')
    separador = salto
    for una in informe.diferencias:
        sys.stdout.write(separador + texto_json(diferencia_como_dict(una)))
        separador = f",{salto or ' '}"
    sys.stdout.write(f"{salto if informe.diferencias else ''}]}}\n")
    sys.stdout.flush()
