"""`reparar`: verify, say what would be done, ask, do it; or undo what an earlier one did."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
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
    numero,
    preguntar,
)
from adapters.cli.verificacion import IDS_MAX, comparar, veredicto
from adapters.container import Contenedor
from adapters.nodo import ahora_ms
from adapters.reparacion.recibo import guardar_recibo, leer_recibo
from adapters.verificacion.informe import NOMBRES_DE_TIPO, resultado
from core.diferencias import Diferencia
from core.domain.errores_sistema import motivo_del_sistema
from core.domain.errors import AlmacenError, ArchivoInvalido
from core.domain.models.reparacion import InformeReparacion, PlanReparacion, Suerte
from core.reparacion import Accion, Gana

IDS_TAMANO_MAX = 5_000_000
"""Of a file of ids, bytes: some 130,000 of them."""
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HARIA = {
    Accion.COPIAR: "se copia adonde falta",
    Accion.SUSTITUIR: "se pone sobre otro contenido, que se guarda",
    Accion.ELIMINAR: "queda eliminada en ambas; lo que había se guarda",
    Accion.RENOVAR: "el contenido es igual: solo cambia la versión",
    Accion.NADA: "ya está igual",
    Accion.CAMBIO: "ha cambiado desde que se verificó: se deja",
    Accion.IMPOSIBLE: "no se puede reparar así",
}
_HECHO = {
    Suerte.REPARADA: ("tarea reparada", "tareas reparadas"),
    Suerte.IGUALES: ("ya estaba igual", "ya estaban iguales"),
    Suerte.CAMBIO: ("cambió mientras y se dejó como está", "cambiaron mientras y se dejaron como están"),
    Suerte.FALLIDA: ("no se pudo reparar", "no se pudieron reparar"),
}


@dataclass(frozen=True, slots=True)
class Pedido:
    """What the operator asked for; see the options of the verb."""

    gana: Gana | None
    simular: bool
    ids: Path | None
    deshacer: Path | None
    en_json: bool
    sin_preguntar: bool


def reparar_almacenes(pedido: Pedido) -> Codigo:
    """Repair, tell, and say by the exit code whether anything that was asked for remains."""
    if (pedido.gana is None) == (pedido.deshacer is None):
        raise ArgumentoInvalido(
            "Diga quién gana con --gana sql, mongo o reciente; o qué deshacer, con --deshacer."
        )
    ids = leer_ids(pedido.ids) if pedido.ids is not None else None
    recibo = leer_recibo(pedido.deshacer) if pedido.deshacer is not None else None
    with contenedor_abierto(preparar(), replicar=False, decir_ausencia=False) as contenedor:
        if len(contenedor.almacenes) < 2:
            motivo = contenedor.problema_embebido or "Ponga ORM=dual y las direcciones de ambas."
            avisar(f"Solo se repara con las dos bases de datos. {motivo}")
            return Codigo.MAL_PEDIDO
        orden = _Orden(contenedor, pedido)
        try:
            return orden.reparar(ids) if recibo is None else orden.deshacer(recibo)
        except AlmacenError as error:
            avisar(f"{error.almacen.etiqueta}: {error} {error.que_hacer}".rstrip())
            orden.contar_lo_hecho()
            return Codigo.MAL_PEDIDO


def leer_ids(archivo: Path) -> set[str]:
    """The ids of a file, one a line, but for empty ones and those with a # first. Raises ArchivoInvalido."""
    try:
        if archivo.stat().st_size > IDS_TAMANO_MAX:
            raise ArchivoInvalido(f"{archivo} pasa de {numero(IDS_TAMANO_MAX // 1_000_000)} MB: divídalo.")
        lineas = archivo.read_text("utf-8-sig").splitlines()
    except OSError as error:
        raise ArchivoInvalido(f"No se puede leer {archivo}: {motivo_del_sistema(error)}.") from error
    except UnicodeDecodeError:
        raise ArchivoInvalido(f"{archivo} no está en UTF-8: debe llevar un id en cada línea.") from None
    ids: set[str] = set()
    for n, linea in enumerate(lineas, start=1):
        id = linea.strip().lower()
        if id and not id.startswith("#"):
            if not _UUID.fullmatch(id):
                raise ArchivoInvalido(f"La línea {n} de {archivo} no es el id de una tarea.")
            ids.add(id)
    if not ids:
        raise ArchivoInvalido(f"{archivo} no contiene ningún id.")
    return ids


@dataclass(slots=True)
class _Orden:
    """One run."""

    contenedor: Contenedor
    pedido: Pedido
    hecha: InformeReparacion = field(default_factory=InformeReparacion)
    inicio_s: float = field(default_factory=time.monotonic)
    recibo: Path | None = None

    def reparar(self, ids: set[str] | None) -> Codigo:
        """Verify, plan, ask, repair; the exit code."""
        if ids is None:
            self._rehusar_que_gane_la_vaciada()
        informe = comparar(self.contenedor)
        if informe is None:
            raise Interrumpido("La verificación se canceló; no se ha cambiado nada.")
        if not self.pedido.en_json:
            avisar(veredicto(informe))
        if resultado(informe) == "desconocido":
            return Codigo.MAL_PEDIDO
        elegidas = [una for una in informe.diferencias if ids is None or una.id in ids]
        if ids is not None and (sobran := len(ids) - len({una.id for una in elegidas})):
            avisar(f"{contar(sobran, 'id de la lista no difiere', 'ids de la lista no difieren')}.")
        plan = self._planear(elegidas)
        sin_listar = informe.cuentas.total() - len(informe.diferencias) + informe.sin_revisar
        if self.pedido.simular or not plan.se_escriben:
            self._contar_plan(plan)
            return Codigo.EN_PARTE if not self.pedido.simular and plan.pasos else Codigo.HECHO
        if not self.pedido.en_json:
            self._contar_plan(plan)
        if not self._permitido(plan):
            avisar("No se ha cambiado nada.")
            return Codigo.EN_PARTE
        self._hacer("Reparando", len(plan.pasos), lambda **k: self.contenedor.reparar(plan, **k))
        if sin_listar > 0 and ids is None:
            avisar(f"Quedan {numero(sin_listar)} diferencias sin mirar: repita la misma orden.")
        return self._acabar(plan, quedan=sin_listar > 0 and ids is None)

    def _rehusar_que_gane_la_vaciada(self) -> None:
        """What it lacks would be deleted in the other one, too: nobody means that who knows of it."""
        for carencia in self.contenedor.mirar_carencias():
            if str(self.pedido.gana) == carencia.destino:
                nombre, otra = carencia.destino.etiqueta, carencia.destino.otro.etiqueta
                raise ArgumentoInvalido(
                    f"{nombre} se vació o es otra base de datos: si gana, lo que le falta se eliminaría en "
                    f"{otra}. Rellénela antes con «dual-tareas rellenar {carencia.destino}», o diga qué "
                    "tareas con --ids."
                )

    def deshacer(self, recibo: InformeReparacion) -> Codigo:
        """Put back what that repair replaced; the exit code."""
        cuantas = contar(len(recibo.reparadas), "tarea", "tareas")
        if self.pedido.simular:
            decir(f"Se devolvería lo que había en {cuantas}, salvo las que hayan cambiado desde entonces.")
            return Codigo.HECHO
        if not self._confirmado(f"Se devolverá lo que había antes en {cuantas}. ¿Continuar?"):
            avisar("No se ha cambiado nada.")
            return Codigo.EN_PARTE
        total = len(recibo.reparadas)
        self._hacer("Deshaciendo", total, lambda **k: self.contenedor.deshacer_reparacion(recibo, **k))
        return self._acabar(None, quedan=False)

    def contar_lo_hecho(self) -> None:
        """After an error: what was done until then is done, and can be undone."""
        if self.hecha.miradas:
            self._guardar_recibo()
            reparadas = contar(self.hecha.cuentas[Suerte.REPARADA], "tarea", "tareas")
            avisar(f"Hasta entonces se repararon {reparadas}. Repita la misma orden para continuar.")

    def _planear(self, elegidas: list[Diferencia]) -> PlanReparacion:
        assert self.pedido.gana is not None, "checked before"
        return self.contenedor.plan_de_reparacion(elegidas, self.pedido.gana)

    def _hacer(self, que: str, total: int, hacer: Callable[..., InformeReparacion]) -> None:
        parar = threading.Event()
        with barra(que, total) as vista, al_pedir_que_pare(parar.set):

            def progreso(informe: InformeReparacion) -> None:
                self.hecha = informe
                hechas = contar(informe.miradas, "tarea", "tareas")
                vista.update(vista.task_ids[0], completed=informe.miradas, detalle=hechas)

            self.hecha = hacer(parar=parar, progreso=progreso)

    def _permitido(self, plan: PlanReparacion) -> bool:
        sobre = " y ".join(
            f"{contar(n, 'contenido', 'contenidos')} de {almacen.etiqueta}"
            for almacen, n in sorted(plan.se_sobrescriben.items())
        )
        aviso = f" Se reemplazan {sobre}: se guardan antes y se pueden devolver." if sobre else ""
        tareas = contar(plan.se_escriben, "tarea", "tareas")
        return self._confirmado(
            f"Se escribirá una versión nueva de {tareas} en ambas bases.{aviso} ¿Continuar?"
        )

    def _confirmado(self, pregunta: str) -> bool:
        if self.pedido.sin_preguntar:
            return True
        if not sys.stdin.isatty():
            raise ArgumentoInvalido("Para escribir sin que se pregunte, añada --si.")
        return preguntar(pregunta)

    def _guardar_recibo(self) -> None:
        self.recibo = guardar_recibo(self.hecha, self.contenedor.ajustes.datos, ahora_ms())

    def _acabar(self, plan: PlanReparacion | None, *, quedan: bool) -> Codigo:
        self._guardar_recibo()
        hecha = self.hecha
        if self.pedido.en_json:
            decir_json(self._en_json(plan, hecha))
        else:
            for suerte, (una, varias) in _HECHO.items():
                if n := hecha.cuentas[suerte]:
                    decir(f"  {numero(n):>10} {una if n == 1 else varias}.")
            _contar_problemas(hecha.problemas)
        if hecha.diario:
            avisar(f"Lo que «conflictos» no podía guardar tal cual está en {hecha.diario}.")
        if self.recibo is not None:
            avisar(f"Para devolver lo reemplazado: dual-tareas reparar --deshacer {self.recibo}")
        if hecha.cancelada:
            raise Interrumpido("Se detuvo porque usted lo pidió. Repita la misma orden para continuar.")
        return Codigo.HECHO if hecha.completa and not quedan else Codigo.EN_PARTE

    def _contar_plan(self, plan: PlanReparacion) -> None:
        if self.pedido.en_json:
            decir_json(self._en_json(plan, InformeReparacion(problemas=_imposibles(plan))))
            return
        for (tipo, accion), n in sorted(plan.cuentas.items()):
            decir(f"  {numero(n):>10}  {NOMBRES_DE_TIPO.get(tipo, tipo)}: {_HARIA[accion]}.")
        _contar_problemas(_imposibles(plan))
        if self.pedido.simular:
            decir("Era una simulación: no se ha cambiado nada.")

    def _en_json(self, plan: PlanReparacion | None, hecha: InformeReparacion) -> dict[str, Any]:
        cuentas: dict[str, dict[str, int]] = {}
        for (tipo, accion), n in sorted(plan.cuentas.items()) if plan is not None else ():
            cuentas.setdefault(str(tipo), {})[str(accion)] = n
        return {
            "simulada": self.pedido.simular,
            "gana": None if self.pedido.gana is None else str(self.pedido.gana),
            "plan": cuentas,
            "reparadas": hecha.cuentas[Suerte.REPARADA],
            "iguales": hecha.cuentas[Suerte.IGUALES],
            "cambiaron": hecha.cuentas[Suerte.CAMBIO],
            "fallidas": hecha.cuentas[Suerte.FALLIDA],
            "sobrescritas": hecha.sobrescritas,
            "problemas": [{"id": id, "motivo": motivo} for id, motivo in hecha.problemas],
            "recibo": None if self.recibo is None else str(self.recibo),
            "diario": hecha.diario or None,
            "duracion_s": round(time.monotonic() - self.inicio_s, 3),
        }


def _imposibles(plan: PlanReparacion) -> list[tuple[str, str]]:
    return [(paso.id, paso.motivo) for paso in plan.imposibles]


def _contar_problemas(problemas: list[tuple[str, str]]) -> None:
    for id, motivo in problemas[:IDS_MAX]:
        avisar(f"✗ {id}: {motivo.rstrip('.')}.")
    if len(problemas) > IDS_MAX:
        avisar(f"… y {numero(len(problemas) - IDS_MAX)} más; con --json se ven todas.")
