"""`reparar`: verify, say what would be done, ask, do it; or undo what an earlier one did."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.cli import relato_reparacion as relato
from adapters.cli.adoptadas import son_nuestras
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
from adapters.reparacion.recibo import leer_recibo
from adapters.verificacion.informe import resultado
from core.diferencias import Diferencia
from core.domain.errores_sistema import motivo_del_sistema
from core.domain.errors import AlmacenError, ArchivoInvalido, GanaLaVaciada
from core.domain.models.reparacion import InformeReparacion, PlanReparacion, Suerte
from core.domain.models.verificacion import InformeVerificacion
from core.reparacion import Gana

IDS_TAMANO_MAX = 5_000_000
"""Of a file of ids, bytes: some 130,000 of them."""
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


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
    if pedido.deshacer is not None and pedido.ids is not None:
        raise ArgumentoInvalido("--ids no va con --deshacer, que devuelve todo lo de ese recibo.")
    ids = leer_ids(pedido.ids) if pedido.ids is not None else None
    recibo = leer_recibo(pedido.deshacer) if pedido.deshacer is not None else None
    with contenedor_abierto(preparar(), replicar=False, decir_ausencia=False) as contenedor:
        if len(contenedor.almacenes) < 2:
            motivo = contenedor.problema_embebido or "Ponga ORM=dual y las direcciones de ambas."
            avisar(f"Solo se repara con las dos bases de datos. {motivo}")
            return Codigo.MAL_PEDIDO
        orden = _Orden(contenedor, pedido)
        try:
            if not son_nuestras(contenedor):
                return Codigo.MAL_PEDIDO
            return orden.reparar(ids) if recibo is None else orden.deshacer(recibo)
        except AlmacenError as error:
            avisar(frase_de(error))
            orden.contar_lo_hecho()
            return Codigo.MAL_PEDIDO
        except (ArchivoInvalido, KeyboardInterrupt):  # a full disk, or Ctrl+C again: what is done is done
            orden.contar_lo_hecho()
            raise


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
                raise ArchivoInvalido(
                    f"La línea {n} de {archivo} no es el id de una tarea: debe ser un UUID con guiones."
                )
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

    def reparar(self, ids: set[str] | None) -> Codigo:
        """Verify, plan, ask, repair; the exit code."""
        informe = comparar(self.contenedor)
        if informe is None:
            raise Interrumpido("La verificación se canceló; no se ha cambiado nada.")
        if not self.pedido.en_json:
            avisar(veredicto(informe))
        if resultado(informe) == "desconocido":
            return Codigo.MAL_PEDIDO
        elegidas, sin_mirar = self._elegir(informe, ids)
        plan = self._planear(elegidas, nombradas=ids is not None)
        quedan = bool(sin_mirar or plan.quedan)
        if self.pedido.simular or not plan.se_escriben:
            self._contar_plan(plan)
            self._contar_sin_mirar(sin_mirar)
            return Codigo.EN_PARTE if quedan else Codigo.HECHO
        if not self.pedido.en_json:
            self._contar_plan(plan)
        if not self._confirmado(relato.pregunta_de(plan)):
            avisar("No se ha cambiado nada.")
            return Codigo.EN_PARTE
        self._hacer("Reparando", len(plan.pasos), lambda **k: self.contenedor.reparar(plan, **k))
        self._contar_sin_mirar(sin_mirar)
        return self._acabar(plan, quedan=sin_mirar > 0)

    def _elegir(self, informe: InformeVerificacion, ids: set[str] | None) -> tuple[list[Diferencia], int]:
        """The differences that are meant, and how many more there are, at least, that nobody looked at."""
        if ids is None:
            return informe.diferencias, informe.sin_listar
        elegidas = [una for una in informe.diferencias if una.id in ids]
        sin_mirar, en_vuelo = 0, informe.en_vuelo
        if informe.sin_listar and (faltan := ids - {una.id for una in elegidas}):
            mas = self.contenedor.diferencias_de(sorted(faltan))
            elegidas += mas.diferencias
            sin_mirar, en_vuelo = mas.sin_listar, mas.en_vuelo
        sobran = len(ids) - len({una.id for una in elegidas}) - sin_mirar
        if sobran > 0:
            duda = ", o cambia en este momento" if en_vuelo else ""
            avisar(f"{contar(sobran, 'id de la lista no difiere', 'ids de la lista no difieren')}{duda}.")
        return elegidas, sin_mirar

    def _contar_sin_mirar(self, cuantas: int) -> None:
        if cuantas:
            quedan = contar(cuantas, "diferencia queda", "diferencias quedan")
            avisar(f"{quedan} sin mirar: repita la misma orden.")

    def deshacer(self, recibo: InformeReparacion) -> Codigo:
        """Put back what that repair replaced; the exit code."""
        prevista = self.contenedor.prever_vuelta(recibo)
        se_devuelven = prevista.cuentas[Suerte.REPARADA]
        if self.pedido.simular or not se_devuelven:
            if self.pedido.en_json:
                decir_json(self._en_json(None, prevista))
            else:
                relato.contar_vuelta_prevista(prevista)
            if self.pedido.simular and not self.pedido.en_json:
                decir("Era una simulación: no se ha cambiado nada.")
            return Codigo.HECHO if prevista.completa else Codigo.EN_PARTE
        relato.contar_problemas(prevista.problemas)
        cuantas = contar(se_devuelven, "tarea", "tareas")
        if not self._confirmado(f"Se devolverá lo que había antes en {cuantas}. ¿Continuar?"):
            avisar("No se ha cambiado nada.")
            return Codigo.EN_PARTE
        total = len(recibo.con_vuelta)
        self._hacer("Deshaciendo", total, lambda **k: self.contenedor.deshacer_reparacion(recibo, **k))
        return self._acabar(None, quedan=False, ya_dichos=[id for id, _ in prevista.problemas])

    def contar_lo_hecho(self) -> None:
        """After an error: what was done until then is done, and can be undone."""
        if self.hecha.miradas or self.hecha.recibo:
            reparadas = contar(self.hecha.cuentas[Suerte.REPARADA], "tarea reparada", "tareas reparadas")
            avisar(f"Hasta entonces: {reparadas}. Repita la misma orden para continuar.")
            relato.contar_vuelta(self.hecha, deshace=self.pedido.deshacer is not None)

    def _planear(self, elegidas: list[Diferencia], *, nombradas: bool) -> PlanReparacion:
        assert self.pedido.gana is not None, "checked before"
        try:
            return self.contenedor.plan_de_reparacion(elegidas, self.pedido.gana, nombradas=nombradas)
        except GanaLaVaciada as error:
            raise ArgumentoInvalido(relato.aviso_de_vaciada(error)) from error

    def _hacer(self, que: str, total: int, hacer: Callable[..., InformeReparacion]) -> None:
        parar = threading.Event()
        with barra(que, total) as vista, al_pedir_que_pare(parar.set):

            def progreso(informe: InformeReparacion) -> None:
                self.hecha = informe
                hechas = contar(informe.miradas, "tarea", "tareas")
                vista.update(vista.task_ids[0], completed=informe.miradas, detalle=hechas)

            def al_asegurar(informe: InformeReparacion) -> None:
                self.hecha = informe

            self.hecha = hacer(parar=parar, progreso=progreso, al_asegurar=al_asegurar)

    def _confirmado(self, pregunta: str) -> bool:
        if self.pedido.sin_preguntar:
            return True
        if not sys.stdin.isatty():
            raise ArgumentoInvalido("Para escribir sin que se pregunte, añada --si.")
        return preguntar(pregunta)

    def _acabar(
        self, plan: PlanReparacion | None, *, quedan: bool, ya_dichos: Collection[str] = ()
    ) -> Codigo:
        hecha = self.hecha
        self._contar(plan, hecha, ya_dichos)
        relato.contar_vuelta(hecha, deshace=plan is None)
        if hecha.cancelada:
            raise Interrumpido("Se detuvo porque usted lo pidió. Repita la misma orden para continuar.")
        return Codigo.HECHO if hecha.completa and not quedan else Codigo.EN_PARTE

    def _contar(
        self, plan: PlanReparacion | None, hecha: InformeReparacion, ya_dichos: Collection[str] = ()
    ) -> None:
        if self.pedido.en_json:
            decir_json(self._en_json(plan, hecha))
            return
        if plan is not None:
            ya_dichos = {paso.id for paso in plan.imposibles}
        relato.contar_hecha(hecha, ya_dichos, deshace=plan is None)

    def _contar_plan(self, plan: PlanReparacion) -> None:
        if self.pedido.en_json:
            decir_json(self._en_json(plan, relato.solo_planeada(plan)))
            return
        relato.contar_plan(plan, self.contenedor.diario_de_reparaciones)
        if self.pedido.simular:
            decir("Era una simulación: no se ha cambiado nada.")

    def _en_json(self, plan: PlanReparacion | None, hecha: InformeReparacion) -> dict[str, Any]:
        return {
            "simulada": self.pedido.simular,
            "gana": None if self.pedido.gana is None else str(self.pedido.gana),
            **relato.plan_en_json(plan),
            **relato.hecha_en_json(hecha),
            "duracion_s": round(time.monotonic() - self.inicio_s, 3),
        }
