"""The figures of a run, for people and for programs."""

from __future__ import annotations

from collections import Counter
from typing import Any

from core.health import percentil
from tests.torture.comprobador import MUESTRA, culpable
from tests.torture.historia import Fin, Llamada
from tests.torture.plan import Resultado


def incierta(llamada: Llamada) -> bool:
    """Whether some store's answer to this write never came, or its caller died first."""
    return llamada.muta and (
        "desconocida" in (llamada.sql, llamada.mongo) or llamada.fin in (Fin.DESCONOCIDA, Fin.SIN_FIN)
    )


def orden_que_repite(resultado: Resultado) -> str:
    """The command that runs the same again."""
    plan = resultado.plan
    error = f" --error {plan.trato.error}" if plan.trato.error else ""
    return f"python -m tests.torture --segundos {plan.segundos:g} --semilla {plan.semilla}{error}"


def en_json(resultado: Resultado) -> dict[str, Any]:
    """Everything that the table shows, and more."""
    historia, calmas = resultado.historia, resultado.calmas_s
    return {
        "orden": orden_que_repite(resultado),
        "semilla": resultado.plan.semilla,
        "segundos": resultado.plan.segundos,
        "operaciones": len(historia),
        "por_operacion": dict(Counter(uno.op for uno in historia)),
        "por_final": dict(Counter(str(uno.fin) for uno in historia if uno.muta)),
        "faltas": sum(resultado.faltas.values()),
        "por_falta": dict(resultado.faltas.most_common()),
        "muertes": sum(resultado.muertes.values()),
        "por_punto": dict(resultado.muertes.most_common()),
        "purgadas": resultado.purgadas,
        "inciertas": sum(map(incierta, historia)),
        "curas": len(calmas),
        "p50_calma_s": percentil(calmas, 50),
        "p99_calma_s": percentil(calmas, 99),
        "veredicto": {nombre: len(males) for nombre, males in resultado.veredicto.items()},
        "muestras": {nombre: males[:MUESTRA] for nombre, males in resultado.veredicto.items() if males},
        "superada": not culpable(resultado.veredicto),
    }


def en_texto(resultado: Resultado) -> str:
    """The table."""
    datos = en_json(resultado)
    filas = [
        ("operaciones", _con_detalle(datos["operaciones"], datos["por_operacion"])),
        ("escrituras por final", _detalle(datos["por_final"])),
        ("faltas", _con_detalle(datos["faltas"], datos["por_falta"])),
        ("operadores matados", _con_detalle(datos["muertes"], datos["por_punto"])),
        ("desenlaces inciertos", str(datos["inciertas"])),
        ("lápidas purgadas", str(datos["purgadas"])),
        *((nombre, str(cuantas)) for nombre, cuantas in datos["veredicto"].items()),
        ("de la cura a la igualdad", _calmas(datos)),
    ]
    ancho = max(len(nombre) for nombre, _ in filas)
    lineas = [f"{nombre:<{ancho}}  {valor}" for nombre, valor in filas]
    for nombre, males in datos["muestras"].items():
        lineas += [f"✗ {nombre}: {mal}" for mal in males]
    lineas.append(f"{'SUPERADA' if datos['superada'] else 'FALLIDA'}. Para repetirla: {datos['orden']}")
    return "\n".join(lineas)


def _calmas(datos: dict[str, Any]) -> str:
    if not datos["curas"]:
        return "ninguna"
    return f"p50 {datos['p50_calma_s']:.2f} s, p99 {datos['p99_calma_s']:.2f} s, en {datos['curas']} curas"


def _con_detalle(total: int, partes: dict[str, int]) -> str:
    return f"{total} ({_detalle(partes)})" if partes else str(total)


def _detalle(partes: dict[str, int]) -> str:
    return ", ".join(f"{nombre} {cuantas}" for nombre, cuantas in partes.items())
