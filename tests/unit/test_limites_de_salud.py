"""The last value on each side of every limit in the rules of health, clocks and differences."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from core.diferencias import Pareja, TipoDiferencia, diferencia_de, fila_vista
from core.domain.models.almacen import NombreAlmacen, Pong
from core.health import (
    EstadoSalud,
    Fallo,
    OperacionRespondida,
    PingRespondido,
    PoliticaSalud,
    SaludAlmacen,
    observar,
    percentil,
)
from core.relojes import SALTO_MS, desfase_cierto_ms, medir_desfase_ms

POLITICA = PoliticaSalud()

# -- what differs -----------------------------------------------------------------------------------

VALORES = {
    "titulo": "uno",
    "descripcion": "",
    "estado": "PENDIENTE",
    "creada_en": 1,
    "actualizada_en": 2,
    "version": 3,
    "eliminada": 0,
    "pendiente": 1,
}
ID = str(UUID(int=7))


def test_una_fila_se_ve_como_esta() -> None:
    fila = fila_vista(ID, VALORES)
    assert (fila.id, fila.version, fila.eliminada, fila.pendiente) == (ID, 3, False, True)
    assert (fila.contenido, fila.defectos) == (("uno", "", "PENDIENTE", 1, 2), ())


def test_lo_que_no_es_de_su_clase_se_ve_como_texto() -> None:
    fila = fila_vista(ID, {**VALORES, "titulo": 5, "descripcion": None, "creada_en": True, "version": -1})
    assert fila.contenido == (5, "None", "PENDIENTE", "True", 2)
    assert fila.defectos == ("titulo", "descripcion", "creada_en", "version")
    assert fila.version == 0


def test_la_version_cero_es_de_una_fila_adoptada_y_vale() -> None:
    assert fila_vista(ID, {**VALORES, "version": 0}).defectos == ()


def test_una_diferencia_lleva_el_id_de_su_pareja() -> None:
    diferencia = diferencia_de(Pareja(ID, fila_vista(ID, VALORES), None))
    assert diferencia is not None
    assert (diferencia.id, diferencia.tipo) == (ID, TipoDiferencia.SOLO_SQL)
    assert (diferencia.version_sql, diferencia.version_mongo) == (3, None)


# -- health and clocks ------------------------------------------------------------------------------


def salud(estado: EstadoSalud, **valores: Any) -> SaludAlmacen:
    return SaludAlmacen(almacen=NombreAlmacen.SQL, estado=estado, visto_s=100.0, **valores)


def test_la_que_responde_y_va_atrasada_se_pone_al_dia_y_la_caida_no() -> None:
    atrasada = salud(EstadoSalud.OK).con_atraso(True, 105.0)
    assert (atrasada.vigente(105.0, POLITICA), atrasada.desde_s) == (EstadoSalud.PONIENDOSE_AL_DIA, 105.0)
    otra_vez = atrasada.con_atraso(True, 106.0)
    assert otra_vez.desde_s == 105.0
    assert otra_vez.con_atraso(False, 107.0).desde_s == 107.0
    assert otra_vez.con_atraso(False, 107.0).vigente(107.0, POLITICA) is EstadoSalud.OK
    caida = salud(EstadoSalud.CAIDA, desde_s=90.0).con_atraso(True, 105.0)
    assert (caida.atrasada, caida.desde_s) == (True, 90.0)
    assert caida.vigente(105.0, POLITICA) is EstadoSalud.CAIDA


def test_una_operacion_da_por_buena_a_la_desconocida_aunque_sea_reciente() -> None:
    nueva = observar(salud(EstadoSalud.DESCONOCIDA), OperacionRespondida(), 101.0, POLITICA)
    assert nueva.estado is EstadoSalud.OK


def test_un_plazo_agotado_cuenta_si_nada_respondio_despues_de_preguntar() -> None:
    sana = replace(salud(EstadoSalud.OK), respondio_s=100.0)
    assert observar(sana, Fallo("x", agotado=True, desde_s=99.0), 103.0, POLITICA) is sana
    justo = observar(sana, Fallo("x", agotado=True, desde_s=100.0), 103.0, POLITICA)
    assert justo.estado is EstadoSalud.CAIDA


def test_un_fallo_empieza_de_nuevo_la_cuenta_de_lentas() -> None:
    lenta = PingRespondido(Pong(latencia_ms=POLITICA.lenta_ms + 1))
    una = observar(salud(EstadoSalud.OK), lenta, 101.0, POLITICA)
    fallida = observar(una, Fallo("x"), 102.0, POLITICA)
    assert (una.ritmo, fallida.ritmo) == (1, 0)


def test_el_percentil_es_el_del_rango_mas_cercano() -> None:
    assert percentil(list(range(1, 101)), 95) == 95
    assert percentil(list(range(1, 101)), 100) == 100
    assert percentil([7.0], 0) == 7.0
    assert percentil([], 95) is None


@pytest.mark.parametrize(("exceso_ms", "medido"), [(0.0, True), (0.001, False)])
def test_un_salto_del_reloj_propio_no_deja_medir(exceso_ms: float, medido: bool) -> None:
    desfase = medir_desfase_ms(0.0, antes_ms=0.0, despues_ms=SALTO_MS + exceso_ms, latencia_ms=0.0)
    assert (desfase is not None) is medido


@pytest.mark.parametrize(
    ("desfase_ms", "cierto_ms"), [(None, 0.0), (0.0, 0.0), (2.0, 1.5), (1.0, 0.5), (-1.0, -0.5), (0.25, 0.0)]
)
def test_el_desfase_cierto_lleva_su_signo(desfase_ms: float | None, cierto_ms: float) -> None:
    assert desfase_cierto_ms(Pong(latencia_ms=1.0, desfase_ms=desfase_ms)) == cierto_ms
    assert desfase_cierto_ms(None) == 0.0
