"""A MongoDB that is killed, frozen, read-only or wants a password: told in time, and as it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pymongo
import pytest

from adapters.mongo import MongoTareaRepository
from adapters.mongo.conexion import Conexion
from core.domain.errors import (
    AlmacenError,
    AlmacenNoDisponible,
    AlmacenSoloLectura,
    OperacionFallida,
    ResultadoDesconocido,
)
from core.domain.models.almacen import Conflicto, Escritura
from core.domain.models.tarea import Tarea
from tests.conftest import Medir
from tests.fakes import reloj_de_prueba
from tests.servidores import ServidorMongo, esperar

MARGEN_S = 0.3
"""What a method may take beyond its deadline, on a busy machine."""


@pytest.fixture
def almacen(mongo_propio: ServidorMongo) -> Iterator[MongoTareaRepository]:
    with closing(MongoTareaRepository(mongo_propio.url(), reloj=reloj_de_prueba(), timeout_s=1.0)) as almacen:
        almacen.ping(3.0)
        yield almacen


def duracion_s(funcion: Callable[[], object], error: type[AlmacenError]) -> float:
    inicio_s = time.monotonic()
    with pytest.raises(error):
        funcion()
    return time.monotonic() - inicio_s


def operaciones(almacen: MongoTareaRepository, tarea: Tarea) -> list[Callable[[], object]]:
    nueva = replace(tarea, version=tarea.version + 1)
    return [
        lambda: almacen.leer(tarea.id),
        lambda: almacen.leer_lote([tarea.id]),
        almacen.list,
        almacen.contar,
        lambda: almacen.escribir(Escritura(nueva, tarea.version)),
        lambda: almacen.escribir_lote([Escritura(nueva, tarea.version)]),
        lambda: almacen.reemplazar(nueva, tarea.version),
        lambda: almacen.confirmar([(tarea.id, tarea.version)]),
        lambda: almacen.pendientes(tras=None, limite=5),
        lambda: almacen.guardar_conflicto(Conflicto(perdedora=tarea, version_ganadora=1, cuando_ms=1)),
        almacen.contar_conflictos,
        almacen.preparar,
        lambda: almacen.ping(1.0),
    ]


def test_congelado_todo_vuelve_en_su_plazo(
    almacen: MongoTareaRepository, mongo_propio: ServidorMongo, medir: Medir
) -> None:
    tarea = almacen.save(Tarea(titulo="x"))
    mongo_propio.congelar()

    todas = operaciones(almacen, tarea)
    with ThreadPoolExecutor(len(todas)) as hilos:
        # The first time the driver takes the server for alive, the second time it knows better.
        peor_s = max(
            duracion
            for _ in range(2)
            for duracion in hilos.map(lambda operacion: duracion_s(operacion, AlmacenError), todas)
        )

    medir("MongoDB congelado, operación con plazo de 1 s, la peor", peor_s, "s")
    assert peor_s < 1.0 + MARGEN_S
    mongo_propio.descongelar()
    esperar(lambda: _responde(almacen), plazo_s=2, que="vuelve a responder")


def test_congelado_un_ping_de_3_s_vuelve_a_los_3_s(
    almacen: MongoTareaRepository, mongo_propio: ServidorMongo
) -> None:
    mongo_propio.congelar()

    assert 2.7 < duracion_s(lambda: almacen.ping(3.0), AlmacenNoDisponible) < 3.0 + MARGEN_S


def test_una_escritura_sin_respuesta_es_desconocida_y_repetirla_no_dana(
    almacen: MongoTareaRepository, mongo_propio: ServidorMongo
) -> None:
    tarea = almacen.save(Tarea(titulo="antes"))
    nueva = replace(tarea, titulo="después", version=tarea.version + 1)
    mongo_propio.congelar()

    duracion_s(lambda: almacen.escribir(Escritura(nueva, tarea.version)), ResultadoDesconocido)

    mongo_propio.descongelar()
    esperar(lambda: _responde(almacen), plazo_s=2, que="vuelve a responder")
    assert almacen.escribir(Escritura(nueva, tarea.version)).aplicada
    assert almacen.leer(tarea.id) == nueva


def test_matado_se_sabe_enseguida_y_nada_se_envio(
    almacen: MongoTareaRepository, mongo_propio: ServidorMongo, medir: Medir
) -> None:
    tarea = almacen.save(Tarea(titulo="x"))
    mongo_propio.matar()
    esperar(lambda: not _responde(almacen), plazo_s=2, que="deja de responder")

    ping_s = duracion_s(lambda: almacen.ping(3.0), AlmacenNoDisponible)
    leer_s = duracion_s(lambda: almacen.leer(tarea.id), AlmacenNoDisponible)
    escribir_s = duracion_s(lambda: almacen.save(Tarea(titulo="y")), AlmacenNoDisponible)

    medir("MongoDB matado, ping que falla", ping_s * 1000, "ms")
    assert max(ping_s, leer_s, escribir_s) < 0.3
    mongo_propio.start()
    esperar(lambda: _responde(almacen), plazo_s=2, que="vuelve a responder")
    assert almacen.leer(tarea.id) is not None


def test_interrumpir_libera_a_quien_espera_y_el_almacen_sigue_sirviendo(
    mongo_propio: ServidorMongo, medir: Medir
) -> None:
    with closing(
        MongoTareaRepository(mongo_propio.url(), reloj=reloj_de_prueba(), timeout_s=20.0)
    ) as almacen:
        tarea = almacen.save(Tarea(titulo="x"))
        mongo_propio.congelar()
        terminado = threading.Event()
        empezado = threading.Event()

        def leer() -> None:
            empezado.set()
            with pytest.raises(AlmacenNoDisponible):
                almacen.leer(tarea.id)
            terminado.set()

        hilo = threading.Thread(target=leer)
        hilo.start()
        assert empezado.wait(5)
        inicio_s = time.monotonic()
        esperar(lambda: _interrumpir(almacen, terminado), plazo_s=5, paso_s=0.2, que="la lectura acaba")
        medir("MongoDB congelado, interrumpir", time.monotonic() - inicio_s, "s")
        hilo.join(5)
        mongo_propio.descongelar()
        assert almacen.leer(tarea.id) == tarea


def test_cerrar_con_el_servidor_congelado_no_espera(mongo_propio: ServidorMongo) -> None:
    almacen = MongoTareaRepository(mongo_propio.url(), reloj=reloj_de_prueba())
    almacen.contar()
    mongo_propio.congelar()

    inicio_s = time.monotonic()
    almacen.close()
    almacen.close()

    assert time.monotonic() - inicio_s < 0.8
    with pytest.raises(AlmacenNoDisponible, match="cerró"):
        almacen.contar()
    mongo_propio.descongelar()


def test_un_primario_que_cede_es_de_solo_lectura_y_lo_dice(
    almacen: MongoTareaRepository, mongo_propio: ServidorMongo
) -> None:
    almacen.save(Tarea(titulo="x"))
    with mongo_propio.cliente() as cliente:
        cliente.admin.command({"replSetStepDown": 30, "secondaryCatchUpPeriodSecs": 0, "force": True})
        esperar(lambda: almacen.ping(3.0).solo_lectura, plazo_s=5, que="se ve como réplica")

        assert "réplica" in almacen.ping(3.0).rol
        with pytest.raises(AlmacenSoloLectura):
            almacen.save(Tarea(titulo="y"))
        with pytest.raises(AlmacenNoDisponible, match="primario"):
            almacen.contar()

        cliente.admin.command({"replSetFreeze": 0})
    esperar(lambda: not almacen.ping(3.0).solo_lectura, plazo_s=20, que="vuelve a ser primario")
    assert almacen.contar() == 1


def test_el_ping_dice_papel_version_y_reloj(almacen: MongoTareaRepository) -> None:
    pong = almacen.ping(3.0)

    assert pong.version_servidor.startswith("MongoDB 6.")
    assert pong.rol == "primario de rs0"
    assert not pong.solo_lectura
    assert pong.desfase_ms is not None
    assert abs(pong.desfase_ms) < 250
    assert 0 < pong.latencia_ms < 1000


def test_un_servidor_suelto_tambien_se_entiende(mongo_suelto_url: str) -> None:
    with closing(MongoTareaRepository(mongo_suelto_url, reloj=reloj_de_prueba())) as almacen:
        assert almacen.ping(3.0).rol == "servidor independiente"


def test_usuario_o_contrasena_mala_se_dice_sin_repetirla(mongo_propio: ServidorMongo) -> None:
    url = mongo_propio.url().replace("mongodb://", "mongodb://ana:secreto@")
    with closing(MongoTareaRepository(url, reloj=reloj_de_prueba())) as almacen:
        with pytest.raises(AlmacenNoDisponible, match="usuario o la contraseña") as captura:
            almacen.ping(3.0)

        assert "secreto" not in f"{captura.value} {almacen!r}"


def test_un_indice_unico_ajeno_rechaza_una_fila_y_no_las_demas(mongo_url: str) -> None:
    with closing(MongoTareaRepository(mongo_url, reloj=reloj_de_prueba())) as almacen:
        almacen.preparar()
        with pymongo.MongoClient(mongo_url) as cliente:
            cliente.get_default_database()["tareas"].create_index("titulo", unique=True)
        tareas = [Tarea(titulo=titulo, version=n + 1) for n, titulo in enumerate(("a", "a", "b"))]

        escritos = almacen.escribir_lote([Escritura(tarea) for tarea in tareas])

        assert sorted(uno.aplicada for uno in escritos) == [False, True, True]
        assert escritos[2].aplicada
        (rechazo,) = [uno for uno in escritos if not uno.aplicada]
        assert "índice único" in rechazo.error
        with pytest.raises(OperacionFallida, match="índice único"):
            almacen.save(Tarea(titulo="b"))


def test_una_fila_que_rechaza_un_validador_ajeno_no_estorba_a_las_demas(mongo_url: str) -> None:
    with pymongo.MongoClient(mongo_url) as cliente:
        cliente.get_default_database().create_collection("tareas", validator={"titulo": {"$ne": "mala"}})
    with closing(MongoTareaRepository(mongo_url, reloj=reloj_de_prueba())) as almacen:
        tareas = [Tarea(titulo=titulo, version=n + 1) for n, titulo in enumerate(("a", "mala", "b"))]

        escritos = almacen.escribir_lote([Escritura(tarea) for tarea in tareas])

        assert [uno.aplicada for uno in escritos] == [True, False, True]
        assert "reglas de validación" in escritos[1].error


def test_una_version_ya_confirmada_no_vuelve_a_quedar_pendiente(mongo_url: str) -> None:
    with closing(MongoTareaRepository(mongo_url, reloj=reloj_de_prueba())) as almacen:
        tarea = almacen.save(Tarea(titulo="x"))
        almacen.confirmar([(tarea.id, tarea.version)])

        for escritura in (Escritura(tarea), Escritura(tarea, tarea.version), Escritura(replace(tarea), 0)):
            assert almacen.escribir(escritura).aplicada
            assert almacen.escribir_lote([escritura])[0].aplicada

        leida = almacen.leer(tarea.id)
        assert leida is not None
        assert not leida.pendiente


def test_una_url_sin_base_usa_dual_tareas() -> None:
    with closing(MongoTareaRepository("mongodb://h:1", reloj=reloj_de_prueba())) as almacen:
        assert almacen.direccion() == "h:1/dual_tareas"
    conexion = Conexion("mongodb://h:1/una", base="otra", timeout_s=1)
    assert conexion.direccion == "h:1/otra"
    conexion.close()


def _responde(almacen: MongoTareaRepository) -> bool:
    try:
        almacen.ping(1.0)
    except AlmacenError:
        return False
    return True


def _interrumpir(almacen: MongoTareaRepository, terminado: threading.Event) -> bool:
    almacen.interrumpir()
    return terminado.is_set()
