"""Name look-ups: nobody waits for a name server longer than for a database."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import pymongo
import pytest

from adapters.mongo.sonda import rechazo
from adapters.nombres import Buscador, es_nombre
from adapters.peewee import PeeweeTareaRepository
from adapters.peewee.apertura_postgres import con_direcciones
from core.domain.errors import AlmacenNoDisponible
from tests.fakes import reloj_de_prueba
from tests.servidores import ServidorPostgres

PLAZO_S = 0.3
HOLGURA_S = 0.5
NOMBRES: dict[str, list[str]] = {"uno.ejemplo": ["10.0.0.1", "10.0.0.2"], "base.ejemplo": ["127.0.0.1"]}


@pytest.fixture(autouse=True)
def resolvedor(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A resolver that knows NOMBRES, and hangs for "colgado.ejemplo"; what it was asked."""
    fin, preguntas, de_verdad = threading.Event(), [], socket.getaddrinfo

    def preguntar(anfitrion: str, *resto: Any, **opciones: Any) -> Any:
        if not es_nombre(anfitrion):
            return de_verdad(anfitrion, *resto, **opciones)
        preguntas.append(anfitrion)
        if anfitrion == "colgado.ejemplo":
            fin.wait(10)
        if anfitrion not in NOMBRES:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (una, 0)) for una in NOMBRES[anfitrion]]

    monkeypatch.setattr(socket, "getaddrinfo", preguntar)
    yield preguntas
    fin.set()


def abierto(url: str) -> closing[PeeweeTareaRepository]:
    return closing(PeeweeTareaRepository(url, reloj=reloj_de_prueba(), timeout_s=PLAZO_S))


def resolver(**parametros: str) -> dict[str, str]:
    return dict(con_direcciones(parametros, lambda futuro: futuro.result(timeout=5)))


def test_una_busqueda_colgada_cuesta_un_hilo_y_no_uno_por_pregunta(resolvedor: list[str]) -> None:
    buscador = Buscador()

    futuros = {buscador.buscar("colgado.ejemplo") for _ in range(20)}

    assert len(futuros) == 1
    assert not futuros.pop().done()
    assert buscador.buscar("uno.ejemplo").result(timeout=5) == ["10.0.0.1", "10.0.0.2"]
    assert resolvedor == ["colgado.ejemplo", "uno.ejemplo"]


def test_un_nombre_se_vuelve_a_preguntar_la_proxima_vez(resolvedor: list[str]) -> None:
    buscador = Buscador()
    for _ in range(2):
        with pytest.raises(socket.gaierror):
            buscador.buscar("nadie.ejemplo").result(timeout=5)
    assert resolvedor == ["nadie.ejemplo"] * 2


@pytest.mark.parametrize(
    ("anfitrion", "busca"),
    [
        ("127.0.0.1", False),
        ("::1", False),
        ("fe80::1%lo", False),
        ("/run/pg", False),
        ("", False),
        ("h", True),
    ],
)
def test_una_direccion_no_se_busca(anfitrion: str, busca: bool) -> None:
    assert es_nombre(anfitrion) is busca


def test_cada_direccion_de_un_nombre_se_prueba_con_su_puerto() -> None:
    varios = resolver(host="uno.ejemplo,192.0.2.9,base.ejemplo", port="1,2,3", dbname="b")

    assert varios == {
        "host": "uno.ejemplo,uno.ejemplo,192.0.2.9,base.ejemplo",
        "hostaddr": "10.0.0.1,10.0.0.2,,127.0.0.1",
        "port": "1,1,2,3",
        "dbname": "b",
    }
    assert resolver(host="base.ejemplo,nadie.ejemplo", port="5")["hostaddr"] == "127.0.0.1"
    assert resolver(host="uno.ejemplo", hostaddr="10.9.9.9") == {
        "host": "uno.ejemplo",
        "hostaddr": "10.9.9.9",
    }


def test_un_nombre_que_nadie_conoce_se_dice() -> None:
    with pytest.raises(psycopg.OperationalError, match="translate host"):
        resolver(host="nadie.ejemplo")
    with (
        abierto("postgresql://ana:s3creta@nadie.ejemplo/b") as repositorio,
        pytest.raises(AlmacenNoDisponible, match="nombre del servidor no se encuentra"),
    ):
        repositorio.contar()


def test_postgres_no_espera_al_servicio_de_nombres_mas_que_su_plazo() -> None:
    with abierto("postgresql://ana:s3creta@colgado.ejemplo/b") as repositorio:
        inicio_s = time.monotonic()
        with pytest.raises(AlmacenNoDisponible, match=r"nombres \(DNS\) no contestó a tiempo"):
            repositorio.contar()
        assert time.monotonic() - inicio_s < PLAZO_S + HOLGURA_S


def test_postgres_se_abre_por_su_nombre(servidor_postgres: ServidorPostgres) -> None:
    with abierto(f"postgresql://postgres@base.ejemplo:{servidor_postgres.puerto}/postgres") as repositorio:
        assert repositorio.ping(3.0).rol == "primario"


@pytest.mark.parametrize(
    ("anfitrion", "frase"),
    [
        ("colgado.ejemplo", ""),
        ("nadie.ejemplo", "el nombre del servidor no existe"),
        ("base.ejemplo", "rechazada"),
    ],
)
def test_un_toque_a_mongo_no_espera_al_servicio_de_nombres(anfitrion: str, frase: str) -> None:
    with pymongo.MongoClient[dict[str, Any]](anfitrion, 1, connect=False) as cliente:
        topologia = cliente.topology_description
    inicio_s = time.monotonic()

    porque = rechazo(topologia)

    assert frase in porque
    assert bool(porque) is bool(frase)
    assert time.monotonic() - inicio_s < 0.3 + HOLGURA_S
