"""Programs for a `Mundo`: made at random from a seed, carried out, and cut down when they show a fault."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from adapters.nodo import ahora_ms
from tests.maquina.mundo import Mundo

Instruccion = tuple[str, *tuple[int, ...]]

REPARTO = (
    ("avanzar", 78),
    ("guardar", 9),
    ("drenar", 6),
    ("confirmar", 2),
    ("entregar", 2),
    ("repetir", 1),
    ("importar", 1),
    ("cortar", 1),
    ("esperar", 2),
    ("morir", 1),
)
FALLAS = (0,) * 30 + (1, 2, 3, 4)


def instruccion(azar: random.Random, nombre: str) -> Instruccion:
    """One of that kind."""
    match nombre:
        case "avanzar":
            return (nombre, azar.randrange(12), azar.choice(FALLAS))
        case "guardar":
            return (
                nombre,
                azar.randrange(3),
                azar.choice((0, 0, 0, 1)),
                azar.choice((0, 0, 1, 2, 3)),
                int(azar.random() < 0.15),
            )
        case "drenar" | "entregar":
            return (nombre, azar.randrange(3 if nombre == "drenar" else 2), azar.randrange(2))
        case "importar":
            return (nombre, azar.randrange(3), azar.randrange(2))
        case "cortar":
            return (nombre, azar.randrange(2), azar.choice((0, 0, 0, 1, 2)))
        case "esperar":
            return (nombre, azar.choice((1, 1, 40, 3000, -5000)))
        case _:
            return (nombre, azar.randrange(3))


def programa_al_azar(semilla: int, largo: int) -> list[Instruccion]:
    """The program of that seed."""
    azar = random.Random(semilla)
    nombres, pesos = zip(*REPARTO, strict=True)
    return [instruccion(azar, nombre) for nombre in azar.choices(nombres, pesos, k=largo)]


def _relojes() -> Iterator[str]:
    """Wherever the protocol's code has got hold of the wall clock."""
    for nombre, modulo in [*sys.modules.items()]:
        if nombre.startswith(("adapters.dual.", "adapters.replicacion.")):
            yield from (f"{nombre}.{como}" for como, que in vars(modulo).items() if que is ahora_ms)


@contextmanager
def mundo_en_marcha() -> Iterator[Mundo]:
    """A world in which whatever waits or looks at a clock asks the world instead."""
    mundo = Mundo()
    with ExitStack() as pila:
        for nombre, valor in {
            "adapters.dual.despacho.Vuelo": mundo.vuelo,
            "adapters.health.pinger.Vuelo": mundo.vuelo,
            "adapters.health.compuerta.CALMA_MIN_S": 0.0,
            "adapters.health.compuerta.CALMA_MAX_S": 0.0,
            **dict.fromkeys(_relojes(), mundo.reloj_mundial),
        }.items():
            pila.enter_context(patch(nombre, valor))
        try:
            yield mundo
        finally:
            mundo.apagar()


def fallo_de(programa: list[Instruccion]) -> tuple[str, int]:
    """What a program ends in that must not be, empty if nothing, and the steps it took."""
    with mundo_en_marcha() as mundo:
        try:
            for nombre, *numeros in programa:
                getattr(mundo, nombre)(*numeros)
            mundo.comprobar()
        except AssertionError as error:
            return str(error).splitlines()[0], mundo.planificador.pasos
        return "", mundo.planificador.pasos


def acortar(programa: list[Instruccion]) -> list[Instruccion]:
    """The program without all that can be left out of it so that it still fails (Zeller's ddmin, greedy)."""
    trozo = largo = len(programa)
    while trozo:
        inicio = 0
        while inicio < len(programa):
            menor = programa[:inicio] + programa[inicio + trozo :]
            if fallo_de(menor)[0]:
                programa = menor
            else:
                inicio += trozo
        if trozo > 1 or len(programa) == largo:
            trozo //= 2
        largo = len(programa)
    return programa


def primer_fallo(semillas: range, largo: int) -> tuple[list[Instruccion], str, int]:
    """The first program of these seeds that fails and what it ends in, both empty if none; the steps made."""
    pasos = 0
    for semilla in semillas:
        programa = programa_al_azar(semilla, largo)
        fallo, hechos = fallo_de(programa)
        pasos += hechos
        if fallo:
            return programa, fallo, pasos
    return [], "", pasos


def buscar(semillas: range, largo: int) -> tuple[str, int]:
    """The shortest failing program found with these seeds, as text, empty if none; and the steps made."""
    programa, fallo, pasos = primer_fallo(semillas, largo)
    if not fallo:
        return "", pasos
    corto = acortar(programa)
    lineas = (f"    mundo.{nombre}({', '.join(map(str, numeros))})" for nombre, *numeros in corto)
    return "\n".join([fallo_de(corto)[0], *lineas]), pasos
