"""The fake against each real store: the same random operations, the same answers, the same rows."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest

from adapters.repositorio_base import RepositorioDeUnAlmacen
from core.domain.models.almacen import Escritura, NombreAlmacen
from core.domain.models.tarea import EstadoTarea, Tarea
from tests.contract.datos import fila
from tests.fakes import AlmacenEnMemoria

IDS = [UUID(int=n) for n in range(1, 5)]
"""Few, so that operations meet."""
Operacion = Callable[[RepositorioDeUnAlmacen], object]


def _fila(azar: random.Random) -> Tarea:
    # Versions from a small range too, so that bases, common versions and repetitions coincide by chance.
    version = azar.randrange(1, 12)
    comun = azar.randrange(version + 1)
    return replace(
        fila(f"título {azar.randrange(3)}", id=azar.choice(IDS), version=version, comun=comun),
        estado=azar.choice(list(EstadoTarea)),
        eliminada=azar.random() < 0.2,
    )


def _escritura(azar: random.Random) -> Escritura:
    return Escritura(replace(_fila(azar), pendiente=True), azar.randrange(12))


def _operacion(azar: random.Random) -> tuple[str, Operacion]:
    que = azar.choice(
        ["escribir", "escribir", "lote", "reemplazar", "confirmar", "leer", "leer_lote", "pendientes"]
    )
    escrituras = [_escritura(azar) for _ in range(azar.randrange(1, 7))]
    nueva, vista = _fila(azar), azar.choice([None, *range(1, 12)])
    pares = [(azar.choice(IDS), azar.randrange(12)) for _ in range(azar.randrange(4))]
    ids = azar.choices(IDS, k=azar.randrange(4))
    tras = azar.choice([None, (azar.randrange(12), azar.choice(IDS))])
    return {
        "escribir": (repr(escrituras[0]), lambda almacen: almacen.escribir(escrituras[0])),
        "lote": (repr(escrituras), lambda almacen: list(almacen.escribir_lote(escrituras))),
        "reemplazar": (f"{nueva} {vista}", lambda almacen: almacen.reemplazar(nueva, vista)),
        "confirmar": (repr(pares), lambda almacen: almacen.confirmar(pares)),
        "leer": (repr(ids), lambda almacen: [almacen.leer(id) for id in ids]),
        "leer_lote": (repr(ids), lambda almacen: almacen.leer_lote(ids)),
        "pendientes": (repr(tras), lambda almacen: list(almacen.pendientes(tras=tras, limite=2))),
    }[que]


@pytest.mark.parametrize("semilla", range(6))
def test_el_almacen_y_su_modelo_contestan_lo_mismo(almacen: RepositorioDeUnAlmacen, semilla: int) -> None:
    azar = random.Random(semilla)
    modelo = AlmacenEnMemoria(NombreAlmacen.SQL)
    hechas: list[str] = []
    for _ in range(120):
        descripcion, operacion = _operacion(azar)
        hechas.append(descripcion)
        assert operacion(almacen) == operacion(modelo), hechas[-5:]
    assert almacen.leer_lote(IDS) == modelo.leer_lote(IDS)
    assert modelo.filas, "nada llegó a escribirse"
