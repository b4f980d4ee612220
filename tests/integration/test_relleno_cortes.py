"""A backfill that is killed, cancelled, or whose target is taken away: it ends in time, and goes on later."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path
from random import Random

import pytest

from adapters.health.compuerta import Compuerta
from adapters.mongo import MongoTareaRepository
from adapters.nodo import ahora_ms
from adapters.peewee import PeeweeTareaRepository
from adapters.replicacion.informe import InformePasada
from adapters.replicacion.motor import Control, MotorReplicacion
from adapters.replicacion.rellenables import rellenables
from adapters.replicacion.relleno import Relleno
from adapters.repositorio_base import RepositorioDeUnAlmacen
from adapters.verificacion.almacenes import con_fichas, revisables
from core.domain.errors import AlmacenError
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.tarea import Tarea
from tests.integration.cortes import Modo
from tests.integration.revision import MONGO, SQL, Par, abrir_par, de_hace
from tests.servidores import ServidorMongo, ServidorPostgres

RAIZ = Path(__file__).parents[2]
PLAZO_S = 1.0


def relleno_de(par: Par, compuerta: Compuerta | None = None) -> Relleno:
    return Relleno(
        par.almacenes,
        rellenables(par.almacenes),
        par.crudos,
        con_fichas(par.almacenes),
        compuerta or Compuerta(),
    )


def llenar(par: Par, origen: NombreAlmacen, cuantas: int) -> list[Tarea]:
    """Rows that this store alone has, every other one pendiente."""
    filas = [de_hace(1, f"n {n}", contador=n % 32, pendiente=n % 2 == 0) for n in range(cuantas)]
    par.poner(filas, origen)
    return filas


def exigir_iguales(par: Par) -> None:
    motor = MotorReplicacion(par.almacenes, ahora_ms=ahora_ms)
    for nombre in NombreAlmacen:
        motor.drenar(nombre)
    assert par.verificar(pagina=1_000).iguales
    assert not any(almacen.pendientes(tras=None, limite=1) for almacen in par.almacenes.values())


@pytest.mark.parametrize("origen", [SQL, MONGO])
def test_matado_varias_veces_sigue_donde_quedo_y_acaba_igual(
    postgres_url: str, mongo_url: str, origen: NombreAlmacen
) -> None:
    azar, cuantas, vistas = Random(origen), 4_000, 0
    with abrir_par(postgres_url, mongo_url) as par:
        llenar(par, origen, cuantas)
        for _ in range(2):
            hechas, _ = _correr(postgres_url, mongo_url, origen, matar_tras=azar.randrange(600, 1_500))
            vistas += hechas
        ultimas, acabo = _correr(postgres_url, mongo_url, origen)
        assert acabo
        assert ultimas < cuantas, "empezó desde el principio"
        assert cuantas <= vistas + ultimas + 2 * 100  # a page may be in of which it could not tell
        assert vistas + ultimas < 1.6 * cuantas
        exigir_iguales(par)


def _correr(sql: str, mongo: str, origen: NombreAlmacen, matar_tras: int | None = None) -> tuple[int, bool]:
    """How many rows a process looked at, and whether it came to an end before it was killed."""
    orden = [sys.executable, "-m", "tests.integration.relleno_interrumpido", sql, mongo, origen]
    miradas = 0
    with subprocess.Popen(orden, cwd=RAIZ, stdout=subprocess.PIPE, text=True) as proceso:
        try:
            for linea in proceso.stdout:
                if linea == "fin\n":
                    return miradas, True
                miradas = int(linea)
                if matar_tras is not None and miradas >= matar_tras:
                    break
        finally:
            proceso.kill()
            proceso.wait(10)
    return miradas, False


@pytest.mark.parametrize(("origen", "modo"), [(SQL, "congelar"), (MONGO, "congelar"), (MONGO, "matar")])
def test_un_destino_que_cae_a_medias_se_dice_a_tiempo_y_luego_sigue(
    servidores_fragiles: tuple[ServidorPostgres, ServidorMongo], origen: NombreAlmacen, modo: Modo
) -> None:
    postgres, mongo = servidores_fragiles
    base = f"relleno_{origen}_{modo}"
    servidor: ServidorPostgres | ServidorMongo = mongo if origen is SQL else postgres
    with ExitStack() as pila:
        almacenes: dict[NombreAlmacen, RepositorioDeUnAlmacen] = {
            SQL: pila.enter_context(
                closing(PeeweeTareaRepository(postgres.crear_base(base), timeout_s=PLAZO_S))
            ),
            MONGO: pila.enter_context(closing(MongoTareaRepository(mongo.url(base), timeout_s=PLAZO_S))),
        }
        for almacen in almacenes.values():
            almacen.preparar()
        par = Par(almacenes, revisables(almacenes))
        llenar(par, origen, 2_000)
        caido_s = 0.0

        def caer(informe: InformePasada) -> None:
            nonlocal caido_s
            if not caido_s:
                servidor.congelar() if modo == "congelar" else servidor.matar()
                caido_s = time.monotonic()

        try:
            with pytest.raises(AlmacenError) as fallo:
                relleno_de(par).rellenar(origen, Control(progreso=caer))
            assert time.monotonic() - caido_s < 4 * PLAZO_S
            assert fallo.value.almacen is origen.otro
        finally:
            servidor.descongelar()
            if not servidor.vivo:
                servidor.revivir()
        relleno_de(par).rellenar(origen)
        exigir_iguales(par)


@pytest.mark.parametrize("origen", [SQL, MONGO])
def test_cancelar_responde_en_medio_segundo(postgres_url: str, mongo_url: str, origen: NombreAlmacen) -> None:
    pedido_s = 0.0

    def pedir(informe: InformePasada) -> None:
        nonlocal pedido_s
        if informe.miradas > 2_000 and not pedido_s:
            pedido_s = time.monotonic()

    with abrir_par(postgres_url, mongo_url) as par:
        llenar(par, origen, 6_000)
        informe = relleno_de(par).rellenar(origen, Control(progreso=pedir, cancelar=lambda: bool(pedido_s)))
        assert time.monotonic() - pedido_s < 0.5
        assert informe.cancelada
        assert informe.miradas < 6_000


def test_mientras_alguien_escribe_va_a_paginas_pequenas_y_descansa(postgres_url: str, mongo_url: str) -> None:
    compuerta, pausas, miradas = Compuerta(), list[float](), list[int]()
    with compuerta.escritura():
        pass
    with abrir_par(postgres_url, mongo_url) as par:
        llenar(par, SQL, 300)

        informe = relleno_de(par, compuerta).rellenar(
            SQL, Control(esperar=pausas.append, progreso=lambda uno: miradas.append(uno.miradas))
        )
        assert informe.copiadas == 300
        assert miradas[0] <= 25
        assert len(pausas) == len(miradas) > 3
        assert all(pausa > 0 for pausa in pausas)
