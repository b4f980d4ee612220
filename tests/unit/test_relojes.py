"""Writing stops where clocks disagree by a minute, reading does not.

Neither a slow answer nor a clock that was set during the question passes for a disagreement.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dual import DualTareaRepository
from adapters.health.registro import RegistroSalud
from adapters.unico import RepositorioUnico
from core.domain.errors import AlmacenNoDisponible, RelojDesajustado
from core.domain.models.almacen import NombreAlmacen, Pong
from core.domain.models.tarea import Tarea
from core.health import PingRespondido
from core.relojes import DESFASE_MAX_MS, comprobar_relojes, desfase_cierto_ms, medir_desfase_ms
from tests.fakes import AlmacenEnMemoria, reloj_de_prueba

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO
ESPERADO = pytest.mark.errores_esperados("no se ha enviado a ninguna base de datos")


def pong(desfase_ms: float | None, latencia_ms: float = 1.0) -> Pong:
    return Pong(latencia_ms=latencia_ms, desfase_ms=desfase_ms)


@pytest.fixture
def sql() -> AlmacenEnMemoria:
    return AlmacenEnMemoria(SQL)


@pytest.fixture
def mongo() -> AlmacenEnMemoria:
    return AlmacenEnMemoria(MONGO)


@pytest.fixture
def dual(sql: AlmacenEnMemoria, mongo: AlmacenEnMemoria) -> Iterator[DualTareaRepository]:
    dual = DualTareaRepository(sql_repository=sql, mongo_repository=mongo, reloj=reloj_de_prueba())
    yield dual
    dual.close()


def escrituras(*almacenes: AlmacenEnMemoria) -> int:
    return sum(almacen.llamadas.count("escribir") for almacen in almacenes)


@given(st.floats(-1e9, 1e9), st.floats(0, 3000), st.floats(0, 1), st.floats(1e12, 2e12))
def test_el_desfase_medido_yerra_a_lo_sumo_media_latencia(
    real_ms: float, latencia_ms: float, cuando: float, antes_ms: float
) -> None:
    servidor_ms = antes_ms + latencia_ms * cuando + real_ms
    medido = medir_desfase_ms(
        servidor_ms, antes_ms=antes_ms, despues_ms=antes_ms + latencia_ms, latencia_ms=latencia_ms
    )
    assert medido is not None
    assert abs(medido - real_ms) <= latencia_ms / 2 + 0.01
    assert abs(desfase_cierto_ms(pong(medido, latencia_ms))) <= abs(real_ms) + 0.01


@pytest.mark.parametrize("salto_ms", [-7_200_000, -101, 101, 7_200_000])
def test_si_nuestro_reloj_cambia_durante_la_pregunta_no_se_mide_nada(salto_ms: int) -> None:
    assert medir_desfase_ms(1e12, antes_ms=1e12, despues_ms=1e12 + 5 + salto_ms, latencia_ms=5) is None


@pytest.mark.parametrize(
    ("desfase_ms", "latencia_ms", "rehusa"),
    [
        (DESFASE_MAX_MS - 1, 0, False),
        (DESFASE_MAX_MS, 0, True),
        (-DESFASE_MAX_MS, 0, True),
        (DESFASE_MAX_MS + 1000, 3000, False),
        (-DESFASE_MAX_MS - 1000, 3000, False),
        (DESFASE_MAX_MS + 1500, 3000, True),
        (None, 0, False),
    ],
)
def test_se_rehusa_desde_un_minuto_que_la_lentitud_no_explique(
    desfase_ms: float | None, latencia_ms: float, rehusa: bool
) -> None:
    pongs = {SQL: pong(0.0), MONGO: pong(desfase_ms, latencia_ms)}
    if not rehusa:
        comprobar_relojes(pongs)
        return
    with pytest.raises(RelojDesajustado, match="MongoDB") as recogido:
        comprobar_relojes(pongs)
    assert "SQL" not in str(recogido.value)


@pytest.mark.parametrize(
    ("desfase_ms", "frase"),
    [
        (60_000, "el de SQL va 60 s por delante"),
        (-150_000, "el de SQL va 2 min por detrás"),
        (3 * 3_600_000, "el de SQL va 3 h por delante"),
        (-10 * 86_400_000, "el de SQL va 10 días por detrás"),
    ],
)
def test_el_error_dice_cuanto_y_hacia_donde(desfase_ms: float, frase: str) -> None:
    with pytest.raises(RelojDesajustado, match=frase) as recogido:
        comprobar_relojes({SQL: pong(desfase_ms, 0), MONGO: None})
    assert "NTP" in recogido.value.que_hacer


@ESPERADO
@pytest.mark.parametrize("desajustado", [SQL, MONGO])
def test_con_el_reloj_de_uno_desajustado_no_se_escribe_en_ninguno_y_se_lee_igual(
    dual: DualTareaRepository, sql: AlmacenEnMemoria, mongo: AlmacenEnMemoria, desajustado: NombreAlmacen
) -> None:
    guardada = dual.save(Tarea(titulo="antes"))
    antes = escrituras(sql, mongo)
    malo = sql if desajustado is SQL else mongo
    malo.pong = replace(malo.pong, desfase_ms=-120_000.0)
    with pytest.raises(RelojDesajustado):
        dual.save(replace(guardada, titulo="después"))
    with pytest.raises(RelojDesajustado):
        dual.eliminar(guardada.id)
    with pytest.raises(RelojDesajustado):
        dual.importar_lote([Tarea(titulo="de un archivo")])
    assert escrituras(sql, mongo) == antes
    leida = dual.get(guardada.id)
    assert leida is not None
    assert leida.misma_escritura(guardada)


@ESPERADO
def test_en_cuanto_los_relojes_concuerdan_se_vuelve_a_escribir(
    dual: DualTareaRepository, sql: AlmacenEnMemoria, mongo: AlmacenEnMemoria
) -> None:
    mongo.pong = replace(mongo.pong, desfase_ms=120_000.0)
    with pytest.raises(RelojDesajustado):
        dual.save(Tarea(titulo="una"))
    mongo.pong = replace(mongo.pong, desfase_ms=3.0)
    assert dual.save(Tarea(titulo="otra")).version


def test_el_reloj_de_un_almacen_caido_no_impide_escribir_en_el_otro(
    dual: DualTareaRepository, sql: AlmacenEnMemoria, mongo: AlmacenEnMemoria
) -> None:
    mongo.pong = replace(mongo.pong, desfase_ms=120_000.0)
    mongo.fallar_con = AlmacenNoDisponible(MONGO, "apagado")
    assert dual.save(Tarea(titulo="una")).pendiente


@ESPERADO
def test_con_un_solo_almacen_tambien_se_rehusa(mongo: AlmacenEnMemoria) -> None:
    registro = RegistroSalud([MONGO])
    unico = RepositorioUnico(mongo, reloj=reloj_de_prueba(), registro=registro, publicar=lambda _evento: None)
    registro.observar(MONGO, PingRespondido(pong(-61_000)))
    with pytest.raises(RelojDesajustado):
        unico.save(Tarea(titulo="una"))
    with pytest.raises(RelojDesajustado):
        unico.importar_lote([Tarea(titulo="una")])
    assert escrituras(mongo) == 0
    registro.observar(MONGO, PingRespondido(pong(20)))
    assert unico.save(Tarea(titulo="una")).version
