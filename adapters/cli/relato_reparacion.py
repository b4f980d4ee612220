"""What a repair tells: its plan, what came of it, and the way back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from adapters.cli.salida import avisar, contar, dato, decir, numero
from adapters.cli.verificacion import IDS_MAX
from adapters.verificacion.informe import NOMBRES_DE_TIPO
from core.domain.errors import EsOtraBase, GanaLaVaciada
from core.domain.models.reparacion import InformeReparacion, PlanReparacion, Suerte
from core.reparacion import Accion

_HARIA = {
    Accion.COPIAR: "se copia adonde falta",
    Accion.SUSTITUIR: "se pone sobre otro contenido, que se guarda",
    Accion.ELIMINAR: "queda eliminada en ambas; lo que había se guarda",
    Accion.NADA: "ya está igual",
    Accion.CAMBIO: "ha cambiado desde que se verificó: se deja",
    Accion.IMPOSIBLE: "no se puede reparar así",
}
_RENOVARIA = "Versión distinta, con el mismo contenido: ambas reciben la misma"
_HECHO = {
    Suerte.REPARADA: ("tarea reparada", "tareas reparadas"),
    Suerte.IGUALES: ("ya estaba igual", "ya estaban iguales"),
    Suerte.CAMBIO: ("cambió mientras y se dejó como está", "cambiaron mientras y se dejaron como están"),
    Suerte.FALLIDA: ("no se pudo reparar", "no se pudieron reparar"),
}
_DESHECHO = _HECHO | {
    Suerte.REPARADA: ("tarea devuelta", "tareas devueltas"),
    Suerte.CAMBIO: (
        "cambió desde entonces y se deja como está",
        "cambiaron desde entonces y se dejan como están",
    ),
    Suerte.FALLIDA: ("no se puede devolver", "no se pueden devolver"),
}


def contar_plan(plan: PlanReparacion, diario: Path) -> None:
    """What would be done, by kind; what could not be undone, and why what cannot be done cannot."""
    for (tipo, accion), n in sorted(plan.cuentas.items()):
        que = f"{NOMBRES_DE_TIPO.get(tipo, tipo)}: {_HARIA[accion]}" if accion in _HARIA else _RENOVARIA
        decir(f"  {numero(n):>10}  {que}.")
    if plan.sin_vuelta:
        quien = contar(plan.sin_vuelta, "no se podrá devolver", "no se podrán devolver")
        avisar(
            f"De lo que se reemplaza, {quien} con --deshacer, o no del todo, porque el programa no "
            f"escribe algo así: quedará, tal cual, en {diario}."
        )
    contar_problemas(_imposibles(plan))


def pregunta_de(plan: PlanReparacion) -> str:
    """What the operator is to agree to."""
    cuantos = plan.se_sobrescriben.total()
    sobre = " y ".join(
        f"{contar(n, 'contenido', 'contenidos')} de {almacen.etiqueta}"
        for almacen, n in sorted(plan.se_sobrescriben.items())
    )
    aviso = ""
    if sobre:
        verbo, guarda, vuelta = (
            ("Se reemplaza", "se guarda antes", " y se puede devolver")
            if cuantos == 1
            else ("Se reemplazan", "se guardan antes", " y se pueden devolver")
        )
        aviso = f" {verbo} {sobre}: {guarda}{'' if plan.sin_vuelta else vuelta}."
    tareas = contar(plan.se_escriben, "tarea", "tareas")
    return f"Se escribirá una versión nueva de {tareas} en ambas bases.{aviso} ¿Continuar?"


def contar_vuelta_prevista(prevista: InformeReparacion) -> None:
    """What undoing would come to, before it is done."""
    frases = _DESHECHO | {Suerte.REPARADA: ("tarea se devolvería", "tareas se devolverían")}
    _contar_suertes(prevista, frases)
    contar_problemas(prevista.problemas)


def contar_hecha(hecha: InformeReparacion, ya_dichos: Collection[str], *, deshace: bool) -> None:
    """What became of them; a problem that the plan has told already is not told again."""
    _contar_suertes(hecha, _DESHECHO if deshace else _HECHO)
    contar_problemas([uno for uno in hecha.problemas if uno[0] not in ya_dichos])


def _contar_suertes(hecha: InformeReparacion, frases: Mapping[Suerte, tuple[str, str]]) -> None:
    for suerte, (una, varias) in frases.items():
        if n := hecha.cuentas[suerte]:
            decir(f"  {numero(n):>10} {una if n == 1 else varias}.")


def contar_vuelta(hecha: InformeReparacion, *, deshace: bool) -> None:
    """Where what was replaced is, and how it is put back."""
    if hecha.diario:
        avisar(f"Lo que «conflictos» no podía guardar tal cual está en {hecha.diario}.")
    if hecha.recibo:
        que = "volver a lo reparado" if deshace else "devolver lo reemplazado"
        avisar(f"Para {que}: dual-tareas reparar --deshacer {hecha.recibo}")


def contar_problemas(problemas: list[tuple[str, str]]) -> None:
    """The first of them, each with its id."""
    for id, motivo in problemas[:IDS_MAX]:
        avisar(f"✗ {dato(id)}: {motivo.rstrip('.')}.")
    if len(problemas) > IDS_MAX:
        avisar(f"… y {numero(len(problemas) - IDS_MAX)} más; con --json se ven todas.")


def plan_en_json(plan: PlanReparacion | None) -> dict[str, Any]:
    """The plan by kind and action, and how many could not be put back."""
    cuentas: dict[str, dict[str, int]] = {}
    for (tipo, accion), n in sorted(plan.cuentas.items()) if plan is not None else ():
        cuentas.setdefault(str(tipo), {})[str(accion)] = n
    return {"plan": cuentas, "sin_vuelta": 0 if plan is None else plan.sin_vuelta}


def hecha_en_json(hecha: InformeReparacion) -> dict[str, Any]:
    """What came of it."""
    return {
        "reparadas": hecha.cuentas[Suerte.REPARADA],
        "iguales": hecha.cuentas[Suerte.IGUALES],
        "cambiaron": hecha.cuentas[Suerte.CAMBIO],
        "fallidas": hecha.cuentas[Suerte.FALLIDA],
        "sobrescritas": hecha.sobrescritas,
        "problemas": [{"id": id, "motivo": motivo} for id, motivo in hecha.problemas],
        "recibo": hecha.recibo or None,
        "diario": hecha.diario or None,
    }


def solo_planeada(plan: PlanReparacion) -> InformeReparacion:
    """The report of a repair that was not begun: why some of it cannot be done."""
    return InformeReparacion(problemas=_imposibles(plan))


def aviso_de_vaciada(error: GanaLaVaciada) -> str:
    """Why that store is not to win, and which orders help."""
    orden = f"dual-tareas rellenar {error.almacen}"
    if isinstance(error, EsOtraBase):
        return f"{error} Corrija la dirección o, si es la que debe ser, rellénela antes con «{orden}»."
    return f"{error} Rellénela antes con «{orden}», o diga qué tareas con --ids."


def _imposibles(plan: PlanReparacion) -> list[tuple[str, str]]:
    return [(paso.id, paso.motivo) for paso in plan.imposibles]
