"""What can happen to a PostgreSQL server while the program runs."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from adapters.peewee import PeeweeTareaRepository
from adapters.peewee.consultas import consultas_pagina
from adapters.peewee.nodos import NodosSql
from core.domain.errors import (
    AlmacenError,
    AlmacenNoDisponible,
    AlmacenSoloLectura,
    ConfiguracionInvalida,
    EsquemaSinAdoptar,
    OperacionFallida,
    ResultadoDesconocido,
)
from core.domain.models.almacen import Escritura
from core.domain.models.consulta import Columna, Consulta
from core.domain.models.tarea import Tarea
from tests.contract.datos import fila, sobre
from tests.fakes import reloj_de_prueba
from tests.servidores import BancoDePruebas, ProxyTCP, ServidorPostgres
from tests.servidores.espera import esperar

PLAZO_S = 0.6
"""Deadline of the operations that are to run into it, seconds."""
HOLGURA_S = 0.5
"""What a call may take beyond its deadline on a busy machine, seconds."""


def abierto(url: str, timeout_s: float = 3.0) -> closing[PeeweeTareaRepository]:
    return closing(PeeweeTareaRepository(url, reloj=reloj_de_prueba(), timeout_s=timeout_s))


def por_proxy(url: str, proxy: ProxyTCP) -> str:
    partes = psycopg.conninfo.conninfo_to_dict(url)
    return f"postgresql://{partes['user']}@127.0.0.1:{proxy.puerto}/{partes['dbname']}"


@pytest.fixture
def proxy(servidor_postgres: ServidorPostgres) -> Iterator[ProxyTCP]:
    with ProxyTCP(servidor_postgres.direccion) as proxy:
        yield proxy


@pytest.fixture
def sql(postgres_url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection of our own to the same database."""
    with psycopg.connect(postgres_url, autocommit=True) as conexion:
        yield conexion


def cronometrada(error: type[AlmacenError], operacion: Callable[[], object]) -> tuple[AlmacenError, float]:
    inicio_s = time.monotonic()
    with pytest.raises(error) as caso:
        operacion()
    return caso.value, time.monotonic() - inicio_s


# --- addresses ---


def test_ni_la_direccion_ni_el_repr_dicen_la_contrasena() -> None:
    with abierto("postgresql://ana:s3creta@db.ejemplo:6543/tareas?sslmode=require") as repositorio:
        assert repositorio.direccion() == "db.ejemplo:6543/tareas"
        assert "s3creta" not in repr(repositorio) + str(vars(repositorio))


@pytest.mark.parametrize(
    "resto", ["ana:s3creta@h/b?no_existe=1", "ana:s3creta@[::1/b", "ana:s3creta@h/b?port"]
)
def test_una_direccion_mal_escrita_se_dice_sin_repetirla(resto: str) -> None:
    with pytest.raises(ConfiguracionInvalida, match="SQL_URL") as caso:
        PeeweeTareaRepository(f"postgresql://{resto}", reloj=reloj_de_prueba())
    assert "s3creta" not in str(caso.value)


def test_un_servidor_que_no_esta_se_dice_al_momento_y_sin_secretos() -> None:
    with abierto("postgresql://ana:s3creta@127.0.0.1:1/tareas") as repositorio:
        error, duracion_s = cronometrada(AlmacenNoDisponible, repositorio.contar)
        assert duracion_s < HOLGURA_S
        assert "rechaza la conexión" in str(error)
        causa: BaseException | None = error
        while causa is not None:
            assert "s3creta" not in f"{causa!r} {causa}"
            causa = causa.__cause__ or causa.__context__


def test_una_base_que_no_existe_se_dice(servidor_postgres: ServidorPostgres) -> None:
    with (
        abierto(servidor_postgres.url("no_existe")) as repositorio,
        pytest.raises(AlmacenNoDisponible, match="no existen"),
    ):
        repositorio.ping(2.0)


def test_un_intermediario_que_solo_admite_lo_corriente_no_tiene_que_rechazar(
    postgres_url: str, proxy: ProxyTCP
) -> None:
    """PgBouncer ends a connection that asks for `options`: the session is set up once it is there."""
    peticiones: list[bytes] = []
    proxy.tirar_respuesta(lambda peticion: bool(peticiones.append(peticion)))
    with abierto(por_proxy(postgres_url, proxy), 2.0) as repositorio:
        ajustes = repositorio._motor.ejecutar(
            lambda conexion: conexion.fila(
                "SELECT current_setting('TimeZone'), current_setting('DateStyle'),"
                " current_setting('statement_timeout'), current_setting('client_encoding'),"
                " current_setting('idle_in_transaction_session_timeout')"
            )
        )
    saludo = next(peticion for peticion in peticiones if b"application_name" in peticion)
    assert b"options" not in saludo
    assert ajustes == ("UTC", "ISO, MDY", "1800ms", "UTF8", "1min")


@pytest.mark.parametrize(("ajuste", "esperado"), [("off", "on"), ("remote_write", "remote_write")])
def test_lo_confirmado_sobrevive_a_la_caida_del_servidor(
    postgres_url: str, sql: psycopg.Connection[Any], ajuste: str, esperado: str
) -> None:
    """With `synchronous_commit = off` a server that is killed forgets what it acknowledged."""
    base = conninfo_to_dict(postgres_url)["dbname"]
    sql.execute(f'ALTER DATABASE "{base}" SET synchronous_commit = {ajuste}')
    with closing(PeeweeTareaRepository(postgres_url)) as repositorio:
        (vista,) = repositorio._motor.ejecutar(lambda conexion: conexion.filas("SHOW synchronous_commit"))
    assert vista == (esperado,)


def test_las_opciones_de_la_direccion_se_respetan(postgres_url: str) -> None:
    with abierto(f"{postgres_url}?options=-c%20work_mem%3D7MB") as repositorio:
        fila_ = repositorio._motor.ejecutar(lambda conexion: conexion.fila("SHOW work_mem"))
    assert fila_ == ("7MB",)


# --- outages ---


@pytest.mark.parametrize("operacion", ["ping", "leer", "escribir"])
def test_un_servidor_congelado_no_retiene_a_nadie(postgres_url: str, proxy: ProxyTCP, operacion: str) -> None:
    with abierto(por_proxy(postgres_url, proxy), PLAZO_S) as repositorio:
        repositorio.escribir(Escritura(fila()))
        repositorio.ping(1.0)
        proxy.atascar()
        llamadas: dict[str, tuple[type[AlmacenError], Callable[[], object]]] = {
            "ping": (AlmacenNoDisponible, lambda: repositorio.ping(PLAZO_S)),
            "leer": (AlmacenNoDisponible, lambda: repositorio.leer(fila().id)),
            "escribir": (ResultadoDesconocido, lambda: repositorio.escribir(Escritura(fila()))),
        }
        error, duracion_s = cronometrada(*llamadas[operacion])
        assert f"no contestó en {PLAZO_S:g} s" in str(error)
        assert duracion_s < PLAZO_S + HOLGURA_S
        proxy.pasar()
        assert repositorio.ping(2.0).rol == "primario"
        assert repositorio.escribir(Escritura(fila())).aplicada


def test_tambien_conectar_tiene_su_plazo(postgres_url: str, proxy: ProxyTCP) -> None:
    proxy.atascar()
    with abierto(por_proxy(postgres_url, proxy), PLAZO_S) as repositorio:
        error, duracion_s = cronometrada(AlmacenNoDisponible, lambda: repositorio.escribir(Escritura(fila())))
        assert "no contestó a tiempo" in str(error)
        assert duracion_s < PLAZO_S + HOLGURA_S
        assert cronometrada(AlmacenNoDisponible, lambda: repositorio.ping(0.3))[1] < 0.3 + HOLGURA_S


def test_tambien_los_ajustes_de_la_sesion_tienen_su_plazo(postgres_url: str, proxy: ProxyTCP) -> None:
    atascada = proxy.atascar_al_pasar(lambda peticion: b"statement_timeout" in peticion)
    with abierto(por_proxy(postgres_url, proxy), PLAZO_S) as repositorio:
        error, duracion_s = cronometrada(AlmacenNoDisponible, lambda: repositorio.escribir(Escritura(fila())))
    assert atascada.is_set()
    assert "no contestó a tiempo" in str(error)
    assert duracion_s < PLAZO_S + HOLGURA_S


def test_un_proceso_detenido_no_retiene_a_nadie(postgres_propio: ServidorPostgres) -> None:
    """SIGSTOP: what no time-out of the driver ends."""
    with abierto(postgres_propio.url(), PLAZO_S) as repositorio:
        repositorio.escribir(Escritura(fila()))
        repositorio.ping(1.0)
        postgres_propio.congelar()
        assert cronometrada(AlmacenNoDisponible, lambda: repositorio.ping(PLAZO_S))[1] < PLAZO_S + HOLGURA_S
        _, duracion_s = cronometrada(ResultadoDesconocido, lambda: repositorio.escribir(Escritura(fila())))
        assert duracion_s < PLAZO_S + HOLGURA_S
        assert cronometrada(AlmacenNoDisponible, repositorio.contar)[1] < PLAZO_S + HOLGURA_S
        postgres_propio.descongelar()
        assert repositorio.ping(3.0).rol == "primario"
        assert repositorio.contar() >= 1


def test_un_reinicio_en_reposo_no_estropea_la_operacion_siguiente(postgres_propio: ServidorPostgres) -> None:
    with abierto(postgres_propio.url()) as repositorio:
        tarea = fila()
        repositorio.escribir(Escritura(tarea))
        repositorio.ping(1.0)
        for parar in (postgres_propio.detener, postgres_propio.matar):
            parar()
            assert cronometrada(AlmacenNoDisponible, lambda: repositorio.leer(tarea.id))[1] < HOLGURA_S
            postgres_propio.start()
            assert repositorio.ping(3.0).rol == "primario"
            repositorio.contar()
            parar()
            postgres_propio.start()
            assert repositorio.escribir(Escritura(fila())).aplicada, (
                "la conexión muerta se notó antes de enviar"
            )
        assert repositorio.leer(tarea.id) == tarea


def test_una_respuesta_perdida_es_un_resultado_desconocido(postgres_url: str, proxy: ProxyTCP) -> None:
    with abierto(por_proxy(postgres_url, proxy)) as repositorio:
        repositorio.preparar()
        tarea = fila()
        tirada = proxy.tirar_respuesta(lambda peticion: b"INSERT" in peticion or tarea.id.bytes in peticion)
        error, _ = cronometrada(ResultadoDesconocido, lambda: repositorio.escribir(Escritura(tarea)))
        assert tirada.wait(5)
        assert "No se sabe" in str(error)
        assert repositorio.leer(tarea.id) == tarea, "se había aplicado"
        assert repositorio.escribir(Escritura(tarea)).aplicada


def test_una_conexion_cortada_al_leer_es_no_disponible(postgres_url: str, proxy: ProxyTCP) -> None:
    with abierto(por_proxy(postgres_url, proxy)) as repositorio:
        repositorio.preparar()
        tirada = proxy.tirar_respuesta(lambda peticion: b"count" in peticion.lower())
        cronometrada(AlmacenNoDisponible, repositorio.contar)
        assert tirada.wait(5)


def test_una_sesion_terminada_desde_el_servidor_no_miente(
    postgres_url: str, sql: psycopg.Connection[Any]
) -> None:
    with abierto(postgres_url) as repositorio, ThreadPoolExecutor(1) as hilo:
        tarea = fila()
        repositorio.escribir(Escritura(tarea))
        with psycopg.connect(postgres_url) as ajena:
            ajena.execute("SELECT 1 FROM tareas FOR UPDATE")
            escritura = hilo.submit(repositorio.escribir, sobre(tarea, version=200))
            bloqueadas = (
                "FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO tareas%'"
            )
            esperar(lambda: sql.execute(f"SELECT 1 {bloqueadas}").fetchone(), que="la escritura espera")
            sql.execute(f"SELECT pg_terminate_backend(pid) {bloqueadas}")
            with pytest.raises(ResultadoDesconocido):
                escritura.result(timeout=5)


def test_una_fila_bloqueada_acaba_en_una_negativa_segura(postgres_url: str) -> None:
    """The server gives up before our deadline does, so that "not applied" is certain."""
    with abierto(postgres_url, PLAZO_S) as repositorio:
        tarea = fila()
        repositorio.escribir(Escritura(tarea))
        with psycopg.connect(postgres_url) as ajena:
            ajena.execute("SELECT 1 FROM tareas FOR UPDATE")
            error, duracion_s = cronometrada(
                OperacionFallida, lambda: repositorio.escribir(sobre(tarea, version=200))
            )
        assert duracion_s < PLAZO_S + HOLGURA_S
        assert "canceló" in str(error)
        assert repositorio.leer(tarea.id) == tarea


def test_un_ping_no_espera_a_una_operacion_bloqueada(postgres_url: str) -> None:
    with abierto(postgres_url) as repositorio, ThreadPoolExecutor(1) as hilo:
        tarea = fila()
        repositorio.escribir(Escritura(tarea))
        with psycopg.connect(postgres_url) as ajena:
            ajena.execute("SELECT 1 FROM tareas FOR UPDATE")
            escritura = hilo.submit(repositorio.escribir, sobre(tarea, version=200))
            esperar(lambda: repositorio._motor._en_uso, que="la escritura empieza")
            assert repositorio.ping(2.0).latencia_ms < 500
            assert not escritura.done()
            ajena.rollback()
        assert escritura.result(timeout=5).aplicada


def test_interrumpir_suelta_lo_que_espera_y_todo_sigue_sirviendo(postgres_url: str, proxy: ProxyTCP) -> None:
    with abierto(por_proxy(postgres_url, proxy), 30.0) as repositorio, ThreadPoolExecutor(2) as hilos:
        repositorio.preparar()
        proxy.atascar()
        escritura = hilos.submit(repositorio.escribir, Escritura(fila()))
        lectura = hilos.submit(
            repositorio.contar
        )  # opens a connection of its own: connecting, too, can be ended
        esperar(lambda: repositorio._motor._en_uso, que="la escritura empieza")
        inicio_s = time.monotonic()
        repositorio.interrumpir()
        with pytest.raises(ResultadoDesconocido, match="petición"):
            escritura.result(timeout=5)
        with pytest.raises(AlmacenNoDisponible):
            lectura.result(timeout=5)
        assert time.monotonic() - inicio_s < 1.0
        proxy.pasar()
        assert repositorio.ping(2.0).rol == "primario"
        assert repositorio.contar() in {0, 1}, "la escritura interrumpida pudo llegar"


def test_cerrar_no_espera_a_un_servidor_congelado(postgres_url: str, proxy: ProxyTCP) -> None:
    repositorio = PeeweeTareaRepository(
        por_proxy(postgres_url, proxy), reloj=reloj_de_prueba(), timeout_s=30.0
    )
    repositorio.preparar()
    proxy.atascar()
    with ThreadPoolExecutor(1) as hilo:
        lectura = hilo.submit(repositorio.contar)
        esperar(lambda: repositorio._motor._en_uso, que="la lectura empieza")
        inicio_s = time.monotonic()
        repositorio.close()
        with pytest.raises(AlmacenNoDisponible):
            lectura.result(timeout=5)
        assert time.monotonic() - inicio_s < 1.0
    with pytest.raises(AlmacenNoDisponible, match="cerrado"):
        repositorio.contar()


def test_las_conexiones_se_devuelven_y_no_se_acumulan(
    postgres_url: str, sql: psycopg.Connection[Any]
) -> None:
    with abierto(postgres_url, 10.0) as repositorio:
        with ThreadPoolExecutor(12) as hilos:
            assert set(hilos.map(lambda _: repositorio.contar(), range(100))) == {0}
        abiertas = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dual-tareas'"
        abiertas += " AND datname = current_database()"
        esperar(lambda: sql.execute(abiertas).fetchone() in {(n,) for n in range(5)}, que="sobran conexiones")
    esperar(lambda: sql.execute(abiertas).fetchone() == (0,), que="al cerrar no queda ninguna")


# --- what the server refuses ---


def test_un_servidor_de_solo_lectura_se_ve_y_se_dice(postgres_url: str, sql: psycopg.Connection[Any]) -> None:
    with abierto(postgres_url) as repositorio:
        repositorio.preparar()
    base = psycopg.conninfo.conninfo_to_dict(postgres_url)["dbname"]
    sql.execute(f'ALTER DATABASE "{base}" SET default_transaction_read_only = on')
    with abierto(postgres_url) as repositorio:
        assert repositorio.ping(2.0).solo_lectura
        assert repositorio.contar() == 0
        with pytest.raises(AlmacenSoloLectura):
            repositorio.escribir(Escritura(fila()))


def test_una_replica_se_ve_se_lee_y_no_se_escribe_hasta_que_asciende(
    banco: BancoDePruebas, postgres_propio: ServidorPostgres
) -> None:
    tarea = fila()
    with abierto(postgres_propio.url()) as primario:
        primario.escribir(Escritura(tarea))
    servidor = banco.replica(postgres_propio)
    try:
        with abierto(servidor.url()) as repositorio:
            pong = repositorio.ping(2.0)
            assert (pong.rol, pong.solo_lectura) == ("réplica", True)
            esperar(lambda: repositorio.leer(tarea.id) == tarea, que="la réplica tiene la tarea")
            with pytest.raises(AlmacenSoloLectura):
                repositorio.escribir(sobre(tarea, version=200))
            servidor.ejecutar("SELECT pg_promote()")
            pong = repositorio.ping(2.0)
            assert (pong.rol, pong.solo_lectura) == ("primario", False)
            assert repositorio.escribir(sobre(tarea, version=200)).aplicada
    finally:
        servidor.matar()


def test_una_fila_imposible_no_estropea_su_lote(postgres_url: str) -> None:
    with abierto(postgres_url) as repositorio:
        filas = [fila(f"tarea {n}", version=100 + n) for n in range(20)]
        filas[7] = replace(filas[7], titulo="con \x00 nulo")
        filas[13] = replace(filas[13], descripcion="medio carácter \ud800")
        escritos = repositorio.escribir_lote([Escritura(una) for una in filas])
        assert [n for n, escrito in enumerate(escritos) if not escrito.aplicada] == [7, 13]
        assert escritos[7].error
        assert escritos[13].error
        assert repositorio.contar() == 18
        with pytest.raises(OperacionFallida):
            repositorio.escribir(Escritura(filas[7]))


def test_una_tabla_borrada_no_renace_vacia(postgres_url: str, sql: psycopg.Connection[Any]) -> None:
    with abierto(postgres_url) as repositorio:
        repositorio.escribir(Escritura(fila()))
        sql.execute("DROP TABLE tareas")
        for operacion in (repositorio.contar, lambda: repositorio.escribir(Escritura(fila()))):
            with pytest.raises(OperacionFallida, match="Falta una tabla"):
                operacion()
    with abierto(postgres_url) as repositorio, pytest.raises(OperacionFallida, match="Falta una tabla"):
        repositorio.contar()


# --- schema ---


def test_varios_programas_preparan_a_la_vez_sin_estorbarse(postgres_url: str) -> None:
    salida = threading.Barrier(6)

    def preparar(_: int) -> int:
        with abierto(postgres_url, 15.0) as repositorio:
            salida.wait(10)
            repositorio.preparar()
            return repositorio.contar()

    with ThreadPoolExecutor(6) as grupo:
        assert list(grupo.map(preparar, range(6))) == [0] * 6


def test_las_tablas_tienen_un_plazo_propio_tras_una_red_lenta(postgres_url: str, proxy: ProxyTCP) -> None:
    """Made within that of the first write they would be undone at each try, for ever."""
    with abierto(por_proxy(postgres_url, proxy), 0.6) as repositorio:
        proxy.retardar(40)
        with pytest.raises(AlmacenNoDisponible):
            repositorio.escribir(Escritura(fila()))
        NodosSql(repositorio).reclamar(7, "una", ahora_ms=1)
        assert repositorio.escribir(Escritura(fila())).aplicada


def test_un_almacen_caido_al_empezar_se_prepara_cuando_vuelve(postgres_propio: ServidorPostgres) -> None:
    postgres_propio.matar()
    with abierto(postgres_propio.url()) as repositorio:
        with pytest.raises(AlmacenNoDisponible):
            repositorio.preparar()
        postgres_propio.start()
        assert repositorio.escribir(Escritura(fila())).aplicada


def test_un_esquema_mas_nuevo_se_rechaza(postgres_url: str, sql: psycopg.Connection[Any]) -> None:
    with abierto(postgres_url) as repositorio:
        repositorio.preparar()
    sql.execute("UPDATE dual_tareas_meta SET valor = '99'")
    with abierto(postgres_url) as repositorio, pytest.raises(OperacionFallida, match="versión más nueva"):
        repositorio.contar()


def test_una_tabla_ajena_no_se_toca_sin_permiso(postgres_url: str, sql: psycopg.Connection[Any]) -> None:
    sql.execute("CREATE TABLE tareas (id uuid PRIMARY KEY, titulo text, descripcion text, estado text)")
    with (
        abierto(postgres_url) as repositorio,
        pytest.raises(EsquemaSinAdoptar, match="version, version_comun, pendiente, nodo, eliminada"),
    ):
        repositorio.contar()
    assert sql.execute("SELECT to_regclass('dual_tareas_meta'), to_regclass('conflictos')").fetchone() == (
        None,
        None,
    )


@pytest.mark.parametrize("tipo", ["uuid", "text", "varchar(36)", "char(36)"])
def test_una_tabla_ajena_se_adopta_sin_perder_nada(
    postgres_url: str, sql: psycopg.Connection[Any], tipo: str
) -> None:
    vieja, otra = fila(), fila()
    sql.execute("CREATE TYPE estado AS ENUM ('PENDIENTE', 'EN_PROGRESO', 'COMPLETADA')")
    sql.execute(
        f"CREATE TABLE tareas (id {tipo} PRIMARY KEY, titulo varchar(200) NOT NULL, descripcion text,"
        " estado estado NOT NULL DEFAULT 'PENDIENTE', creada_en timestamp, prioridad int)"
    )
    sql.execute(
        "INSERT INTO tareas VALUES (%s, 'Vieja', 'de antes', 'COMPLETADA', '2020-05-06 07:08:09.123456', 5)",
        (str(vieja.id),),
    )
    sql.execute("INSERT INTO tareas (id, titulo) VALUES (%s, 'Otra')", (str(otra.id),))
    with abierto(postgres_url) as repositorio:
        repositorio.preparar(adoptar=True)
        leida, nula = repositorio.leer(vieja.id), repositorio.leer(otra.id)
        assert leida is not None
        assert nula is not None
        assert (leida.titulo, leida.descripcion, leida.estado) == ("Vieja", "de antes", "COMPLETADA")
        assert leida.creada_en.isoformat() == "2020-05-06T07:08:09.123000+00:00"
        assert (leida.version, leida.version_comun, leida.pendiente) == (1, 0, True)
        assert (nula.descripcion, nula.estado) == ("", "PENDIENTE")
        assert len(repositorio.pendientes(tras=None, limite=10)) == 2
        editada = sobre(leida, version=500, titulo="Editada")
        assert repositorio.escribir(editada).aplicada
        assert repositorio.leer(vieja.id) == editada.fila
    assert sql.execute("SELECT prioridad FROM tareas WHERE titulo = 'Editada'").fetchone() == (5,)


@pytest.mark.parametrize(
    ("definicion", "valor", "motivo"),
    [
        ("id serial PRIMARY KEY, titulo text", "7", "el id «7» no es un UUID"),
        ("codigo int, titulo text", "7", "no tiene una columna «id»"),
        ("id text, titulo text, jefe text NOT NULL", "'x'", "«jefe» es obligatoria"),
    ],
    ids=["id_entero", "sin_id", "columna_obligatoria"],
)
def test_lo_que_no_se_puede_adoptar_queda_como_estaba(
    postgres_url: str, sql: psycopg.Connection[Any], definicion: str, valor: str, motivo: str
) -> None:
    sql.execute(f"CREATE TABLE tareas ({definicion})")
    if "jefe" not in definicion:
        sql.execute(f"INSERT INTO tareas VALUES ({valor}, 't')")
    antes = sql.execute("SELECT * FROM tareas").fetchall()
    with abierto(postgres_url) as repositorio, pytest.raises(OperacionFallida, match=motivo):
        repositorio.preparar(adoptar=True)
    assert sql.execute("SELECT * FROM tareas").fetchall() == antes
    assert sql.execute("SELECT to_regclass('dual_tareas_meta')").fetchone() == (None,)


def test_ids_repetidos_no_se_adoptan(postgres_url: str, sql: psycopg.Connection[Any]) -> None:
    sql.execute("CREATE TABLE tareas (id text, titulo text)")
    repetido = fila().id
    for forma in (str(repetido), repetido.hex):
        sql.execute("INSERT INTO tareas VALUES (%s, 't')", (forma,))
    with abierto(postgres_url) as repositorio, pytest.raises(OperacionFallida, match="ids repetidos"):
        repositorio.preparar(adoptar=True)


# --- speed that comes from the schema ---


@pytest.mark.parametrize(
    "columna", [Columna.ACTUALIZADA_EN, Columna.CREADA_EN, Columna.TITULO, Columna.ESTADO]
)
@pytest.mark.parametrize("descendente", [False, True])
def test_las_paginas_salen_de_un_indice(
    postgres_url: str, sql: psycopg.Connection[Any], columna: Columna, descendente: bool
) -> None:
    """The plan of a page after a cursor: an index scan that stops, no sort."""
    with abierto(postgres_url) as repositorio:
        repositorio.escribir_lote([Escritura(fila(f"tarea {n:05}", version=100 + n)) for n in range(3000)])
        sql.execute("ANALYZE tareas")
        primera = repositorio.listar(Consulta(columna=columna, descendente=descendente, limite=50))
        consulta = Consulta(columna=columna, descendente=descendente, limite=50, tras=primera.siguiente)
        motor = repositorio._motor

        def plan(conexion: Any) -> str:
            (sentencia,) = consultas_pagina(consulta, motor.lenguaje, motor.formato)
            texto, parametros = conexion.db.get_sql_context().sql(sentencia).query()
            return "\n".join(linea for (linea,) in conexion.filas(f"EXPLAIN {texto}", parametros))

        explicado = motor.ejecutar(plan)
    assert f"Index Scan{' Backward' if descendente else ''} using tareas_" in explicado
    assert re.search(r"Index Cond: .*ROW\(", explicado)
    assert "Sort" not in explicado


@pytest.mark.parametrize(
    ("regla", "frase"),
    [
        ("ADD CONSTRAINT sin_malas CHECK (titulo <> 'mala')", "no lo admite la regla CHECK «sin_malas»"),
        ("ADD CONSTRAINT uno_solo UNIQUE (estado)", "y «uno_solo» no lo admite dos veces"),
        ("ADD COLUMN \"{de} otros\" text NOT NULL DEFAULT 'x'", "falta el dato de la columna «{de} otros»"),
    ],
)
def test_un_rechazo_dice_que_regla_y_no_que_valores(postgres_url: str, regla: str, frase: str) -> None:
    with closing(PeeweeTareaRepository(postgres_url)) as repositorio:
        repositorio.save(Tarea(titulo="buena"))
        with psycopg.connect(postgres_url, autocommit=True) as conexion:
            conexion.execute(f"ALTER TABLE tareas {regla}".encode())
            if "COLUMN" in regla:
                conexion.execute('ALTER TABLE tareas ALTER COLUMN "{de} otros" DROP DEFAULT')
        with pytest.raises(OperacionFallida) as error:
            repositorio.save(Tarea(titulo="mala"))
        assert frase in str(error.value)
        assert "mala»" not in str(error.value).replace("sin_malas»", "")


def test_una_vista_que_no_deja_adoptar_se_dice(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as conexion:
        conexion.execute("CREATE TABLE tareas (id uuid PRIMARY KEY, titulo varchar(100))")
        conexion.execute("CREATE VIEW vista AS SELECT titulo FROM tareas")
    with (
        closing(PeeweeTareaRepository(postgres_url)) as repositorio,
        pytest.raises(OperacionFallida, match="Una vista, una regla u otro objeto"),
    ):
        repositorio.preparar(adoptar=True)
