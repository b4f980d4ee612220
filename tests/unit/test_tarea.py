"""What a tarea may hold: exactly what both stores take, in one form."""

from __future__ import annotations

import unicodedata
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import DualTareasError, TareaInvalida
from core.domain.models.tarea import (
    DESCRIPCION_MAX,
    TITULO_MAX,
    EstadoTarea,
    Tarea,
    ahora_utc,
    cortar_a_ms,
)


def rechazo(tarea: Tarea) -> TareaInvalida:
    with pytest.raises(TareaInvalida) as info:
        tarea.validada()
    return info.value


def test_una_tarea_nueva_tiene_id_propio_fechas_en_ms_y_ninguna_version() -> None:
    una, otra = Tarea(titulo="a"), Tarea(titulo="a")
    assert una.id != otra.id
    assert una.estado is EstadoTarea.PENDIENTE
    assert (una.version, una.version_comun, una.pendiente, una.eliminada) == (0, 0, False, False)
    assert una.creada_en.tzinfo is UTC
    assert una.creada_en.microsecond % 1000 == 0


def test_una_tarea_no_se_cambia() -> None:
    tarea = Tarea(titulo="a")
    with pytest.raises(FrozenInstanceError):
        tarea.titulo = "b"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("campo", "largo", "vale"),
    [
        ("titulo", 0, False),
        ("titulo", 1, True),
        ("titulo", TITULO_MAX, True),
        ("titulo", TITULO_MAX + 1, False),
        ("descripcion", 0, True),
        ("descripcion", DESCRIPCION_MAX, True),
        ("descripcion", DESCRIPCION_MAX + 1, False),
    ],
)
@pytest.mark.parametrize("letra", ["a", "ñ", "😀"])
def test_los_limites_cuentan_caracteres_y_no_bytes(campo: str, largo: int, vale: bool, letra: str) -> None:
    tarea = replace(Tarea(titulo="a"), **{campo: letra * largo})  # type: ignore[arg-type]
    if vale:
        assert getattr(tarea.validada(), campo) == letra * largo
    else:
        assert rechazo(tarea).campo == campo


def test_el_limite_se_mide_en_forma_nfc() -> None:
    descompuesta = "e\u0301" * TITULO_MAX
    assert Tarea(titulo=descompuesta).validada().titulo == "é" * TITULO_MAX
    # Three code points that NFC keeps as four: one more than allowed once normalised.
    crece = "\u0958" * (TITULO_MAX // 2 + 1)
    assert str(len(unicodedata.normalize("NFC", crece))) in rechazo(Tarea(titulo=crece)).motivo


@pytest.mark.parametrize("titulo", [" ", "\t\n", "\u3000\u2003"])
def test_un_titulo_de_solo_espacios_no_vale(titulo: str) -> None:
    assert "vacío" in rechazo(Tarea(titulo=titulo)).motivo


def test_los_espacios_y_controles_de_un_texto_se_conservan() -> None:
    texto = "  dos\r\n\tlíneas \u001f\u200f\u202e fin  "
    tarea = Tarea(titulo=texto, descripcion=texto).validada()
    assert (tarea.titulo, tarea.descripcion) == (texto, texto)


@pytest.mark.parametrize("campo", ["titulo", "descripcion"])
@pytest.mark.parametrize(
    ("texto", "motivo"),
    [("a\x00b", "nulo"), ("a\ud800b", "incompleto"), ("\udfff", "incompleto"), (7, "texto"), (None, "texto")],
)
def test_lo_que_un_almacen_no_admite_se_rechaza_con_su_motivo(campo: str, texto: object, motivo: str) -> None:
    error = rechazo(replace(Tarea(titulo="a"), **{campo: texto}))  # type: ignore[arg-type]
    assert error.campo == campo
    assert motivo in error.motivo
    assert str(error) == f"{ {'titulo': 'Título', 'descripcion': 'Descripción'}[campo] }: {error.motivo}."


def test_el_rechazo_es_un_error_de_valor_y_de_este_programa() -> None:
    error = rechazo(Tarea(titulo=""))
    assert isinstance(error, ValueError)
    assert isinstance(error, DualTareasError)


def test_un_estado_como_texto_se_reconoce_y_otro_se_rechaza_nombrando_los_que_hay() -> None:
    assert Tarea(titulo="a", estado="COMPLETADA").validada().estado is EstadoTarea.COMPLETADA  # type: ignore[arg-type]
    error = rechazo(Tarea(titulo="a", estado="HECHA"))  # type: ignore[arg-type]
    assert error.campo == "estado"
    assert all(estado in error.motivo for estado in ("HECHA", *EstadoTarea))


@pytest.mark.parametrize("campo", ["creada_en", "actualizada_en"])
@pytest.mark.parametrize(
    "valor",
    [
        datetime(2025, 1, 1),  # noqa: DTZ001  the naive datetime is what is refused
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))),
        datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-1))),
        "2025-01-01",
        None,
    ],
)
def test_una_fecha_sin_zona_o_fuera_de_los_anos_se_rechaza(campo: str, valor: object) -> None:
    assert rechazo(replace(Tarea(titulo="a"), **{campo: valor})).campo == campo  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("dada", "guardada"),
    [
        (datetime(1, 1, 1, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)),
        (
            datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC),
            datetime(9999, 12, 31, 23, 59, 59, 999_000, UTC),
        ),
        (
            datetime(2025, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=5, minutes=30))),
            datetime(2024, 12, 31, 19, 0, tzinfo=UTC),
        ),
        (datetime(1969, 12, 31, 23, 59, 59, 1_999, UTC), datetime(1969, 12, 31, 23, 59, 59, 1_000, UTC)),
    ],
)
def test_las_fechas_se_guardan_en_utc_cortadas_a_ms(dada: datetime, guardada: datetime) -> None:
    tarea = Tarea(titulo="a", creada_en=dada, actualizada_en=dada).validada()
    assert (tarea.creada_en, tarea.actualizada_en) == (guardada, guardada)
    assert tarea.creada_en.tzinfo is UTC


@given(st.datetimes(timezones=st.just(UTC)))
def test_cortar_dos_veces_es_cortar_una(instante: datetime) -> None:
    cortado = cortar_a_ms(instante)
    assert cortar_a_ms(cortado) == cortado
    assert timedelta(0) <= instante - cortado < timedelta(milliseconds=1)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=60))
def test_todo_texto_de_unicode_vale_y_validar_dos_veces_es_validar_una(texto: str) -> None:
    tarea = Tarea(titulo="a" + texto[:50], descripcion=texto)
    validada = tarea.validada()
    assert validada.validada() == validada
    assert validada.descripcion == unicodedata.normalize("NFC", texto)


def test_validar_no_toca_lo_que_no_es_contenido() -> None:
    tarea = Tarea(titulo="a", version=5, version_comun=3, pendiente=True, nodo="00ff", eliminada=True)
    assert tarea.validada() == tarea


def test_la_comun_conocida_es_la_propia_version_solo_si_ya_no_esta_pendiente() -> None:
    assert Tarea(titulo="a", version=5, version_comun=3, pendiente=True).comun_conocida == 3
    assert Tarea(titulo="a", version=5, version_comun=5, pendiente=False).comun_conocida == 5
    assert Tarea(titulo="a").comun_conocida == 0


def test_mismo_contenido_ignora_versiones_y_ve_lapidas() -> None:
    tarea = Tarea(titulo="a")
    assert tarea.mismo_contenido(replace(tarea, version=9, pendiente=True, actualizada_en=ahora_utc()))
    for cambio in (
        {"titulo": "b"},
        {"descripcion": "b"},
        {"estado": EstadoTarea.COMPLETADA},
        {"creada_en": datetime(2000, 1, 1, tzinfo=UTC)},
        {"eliminada": True},
    ):
        assert not tarea.mismo_contenido(replace(tarea, **cambio)), cambio


def test_dos_cambios_con_otro_instante_no_son_la_misma_escritura() -> None:
    """Both stores would say that they hold it, and their digests would differ for ever."""
    una = Tarea(titulo="una", version=7)
    assert una.misma_escritura(replace(una, pendiente=True, version_comun=3))
    despues = una.actualizada_en + timedelta(milliseconds=1)
    assert not una.misma_escritura(replace(una, actualizada_en=despues))


def test_ahora_es_ahora_y_cabe_en_milisegundos() -> None:
    antes = datetime.now(UTC)
    ahora = ahora_utc()
    assert antes - timedelta(milliseconds=1) <= ahora <= datetime.now(UTC)
    assert ahora.microsecond % 1_000 == 0
