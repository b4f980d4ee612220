"""More differences than can be told one by one: all are counted by kind, in bounded memory and time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from adapters.verificacion import mirada
from adapters.verificacion.base import Verificador
from adapters.verificacion.flujo import VerificadorFlujo
from adapters.verificacion.resumen import VerificadorResumen
from core.diferencias import TipoDiferencia
from core.domain.models.verificacion import InformeVerificacion
from tests.integration.revision import MONGO, SQL, Par, abrir_par, de_hace, url_sqlite
from tests.servidores import ServidorMongo

CUANTAS = 60
ESPERADAS = {
    TipoDiferencia.SOLO_SQL: 20,
    TipoDiferencia.SOLO_MONGO: 15,
    TipoDiferencia.CONTENIDO: 12,
    TipoDiferencia.LAPIDA: 8,
    TipoDiferencia.MALFORMADA: 5,
}


@pytest.fixture(params=[VerificadorFlujo, VerificadorResumen], ids=["flujo", "resumen"])
def metodo(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(scope="module")
def distintas(tmp_path_factory: pytest.TempPathFactory, servidor_mongo: ServidorMongo) -> Iterator[Par]:
    """Two stores that differ in each way; nobody changes them."""
    mongo_url = servidor_mongo.url("muchas")
    with abrir_par(url_sqlite(tmp_path_factory.mktemp("muchas")), mongo_url) as par:
        par.poner([de_hace(5, f"igual {n}", contador=n % 30) for n in range(10)])
        par.poner([de_hace(4) for _ in range(20)], SQL)
        par.poner([de_hace(4) for _ in range(15)], MONGO)
        filas = [de_hace(3, f"{n}", contador=n % 30) for n in range(25)]
        par.poner(filas[:12], SQL)
        par.poner([replace(fila, titulo="otra") for fila in filas[:12]], MONGO)
        par.poner(filas[12:20], SQL)
        par.poner([replace(fila, eliminada=True) for fila in filas[12:20]], MONGO)
        par.poner(filas[20:])
        with servidor_mongo.cliente() as cliente:
            ids = [str(fila.id) for fila in filas[20:]]
            cliente["muchas"]["tareas"].update_many({"_id": {"$in": ids}}, {"$set": {"n": 1}})
            yield par
            cliente.drop_database("muchas")


def verificar(par: Par, metodo: type[Verificador]) -> InformeVerificacion:
    return par.verificar(metodo, espera_s=0.01)


def test_se_cuentan_todas_por_clase_aunque_no_quepan_en_la_lista(
    distintas: Par, metodo: type[Verificador], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirada, "LIMITE", 7)
    esperando: list[int] = []
    repasar = mirada.Mirada._repasar

    def contar(yo: mirada.Mirada) -> None:
        esperando.append(len(yo._dudas))
        repasar(yo)

    monkeypatch.setattr(mirada.Mirada, "_repasar", contar)
    informe = verificar(distintas, metodo)
    assert informe.cuentas == ESPERADAS
    assert (len(informe.diferencias), informe.sin_listar, informe.sin_revisar) == (7, CUANTAS - 7, 0)
    assert max(esperando) == 7  # what waits for its second look is bounded, however much differs


def test_lo_que_ya_no_cabe_en_el_tiempo_se_dice_sin_mirarlo(
    distintas: Par, metodo: type[Verificador], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirada, "LIMITE", 7)
    monkeypatch.setattr(mirada, "AGUANTE_S", -1.0)
    informe = verificar(distintas, metodo)
    assert 7 <= informe.cuentas.total() < CUANTAS
    assert informe.cuentas.total() + informe.sin_revisar == CUANTAS
    assert not informe.iguales


def test_todas_caben_si_son_pocas(distintas: Par, metodo: type[Verificador]) -> None:
    informe = verificar(distintas, metodo)
    assert (informe.cuentas, len(informe.diferencias), informe.sin_listar) == (ESPERADAS, CUANTAS, 0)
