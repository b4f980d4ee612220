"""`sincronizar`: copy what one database has and the other lacks, both ways, until nothing more can be."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from adapters.cli.carencias import aviso_de_carencia
from adapters.cli.entorno import contenedor_abierto, preparar
from adapters.cli.parada import al_pedir_que_pare
from adapters.cli.salida import (
    Codigo,
    Interrumpido,
    avisar,
    barra,
    contar,
    decir,
    decir_json,
    frase_de,
    numero,
)
from adapters.container import Contenedor
from adapters.logs import sin_repetir
from adapters.replicacion.informe import InformePasada
from adapters.settings import Ajustes
from core.domain.errors import AlmacenError, ConfiguracionInvalida, LecturaImposible
from core.domain.events import ReplicacionAvanza
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.pareja import Carencia

DE_CADA_APARTADA = "adapters.replicacion"
"""Logger of the warnings about single rows, which are told here in the end."""
APARTADAS_MAX = 20
"""Most rows that could not be copied which are told one by one, to people; JSON has them all."""


@dataclass(slots=True)
class Resultado:
    """What came of it, as far as it got.

    Attributes:
        informes: what was done with each store's pendientes; empty where an error ended it.
        parciales: rows copied from each store, as last heard of.
        pendientes: how many remain in each store; None for one that does not answer.
        duracion_s: how long it took.
        error: what ended it.
        callan: of each store that does not answer, why.
        interrumpida: the operator stopped it.
        carencias: stores that have to be filled first.
        de_otros: of those, what is to be said of another program that is at it.
    """

    informes: Mapping[NombreAlmacen, InformePasada] = field(default_factory=dict)
    parciales: dict[NombreAlmacen, int] = field(default_factory=dict)
    pendientes: Mapping[NombreAlmacen, int | None] = field(default_factory=dict)
    duracion_s: float = 0.0
    error: AlmacenError | None = None
    callan: dict[NombreAlmacen, str] = field(default_factory=dict)
    interrumpida: bool = False
    carencias: tuple[Carencia, ...] = ()
    de_otros: dict[NombreAlmacen, str] = field(default_factory=dict)

    @property
    def copiadas(self) -> int:
        """Rows copied; as last heard of, when an error ended it before there was a report."""
        if not self.informes:
            return sum(self.parciales.values())
        return sum(informe.copiadas for informe in self.informes.values())

    @property
    def conflictos(self) -> int:
        return sum(informe.conflictos for informe in self.informes.values())

    @property
    def apartadas(self) -> list[tuple[NombreAlmacen, UUID, str]]:
        return [
            (origen, id, motivo)
            for origen, informe in self.informes.items()
            for id, motivo in informe.apartadas.items()
        ]

    @property
    def codigo(self) -> Codigo:
        if self.error is not None or None in self.pendientes.values():
            return Codigo.MAL_PEDIDO
        return Codigo.EN_PARTE if any(self.pendientes.values()) or self.carencias else Codigo.HECHO


def sincronizar_almacenes(*, en_json: bool) -> Codigo:
    """Synchronise, tell, and say by the exit code what remains: 0 nothing, 1 some, 2 a store was away."""
    ajustes = preparar()
    exigir_dual(ajustes)
    # The engine runs in this thread only: a second one in the background would tell nobody what it did.
    with contenedor_abierto(ajustes, replicar=False) as contenedor:
        if len(contenedor.almacenes) < 2:
            return Codigo.MAL_PEDIDO  # why has just been told
        resultado = sincronizar(contenedor)
    return acabar(resultado, en_json=en_json)


def exigir_dual(ajustes: Ajustes) -> None:
    """Raises ConfiguracionInvalida where there is only one database."""
    if ajustes.orm != "dual":
        raise ConfiguracionInvalida(
            f"ORM={ajustes.orm} trabaja con una sola base de datos: no hay con qué sincronizarla. "
            "Ponga ORM=dual."
        )


def acabar(resultado: Resultado, *, en_json: bool) -> Codigo:
    """Tell what came of it; the exit code. Raises Interrumpido where the operator stopped it."""
    decir_json(_en_json(resultado)) if en_json else _contar(resultado)
    if resultado.error is not None:
        motivos = "; ".join(resultado.callan.values()) or frase_de(resultado.error).rstrip(".")
        avisar(f"{motivos}. Cuando esté resuelto, repita la orden: seguirá donde quedó.")
    if resultado.interrumpida:
        raise Interrumpido("Se detuvo porque usted lo pidió. Repita la misma orden para continuar.")
    return resultado.codigo


def sincronizar(contenedor: Contenedor) -> Resultado:
    """Copy what can be copied, with a progress bar; Ctrl+C ends it after the batch in hand."""
    resultado, inicio_s = Resultado(), time.monotonic()

    def parar() -> None:
        resultado.interrumpida = True
        contenedor.cancelar_replicacion()
        avisar("Deteniendo la sincronización al acabar el lote en curso…")

    with barra("Sincronizando", None) as vista, al_pedir_que_pare(parar):
        (tarea,) = vista.task_ids

        def progreso(avance: ReplicacionAvanza) -> None:
            destino = avance.origen.otro.etiqueta
            resultado.parciales[avance.origen] = avance.copiadas
            if resultado.interrumpida:  # asked for before the pass began, which forgets what came before it
                contenedor.cancelar_replicacion()
            vista.update(
                tarea,
                description=f"De {avance.origen.etiqueta} a {destino}",
                total=avance.total,
                completed=avance.hechas,
                detalle=f"{numero(avance.copiadas)} copiadas, {numero(round(avance.ritmo_por_s))}/s",
            )

        try:
            with sin_repetir(DE_CADA_APARTADA):
                resultado.informes = contenedor.sincronizar(progreso)
        except AlmacenError as error:
            resultado.error = error
    if resultado.error is not None:
        resultado.callan = _los_que_callan(contenedor)
    resultado.carencias = contenedor.carencias
    with suppress(AlmacenError):  # then what is wrong with it is told anyway
        for una in resultado.carencias:
            resultado.de_otros[una.destino] = contenedor.otro_la_rellena(una.destino)
    with suppress(LecturaImposible):  # neither can be asked
        resultado.pendientes = contenedor.resumir.execute().pendientes
    resultado.duracion_s = time.monotonic() - inicio_s
    return resultado


def _los_que_callan(contenedor: Contenedor) -> dict[NombreAlmacen, str]:
    """Why each store that does not answer does not: the copying met only the first of them."""
    errores = [uno for uno in contenedor.ping_ambos().values() if isinstance(uno, AlmacenError)]
    return {uno.almacen: frase_de(uno).rstrip(".") for uno in errores}


def _en_json(resultado: Resultado) -> dict[str, Any]:
    return {
        "copiadas": resultado.copiadas,
        "conflictos": resultado.conflictos,
        "pendientes": {nombre: resultado.pendientes.get(nombre) for nombre in NombreAlmacen},
        "por_rellenar": [
            {"almacen": una.destino, "motivo": una.motivo, "filas": una.filas} for una in resultado.carencias
        ],
        "apartadas": [{"id": str(id), "motivo": motivo} for _origen, id, motivo in resultado.apartadas],
        "duracion_s": round(resultado.duracion_s, 3),
    }


def _contar(resultado: Resultado) -> None:
    for origen, informe in resultado.informes.items():
        decir(
            f"De {origen.etiqueta} a {origen.otro.etiqueta}: "
            f"{contar(informe.copiadas, 'tarea copiada', 'tareas copiadas')}."
        )
    if resultado.conflictos:
        perdedores = contar(resultado.conflictos, "valor perdedor guardado", "valores perdedores guardados")
        decir(f"{perdedores} en Conflictos.")
    apartadas = resultado.apartadas
    for origen, id, motivo in apartadas[:APARTADAS_MAX]:
        en_ambas = id in resultado.informes[origen].en_ambas  # then the reason says all
        avisar(f"✗ {id}: " + ("" if en_ambas else f"no se puede copiar a {origen.otro.etiqueta}: ") + motivo)
    if len(apartadas) > APARTADAS_MAX:
        avisar(f"… y {numero(len(apartadas) - APARTADAS_MAX)} más; con --json se ven todas.")
    for carencia in resultado.carencias:
        avisar(resultado.de_otros.get(carencia.destino) or aviso_de_carencia(carencia))
    if resultado.codigo is Codigo.HECHO:
        decir("Ambas bases de datos están al día.")
    for nombre, faltan in resultado.pendientes.items():
        if faltan is None:
            motivo = "" if resultado.error is not None and nombre not in resultado.callan else ": no responde"
            avisar(f"No se sabe cuántas tareas quedan pendientes en {nombre.etiqueta}{motivo}.")
        elif faltan:
            avisar(
                f"{nombre.etiqueta}: {contar(faltan, 'tarea sigue pendiente', 'tareas siguen pendientes')}."
            )
