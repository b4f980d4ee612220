"""Kept conflicts: the same in every store, listed by pages, resolved once."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from adapters.repositorio_base import RepositorioDeUnAlmacen as Almacen
from core.domain.models.almacen import Conflicto
from core.domain.models.conflicto import ConflictoGuardado, LugarConflicto
from tests.contract.datos import TEXTOS_HOSTILES, fila


def perdido(n: int, *, cuando_ms: int | None = None, id: UUID | None = None) -> Conflicto:
    return Conflicto(
        perdedora=fila(f"perdida {n}", version=(1 << 40) + n, id=id or uuid4()),
        version_ganadora=(1 << 41) + n,
        cuando_ms=1_700_000_000_000 + n if cuando_ms is None else cuando_ms,
    )


def todos(almacen: Almacen, *, limite: int, resueltos: bool = False) -> list[ConflictoGuardado]:
    """Page by page."""
    hallados: list[ConflictoGuardado] = []
    tras: LugarConflicto | None = None
    while pagina := almacen.listar_conflictos(tras=tras, limite=limite, resueltos=resueltos):
        assert len(pagina) <= limite
        hallados += pagina
        tras = pagina[-1].lugar
    return hallados


def test_se_lee_entero_lo_que_se_guardo(almacen: Almacen) -> None:
    conflictos = [
        Conflicto(
            perdedora=fila(texto[:200].strip(), descripcion=texto, eliminada=n % 2 == 0, version=100 + n),
            version_ganadora=900,
            cuando_ms=1_700_000_000_000 + n,
        )
        for n, texto in enumerate(TEXTOS_HOSTILES.values())
    ]
    for uno in conflictos:
        almacen.guardar_conflicto(uno)
    hallados = almacen.listar_conflictos(tras=None, limite=100)
    assert list(hallados) == [ConflictoGuardado(conflicto=uno) for uno in reversed(conflictos)]
    assert all(uno.abierto for uno in hallados)


def test_las_paginas_no_saltan_ni_repiten_nada_aunque_el_instante_sea_el_mismo(almacen: Almacen) -> None:
    repetida = uuid4()
    conflictos = [perdido(n, cuando_ms=7, id=repetida if n < 3 else None) for n in range(7)]
    conflictos += [perdido(n) for n in range(4)]
    for uno in conflictos:
        almacen.guardar_conflicto(uno)
    hallados = todos(almacen, limite=2)
    assert [uno.lugar for uno in hallados] == sorted((uno.lugar for uno in hallados), reverse=True)
    assert sorted(uno.clave for uno in hallados) == sorted(
        (uno.perdedora.id, uno.perdedora.version) for uno in conflictos
    )


def test_lo_resuelto_deja_de_estar_abierto_y_se_conserva(almacen: Almacen) -> None:
    uno, otro = perdido(1), perdido(2)
    for conflicto in (uno, otro):
        almacen.guardar_conflicto(conflicto)
    assert almacen.resolver_conflicto(uno.perdedora.id, uno.perdedora.version, "ganadora", 55)
    assert almacen.contar_conflictos() == 1
    assert [g.conflicto for g in todos(almacen, limite=5)] == [otro]
    esperado = ConflictoGuardado(conflicto=uno, resuelta_en_ms=55, resolucion="ganadora")
    assert todos(almacen, limite=5, resueltos=True) == [esperado]


def test_la_primera_resolucion_queda(almacen: Almacen) -> None:
    uno = perdido(1)
    clave = (uno.perdedora.id, uno.perdedora.version)
    almacen.guardar_conflicto(uno)
    assert almacen.resolver_conflicto(*clave, "perdedora", 55)
    assert almacen.resolver_conflicto(*clave, "ganadora", 99)
    almacen.guardar_conflicto(uno)  # a pass of replication that meets it once more
    (guardado,) = almacen.leer_conflictos([clave])
    assert (guardado.resuelta_en_ms, guardado.resolucion) == (55, "perdedora")


def test_lo_resuelto_se_puede_volver_a_abrir_y_resolver(almacen: Almacen) -> None:
    uno, otro = perdido(1), perdido(2)
    clave = (uno.perdedora.id, uno.perdedora.version)
    for conflicto in (uno, otro):
        almacen.guardar_conflicto(conflicto)
        almacen.resolver_conflicto(conflicto.perdedora.id, conflicto.perdedora.version, "ganadora", 55)
    assert almacen.reabrir_conflicto(*clave)
    assert list(todos(almacen, limite=5)) == [ConflictoGuardado(conflicto=uno)]
    assert not almacen.reabrir_conflicto(uuid4(), uno.perdedora.version)
    assert almacen.resolver_conflicto(*clave, "mezcla", 77)
    (guardado,) = almacen.leer_conflictos([clave])
    assert (guardado.resuelta_en_ms, guardado.resolucion) == (77, "mezcla")


def test_resolver_lo_que_no_esta_lo_dice(almacen: Almacen) -> None:
    uno = perdido(1)
    almacen.guardar_conflicto(uno)
    assert not almacen.resolver_conflicto(uuid4(), uno.perdedora.version, "ganadora", 1)
    assert not almacen.resolver_conflicto(uno.perdedora.id, uno.perdedora.version + 1, "ganadora", 1)
    assert almacen.contar_conflictos() == 1


@pytest.mark.parametrize("cuantos", [0, 3, 1001])
def test_se_leen_por_clave_los_que_hay(almacen: Almacen, cuantos: int) -> None:
    id = uuid4()
    conflictos = [perdido(n, id=id) for n in range(3)]
    for uno in conflictos:
        almacen.guardar_conflicto(uno)
    claves = [(id, (1 << 40) + n) for n in range(cuantos)]
    hallados = almacen.leer_conflictos(claves)
    assert sorted(uno.clave[1] for uno in hallados) == [version for _, version in claves[:3]]
