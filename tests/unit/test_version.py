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
    MS_MAX,
    NODO_MAX,
    RelojHibrido,
    componer,
    descomponer,
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


@given(st.lists(st.tuples(_saltos_ms, _bases), max_size=60))
def test_haga_lo_que_haga_el_reloj_ninguna_version_se_repite_y_todas_superan_su_base(
    pasos: list[tuple[int, int]],
) -> None:
    pared = RelojDePrueba(AHORA_MS)
    hibrido = reloj(ahora=pared)
    dadas: list[int] = []
    for salto_ms, base in pasos:
        pared.ahora_ms += salto_ms
        nueva = hibrido.siguiente(base)
        assert nueva > base
        assert nueva not in dadas
        dadas.append(nueva)


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
