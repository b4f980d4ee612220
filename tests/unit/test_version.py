"""The hybrid clock: versions are unique, grow, exceed their base, and no broken clock drags them along."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.models.version import (
    ADELANTO_MAX_MS,
    BITS_CONTADOR,
    BITS_NODO,
    EN_VUELO_MS,
    MS_MAX,
    NODO_MAX,
    RECIENTES,
    RESERVA_MS,
    SIN_FECHA,
    RelojHibrido,
    Reserva,
    componer,
    descomponer,
    es_antepasada,
    lleva_esperando,
)
from tests.fakes import RelojDePrueba

AHORA_MS = 1_750_000_000_000
CONTADOR_MAX = (1 << BITS_CONTADOR) - 1


def reloj(nodo: int = 7, ahora: RelojDePrueba | None = None) -> RelojHibrido:
    return RelojHibrido(nodo=nodo, ahora_ms=ahora or RelojDePrueba(AHORA_MS))


@given(st.integers(0, MS_MAX), st.integers(0, CONTADOR_MAX), st.integers(0, NODO_MAX))
def test_una_version_se_parte_en_lo_que_la_compone_y_cabe_en_int64(ms: int, contador: int, nodo: int) -> None:
    version = componer(ms, contador, nodo)
    assert descomponer(version) == (ms, contador, nodo)
    assert 0 <= version < 1 << 63


@given(*[st.tuples(st.integers(0, MS_MAX), st.integers(0, CONTADOR_MAX), st.integers(0, NODO_MAX))] * 2)
def test_las_versiones_se_ordenan_como_sus_partes(
    una: tuple[int, int, int], otra: tuple[int, int, int]
) -> None:
    assert (componer(*una) < componer(*otra)) == (una < otra)


@pytest.mark.parametrize(
    "partes",
    [
        (-1, 0, 0),
        (MS_MAX + 1, 0, 0),
        (0, -1, 0),
        (0, CONTADOR_MAX + 1, 0),
        (0, 0, -1),
        (0, 0, NODO_MAX + 1),
    ],
)
def test_una_parte_que_no_cabe_se_rechaza(partes: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="out of range"):
        componer(*partes)


@pytest.mark.parametrize("nodo", [-1, NODO_MAX + 1])
def test_un_nodo_que_no_cabe_se_rechaza(nodo: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        reloj(nodo)


def test_la_version_lleva_la_hora_y_el_nodo() -> None:
    assert descomponer(reloj(nodo=513).siguiente()) == (AHORA_MS, 0, 513)


def test_en_el_mismo_milisegundo_cuenta_y_el_contador_lleno_pasa_al_siguiente() -> None:
    hibrido = reloj()
    partes = [descomponer(hibrido.siguiente())[:2] for _ in range(CONTADOR_MAX + 2)]
    assert partes[CONTADOR_MAX] == (AHORA_MS, CONTADOR_MAX)
    assert partes[CONTADOR_MAX + 1] == (AHORA_MS + 1, 0)


def test_un_reloj_que_retrocede_no_hace_retroceder_las_versiones() -> None:
    pared = RelojDePrueba(AHORA_MS)
    hibrido = reloj(ahora=pared)
    antes = hibrido.siguiente()
    pared.ahora_ms -= 3_600_000
    assert hibrido.siguiente() > antes


@pytest.mark.parametrize("adelanto_ms", [-5_000, 0, 1, ADELANTO_MAX_MS - 1])
def test_supera_la_base_y_si_esta_cerca_la_recuerda(adelanto_ms: int) -> None:
    hibrido = reloj()
    base = componer(AHORA_MS + adelanto_ms, 3, NODO_MAX)
    nueva = hibrido.siguiente(base)
    assert nueva > base
    assert hibrido.siguiente() > nueva


def test_una_base_del_futuro_lejano_se_supera_sin_arrastrar_al_reloj() -> None:
    hibrido = reloj()
    base = componer(AHORA_MS + 10 * 365 * 86_400_000, 0, 9)
    assert hibrido.siguiente(base) > base
    assert descomponer(hibrido.siguiente()).ms == AHORA_MS


def test_justo_en_el_limite_el_reloj_se_deja_llevar_y_un_tic_mas_alla_no() -> None:
    limite = (AHORA_MS + ADELANTO_MAX_MS) << BITS_CONTADOR
    for tic_base, arrastra in ((limite - 1, True), (limite, False)):
        hibrido = reloj()
        hibrido.siguiente(componer(tic_base >> BITS_CONTADOR, tic_base & CONTADOR_MAX, 0))
        assert (descomponer(hibrido.siguiente()).ms > AHORA_MS) is arrastra


def test_la_misma_base_del_futuro_lejano_nunca_da_dos_veces_la_misma_version() -> None:
    hibrido = reloj()
    base = componer(AHORA_MS * 2, 0, 0)
    assert len({hibrido.siguiente(base) for _ in range(1000)}) == 1000


def test_cuando_la_hora_alcanza_un_futuro_ya_usado_no_repite_versiones() -> None:
    pared = RelojDePrueba(AHORA_MS)
    hibrido = reloj(ahora=pared)
    base = componer(AHORA_MS + 2 * ADELANTO_MAX_MS, 0, 7)
    usadas = [hibrido.siguiente(base) for _ in range(3)]
    pared.ahora_ms = AHORA_MS + 2 * ADELANTO_MAX_MS
    despues = [hibrido.siguiente(), hibrido.siguiente(base), hibrido.siguiente(), hibrido.siguiente()]
    assert len({*usadas, *despues}) == 7


def test_un_futuro_que_queda_por_debajo_de_lo_ya_dado_no_repite_versiones() -> None:
    pared = RelojDePrueba(AHORA_MS)
    hibrido = reloj(ahora=pared)
    dada = hibrido.siguiente()
    pared.ahora_ms -= 3 * ADELANTO_MAX_MS
    assert hibrido.siguiente(dada - (1 << BITS_NODO)) > dada


# Few distinct instants, so that versions collide wherever they could.
_saltos_ms = st.sampled_from([0, 0, 1, -1, 30_000, -30_000, ADELANTO_MAX_MS, 2 * ADELANTO_MAX_MS, -100_000])
_bases = st.one_of(
    st.just(0),
    st.tuples(st.sampled_from([-1, 0, 1, 2, 3]), st.integers(0, 2)).map(
        lambda par: componer(AHORA_MS + par[0] * ADELANTO_MAX_MS, par[1], 7)
    ),
)


@given(st.lists(st.tuples(_saltos_ms, _bases, st.booleans()), max_size=60))
def test_haga_lo_que_haga_el_reloj_ninguna_version_enviada_se_repite_y_todas_superan_su_base(
    pasos: list[tuple[int, int, bool]],
) -> None:
    pared = RelojDePrueba(AHORA_MS)
    hibrido = reloj(ahora=pared)
    enviadas: list[int] = []
    for salto_ms, base, enviada in pasos:
        pared.ahora_ms += salto_ms
        nueva = hibrido.siguiente(base)
        assert nueva > base
        assert nueva not in enviadas
        if enviada:
            enviadas.append(nueva)
        else:
            hibrido.desdecir(nueva)


def test_una_version_desdicha_en_una_hora_mala_no_arrastra_a_las_siguientes() -> None:
    pared = RelojDePrueba(AHORA_MS)
    hibrido = reloj(ahora=pared)
    antes = hibrido.siguiente()
    pared.ahora_ms += 86_400_000
    malas = [hibrido.siguiente() for _ in range(5)]
    pared.ahora_ms = AHORA_MS + 1
    for mala in malas:
        hibrido.desdecir(mala)
    despues = hibrido.siguiente()
    assert despues > antes
    assert descomponer(despues).ms == AHORA_MS + 1


def test_desdecir_una_no_devuelve_el_turno_de_otra_que_se_envio_despues() -> None:
    hibrido = reloj()
    una, otra = hibrido.siguiente(), hibrido.siguiente()
    hibrido.desdecir(una)
    assert hibrido.siguiente() > otra
    hibrido.desdecir(una)  # twice says no more than once
    assert hibrido.siguiente() > otra


def test_tras_muchas_versiones_desdecir_las_ultimas_no_baja_de_las_que_se_enviaron() -> None:
    hibrido = reloj()
    enviadas = [hibrido.siguiente() for _ in range(RECIENTES + 5)]
    for version in enviadas[-RECIENTES:]:
        hibrido.desdecir(version)
    assert hibrido.siguiente() > enviadas[4]
    assert hibrido.siguiente(enviadas[-1]) > enviadas[-1]


def test_ocho_hilos_no_reciben_dos_veces_la_misma_version() -> None:
    hibrido = reloj(ahora=RelojDePrueba(AHORA_MS, paso_ms=0))
    dadas: list[list[int]] = [[] for _ in range(8)]
    barrera = threading.Barrier(8)

    def pedir(propias: list[int]) -> None:
        barrera.wait(10)
        propias.extend(hibrido.siguiente() for _ in range(2000))

    hilos = [threading.Thread(target=pedir, args=(propias,)) for propias in dadas]
    for hilo in hilos:
        hilo.start()
    for hilo in hilos:
        hilo.join(30)
    assert len({version for propias in dadas for version in propias}) == 16_000
    assert all(propias == sorted(propias) for propias in dadas)


def test_dos_nodos_en_el_mismo_tic_dan_versiones_distintas() -> None:
    assert reloj(1).siguiente() != reloj(2).siguiente()


@given(
    st.lists(st.tuples(st.integers(0, 3_000), st.booleans()), max_size=40),
    st.integers(ADELANTO_MAX_MS + 1, MS_MAX - AHORA_MS - 10_000_000),
)
def test_por_muchas_versiones_del_futuro_que_vea_el_reloj_sigue_la_hora(
    pasos: list[tuple[int, bool]], adelanto_ms: int
) -> None:
    pared = RelojDePrueba(AHORA_MS)
    hibrido = reloj(ahora=pared)
    for avance_ms, con_futura in pasos:
        pared.ahora_ms += avance_ms
        if con_futura:
            base = componer(pared.ahora_ms + adelanto_ms, CONTADOR_MAX, NODO_MAX)
            assert hibrido.siguiente(base) > base
        # Forty writes in one millisecond borrow at most one tick each.
        assert descomponer(hibrido.siguiente()).ms - pared.ahora_ms <= 2


@given(st.lists(st.integers(-10_000_000, 10_000_000), min_size=1, max_size=40))
def test_un_reloj_que_salta_da_versiones_que_crecen_y_no_pasan_de_la_hora_mas_alta_que_dio(
    saltos_ms: list[int],
) -> None:
    pared = RelojDePrueba(AHORA_MS)
    hibrido = reloj(ahora=pared)
    dadas = [hibrido.siguiente()]
    maxima_ms = AHORA_MS
    for salto_ms in saltos_ms:
        pared.ahora_ms = AHORA_MS + salto_ms
        maxima_ms = max(maxima_ms, pared.ahora_ms)
        dadas.append(hibrido.siguiente())
        assert descomponer(dadas[-1]).ms <= maxima_ms + 2
    assert dadas == sorted(dadas)


@pytest.mark.parametrize("adelanto_ms", [-5_000, 0, 2_000, ADELANTO_MAX_MS + 5_000])
def test_un_proceso_nuevo_no_repite_lo_que_dio_el_anterior(adelanto_ms: int) -> None:
    """Killed before anybody saw its write; its successor starts from the same base, with a clock set back."""
    reservas = [Reserva()]
    reloj = RelojDePrueba(AHORA_MS)
    base = componer(AHORA_MS + adelanto_ms, 3, 9)

    def proceso() -> RelojHibrido:
        return RelojHibrido(nodo=1, ahora_ms=reloj, reservado=reservas[-1], reservar=reservas.append)

    primero = proceso()
    dadas = [primero.siguiente(base), *(primero.siguiente() for _ in range(100)), primero.siguiente(base)]
    reloj.ahora_ms -= 1_500
    segundo = proceso()
    nuevas = [segundo.siguiente(base), *(segundo.siguiente() for _ in range(100)), segundo.siguiente(base)]
    assert not {*dadas} & {*nuevas}
    assert segundo.siguiente() > max(una for una in dadas if descomponer(una).ms < AHORA_MS + ADELANTO_MAX_MS)


def test_arrancar_una_y_otra_vez_no_aleja_las_versiones_de_la_hora() -> None:
    reservas = [Reserva()]
    version = 0
    for _ in range(20):
        reloj = RelojDePrueba(AHORA_MS)
        hibrido = RelojHibrido(nodo=1, ahora_ms=reloj, reservado=reservas[-1], reservar=reservas.append)
        version = hibrido.siguiente()
    assert descomponer(version).ms <= AHORA_MS + 2 * RESERVA_MS


def test_una_hora_mala_de_un_proceso_anterior_no_arrastra_al_siguiente() -> None:
    una_hora_ms = 3_600_000
    reservado = Reserva(cerca=AHORA_MS + una_hora_ms)
    reservas: list[Reserva] = []
    hibrido = RelojHibrido(
        nodo=1, ahora_ms=RelojDePrueba(AHORA_MS), reservado=reservado, reservar=reservas.append
    )
    assert descomponer(hibrido.siguiente()).ms == AHORA_MS
    assert reservas == [Reserva(AHORA_MS + RESERVA_MS, AHORA_MS + una_hora_ms)]


def test_se_reserva_una_vez_por_segundo_y_no_a_cada_version() -> None:
    reservas: list[Reserva] = []
    reloj = RelojDePrueba(AHORA_MS)
    hibrido = RelojHibrido(nodo=1, ahora_ms=reloj, reservar=reservas.append)
    for _ in range(300):
        hibrido.siguiente()
        reloj.ahora_ms += 10
    assert 2 <= len(reservas) <= 4


def test_al_cambiar_de_numero_las_versiones_siguen_creciendo_y_llevan_el_nuevo() -> None:
    hibrido = reloj(nodo=900)
    antes = hibrido.siguiente()
    hibrido.cambiar_nodo(5)
    despues = hibrido.siguiente()
    assert despues > antes
    assert descomponer(despues).nodo == 5
    with pytest.raises(ValueError, match="out of range"):
        hibrido.cambiar_nodo(NODO_MAX + 1)


@pytest.mark.parametrize(
    ("hace_ms", "espera"),
    [
        (0, False),
        (EN_VUELO_MS, False),
        (EN_VUELO_MS + 1, True),
        (-EN_VUELO_MS, False),
        (-EN_VUELO_MS - 1, True),
        (-3_600_000, True),
    ],
)
def test_lo_que_no_puede_estar_de_camino_lleva_esperando_venga_de_antes_o_del_futuro(
    hace_ms: int, espera: bool
) -> None:
    assert lleva_esperando(componer(AHORA_MS - hace_ms, 3, 7), AHORA_MS) is espera


def test_la_primera_version_con_fecha_es_de_un_reloj_a_ambos_lados() -> None:
    assert es_antepasada(SIN_FECHA, SIN_FECHA)
    assert es_antepasada(SIN_FECHA, SIN_FECHA + 1)
    assert not es_antepasada(SIN_FECHA - 1, SIN_FECHA)
    assert es_antepasada(SIN_FECHA - 1, SIN_FECHA - 1)
