"""The rules of a repair: who is newer, what can be written, what can be put back, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from core.diferencias import FilaVista, Pareja, fila_vista
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.reparacion import InformeReparacion, Reparada
from core.domain.models.tarea import EstadoTarea, Tarea
from core.domain.models.version import componer
from core.instantes import instante_us
from core.reparacion import (
    Accion,
    Gana,
    decidir,
    es_devolvible,
    huella_de_contenido,
    mas_reciente,
    textos_de,
)

ID = "00000000-0000-4000-8000-000000000001"
MS = 1_795_528_937_448


def vista(**campos: Any) -> FilaVista:
    """A row as it should be, but for what is given."""
    buena = {
        "titulo": "original",
        "descripcion": "",
        "estado": "PENDIENTE",
        "creada_en": MS - 1_000,
        "actualizada_en": MS,
        "version": componer(MS, 0, 9),
        "eliminada": 0,
        "pendiente": 0,
    }
    return fila_vista(ID, buena | campos)


def pareja(sql: FilaVista | None, mongo: FilaVista | None) -> Pareja:
    return Pareja(ID, sql, mongo)


@pytest.mark.parametrize(
    "ahora",
    [f"{MS + 9}.192000", "2026-11-24 14:02:17.457192+00:00", f"{MS}.001", "2026-11-24T15:02:18+01:00"],
)
def test_quien_escribio_despues_se_sabe_aunque_su_fecha_lleve_microsegundos(ahora: str) -> None:
    a_mano = vista(titulo="a mano", actualizada_en=ahora)
    assert mas_reciente(pareja(a_mano, vista())) is NombreAlmacen.SQL
    assert mas_reciente(pareja(vista(), a_mano)) is NombreAlmacen.MONGO
    decision = decidir(pareja(a_mano, vista()), Gana.RECIENTE)
    assert (decision.accion, decision.final.titulo) == (Accion.SUSTITUIR, "a mano")
    assert decision.final.actualizada_en.microsecond % 1_000 == 0


def test_una_fecha_con_microsegundos_se_muestra_como_fecha() -> None:
    textos = textos_de(vista(creada_en=f"{MS}.192000", actualizada_en=MS))
    assert textos["creada_en"] == "2026-11-24 14:02:17.448192+00:00"
    assert textos["actualizada_en"] == "2026-11-24 14:02:17.448+00:00"
    assert textos_de(vista(creada_en="ayer"))["creada_en"] == "ayer"
    assert textos_de(vista(creada_en=10**18))["creada_en"] == f"{10**18} ms desde 1970"


@pytest.mark.parametrize(
    "valor", ["", "ayer", "nan", "Infinity", "1e999999", "2024-01-01 10:00", "9" * 9_000]
)
def test_lo_que_no_es_un_instante_no_lo_parece(valor: str) -> None:
    assert instante_us(valor) is None


@pytest.mark.parametrize(
    ("campos", "si"),
    [
        ({"actualizada_en": f"{MS}.5"}, True),
        ({"pendiente": 7}, True),
        ({"titulo": "x" * 201}, False),
        ({"titulo": None}, False),
        ({"creada_en": "ayer"}, False),
    ],
)
def test_se_puede_devolver_lo_que_se_puede_volver_a_escribir(campos: dict[str, Any], si: bool) -> None:
    assert es_devolvible(vista(**campos)) is si


@pytest.mark.parametrize("gana", Gana)
def test_de_dos_iguales_fuera_de_los_limites_no_se_dice_que_se_elija_la_otra(gana: Gana) -> None:
    larga = vista(titulo="x" * 201)
    decision = decidir(pareja(larga, larga), gana)
    assert decision.accion is Accion.IMPOSIBLE
    assert decision.motivo.startswith("las dos tienen lo mismo")
    assert "201 caracteres" in decision.motivo
    assert "edítela en la ventana" in decision.motivo


def test_si_ninguna_vale_no_se_aconseja_la_otra() -> None:
    larga, otra = vista(titulo="x" * 201), vista(titulo="y" * 300)
    motivo = decidir(pareja(larga, otra), Gana.MONGO).motivo
    assert "la fila de MongoDB no se puede escribir" in motivo
    assert "la de SQL tampoco: edítela en la ventana" in motivo
    ajena = replace(otra, clase=None, defectos=())
    assert "elija la de SQL" in decidir(pareja(vista(), replace(larga, id=ID)), Gana.MONGO).motivo
    assert "corríjala a mano" in decidir(pareja(vista(titulo=None), ajena), Gana.SQL).motivo
    sola = decidir(pareja(larga, None), Gana.SQL).motivo
    assert "si gana MongoDB, que no la tiene, se elimina" in sola


def test_de_una_fecha_que_no_hay_no_se_dice_none() -> None:
    motivo = decidir(pareja(vista(creada_en=None), vista()), Gana.SQL).motivo
    assert "None" not in motivo
    assert "Fecha de creación: no hay ninguna" in motivo


def test_lo_que_esta_a_medias_en_el_lote_en_curso_se_devuelve_una_vez() -> None:
    una = Reparada(
        id=ID, accion=Accion.SUSTITUIR, version=2, clave=(UUID(ID), 1), guardada_en=NombreAlmacen.MONGO
    )
    copiada = Reparada(id=ID, accion=Accion.COPIAR, version=2)
    informe = InformeReparacion(a_medias=[una], en_curso=[copiada, replace(una)])
    assert informe.con_vuelta == [una]


@pytest.mark.parametrize(
    "cambio",
    [
        {"titulo": "otro"},
        {"descripcion": "otra"},
        {"estado": EstadoTarea.COMPLETADA},
        {"eliminada": True},
        {"creada_en": datetime(2020, 1, 1, tzinfo=UTC)},
        {"actualizada_en": datetime(2020, 1, 1, tzinfo=UTC)},
    ],
    ids=str,
)
def test_la_huella_de_un_contenido_cambia_con_cada_parte_de_el_y_no_con_su_version(
    cambio: dict[str, Any],
) -> None:
    """An edit there and back leaves another instant of the change."""
    tarea = Tarea(titulo="una", version=5)
    assert huella_de_contenido(replace(tarea, version=9, pendiente=True)) == huella_de_contenido(tarea)
    assert huella_de_contenido(replace(tarea, **cambio)) != huella_de_contenido(tarea)
