"""The ordered merge and the names of differences, against a plain comparison of two dictionaries."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.diferencias import (
    CAMPOS,
    FilaVista,
    Pareja,
    TipoDiferencia,
    diferencia_de,
    emparejar,
    fila_vista,
)
from core.domain.models.version import componer

BUENOS = {
    "titulo": "uno",
    "descripcion": "",
    "estado": "PENDIENTE",
    "creada_en": 1_700_000_000_000,
    "actualizada_en": 1_700_000_000_123,
    "version": 100,
    "eliminada": False,
    "pendiente": False,
}
ID = str(UUID(int=7))
FILA = fila_vista(ID, BUENOS)
LAPIDA = replace(FILA, eliminada=True, version=200)

_filas = st.dictionaries(
    st.integers(0, 12).map(lambda n: str(UUID(int=n))),
    st.tuples(st.integers(1, 3), st.booleans(), st.booleans(), st.sampled_from("ab")),
    max_size=10,
).map(
    lambda filas: {
        id: replace(
            FILA, id=id, version=version, eliminada=eliminada, pendiente=pendiente, contenido=(letra,) * 5
        )
        for id, (version, eliminada, pendiente, letra) in filas.items()
    }
)


def ordenadas(filas: dict[str, FilaVista]) -> list[FilaVista]:
    return [filas[id] for id in sorted(filas)]


@given(_filas, _filas)
def test_cada_id_sale_una_vez_en_orden_y_con_lo_que_hay_en_cada_lado(
    sql: dict[str, FilaVista], mongo: dict[str, FilaVista]
) -> None:
    esperadas = [Pareja(id, sql.get(id), mongo.get(id)) for id in sorted({*sql, *mongo})]
    assert list(emparejar(ordenadas(sql), ordenadas(mongo))) == esperadas


@given(_filas, _filas)
def test_no_hay_diferencia_si_y_solo_si_un_lector_veria_lo_mismo(
    sql: dict[str, FilaVista], mongo: dict[str, FilaVista]
) -> None:
    for pareja in emparejar(ordenadas(sql), ordenadas(mongo)):
        uno, otro = pareja.sql, pareja.mongo
        if uno is not None and otro is not None:
            iguales = (uno.version, uno.contenido, uno.eliminada) == (
                otro.version,
                otro.contenido,
                otro.eliminada,
            )
        else:
            iguales = (uno or otro).lapida_confirmada
        assert (diferencia_de(pareja) is None) == iguales


@pytest.mark.parametrize(
    ("sql", "mongo", "tipo", "campos"),
    [
        (FILA, None, TipoDiferencia.SOLO_SQL, ()),
        (None, FILA, TipoDiferencia.SOLO_MONGO, ()),
        (FILA, replace(FILA, version=101), TipoDiferencia.CONTENIDO, ("version",)),
        (FILA, replace(FILA, contenido=("dos", *FILA.contenido[1:])), TipoDiferencia.CONTENIDO, ("titulo",)),
        (FILA, LAPIDA, TipoDiferencia.LAPIDA, ("eliminada", "version")),
        (None, replace(LAPIDA, pendiente=True), TipoDiferencia.SOLO_MONGO, ()),
        (
            replace(FILA, defectos=("titulo",)),
            replace(FILA, defectos=("estado",)),
            TipoDiferencia.MALFORMADA,
            ("titulo", "estado"),
        ),
    ],
)
def test_cada_diferencia_lleva_su_nombre(
    sql: FilaVista | None, mongo: FilaVista | None, tipo: TipoDiferencia, campos: tuple[str, ...]
) -> None:
    diferencia = diferencia_de(Pareja(ID, sql, mongo))
    assert diferencia is not None
    assert (diferencia.tipo, diferencia.campos) == (tipo, campos)
    assert diferencia.version_sql == (sql.version if sql else None)
    assert diferencia.version_mongo == (mongo.version if mongo else None)


@pytest.mark.parametrize(
    ("sql", "mongo"),
    [(FILA, FILA), (FILA, replace(FILA, pendiente=True)), (LAPIDA, None), (None, LAPIDA), (LAPIDA, LAPIDA)],
)
def test_lo_que_no_es_diferencia(sql: FilaVista | None, mongo: FilaVista | None) -> None:
    assert diferencia_de(Pareja(ID, sql, mongo)) is None


@pytest.mark.parametrize(
    ("campo", "valor"),
    [
        ("titulo", 3),
        ("titulo", None),
        ("descripcion", None),
        ("estado", b"PENDIENTE"),
        ("creada_en", None),
        ("actualizada_en", 1.5),
        ("version", "100"),
        ("version", -1),
        ("version", None),
        ("version", True),
        ("eliminada", "no"),
        ("pendiente", None),
    ],
)
def test_un_valor_de_otra_clase_es_un_defecto(campo: str, valor: object) -> None:
    assert fila_vista(ID, {**BUENOS, campo: valor}).defectos == (campo,)


@pytest.mark.parametrize("id", ["", "x", ID.upper().replace("0", "A"), ID.replace("-", ""), f"{ID}0"])
def test_un_id_de_otra_forma_es_un_defecto(id: str) -> None:
    assert fila_vista(id, BUENOS).defectos == ("id",)


def test_una_fila_buena_no_tiene_defectos_y_dice_lo_que_es() -> None:
    assert FilaVista(ID, 100, False, False, tuple(BUENOS[campo] for campo in CAMPOS)) == FILA  # type: ignore[arg-type]
    assert fila_vista(ID, {**BUENOS, "eliminada": 1, "pendiente": 0}).lapida_confirmada
    assert not fila_vista(ID, {**BUENOS, "eliminada": 1, "pendiente": 1}).lapida_confirmada


def test_la_edad_es_la_de_lo_mas_reciente_que_diga_la_fila() -> None:
    actualizada_ms = int(BUENOS["actualizada_en"])  # type: ignore[call-overload]
    assert FILA.escrita_ms == actualizada_ms
    assert replace(FILA, version=componer(actualizada_ms + 5, 0, 1)).escrita_ms == actualizada_ms + 5
    assert replace(FILA, contenido=("",) * 4 + ("infinity",)).escrita_ms == 0


@pytest.mark.parametrize("ids", [(2, 1), (1, 1)])
def test_un_flujo_que_no_asciende_se_denuncia(ids: tuple[int, ...]) -> None:
    filas = [replace(FILA, id=str(UUID(int=n))) for n in ids]
    with pytest.raises(ValueError, match="out of order"):
        list(emparejar(filas, []))
