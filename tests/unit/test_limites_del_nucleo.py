"""The last value on each side of every limit in the core, and the exact words of what it refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from core.conflictos import (
    desempatada,
    dicen_lo_mismo,
    gana_a_su_gemela,
    pierde_algo,
    son_concurrentes,
    son_gemelas,
)
from core.domain.errors import TareaInvalida, VersionAgotada
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.consulta import LIMITE_MAX, Columna, Consulta, Pagina
from core.domain.models.importacion import SuerteFila, suerte_de, version_de_importacion
from core.domain.models.tarea import EstadoTarea, Tarea
from core.domain.models.version import (
    ADELANTO_MAX_MS,
    BITS_CONTADOR,
    EN_VUELO_MS,
    MS_MAX,
    NODO_MAX,
    RECIENTES,
    RESERVA_MS,
    RelojHibrido,
    Reserva,
    componer,
    descomponer,
    lleva_esperando,
)
from tests.fakes import RelojDePrueba

AHORA_MS = 1_750_000_000_000
VERSION_DE_TAREA = 963122503760
"""What the tarea below has been imported with since there are imports."""
TAREA = Tarea(
    id=UUID(int=7),
    titulo="uno",
    creada_en=datetime(2025, 1, 1, tzinfo=UTC),
    actualizada_en=datetime(2025, 1, 2, tzinfo=UTC),
)


# -- who wins ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comun_de_la_otra", "comun_de_una", "concurrentes"),
    [(4, 9, True), (5, 9, False), (4, 10, False), (5, 10, False)],
)
def test_son_concurrentes_si_cada_una_supera_lo_comun_de_la_otra(
    comun_de_la_otra: int, comun_de_una: int, concurrentes: bool
) -> None:
    una = replace(TAREA, version=5, version_comun=comun_de_una)
    otra = replace(TAREA, version=10, version_comun=comun_de_la_otra)
    assert son_concurrentes(una, otra) is concurrentes
    assert son_concurrentes(otra, una) is concurrentes


def test_solo_se_pierde_lo_concurrente_que_dice_otra_cosa() -> None:
    perdedora, ganadora = replace(TAREA, version=5), replace(TAREA, version=10, titulo="dos")
    assert pierde_algo(perdedora, ganadora)
    assert not pierde_algo(perdedora, replace(ganadora, titulo="uno"))
    assert not pierde_algo(perdedora, replace(ganadora, version_comun=5))


def test_una_viva_no_dice_lo_mismo_que_su_lapida() -> None:
    lapida = replace(TAREA, eliminada=True)
    assert not dicen_lo_mismo(TAREA, lapida)
    assert not dicen_lo_mismo(lapida, TAREA)
    assert dicen_lo_mismo(lapida, replace(lapida, titulo="dos"))


# -- versions ---------------------------------------------------------------------------------------


def test_son_gemelas_las_que_dicen_cosas_distintas_bajo_la_misma_version() -> None:
    una = replace(TAREA, version=5)
    assert son_gemelas(una, replace(una, titulo="otra"))
    assert not son_gemelas(una, replace(una, titulo="otra", version=6))
    assert not son_gemelas(una, replace(una, pendiente=not una.pendiente))


@pytest.mark.parametrize(
    "cambio",
    [
        {"actualizada_en": datetime(2030, 1, 1, tzinfo=UTC)},
        {"eliminada": True},
        {"titulo": "zz"},
        {"descripcion": "zz"},
        {"estado": EstadoTarea.PENDIENTE},
        {"creada_en": datetime(2030, 1, 1, tzinfo=UTC)},
    ],
)
def test_de_dos_gemelas_gana_la_misma_las_compare_quien_las_compare(cambio: dict[str, Any]) -> None:
    menor = replace(TAREA, version=5, estado=EstadoTarea.COMPLETADA)
    mayor = replace(menor, **cambio)
    assert gana_a_su_gemela(mayor, menor)
    assert not gana_a_su_gemela(menor, mayor)


def test_lo_cambiado_despues_gana_diga_lo_que_diga_lo_otro() -> None:
    antes = replace(TAREA, version=5, titulo="zz", eliminada=True)
    despues = replace(antes, titulo="a", eliminada=False, actualizada_en=datetime(2030, 1, 1, tzinfo=UTC))
    assert gana_a_su_gemela(despues, antes)


@pytest.mark.parametrize(
    ("version", "comunes", "comun"), [(5, (5, 5), 4), (5, (2, 3), 2), (5, (3, 2), 2), (0, (0, 0), 0)]
)
def test_la_ganadora_pasa_a_ser_concurrente_con_su_gemela(
    version: int, comunes: tuple[int, int], comun: int
) -> None:
    una, otra = (
        replace(replace(TAREA, version=version), version_comun=uno, pendiente=False) for uno in comunes
    )
    nueva = desempatada(una, replace(otra, titulo="otra"))
    assert (nueva.version, nueva.version_comun, nueva.pendiente) == (version + 1, comun, True)
    assert nueva.mismo_contenido(una)


def test_lleva_esperando_lo_que_pasa_del_tiempo_en_vuelo() -> None:
    version = componer(AHORA_MS, 3, 9)
    assert not lleva_esperando(version, AHORA_MS + EN_VUELO_MS)
    assert lleva_esperando(version, AHORA_MS + EN_VUELO_MS + 1)
    assert not lleva_esperando(version, AHORA_MS)


@pytest.mark.parametrize("nodo", [0, NODO_MAX])
def test_el_primer_nodo_y_el_ultimo_valen(nodo: int) -> None:
    reloj = RelojHibrido(nodo=nodo, ahora_ms=RelojDePrueba())
    assert descomponer(reloj.siguiente()).nodo == nodo
    reloj.cambiar_nodo(NODO_MAX - nodo)
    assert descomponer(reloj.siguiente()).nodo == NODO_MAX - nodo


@pytest.mark.parametrize("nodo", [-1, NODO_MAX + 1])
def test_los_nodos_de_fuera_no_valen(nodo: int) -> None:
    with pytest.raises(ValueError, match=f"node number out of range: {nodo}$"):
        RelojHibrido(nodo=nodo, ahora_ms=RelojDePrueba())
    reloj = RelojHibrido(nodo=1, ahora_ms=RelojDePrueba())
    with pytest.raises(ValueError, match=f"node number out of range: {nodo}$"):
        reloj.cambiar_nodo(nodo)


def test_por_encima_del_ultimo_milisegundo_no_hay_version() -> None:
    reloj = RelojHibrido(nodo=1, ahora_ms=RelojDePrueba())
    with pytest.raises(VersionAgotada):
        reloj.siguiente(componer(MS_MAX, 0, 0))
    assert descomponer(reloj.siguiente(componer(MS_MAX - 1, 0, 0))).ms == MS_MAX - 1


def test_las_versiones_sobre_una_base_del_futuro_van_de_tic_en_tic() -> None:
    reloj = RelojHibrido(nodo=1, ahora_ms=RelojDePrueba(AHORA_MS))
    base = componer(AHORA_MS + 2 * ADELANTO_MAX_MS, 0, 0)
    tics = [descomponer(reloj.siguiente(base))[:2] for _ in range(2)]
    assert tics == [(AHORA_MS + 2 * ADELANTO_MAX_MS, 1), (AHORA_MS + 2 * ADELANTO_MAX_MS, 2)]


def test_un_tic_que_ya_se_dio_por_adelantado_se_salta_y_ningun_otro() -> None:
    mundial = RelojDePrueba(AHORA_MS)
    reloj = RelojHibrido(nodo=1, ahora_ms=mundial)
    futuro = AHORA_MS + 2 * ADELANTO_MAX_MS
    reloj.siguiente(componer(futuro, 0, 0))  # the second tick of that millisecond
    mundial.ahora_ms = futuro
    assert [descomponer(reloj.siguiente()).contador for _ in range(3)] == [0, 2, 3]


def test_se_empieza_despues_del_ultimo_tic_reservado() -> None:
    reservado = Reserva(AHORA_MS + 500, AHORA_MS + 5 * ADELANTO_MAX_MS)
    reloj = RelojHibrido(nodo=1, ahora_ms=RelojDePrueba(AHORA_MS), reservado=reservado)
    assert descomponer(reloj.siguiente())[:2] == (AHORA_MS + 501, 0)
    base = componer(AHORA_MS + 2 * ADELANTO_MAX_MS, 0, 0)
    assert descomponer(reloj.siguiente(base))[:2] == (AHORA_MS + 5 * ADELANTO_MAX_MS + 1, 0)


def test_sin_nada_reservado_se_empieza_desde_cero() -> None:
    reloj = RelojHibrido(nodo=1, ahora_ms=lambda: 0)
    assert descomponer(reloj.siguiente())[:2] == (0, 1)


@pytest.mark.parametrize(("adelanto_ms", "arrastra"), [(0, True), (1, False)])
def test_una_reserva_demasiado_adelantada_no_arrastra_a_nadie(adelanto_ms: int, arrastra: bool) -> None:
    cerca = AHORA_MS + ADELANTO_MAX_MS + adelanto_ms
    reloj = RelojHibrido(nodo=1, ahora_ms=RelojDePrueba(AHORA_MS), reservado=Reserva(cerca, 0))
    assert descomponer(reloj.siguiente()).ms == (cerca + 1 if arrastra else AHORA_MS)


def test_se_reserva_antes_de_pasar_de_lo_reservado_y_no_en_cada_version() -> None:
    mundial, reservas = RelojDePrueba(AHORA_MS), []
    reloj = RelojHibrido(nodo=1, ahora_ms=mundial, reservar=reservas.append)
    for ms in (0, 1, RESERVA_MS, RESERVA_MS + 1):
        mundial.ahora_ms = AHORA_MS + ms
        reloj.siguiente()
    assert [una.cerca - AHORA_MS for una in reservas] == [RESERVA_MS, 2 * RESERVA_MS + 1]


def test_por_delante_del_reloj_se_reserva_poco() -> None:
    reservas: list[Reserva] = []
    reloj = RelojHibrido(nodo=1, ahora_ms=RelojDePrueba(AHORA_MS), reservar=reservas.append)
    reloj.siguiente(componer(AHORA_MS + 50_000, 0, 0))
    assert reservas[-1].cerca == AHORA_MS + 50_000 + RESERVA_MS // 20


def test_se_desdice_solo_lo_reciente() -> None:
    reloj = RelojHibrido(nodo=1, ahora_ms=RelojDePrueba(AHORA_MS))
    versiones = [reloj.siguiente() for _ in range(RECIENTES + 1)]
    reloj.desdecir(versiones[0])  # forgotten: it stays given
    for version in versiones[1:]:
        reloj.desdecir(version)
    assert reloj.siguiente() >> 16 == (versiones[0] >> 16) + 1
    assert versiones[1] >> 16 == (AHORA_MS << BITS_CONTADOR) + 1


# -- tareas, pages, files ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("campo", "valor", "motivo"),
    [
        ("titulo", 5, "debe ser un texto"),
        ("titulo", "\ud800", "contiene un carácter Unicode incompleto"),
        ("titulo", "\x00", "contiene un carácter nulo, que SQL no admite"),
        ("titulo", " ", "no puede estar vacío"),
        ("creada_en", "ayer", "debe ser una fecha con hora"),
        ("creada_en", datetime(2025, 1, 1), "debe llevar zona horaria y caer entre los años 1 y 9999"),  # noqa: DTZ001
        ("estado", "LISTA", "«LISTA» no es uno de PENDIENTE, EN_PROGRESO, COMPLETADA"),
    ],
)
def test_se_dice_por_que_una_tarea_no_vale(campo: str, valor: Any, motivo: str) -> None:
    with pytest.raises(TareaInvalida) as error:
        replace(TAREA, **{campo: valor}).validada()
    assert (error.value.campo, error.value.motivo) == (campo, motivo)


def test_un_instante_fuera_del_calendario_no_vale() -> None:
    antes_del_ano_1 = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    with pytest.raises(TareaInvalida, match="entre los años 1 y 9999"):
        replace(TAREA, actualizada_en=antes_del_ano_1).validada()


def test_la_descripcion_se_guarda_en_su_forma_compuesta() -> None:
    assert replace(TAREA, descripcion="e\u0301").validada().descripcion == "\u00e9"


def test_una_columna_ordena_por_su_campo_y_una_pagina_se_recorre() -> None:
    assert Columna.TITULO.valor_de(TAREA) == "uno"
    assert list(Pagina(tareas=(TAREA,), siguiente=None, almacen=NombreAlmacen.SQL)) == [TAREA]


@pytest.mark.parametrize("limite", [1, LIMITE_MAX])
def test_una_pagina_admite_del_primer_limite_al_ultimo(limite: int) -> None:
    assert Consulta(limite=limite).limite == limite


@pytest.mark.parametrize("limite", [0, LIMITE_MAX + 1])
def test_una_pagina_no_admite_limites_de_fuera(limite: int) -> None:
    with pytest.raises(ValueError, match=f"^limite must be 1..{LIMITE_MAX}, not {limite}$"):
        Consulta(limite=limite)


def test_la_version_de_una_fila_de_archivo_es_la_de_siempre() -> None:
    # Another one would make every file that was ever imported a stranger to what came from it.
    assert version_de_importacion(TAREA) == VERSION_DE_TAREA
    assert version_de_importacion(replace(TAREA, id=UUID(int=8))) != VERSION_DE_TAREA
    assert version_de_importacion(TAREA) < 1 << 41


@pytest.mark.parametrize(
    ("existente", "suerte", "motivo"),
    [
        (TAREA, SuerteFila.IGUAL, ""),
        (replace(TAREA, titulo="dos"), SuerteFila.DISTINTA, "ya existe con otro contenido, que se conserva"),
        (
            replace(TAREA, eliminada=True),
            SuerteFila.ELIMINADA,
            "esta tarea fue eliminada y sigue eliminada",
        ),
    ],
)
def test_se_dice_que_fue_de_una_fila_que_ya_estaba(existente: Tarea, suerte: SuerteFila, motivo: str) -> None:
    resultado = suerte_de(TAREA, existente)
    assert (resultado.suerte, resultado.motivo) == (suerte, motivo)
