"""`rellenar`: copy all that one store has to the other, whatever the marks of its rows say."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from adapters.cli.entorno import contenedor_abierto, preparar
from adapters.cli.salida import (
    ArgumentoInvalido,
    Codigo,
    avisar,
    contar,
    decir,
    decir_json,
    frase_de,
    numero,
    preguntar,
)
from adapters.cli.sincronizar import acabar, exigir_dual, sincronizar
from adapters.container import Contenedor
from core.domain.errors import AlmacenError
from core.domain.models.almacen import NombreAlmacen


@dataclass(frozen=True, slots=True)
class Pedido:
    """What the operator asked for; see the options of the verb."""

    destino: NombreAlmacen
    simular: bool
    sin_preguntar: bool
    en_json: bool


def rellenar_almacen(pedido: Pedido) -> Codigo:
    """Say what there is, ask, copy; the exit code says what remains, as that of `sincronizar`."""
    ajustes = preparar()
    exigir_dual(ajustes)
    with contenedor_abierto(ajustes, replicar=False) as contenedor:
        if len(contenedor.almacenes) < 2:
            return Codigo.MAL_PEDIDO  # why has just been told
        try:
            filas = {nombre: uno.pulso()[0] for nombre, uno in contenedor.revisables.items()}
            previsto = _previsto(contenedor, pedido.destino, filas)
            if pedido.simular:
                _contar_simulacion(pedido, previsto, filas)
                return Codigo.HECHO
            if not _permitido(pedido, previsto):
                avisar("No se ha copiado nada.")
                return Codigo.EN_PARTE
            contenedor.rellenar(pedido.destino)
            if espera_s := contenedor.espera_antes_de_rellenar_s(pedido.destino):
                avisar(
                    f"{pedido.destino.etiqueta} pasa a ser la pareja de {pedido.destino.otro.etiqueta}: se "
                    f"esperan {espera_s:.0f} s a que los programas abiertos dejen la base anterior…"
                )
        except AlmacenError as error:
            avisar(frase_de(error))
            return Codigo.MAL_PEDIDO
        resultado = sincronizar(contenedor)
        de_mas = _de_mas(contenedor, pedido.destino) if resultado.codigo is Codigo.HECHO else 0
    codigo = acabar(resultado, en_json=pedido.en_json)
    if not de_mas:
        return codigo
    avisar(
        f"{pedido.destino.etiqueta} tiene {contar(de_mas, 'tarea', 'tareas')} que a "
        f"{pedido.destino.otro.etiqueta} le faltan y que nadie marcó para copiar: quizá se eliminaron "
        "mientras no participaba. Compárelas con «dual-tareas verificar»."
    )
    return Codigo.EN_PARTE


def _de_mas(contenedor: Contenedor, destino: NombreAlmacen) -> int:
    """How many rows more the filled store has than the one that it was filled from."""
    with suppress(AlmacenError):
        filas = {nombre: uno.pulso()[0] for nombre, uno in contenedor.revisables.items()}
        return max(0, filas[destino] - filas[destino.otro])
    return 0


def _contar_simulacion(pedido: Pedido, previsto: str, filas: Mapping[NombreAlmacen, int]) -> None:
    if pedido.en_json:
        decir_json({"simulacion": True, "destino": pedido.destino, "filas": filas})
    else:
        decir(previsto)
        decir("Era una simulación: no se ha copiado nada.")


def _previsto(contenedor: Contenedor, destino: NombreAlmacen, filas: Mapping[NombreAlmacen, int]) -> str:
    origen = destino.otro
    return (
        f"{origen.etiqueta} tiene {numero(filas[origen])} y {destino.etiqueta} {numero(filas[destino])} "
        f"(tareas y lápidas). Se copiará a {destino.etiqueta}, en {contenedor.direccion(destino)}, todo lo "
        "que le falte; lo que ya tiene no se cambia."
    )


def _permitido(pedido: Pedido, previsto: str) -> bool:
    if pedido.sin_preguntar:
        return True
    if not sys.stdin.isatty():
        raise ArgumentoInvalido("Para rellenar sin que se pregunte, añada --si.")
    return preguntar(f"{previsto} ¿Continuar?")
