"""`purgar`: delete tombstones for good, under the one rule by which none of them can be missed."""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from adapters.cli.entorno import contenedor_abierto, preparar
from adapters.cli.parada import al_pedir_que_pare
from adapters.cli.salida import (
    ArgumentoInvalido,
    Codigo,
    Interrumpido,
    avisar,
    barra,
    contar,
    decir,
    decir_json,
    frase_de,
    numero,
    preguntar,
)
from adapters.cli.verificacion import comparar, veredicto
from adapters.container import Contenedor
from adapters.nodo import ahora_ms
from adapters.verificacion.almacenes import comprobar_escribibles
from core.application.purgar_lapidas import (
    InformePurga,
    PurgarLapidasCommand,
    PurgarLapidasUseCase,
    SuerteLapida,
)
from core.domain.errors import AlmacenError, EsquemaSinAdoptar
from core.domain.models.verificacion import InformeVerificacion

_QUEDAN = {
    SuerteLapida.RECIENTE: ("es más reciente que {dias}", "son más recientes que {dias}"),
    SuerteLapida.SIN_CONFIRMAR: ("espera a copiarse a la otra base", "esperan a copiarse a la otra base"),
    SuerteLapida.DISTINTA: ("no está igual en las dos bases", "no están igual en las dos bases"),
    SuerteLapida.SIN_VERIFICAR: (
        "no la cubre ninguna verificación sin diferencias",
        "no las cubre ninguna verificación sin diferencias",
    ),
}
"""Why one stays, and why several do."""


@dataclass(frozen=True, slots=True)
class Pedido:
    """What the operator asked for; see the options of the verb."""

    dias: int
    simular: bool
    sin_preguntar: bool
    en_json: bool


def purgar_lapidas(pedido: Pedido) -> Codigo:
    """Purge, tell, and say by the exit code whether all that may go is gone."""
    ajustes = preparar()
    with contenedor_abierto(ajustes, replicar=False, decir_ausencia=False) as contenedor:
        if len(contenedor.almacenes) < 2:
            motivo = contenedor.problema_embebido or "Ponga ORM=dual y las direcciones de ambas."
            avisar(f"Solo se purga con las dos bases de datos. {motivo}")
            return Codigo.MAL_PEDIDO
        try:
            return _Purga(contenedor, pedido).correr()
        except AlmacenError as error:
            cola = "" if isinstance(error, EsquemaSinAdoptar) else " Se purga solo cuando responden las dos."
            avisar(f"{frase_de(error).rstrip('.')}.{cola}")
            return Codigo.MAL_PEDIDO


class _Purga:
    """One run: count, ask, verify if that is needed, purge."""

    def __init__(self, contenedor: Contenedor, pedido: Pedido) -> None:
        self._contenedor = contenedor
        self._pedido = pedido
        self._orden = PurgarLapidasCommand(dias=pedido.dias)
        self._caso = PurgarLapidasUseCase(
            contenedor.revisables,
            ahora_ms=ahora_ms,
            comprobar=lambda: comprobar_escribibles(contenedor.ping_ambos()),
        )
        self._verificacion: InformeVerificacion | None = None
        self._inicio_s = time.monotonic()

    def correr(self) -> Codigo:
        """What is asked for; the exit code."""
        previo = self._caso.execute(PurgarLapidasCommand(dias=self._pedido.dias, simular=True))
        sin_verificar = previo.cuentas[SuerteLapida.SIN_VERIFICAR]
        candidatas = previo.cuentas[SuerteLapida.PURGABLE] + sin_verificar
        if self._pedido.simular or not candidatas:
            self._decir(previo)
            return Codigo.HECHO
        if not self._permitido(candidatas):
            avisar("No se ha borrado nada.")
            return Codigo.EN_PARTE
        if sin_verificar and not self._verificar():
            self._decir(previo)
            return Codigo.EN_PARTE
        self._decir(self._purgar(candidatas))
        return Codigo.HECHO

    def _permitido(self, candidatas: int) -> bool:
        if self._pedido.sin_preguntar:
            return True
        if not sys.stdin.isatty():
            raise ArgumentoInvalido("Para purgar sin que se pregunte, añada --si.")
        cuantas = contar(candidatas, "lápida", "lápidas")
        return preguntar(
            f"Se borrarán para siempre hasta {cuantas}: esas tareas ya no se podrán recuperar. ¿Continuar?"
        )

    def _verificar(self) -> bool:
        """Compare both stores; whether they are equal."""
        avisar("No hay una verificación sin diferencias posterior a esas lápidas: se verifica ahora.")
        informe = comparar(self._contenedor)
        if informe is None:
            raise Interrumpido("La verificación se interrumpió; no se ha borrado nada.")
        self._verificacion = informe
        if not informe.iguales:
            avisar(f"{veredicto(informe)} No se ha borrado nada.")
        return informe.iguales

    def _purgar(self, candidatas: int) -> InformePurga:
        def progreso(informe: InformePurga) -> None:
            vista.update(
                vista.task_ids[0],
                completed=informe.purgadas,
                detalle=contar(informe.purgadas, "lápida", "lápidas"),
            )

        parar = threading.Event()
        with barra("Purgando", candidatas) as vista, al_pedir_que_pare(parar.set):
            informe = self._caso.execute(self._orden, progreso=progreso, cancelar=parar.is_set)
        if informe.cancelada:
            cuantas = contar(informe.purgadas, "lápida borrada", "lápidas borradas")
            raise Interrumpido(f"La purga se interrumpió: {cuantas}. Repita la misma orden para continuar.")
        return informe

    def _decir(self, informe: InformePurga) -> None:
        if self._pedido.en_json:
            decir_json(self._en_json(informe))
            return
        purgables = informe.cuentas[SuerteLapida.PURGABLE]
        if self._pedido.simular:
            decir(f"{contar(purgables, 'lápida se puede', 'lápidas se pueden')} borrar para siempre.")
            decir("Era una simulación: no se ha borrado nada.")
        else:
            decir(f"{contar(informe.purgadas, 'lápida borrada', 'lápidas borradas')} para siempre.")
        dias = contar(self._pedido.dias, "día", "días")
        for suerte, (de_una, de_varias) in _QUEDAN.items():
            if cuantas := informe.cuentas[suerte]:
                verbo, motivo = ("se queda", de_una) if cuantas == 1 else ("se quedan", de_varias)
                decir(f"  {numero(cuantas):>10} {verbo}: {motivo.format(dias=dias)}.")

    def _en_json(self, informe: InformePurga) -> dict[str, Any]:
        limpia = informe.limpia_ms
        return {
            "simulada": self._pedido.simular,
            "dias": self._pedido.dias,
            "purgadas": informe.purgadas,
            **{
                nombre: informe.cuentas[suerte]
                for nombre, suerte in (
                    ("purgables", SuerteLapida.PURGABLE),
                    ("recientes", SuerteLapida.RECIENTE),
                    ("sin_confirmar", SuerteLapida.SIN_CONFIRMAR),
                    ("distintas", SuerteLapida.DISTINTA),
                    ("sin_verificar", SuerteLapida.SIN_VERIFICAR),
                )
            },
            "verificada_en": (
                None if limpia is None else datetime.fromtimestamp(limpia / 1000, UTC).isoformat()
            ),
            "diferencias": None if self._verificacion is None else self._verificacion.cuentas.total(),
            "duracion_s": round(time.monotonic() - self._inicio_s, 3),
        }
