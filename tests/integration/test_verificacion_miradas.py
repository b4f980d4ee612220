"""Looking again: when, how often, how long; and what is left in the stores of what was found."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from adapters.nodo import ahora_ms
from adapters.verificacion import mirada
from adapters.verificacion.base import Verificador
from adapters.verificacion.flujo import VerificadorFlujo
from adapters.verificacion.resumen import VerificadorResumen
from core.application.purgar_lapidas import DIA_MS
from core.diferencias import TipoDiferencia
from core.domain.errors import AlmacenSoloLectura, ResultadoDesconocido
from core.domain.models.verificacion import NOTA_LIMPIA, NOTA_ULTIMA, InformeVerificacion
from core.domain.models.version import EN_VUELO_MS
from tests.integration.revision import MONGO, SQL, AMano, Par, abrir_par, de_hace, url_sqlite

ESPERA_S = EN_VUELO_MS / 1000


class Mesa(AMano):
    """Both stores, and hands in them."""

    def __init__(self, par: Par, sql_url: str, mongo_url: str) -> None:
        self.par, self.sql_url, self.mongo_url = par, sql_url, mongo_url

    def retitular(self, id: object, titulo: str) -> None:
        self.en_sql("UPDATE tareas SET titulo = ? WHERE id = ?", titulo, str(id))

    def verificar(self, parar: threading.Event, metodo: type[Verificador]) -> InformeVerificacion:
        return metodo(self.par.crudos, ahora_ms=ahora_ms).verificar(parar=parar)


@pytest.fixture
def mesa(tmp_path: Path, mongo_url: str) -> Iterator[Mesa]:
    sql_url = url_sqlite(tmp_path)
    with abrir_par(sql_url, mongo_url) as par:
        yield Mesa(par, sql_url, mongo_url)


@pytest.fixture(params=[VerificadorFlujo, VerificadorResumen], ids=["flujo", "resumen"])
def metodo(request: pytest.FixtureRequest) -> Any:
    return request.param


class Pausas(threading.Event):
    """Takes no time to wait, remembers how long it should have been, and does something meanwhile."""

    def __init__(self, hacer: Callable[[int], None] = lambda _vez: None) -> None:
        super().__init__()
        self.esperas_s: list[float] = []
        self._hacer = hacer

    def wait(self, timeout: float | None = None) -> bool:
        self.esperas_s.append(timeout or 0.0)
        self._hacer(len(self.esperas_s))
        return False


def test_lo_recien_escrito_espera_mas_que_lo_viejo(mesa: Mesa, metodo: Any) -> None:
    mesa.par.poner([vieja := de_hace(1)])
    mesa.retitular(vieja.id, "a mano")
    pausas = Pausas()
    assert mesa.verificar(pausas, metodo).cuentas == {TipoDiferencia.CONTENIDO: 1}
    assert pausas.esperas_s == [mirada.CORTA_S]
    mesa.par.poner([de_hace(0)], SQL)
    pausas = Pausas()
    assert mesa.verificar(pausas, metodo).cuentas.total() == 2
    assert pausas.esperas_s == [ESPERA_S]


def test_lo_recien_escrito_y_pendiente_se_mira_hasta_que_deja_de_ser_reciente(mesa: Mesa) -> None:
    mesa.par.poner([de_hace(1)])
    mesa.par.poner([de_hace(0, pendiente=True)], SQL)
    reloj = [ahora_ms()]

    def pasar(vez: int) -> None:
        reloj[0] += 1_500

    pausas = Pausas(pasar)
    informe = VerificadorFlujo(mesa.par.crudos, ahora_ms=lambda: reloj[0]).verificar(parar=pausas)
    assert informe.cuentas == {TipoDiferencia.SOLO_SQL: 1}
    assert pausas.esperas_s == [ESPERA_S] * 3  # two of them leave it at 3 s, which is still just now


@pytest.mark.parametrize(("adelanto_ms", "miradas"), [(30_000, mirada.MIRADAS), (90_000, 1)])
def test_lo_pendiente_de_un_reloj_adelantado_tambien_se_nombra(
    mesa: Mesa, adelanto_ms: int, miradas: int
) -> None:
    mesa.par.poner([de_hace(1)])
    mesa.par.poner([de_hace(2)], MONGO)
    mesa.par.poner([de_hace(-adelanto_ms / DIA_MS, pendiente=True)], SQL)
    pausas = Pausas()
    informe = mesa.verificar(pausas, VerificadorFlujo)
    assert (informe.cuentas.total(), informe.en_vuelo, len(pausas.esperas_s)) == (2, 0, miradas)


def test_lo_que_no_para_se_mira_mas_veces_si_es_lo_unico_que_falta(mesa: Mesa, metodo: Any) -> None:
    mesa.par.poner([fila := de_hace(1, "buena"), de_hace(2)])
    mesa.retitular(fila.id, "vuelta 0")

    def cambiar(vez: int) -> None:
        mesa.retitular(fila.id, "buena" if vez == mirada.MIRADAS + 6 else f"vuelta {vez}")

    pausas = Pausas(cambiar)
    informe = mesa.verificar(pausas, metodo)
    assert (informe.iguales, informe.en_vuelo, len(pausas.esperas_s)) == (True, 0, mirada.MIRADAS + 6)
    insistencia = pausas.esperas_s[mirada.MIRADAS :]
    assert insistencia == sorted(insistencia)
    assert insistencia[-1] > 2 * insistencia[0]


def test_lo_que_al_insistir_se_queda_quieto_y_distinto_cuenta(mesa: Mesa) -> None:
    mesa.par.poner([fila := de_hace(1, "buena"), de_hace(2)])
    mesa.retitular(fila.id, "vuelta 0")

    def cambiar(vez: int) -> None:
        if vez <= mirada.MIRADAS + 2:
            mesa.retitular(fila.id, f"vuelta {vez}")

    pausas = Pausas(cambiar)
    informe = mesa.verificar(pausas, VerificadorFlujo)
    assert (informe.cuentas, informe.en_vuelo) == ({TipoDiferencia.CONTENIDO: 1}, 0)
    quieta_s = sum(pausas.esperas_s[mirada.MIRADAS + 2 :])
    assert ESPERA_S <= quieta_s < ESPERA_S + pausas.esperas_s[-1]  # no sooner than any other one


def test_no_se_insiste_si_ya_se_sabe_que_difieren(mesa: Mesa) -> None:
    mesa.par.poner([fila := de_hace(1), de_hace(2)])
    mesa.par.poner([de_hace(3)], MONGO)
    mesa.retitular(fila.id, "vuelta 0")
    pausas = Pausas(lambda vez: mesa.retitular(fila.id, f"vuelta {vez}"))
    informe = mesa.verificar(pausas, VerificadorFlujo)
    assert (informe.cuentas, informe.en_vuelo) == ({TipoDiferencia.SOLO_MONGO: 1}, 1)
    assert len(pausas.esperas_s) == mirada.MIRADAS


def test_insistir_tiene_fin(mesa: Mesa) -> None:
    mesa.par.poner([fila := de_hace(1)])
    mesa.retitular(fila.id, "vuelta 0")
    pausas = Pausas(lambda vez: mesa.retitular(fila.id, f"vuelta {vez}"))
    informe = mesa.verificar(pausas, VerificadorFlujo)
    assert (informe.en_vuelo, informe.hay_diferencias, informe.iguales) == (1, False, False)
    assert sum(pausas.esperas_s[mirada.MIRADAS :]) < 30


# -- the notes ----------------------------------------------------------------------------------------


def notas(mesa: Mesa, clave: str) -> list[str | None]:
    return [mesa.par.crudos[nombre].nota(clave) for nombre in (SQL, MONGO)]


def estropear(
    mesa: Mesa, monkeypatch: pytest.MonkeyPatch, cuando: Callable[[str], bool], llega: bool
) -> None:
    """Make MongoDB refuse notes; `llega`: it is only the answer that is lost."""
    de_verdad = mesa.par.crudos[MONGO].anotar
    restantes = [True]

    def anotar(clave: str, valor: str) -> None:
        if not (restantes and cuando(clave)):
            return de_verdad(clave, valor)
        if llega:
            restantes.clear()
            de_verdad(clave, valor)
            raise ResultadoDesconocido(MONGO, "No se sabe si la nota quedó guardada.")
        raise AlmacenSoloLectura(MONGO, "MongoDB no admite escrituras.")

    monkeypatch.setattr(mesa.par.crudos[MONGO], "anotar", anotar)


def test_una_nota_que_no_cabe_no_cuesta_el_resultado(mesa: Mesa, monkeypatch: pytest.MonkeyPatch) -> None:
    mesa.par.poner([de_hace(1)])
    estropear(mesa, monkeypatch, lambda _clave: True, llega=False)
    informe = mesa.verificar(threading.Event(), VerificadorFlujo)
    assert informe.iguales
    assert informe.sin_anotar == "El resultado no se pudo anotar en MongoDB: MongoDB no admite escrituras."
    assert notas(mesa, NOTA_LIMPIA) == [None, None]
    assert notas(mesa, NOTA_ULTIMA)[0] is not None


@pytest.mark.parametrize("llega", [False, True])
def test_no_queda_anotada_limpia_en_una_sola(
    mesa: Mesa, monkeypatch: pytest.MonkeyPatch, llega: bool
) -> None:
    mesa.par.poner([de_hace(1)])
    assert mesa.verificar(threading.Event(), VerificadorFlujo).sin_anotar == ""
    antes = notas(mesa, NOTA_LIMPIA)
    estropear(mesa, monkeypatch, lambda clave: clave == NOTA_LIMPIA, llega)
    informe = mesa.verificar(threading.Event(), VerificadorFlujo)
    assert (informe.iguales, informe.sin_anotar != "") == (True, True)
    assert notas(mesa, NOTA_LIMPIA) == antes


def test_un_sqlite_que_ya_no_se_puede_escribir_se_verifica(mesa: Mesa, tmp_path: Path) -> None:
    mesa.par.poner([de_hace(1)])
    mesa.en_sql(
        "CREATE TRIGGER cerrado BEFORE INSERT ON dual_tareas_meta BEGIN SELECT RAISE(FAIL, 'no'); END"
    )
    mesa.en_sql(
        "CREATE TRIGGER cerrado2 BEFORE UPDATE ON dual_tareas_meta BEGIN SELECT RAISE(FAIL, 'no'); END"
    )
    informe = mesa.verificar(threading.Event(), VerificadorFlujo)
    assert (informe.iguales, informe.sin_anotar.startswith("El resultado no se pudo anotar en SQL: ")) == (
        True,
        True,
    )
    assert notas(mesa, NOTA_LIMPIA) == [None, None]


# -- the pulse ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("producto", ["sqlite", "postgres"])
def test_el_pulso_ve_tambien_lo_que_escribe_un_reloj_atrasado(
    request: pytest.FixtureRequest, tmp_path: Path, mongo_url: str, producto: str
) -> None:
    sql_url = url_sqlite(tmp_path) if producto == "sqlite" else request.getfixturevalue("postgres_url")
    with abrir_par(sql_url, mongo_url) as par:
        vieja, nueva = de_hace(2), de_hace(1)
        par.poner([vieja, nueva])
        antes = [par.crudos[nombre].pulso() for nombre in (SQL, MONGO)]
        assert antes[0] == antes[1]
        assert antes[0][0] == 2
        # One second later, by a clock that is behind the one that wrote the newest row.
        par.poner(
            [
                replace(
                    vieja, titulo="otra", version=vieja.version + (1_000 << 21), version_comun=vieja.version
                )
            ]
        )
        despues = [par.crudos[nombre].pulso() for nombre in (SQL, MONGO)]
        assert despues[0] == despues[1]
        assert despues != antes
        assert [uno[0] for uno in despues] == [2, 2]


def test_el_pulso_no_falla_por_una_version_que_no_es_un_numero(mesa: Mesa) -> None:
    filas = [de_hace(1) for _ in range(3)]
    mesa.par.poner(filas)
    mesa.en_mongo(str(filas[0].id), {"$set": {"version": "x"}})
    mesa.en_mongo(str(filas[1].id), {"$unset": {"version": ""}})
    mesa.en_sql("UPDATE tareas SET version = 'x' WHERE id = ?", str(filas[0].id))
    assert [mesa.par.crudos[nombre].pulso()[0] for nombre in (SQL, MONGO)] == [3, 3]


def test_el_pulso_lee_un_indice_y_ningun_documento(mesa: Mesa) -> None:
    mesa.par.poner([de_hace(1) for _ in range(50)])
    cliente: MongoClient[dict[str, Any]]
    with MongoClient(mesa.mongo_url) as cliente:
        base = cliente.get_default_database()
        base.command("profile", 2)
        mesa.par.crudos[MONGO].pulso()
        base.command("profile", 0)
        (visto,) = base["system.profile"].find({"command.aggregate": "tareas"})
    assert (visto["docsExamined"], visto["keysExamined"] >= 50) == (0, True)
