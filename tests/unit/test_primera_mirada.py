"""Before the first read: who is behind, also where a store cannot say what it has."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest

from adapters.dual import DualTareaRepository
from adapters.health.registro import RegistroSalud
from core.domain.errors import (
    AlmacenNoDisponible,
    EsquemaSinAdoptar,
    LecturaImposible,
    LecturaRehusada,
    OperacionFallida,
    ResultadoDesconocido,
)
from core.domain.models.almacen import NombreAlmacen, Pong
from core.domain.models.tarea import Tarea
from core.health import EstadoSalud, Fallo, PingRespondido
from tests.fakes import AlmacenEnMemoria, reloj_de_prueba

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO
PLAZO_S = 5.0


class Programa:
    """One that has just begun, over stores that were there before."""

    def __init__(self, *, timeout_s: float = PLAZO_S) -> None:
        self.sql, self.mongo = AlmacenEnMemoria(SQL), AlmacenEnMemoria(MONGO)
        self.registro = RegistroSalud(replicada=True)
        self.dual = DualTareaRepository(
            sql_repository=self.sql,
            mongo_repository=self.mongo,
            registro=self.registro,
            reloj=reloj_de_prueba(),
            operacion_timeout_s=timeout_s,
        )

    def close(self) -> None:
        self.dual.close()


@pytest.mark.parametrize(
    "error", [AlmacenNoDisponible(MONGO, "se cayó"), OperacionFallida(MONGO, "sin permiso")]
)
def test_si_mongo_no_puede_decir_que_tiene_de_sql_no_se_fia_nadie(error: Exception) -> None:
    with closing(Programa()) as programa:
        programa.mongo.fallar_con = error
        pagina = programa.dual.list()
        assert programa.registro.atrasada(SQL)
        assert pagina.almacen is SQL
        assert pagina.aviso.startswith("A SQL le pueden faltar los últimos cambios: MongoDB no ")


@pytest.mark.errores_esperados("Error interno al mirar qué falta")
def test_un_error_interno_al_mirar_no_se_toma_por_que_no_falta_nada() -> None:
    with closing(Programa()) as programa:
        programa.mongo.fallos["pendientes"] = ZeroDivisionError()
        programa.dual.list()
        assert programa.registro.atrasada(SQL)


def test_una_coleccion_sin_adoptar_no_le_debe_nada_a_nadie() -> None:
    with closing(Programa()) as programa:
        programa.mongo.fallar_con = EsquemaSinAdoptar(MONGO, "sin adoptar")
        pagina = programa.dual.list()
        assert (pagina.almacen, pagina.aviso) == (SQL, "")


def test_al_que_se_sabe_caido_no_se_le_pregunta() -> None:
    with closing(Programa()) as programa:
        programa.registro.observar(MONGO, Fallo("caída", agotado=True))
        programa.dual.list()
        assert "pendientes" not in programa.mongo.llamadas
        assert programa.registro.atrasada(SQL)


def test_del_que_solo_se_duda_no_se_dice_que_se_pone_al_dia_y_recibe_lo_que_se_escribe() -> None:
    """With the other one down there is nothing that it could catch up with."""
    with closing(Programa()) as programa:
        programa.registro.observar(SQL, PingRespondido(Pong(latencia_ms=1)))
        programa.registro.observar(MONGO, Fallo("caída", agotado=True))
        programa.dual.list()
        assert programa.registro.atrasada(SQL)
        assert not programa.registro.aplaza(SQL)
        assert programa.registro.estado(SQL) is EstadoSalud.OK
        for _ in range(2):
            programa.registro.observar(MONGO, PingRespondido(Pong(latencia_ms=1)))
        assert programa.registro.estado(SQL) is EstadoSalud.PONIENDOSE_AL_DIA


def test_se_pregunta_a_las_dos_a_la_vez() -> None:
    with closing(Programa()) as programa:
        barrera = threading.Barrier(2)
        programa.sql.antes = programa.mongo.antes = _en(
            "pendientes", lambda: barrera.wait(PLAZO_S)
        )  # breaks, and fails the read, unless both stores are asked at once
        programa.dual.list()
        assert not barrera.broken


def test_una_que_no_vuelve_no_retiene_mas_de_un_plazo_a_nadie() -> None:
    with closing(Programa(timeout_s=0.1)) as programa, ThreadPoolExecutor(3) as ejecutor:
        seguir = threading.Event()
        programa.mongo.antes = _en("pendientes", lambda: seguir.wait(PLAZO_S))
        programa.mongo.fallos["listar"] = AlmacenNoDisponible(MONGO, "se cayó")
        inicio_s = time.monotonic()
        paginas = [ejecutor.submit(programa.dual.list) for _ in range(3)]
        avisos = {pagina.result(PLAZO_S).aviso for pagina in paginas}
        tardaron_s = time.monotonic() - inicio_s
        seguir.set()
        assert tardaron_s < 2
        assert avisos == {"A SQL le pueden faltar los últimos cambios: MongoDB no responde (se cayó)."}


def test_lo_de_un_reloj_adelantado_se_ve_aunque_haya_escrituras_de_camino(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with closing(Programa()) as programa:
        de_camino = programa.mongo.save(Tarea(titulo="de camino"))
        ahora_ms = de_camino.version >> 21
        monkeypatch.setattr("adapters.dual.primera_mirada.ahora_ms", lambda: ahora_ms)
        del_futuro = Tarea(titulo="x", version=(ahora_ms + 3_600_000) << 21, pendiente=True)
        programa.mongo.filas[del_futuro.id] = del_futuro
        assert programa.dual.get(del_futuro.id) == del_futuro
        assert programa.registro.atrasada(SQL)
        assert not programa.registro.atrasada(MONGO)


@pytest.mark.parametrize(
    ("error", "dice"),
    [
        (AlmacenNoDisponible(SQL, "se cayó"), "SQL no responde (se cayó)"),
        (ResultadoDesconocido(SQL, "sin respuesta"), "SQL no responde (sin respuesta)"),
        (OperacionFallida(SQL, "sin permiso"), "SQL no puede leer (sin permiso)"),
        (EsquemaSinAdoptar(SQL, "sin adoptar."), "SQL no puede leer (sin adoptar)"),
    ],
)
def test_que_no_responde_se_dice_solo_de_quien_calla(error: Exception, dice: str) -> None:
    with closing(Programa()) as programa:
        programa.dual.list()
        programa.sql.fallar_con = error
        assert programa.dual.list().aviso == f"{dice}: leído de MongoDB."


def test_si_ambas_contestan_que_no_no_se_aconseja_arrancarlas() -> None:
    with closing(Programa()) as programa:
        programa.sql.fallar_con = EsquemaSinAdoptar(SQL, "sin adoptar")
        programa.mongo.fallar_con = OperacionFallida(MONGO, "sin permiso")
        with pytest.raises(LecturaRehusada) as rehusada:
            programa.dual.list()
        assert "en marcha" not in rehusada.value.que_hacer
        programa.mongo.fallar_con = AlmacenNoDisponible(MONGO, "se cayó")
        with pytest.raises(LecturaImposible) as imposible:
            programa.dual.list()
        assert "en marcha" in imposible.value.que_hacer


def test_una_busqueda_lenta_no_es_una_caida_si_el_ping_contesta_mientras() -> None:
    with closing(Programa(timeout_s=0.05)) as programa:
        programa.dual.list()
        tic = threading.Event()

        def lenta() -> None:
            tic.wait(0.06)
            programa.registro.observar(SQL, PingRespondido(programa.sql.pong))

        programa.sql.antes = _en("listar", lenta)
        programa.sql.fallos["listar"] = AlmacenNoDisponible(SQL, "agotó su plazo")
        assert programa.dual.list().almacen is MONGO
        assert programa.registro.estado(SQL) is EstadoSalud.OK
        assert not programa.registro.atrasada(SQL)


def test_una_lectura_que_agota_su_plazo_sin_que_conteste_nada_si_es_una_caida() -> None:
    with closing(Programa(timeout_s=0.05)) as programa:
        programa.dual.list()
        programa.registro.observar(SQL, PingRespondido(replace(programa.sql.pong)))
        tic = threading.Event()
        programa.sql.antes = _en("listar", lambda: tic.wait(0.06))
        programa.sql.fallos["listar"] = AlmacenNoDisponible(SQL, "agotó su plazo")
        programa.dual.list()
        assert programa.registro.conocida_caida(SQL)


def _en(metodo: str, hacer: Callable[[], object]) -> Callable[[str], object]:
    return lambda llamado: hacer() if llamado == metodo else None
