"""The health of a store: every change of state, how much it takes, and when it is no longer believed."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.models.almacen import NombreAlmacen, Pong
from core.health import (
    HISTORIAL_MAX,
    EstadoSalud,
    Fallo,
    Observacion,
    OperacionRespondida,
    PingFallido,
    PingRespondido,
    PoliticaSalud,
    SaludAlmacen,
    observar,
    percentil,
)

POLITICA = PoliticaSalud()
RAPIDO = PingRespondido(Pong(latencia_ms=2.0))
LENTO = PingRespondido(Pong(latencia_ms=POLITICA.lenta_ms + 1))
JUSTO = PingRespondido(Pong(latencia_ms=POLITICA.lenta_ms))
LECTURA = PingRespondido(Pong(latencia_ms=2.0, solo_lectura=True))
OPERACION = OperacionRespondida()
FALLO = Fallo("conexión rechazada")
AGOTADO = Fallo("no respondió en 3 s", agotado=True)

DESCONOCIDA, OK, LENTA, CAIDA, SOLO_LECTURA = (
    EstadoSalud.DESCONOCIDA,
    EstadoSalud.OK,
    EstadoSalud.LENTA,
    EstadoSalud.CAIDA,
    EstadoSalud.SOLO_LECTURA,
)


def nueva() -> SaludAlmacen:
    return SaludAlmacen(almacen=NombreAlmacen.SQL)


def tras(*vistas: Observacion, salud: SaludAlmacen | None = None, paso_s: float = 1.0) -> SaludAlmacen:
    """What is known after these observations, one every `paso_s` seconds."""
    salud = salud or nueva()
    ahora_s = 0.0 if math.isinf(salud.visto_s) else salud.visto_s
    for vista in vistas:
        ahora_s += paso_s
        salud = observar(salud, vista, ahora_s, POLITICA)
    return salud


@pytest.mark.parametrize(
    ("vistas", "estado"),
    [
        ([RAPIDO], OK),
        ([OPERACION], OK),
        ([LENTO], OK),
        ([LECTURA], SOLO_LECTURA),
        ([FALLO], DESCONOCIDA),
        ([FALLO, FALLO], CAIDA),
        ([AGOTADO], CAIDA),
        ([RAPIDO, FALLO], OK),
        ([RAPIDO, FALLO, FALLO], CAIDA),
        ([RAPIDO, AGOTADO], CAIDA),
        ([RAPIDO, FALLO, RAPIDO, FALLO], OK),
        ([AGOTADO, RAPIDO], CAIDA),
        ([AGOTADO, OPERACION], CAIDA),
        ([AGOTADO, RAPIDO, RAPIDO], OK),
        ([AGOTADO, OPERACION, OPERACION], OK),
        ([AGOTADO, OPERACION, RAPIDO], OK),
        ([AGOTADO, LECTURA, LECTURA], SOLO_LECTURA),
        ([AGOTADO, RAPIDO, FALLO], CAIDA),
        ([AGOTADO, RAPIDO, FALLO, RAPIDO], CAIDA),
        ([LENTO, LENTO], OK),
        ([LENTO, LENTO, LENTO], LENTA),
        ([JUSTO, JUSTO, JUSTO], OK),
        ([LENTO, LENTO, RAPIDO, LENTO, LENTO], OK),
        ([LENTO, LENTO, OPERACION, LENTO], LENTA),
        ([LENTO, LENTO, FALLO, LENTO], OK),
        ([LENTO, LENTO, LENTO, RAPIDO, RAPIDO], LENTA),
        ([LENTO, LENTO, LENTO, RAPIDO, RAPIDO, LENTO, RAPIDO, RAPIDO], LENTA),
        ([LENTO, LENTO, LENTO, RAPIDO, RAPIDO, RAPIDO], OK),
        ([LENTO, LENTO, LENTO, OPERACION, OPERACION, OPERACION], LENTA),
        ([LENTO, LENTO, LENTO, FALLO], LENTA),
        ([LENTO, LENTO, LENTO, AGOTADO], CAIDA),
        ([RAPIDO, LECTURA], SOLO_LECTURA),
        ([LECTURA, OPERACION], SOLO_LECTURA),
        ([LECTURA, FALLO], SOLO_LECTURA),
        ([LECTURA, RAPIDO], OK),
    ],
)
def test_lo_visto_lleva_a_su_estado(vistas: list[Observacion], estado: EstadoSalud) -> None:
    assert tras(*vistas).estado is estado


def test_nadie_sabe_nada_antes_de_la_primera_observacion() -> None:
    salud = nueva()
    assert salud.vigente(0.0, POLITICA) is DESCONOCIDA
    assert (salud.latencia_ms, salud.p95_ms, salud.pong) == (None, None, None)


@pytest.mark.parametrize("vista", [RAPIDO, AGOTADO, LECTURA])
def test_un_estado_viejo_es_desconocido_y_nunca_verde(vista: Observacion) -> None:
    salud = tras(vista)
    assert salud.vigente(salud.visto_s + POLITICA.caducidad_s, POLITICA) is salud.estado
    assert salud.vigente(salud.visto_s + POLITICA.caducidad_s + 0.001, POLITICA) is DESCONOCIDA


def test_un_fallo_no_hace_parecer_fresco_un_verde_viejo() -> None:
    salud = tras(FALLO, salud=tras(RAPIDO), paso_s=POLITICA.caducidad_s + 1)
    assert salud.estado is DESCONOCIDA


def test_una_operacion_contesta_por_un_estado_viejo() -> None:
    salud = tras(OPERACION, salud=tras(RAPIDO), paso_s=POLITICA.caducidad_s + 1)
    assert salud.estado is OK


def test_desde_cuando_cambia_solo_con_el_estado() -> None:
    salud = tras(RAPIDO, RAPIDO, RAPIDO)
    assert (salud.desde_s, salud.visto_s) == (1.0, 3.0)
    salud = tras(FALLO, FALLO, FALLO, salud=salud)
    assert (salud.estado, salud.desde_s) == (CAIDA, 5.0)


def test_cuenta_los_fallos_seguidos_y_recuerda_el_ultimo_error_tras_volver() -> None:
    salud = tras(RAPIDO, FALLO, FALLO, AGOTADO)
    assert (salud.fallos_seguidos, salud.exitos_seguidos) == (3, 0)
    salud = tras(RAPIDO, salud=salud)
    assert (salud.fallos_seguidos, salud.exitos_seguidos) == (0, 1)
    assert salud.ultimo_error == AGOTADO.error


def test_guarda_el_ultimo_pong_aunque_despues_falle() -> None:
    pong = Pong(latencia_ms=3.0, version_servidor="PostgreSQL 18", rol="primario")
    salud = tras(RAPIDO, PingRespondido(pong), FALLO)
    assert salud.pong is pong


def test_el_historial_guarda_los_ultimos_pings_con_sus_huecos() -> None:
    salud = tras(RAPIDO, PingFallido("conexión rechazada"), OPERACION, LENTO)
    assert salud.historial == (2.0, None, POLITICA.lenta_ms + 1)
    assert salud.latencia_ms == POLITICA.lenta_ms + 1
    assert tras(RAPIDO, PingFallido("no")).latencia_ms is None
    llena = tras(FALLO, *[RAPIDO] * HISTORIAL_MAX)
    assert llena.historial == (2.0,) * HISTORIAL_MAX
    assert tras(PingFallido("no"), salud=llena).historial == (*(2.0,) * (HISTORIAL_MAX - 1), None)


def test_lo_que_falla_al_leer_o_escribir_no_es_un_ping() -> None:
    assert tras(RAPIDO, FALLO, AGOTADO).historial == (2.0,)


def test_el_plazo_de_una_pregunta_no_pesa_mas_que_una_respuesta_posterior() -> None:
    viva = tras(RAPIDO)  # answers at second 1
    lenta = observar(viva, Fallo("búsqueda lenta", agotado=True, desde_s=0.5), 4.0, POLITICA)
    assert lenta is viva
    callada = observar(viva, Fallo("no respondió", agotado=True, desde_s=1.5), 4.5, POLITICA)
    assert callada.estado is EstadoSalud.CAIDA


@pytest.mark.parametrize(
    ("vistas", "espera_s"),
    [
        ([RAPIDO], 5.0),
        ([LENTO, LENTO, LENTO], 5.0),
        ([RAPIDO, FALLO], 0.2),
        ([FALLO], 0.2),
        ([AGOTADO], 7.0),
        ([AGOTADO, AGOTADO], 7.0),
        ([AGOTADO, RAPIDO], 0.2),
        ([AGOTADO, RAPIDO, RAPIDO], 5.0),
    ],
)
def test_vuelve_a_preguntar_antes_cuando_esta_por_decidir(vistas: list[Observacion], espera_s: float) -> None:
    politica = PoliticaSalud(intervalo_s=5.0, intervalo_caida_s=7.0, reintento_s=0.2)
    salud = nueva()
    for vista in vistas:
        salud = observar(salud, vista, 100.0, politica)
    assert salud.proximo_s == 100.0 + espera_s


def test_la_politica_dice_cuanto_hace_falta() -> None:
    politica = PoliticaSalud(fallos_para_caida=3, exitos_para_volver=1, lenta_ms=1.0, cambios_de_ritmo=1)
    salud = observar(nueva(), RAPIDO, 1.0, politica)
    assert salud.estado is LENTA
    for vez in (2.0, 3.0):
        salud = observar(salud, FALLO, vez, politica)
    assert salud.estado is LENTA
    salud = observar(salud, FALLO, 4.0, politica)
    assert salud.estado is CAIDA
    assert observar(salud, OPERACION, 5.0, politica).estado is OK


@pytest.mark.parametrize(
    ("valores", "q", "esperado"),
    [
        ([], 95, None),
        ([7.0], 0, 7.0),
        ([7.0], 95, 7.0),
        ([3.0, 1.0, 2.0], 50, 2.0),
        ([float(n) for n in range(1, 101)], 95, 95.0),
        ([float(n) for n in range(1, 21)], 95, 19.0),
        ([1.0, 2.0], 100, 2.0),
    ],
)
def test_percentil_por_rango_mas_cercano(valores: list[float], q: float, esperado: float | None) -> None:
    assert percentil(valores, q) == esperado


def test_el_p95_no_cuenta_los_pings_fallidos() -> None:
    assert tras(RAPIDO, FALLO, RAPIDO).p95_ms == 2.0


_vistas = st.sampled_from([RAPIDO, LENTO, LECTURA, OPERACION, FALLO, AGOTADO])
_historias = st.lists(st.tuples(_vistas, st.sampled_from([0.0, 0.2, 1.0, 11.0])), max_size=80)


@given(_historias)
def test_pase_lo_que_pase_las_cuentas_cuadran(historia: list[tuple[Observacion, float]]) -> None:
    salud, ahora_s = nueva(), 0.0
    for vista, paso_s in historia:
        ahora_s += paso_s
        antes, salud = salud, observar(salud, vista, ahora_s, POLITICA)
        assert salud.visto_s == ahora_s < salud.proximo_s
        assert salud.desde_s == (antes.desde_s if salud.estado is antes.estado else ahora_s)
        assert (salud.fallos_seguidos > 0) is isinstance(vista, Fallo)
        assert (salud.exitos_seguidos > 0) is not isinstance(vista, Fallo)
        assert len(salud.historial) <= HISTORIAL_MAX
        if isinstance(vista, Fallo):
            bastan = vista.agotado or salud.fallos_seguidos >= POLITICA.fallos_para_caida
            assert bastan == (salud.estado is CAIDA) or antes.estado is CAIDA
        elif salud.exitos_seguidos >= POLITICA.exitos_para_volver:
            assert salud.estado in {OK, LENTA, SOLO_LECTURA}


@given(_historias)
def test_una_respuesta_suelta_no_basta_para_volver(historia: list[tuple[Observacion, float]]) -> None:
    salud, ahora_s = nueva(), 0.0
    for vista, paso_s in historia:
        ahora_s += paso_s
        salud = observar(salud, vista, ahora_s, POLITICA)
    caida = observar(salud, AGOTADO, ahora_s + 1, POLITICA)
    for vista in (RAPIDO, LENTO, LECTURA, OPERACION):
        una = observar(caida, vista, ahora_s + 2, POLITICA)
        assert una.estado is CAIDA
        assert observar(una, RAPIDO, ahora_s + 2.2, POLITICA).estado is OK


@pytest.mark.parametrize("vista", [AGOTADO, LECTURA])
def test_una_respuesta_suelta_no_basta_aunque_lo_sabido_sea_viejo(vista: Observacion) -> None:
    antes = tras(vista)
    salud = tras(OPERACION, salud=antes, paso_s=POLITICA.caducidad_s + 1)
    assert salud.estado is antes.estado
