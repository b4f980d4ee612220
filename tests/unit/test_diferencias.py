"""The ordered merge and the names of differences, against a plain comparison of two dictionaries."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.diferencias import (
    ANO_1_MS,
    ANO_9999_MS,
    CAMPOS,
    NOMBRE_MAX,
    Cubo,
    FilaVista,
    Pareja,
    Subtipo,
    TipoDiferencia,
    diferencia_de,
    doble,
    emparejar,
    fila_vista,
)
from core.domain.models.tarea import DESCRIPCION_MAX, TITULO_MAX, EstadoTarea
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


@pytest.mark.parametrize(
    ("campo", "buenos", "malos"),
    [
        ("titulo", ["x", "x" * TITULO_MAX, "\U0001f600" * TITULO_MAX], ["", "x" * (TITULO_MAX + 1)]),
        ("descripcion", ["", "x" * DESCRIPCION_MAX], ["x" * (DESCRIPCION_MAX + 1)]),
        ("estado", [estado.value for estado in EstadoTarea], ["", "pendiente", "OTRO"]),
        ("creada_en", [ANO_1_MS, ANO_9999_MS, "1.5"], [ANO_1_MS - 1, ANO_9999_MS + 1]),
        ("actualizada_en", [ANO_1_MS, ANO_9999_MS, "infinity"], [ANO_1_MS - 1, ANO_9999_MS + 1]),
    ],
)
def test_el_ultimo_valor_de_cada_lado_de_un_limite(
    campo: str, buenos: list[object], malos: list[object]
) -> None:
    for valor in buenos:
        fila = fila_vista(ID, {**BUENOS, campo: valor})
        assert (fila.defectos, fila.clase, fila.contenido[CAMPOS.index(campo)]) == ((), None, valor)
    for valor in malos:
        fila = fila_vista(ID, {**BUENOS, campo: valor})
        assert (fila.defectos, fila.clase, fila.contenido[CAMPOS.index(campo)]) == (
            (campo,),
            Subtipo.LIMITES,
            valor,
        )


@pytest.mark.parametrize("valor", [5, None, True, b"x", "\udcff", ["x"]])
@pytest.mark.parametrize("campo", CAMPOS)
def test_lo_que_no_es_de_su_clase_se_ve_y_se_dice(campo: str, valor: object) -> None:
    fila = fila_vista(ID, {**BUENOS, campo: valor})
    visto = fila.contenido[CAMPOS.index(campo)]
    if type(valor) is int and campo in ("creada_en", "actualizada_en"):
        assert (fila.defectos, fila.clase, visto) == ((), None, 5)
    else:
        assert (fila.defectos, fila.clase) == ((campo,), Subtipo.TIPO)
        assert visto == (valor if type(valor) is int else "\\xff" if valor == "\udcff" else repr(valor))


def test_los_defectos_salen_del_mas_grave_al_mas_leve_y_cada_uno_una_vez() -> None:
    fila = fila_vista(
        "x",
        {**BUENOS, "titulo": "", "estado": None, "version": 1.5, "eliminada": 2, "pendiente": "no"},
        de_otro_tipo=("titulo", "estado", "descripcion"),
        desconocidos=("otro\udcff", "x" * (NOMBRE_MAX + 1)),
    )
    assert fila.defectos == (
        *("id", "estado", "version", "eliminada", "pendiente", "titulo", "descripcion"),
        *("otro\\xff", "x" * NOMBRE_MAX),
    )
    assert (fila.clase, fila.version, fila.eliminada, fila.pendiente) == (Subtipo.ID, 0, False, True)
    solo_de_mas = fila_vista(ID, {**BUENOS, "titulo": ""}, desconocidos=("otro",))
    assert (solo_de_mas.defectos, solo_de_mas.clase) == (("otro", "titulo"), Subtipo.CAMPO_DESCONOCIDO)
    de_otro = fila_vista(ID, BUENOS, de_otro_tipo=("version",), desconocidos=("otro",))
    assert (de_otro.defectos, de_otro.clase, de_otro.version) == (("version", "otro"), Subtipo.TIPO, 100)


@pytest.mark.parametrize("marca", [0, 1, False, True])
def test_las_marcas_se_leen_como_se_escriben(marca: int) -> None:
    fila = fila_vista(ID, {**BUENOS, "eliminada": marca, "pendiente": marca})
    assert (fila.eliminada, fila.pendiente, fila.defectos) == (bool(marca), bool(marca), ())


def test_de_dos_filas_con_defectos_se_dice_la_clase_mas_grave() -> None:
    leve = fila_vista(ID, {**BUENOS, "titulo": ""})
    grave = fila_vista(ID, {**BUENOS, "estado": None})
    for sql, mongo in ((leve, grave), (grave, leve)):
        assert diferencia_de(Pareja(ID, sql, mongo)).subtipo is Subtipo.TIPO
    assert diferencia_de(Pareja(ID, leve, FILA)).subtipo is Subtipo.LIMITES
    assert diferencia_de(Pareja(ID, None, leve)).subtipo is Subtipo.LIMITES


def test_el_contenido_se_dice_de_que_modo_difiere() -> None:
    a_mano = replace(FILA, contenido=(*FILA.contenido[:4], 5))
    diferencia = diferencia_de(Pareja(ID, FILA, a_mano))
    assert (diferencia.campos, diferencia.subtipo) == (("actualizada_en",), Subtipo.MISMA_VERSION)
    diferencia = diferencia_de(Pareja(ID, FILA, replace(a_mano, version=7)))
    assert (diferencia.campos, diferencia.subtipo) == (("actualizada_en", "version"), Subtipo.OTRA_VERSION)
    diferencia = diferencia_de(Pareja(ID, LAPIDA, replace(a_mano, version=LAPIDA.version)))
    assert (diferencia.campos, diferencia.subtipo) == (("eliminada", "actualizada_en"), None)


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


def test_dos_sumas_son_iguales_si_lo_son_y_no_hay_nada_dudoso() -> None:
    cubo = Cubo(3, 77, 0)
    assert cubo.igual_a(Cubo(3, 77, 0))
    for otro in (None, Cubo(2, 77, 0), Cubo(3, 78, 0), Cubo(3, 77, 1)):
        assert not cubo.igual_a(otro)
    assert not Cubo(3, 77, 1).igual_a(Cubo(3, 77, 1))


def test_una_de_varias_con_el_mismo_id_es_malformada_y_conserva_lo_demas() -> None:
    mala = fila_vista(ID, {**BUENOS, "titulo": ""})
    assert doble(mala) == replace(mala, defectos=("id", "titulo"), clase=Subtipo.ID)
    assert doble(doble(FILA)).defectos == ("id",)


def test_una_fila_buena_dice_su_id_y_que_no_tiene_nada_mas() -> None:
    assert (FILA.id, FILA.resto, FILA.eliminada, FILA.pendiente) == (ID, "", False, False)
