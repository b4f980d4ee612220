"""A store that was emptied, or is another one, is not read from, and is filled once somebody agrees."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch
from uuid import UUID

import psycopg
import pytest
from pymongo import MongoClient

from adapters.container import Contenedor
from adapters.events import BusEventos
from adapters.fichas import PUNTO
from adapters.health.compuerta import Compuerta
from adapters.replicacion import cortesia, parejas
from adapters.replicacion.cortesia import Cortesia
from adapters.replicacion.informe import InformePasada
from adapters.replicacion.relleno_guiado import LATIR_CADA_S, RellenoGuiado, _Latido
from adapters.replicacion.traslado import Traslado
from core.domain.errors import AlmacenNoDisponible
from core.domain.events import CarenciasCambiadas, Evento
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.consulta import Filtro
from core.domain.models.pareja import Ficha, MotivoCarencia
from core.domain.models.tarea import Tarea
from core.domain.ports.relleno import FilaRelleno, PaginaRelleno
from core.health import EstadoSalud
from tests.integration.parejas import (
    CUANTAS,
    Abrir,
    Correr,
    confirmadas,
    motivos,
    sin_pendientes,
    vaciar,
)
from tests.integration.revision import MONGO, SQL
from tests.servidores.espera import esperar


@pytest.mark.parametrize("vaciada", [SQL, MONGO])
@pytest.mark.parametrize("notas", [False, True])
def test_de_una_base_vaciada_no_se_lee_y_aceptado_se_rellena(
    abrir: Abrir, postgres_url: str, mongo_url: str, vaciada: NombreAlmacen, notas: bool
) -> None:
    url = {SQL: postgres_url, MONGO: mongo_url}[vaciada]
    with closing(abrir()) as antes:
        confirmadas(antes)
    vaciar(vaciada, url, notas=notas)

    contenedor = abrir()
    assert len(contenedor.repositorio.list()) == CUANTAS  # already the first read of a program
    esperado = MotivoCarencia.OTRA_BASE if notas else MotivoCarencia.VACIADA
    assert motivos(contenedor) == {vaciada: (esperado, False)}
    assert contenedor.carencias[0].filas == CUANTAS
    nueva = contenedor.repositorio.save(Tarea(titulo="mientras se decide"))
    assert contenedor._stores[vaciada].leer(nueva.id) is None  # it may be the wrong database
    assert contenedor.estado_salud(vaciada) is EstadoSalud.PONIENDOSE_AL_DIA

    with patch.object(parejas, "RELEVO_MS", 0):
        contenedor.rellenar(vaciada)
    esperar(lambda: not contenedor.carencias, plazo_s=10)
    esperar(lambda: contenedor.estado_salud(vaciada) is EstadoSalud.OK, plazo_s=10)
    sin_pendientes(contenedor)
    informe = contenedor.verificar()
    assert informe.iguales
    assert informe.filas_sql == CUANTAS + 1


def test_una_base_vaciada_con_el_programa_abierto_se_nota(abrir: Abrir, mongo_url: str) -> None:
    bus, eventos = BusEventos(), list[Evento]()
    bus.suscribir(eventos.append)
    contenedor = abrir(bus=bus)
    confirmadas(contenedor)
    vaciar(MONGO, mongo_url)
    contenedor.despertar_replicacion()
    esperar(lambda: motivos(contenedor) == {MONGO: (MotivoCarencia.VACIADA, False)}, plazo_s=10)
    assert [len(uno.carencias) for uno in eventos if isinstance(uno, CarenciasCambiadas)] == [1]
    # What was confirmed there before is still read, from the other one, and can be edited.
    tarea = contenedor.repositorio.list().tareas[0]
    contenedor.repositorio.save(replace(tarea, titulo="editada"))
    contenedor.rellenar(MONGO)
    esperar(lambda: not contenedor.carencias, plazo_s=10)
    sin_pendientes(contenedor)
    assert contenedor.verificar().iguales


def test_una_vaciada_en_la_que_ya_se_ha_escrito_se_nota(abrir: Abrir, mongo_url: str) -> None:
    contenedor = abrir(replicar=False)
    tareas = [contenedor.repositorio.save(Tarea(titulo=f"tarea {n}")) for n in range(CUANTAS)]
    contenedor.sincronizar()
    vaciar(MONGO, mongo_url)
    contenedor.repositorio.save(Tarea(titulo="nueva"))
    contenedor.repositorio.save(replace(tareas[0], titulo="editada"))
    contenedor.sincronizar()
    assert motivos(contenedor) == {MONGO: (MotivoCarencia.VACIADA, False)}
    contenedor.rellenar(MONGO)
    contenedor.sincronizar()
    assert not contenedor.carencias
    assert contenedor.verificar().iguales


@pytest.mark.parametrize("cuantas", [1, 3, 10])
def test_una_pequena_vaciada_en_la_que_ya_se_ha_escrito_se_nota(
    abrir: Abrir, postgres_url: str, cuantas: int
) -> None:
    contenedor = abrir(replicar=False)
    tareas = [contenedor.repositorio.save(Tarea(titulo=f"tarea {n}")) for n in range(cuantas)]
    contenedor.sincronizar()
    vaciar(SQL, postgres_url)
    contenedor.repositorio.save(Tarea(titulo="nueva"))
    if cuantas > 3:
        contenedor._stores[SQL].save(replace(tareas[2], titulo="editada solo ahí"))
    for _ in range(2):
        contenedor.sincronizar()
        assert motivos(contenedor) == {SQL: (MotivoCarencia.VACIADA, False)}
    assert len(contenedor.repositorio.list()) == cuantas + 1
    contenedor.rellenar(SQL)
    contenedor.sincronizar()
    assert contenedor.verificar().iguales


def test_una_borrada_a_mano_no_es_una_base_vaciada(abrir: Abrir, postgres_url: str) -> None:
    contenedor = abrir(replicar=False)
    tareas = [contenedor.repositorio.save(Tarea(titulo=f"tarea {n}")) for n in range(4)]
    contenedor.sincronizar()
    with psycopg.connect(postgres_url) as conexion:
        conexion.execute("DELETE FROM tareas WHERE id = ANY(%s)", ([tareas[2].id],))
    contenedor.sincronizar()
    assert not contenedor.carencias


def test_en_pausa_tambien_se_nota_que_se_vacio_una(abrir: Abrir, postgres_url: str) -> None:
    contenedor = abrir()
    confirmadas(contenedor)
    contenedor.pausar_replicacion()
    vaciar(SQL, postgres_url)
    esperar(lambda: motivos(contenedor) == {SQL: (MotivoCarencia.VACIADA, False)}, plazo_s=10)
    assert len(contenedor.repositorio.list()) == CUANTAS


def test_cancelar_llega_tambien_a_la_copia_de_otro_programa_y_a_la_que_espera(
    abrir: Abrir, mongo_url: str
) -> None:
    uno = abrir()
    confirmadas(uno)
    otro = abrir()
    uno.pausar_replicacion()
    otro.pausar_replicacion()
    vaciar(MONGO, mongo_url)
    esperar(lambda: MONGO in motivos(uno), plazo_s=10)
    uno.rellenar(MONGO)
    esperar(lambda: motivos(otro) == {MONGO: (MotivoCarencia.A_MEDIAS, True)}, plazo_s=10)
    otro.cancelar_replicacion()
    esperar(lambda: motivos(uno) == {MONGO: (MotivoCarencia.A_MEDIAS, False)}, plazo_s=10)
    uno.reanudar_replicacion()
    uno.sincronizar()
    assert contar(uno, MONGO) == 0


def test_lo_que_se_acepta_de_nuevo_empieza_por_el_principio(abrir: Abrir, mongo_url: str) -> None:
    contenedor = abrir(replicar=False)
    tareas = [contenedor.repositorio.save(Tarea(titulo=f"tarea {n}")) for n in range(CUANTAS)]
    contenedor.sincronizar()
    ultimas = sorted(str(tarea.id) for tarea in tareas)[-8:]
    cliente: MongoClient[dict[str, object]]
    with MongoClient(mongo_url) as cliente:
        base = cliente.get_default_database()
        base["tareas"].delete_many({"_id": {"$nin": ultimas}})
        # Of an earlier filling, which has ended since.
        identidad = contenedor._parejas._con_ficha[SQL].ficha().identidad  # type: ignore[union-attr]
        punto = json.dumps([identidad, ultimas[0], ultimas])
        base["dual_tareas_meta"].update_one({"_id": PUNTO}, {"$set": {"valor": punto}}, upsert=True)
    contenedor.rellenar(MONGO)
    contenedor.sincronizar()
    assert not contenedor.carencias
    assert contar(contenedor, MONGO) == CUANTAS


def test_vaciada_otra_vez_mientras_se_llena_no_pasa_por_entera(abrir: Abrir, postgres_url: str) -> None:
    contenedor = abrir(replicar=False)
    for n in range(CUANTAS):
        contenedor.repositorio.save(Tarea(titulo=f"tarea {n}"))
    contenedor.sincronizar()
    vaciar(SQL, postgres_url)
    contenedor.rellenar(SQL)
    poner, paginas = Traslado.poner, list[int]()

    def poner_y_vaciar(traslado: Traslado, pagina: PaginaRelleno) -> list[FilaRelleno]:
        puestas = poner(traslado, pagina)
        paginas.append(len(puestas))
        if len(paginas) == 2:
            vaciar(SQL, postgres_url)
        return puestas

    with (
        patch.multiple(cortesia, LOTE_INICIAL=5, LOTE_MIN=5, LOTE_MAX=5),
        patch.object(Traslado, "poner", poner_y_vaciar),
    ):
        contenedor.sincronizar()
    assert not contenedor.carencias
    assert contar(contenedor, SQL) == CUANTAS
    assert contenedor.verificar().iguales


def contar(contenedor: Contenedor, nombre: NombreAlmacen) -> int:
    return contenedor._stores[nombre].contar(Filtro(eliminadas=True))


def dos_con_mongo_vaciada(abrir: Abrir, mongo_url: str) -> tuple[Contenedor, Contenedor]:
    """Programs that copy when they are told to."""
    uno = abrir(replicar=False)
    for n in range(8):
        uno.repositorio.save(Tarea(titulo=f"tarea {n}"))
    uno.sincronizar()
    vaciar(MONGO, mongo_url)
    return uno, abrir(replicar=False)


def test_quien_late_no_pisa_lo_que_se_decide_entretanto(abrir: Abrir, mongo_url: str) -> None:
    uno, otro = dos_con_mongo_vaciada(abrir, mongo_url)
    uno.rellenar(MONGO)
    parejas = uno._parejas
    assert parejas is not None
    leida = parejas._con_ficha[MONGO].ficha
    assert otro._parejas is not None
    posponer = otro._parejas.posponer

    def leer_y_que_otro_posponga() -> Ficha:
        ficha = leida()
        posponer(MONGO)
        return ficha

    with patch.object(parejas._con_ficha[MONGO], "ficha", leer_y_que_otro_posponga):
        parejas.latir(MONGO)
    assert not parejas.latir(MONGO)
    assert parejas.de_otro(MONGO) is False


def test_quien_acaba_o_falla_no_hace_esperar_al_siguiente(abrir: Abrir, mongo_url: str) -> None:
    uno, otro = dos_con_mongo_vaciada(abrir, mongo_url)
    otro.rellenar(MONGO)

    def romper(*_: object) -> None:
        raise AlmacenNoDisponible(SQL, "SQL no responde.")

    with patch.object(Traslado, "poner", romper), pytest.raises(AlmacenNoDisponible):
        uno.sincronizar()
    otro.sincronizar()
    assert not otro.carencias
    assert otro.verificar().iguales


def test_editadas_en_una_con_la_otra_ausente_no_es_que_le_falten(abrir: Abrir, mongo_url: str) -> None:
    contenedor = abrir(replicar=False)
    tareas = [contenedor.repositorio.save(Tarea(titulo=f"tarea {n}")) for n in range(3)]
    contenedor.sincronizar()
    for tarea in tareas:
        contenedor._stores[MONGO].save(replace(tarea, titulo="editada solo ahí"))
    assert contenedor._parejas is not None
    contenedor._parejas.mirar()
    assert not contenedor.carencias


def test_sin_aceptar_sincronizar_no_copia_nada_a_la_vaciada(abrir: Abrir, mongo_url: str) -> None:
    with closing(abrir()) as antes:
        confirmadas(antes)
    vaciar(MONGO, mongo_url)
    contenedor = abrir(replicar=False)
    contenedor.repositorio.save(Tarea(titulo="otra"))
    informes = contenedor.sincronizar()
    assert informes[SQL].copiadas == 0
    assert contenedor._stores[MONGO].contar(Filtro(eliminadas=True)) == 0
    contenedor.rellenar(MONGO)
    informes = contenedor.sincronizar()
    assert informes[SQL].copiadas >= CUANTAS
    assert contenedor.verificar().iguales


def test_una_pareja_nueva_no_pregunta_nada(abrir: Abrir) -> None:
    solo_sql = abrir(ORM="peewee", replicar=False)
    for n in range(5):
        solo_sql.repositorio.save(Tarea(titulo=f"vieja {n}"))
    contenedor = abrir()
    sin_pendientes(contenedor)
    assert not contenedor.carencias
    assert contenedor.verificar().iguales


def test_purgada_del_todo_no_parece_vaciada(abrir: Abrir, mongo_url: str) -> None:
    contenedor = abrir(replicar=False)
    tarea = contenedor.repositorio.save(Tarea(titulo="única"))
    contenedor.repositorio.eliminar(tarea.id)
    contenedor.sincronizar()
    vaciar(MONGO, mongo_url)  # a purge that died half way
    contenedor.sincronizar()
    assert not contenedor.carencias


def test_cancelada_espera_a_que_se_acepte_y_verificar_la_da_por_entera(abrir: Abrir, mongo_url: str) -> None:
    with closing(abrir()) as antes:
        tareas = confirmadas(antes)
    vaciar(MONGO, mongo_url)
    contenedor = abrir(replicar=False)
    contenedor.sincronizar()
    contenedor.rellenar(MONGO)
    assert contenedor._parejas is not None
    contenedor._parejas.posponer(MONGO)
    assert motivos(contenedor) == {MONGO: (MotivoCarencia.A_MEDIAS, False)}
    contenedor.sincronizar()
    assert contenedor._stores[MONGO].contar(Filtro(eliminadas=True)) == 0
    # Somebody brings the rows back by other means: found equal, nothing is missing.
    filas = contenedor._stores[SQL].leer_lote([tarea.id for tarea in tareas])
    for fila in filas.values():
        assert contenedor._stores[MONGO].reemplazar(fila, None)
    assert contenedor.verificar().iguales
    assert not contenedor.carencias


def test_lo_que_la_otra_rehusa_queda_en_cuarentena_y_no_detiene_el_resto(
    abrir: Abrir, postgres_url: str
) -> None:
    with closing(abrir()) as antes:
        tareas = confirmadas(antes)
    mala = tareas[7]
    with psycopg.connect(postgres_url) as conexion:
        conexion.execute("TRUNCATE tareas")
        conexion.execute("ALTER TABLE tareas ADD CONSTRAINT no_esta CHECK (titulo <> 'tarea 7')")
    contenedor = abrir()
    contenedor.repositorio.list()
    contenedor.rellenar(SQL)
    esperar(lambda: not contenedor.carencias, plazo_s=10)
    esperar(lambda: [una.id for una in contenedor.cuarentena()] == [mala.id], plazo_s=10)
    assert contenedor._stores[SQL].contar() == CUANTAS - 1
    assert len(contenedor.repositorio.list()) == CUANTAS


def test_dos_programas_dan_a_una_base_la_misma_identidad(abrir: Abrir) -> None:
    uno, otro = abrir(), abrir()
    for contenedor in (uno, otro):
        contenedor.repositorio.list()
    assert _identidad(uno) == _identidad(otro)
    UUID(_identidad(uno))  # and it is one
    assert not uno.carencias
    assert not otro.carencias


def _identidad(contenedor: Contenedor) -> str:
    return contenedor.revisables[SQL].nota("identidad") or ""


def test_lo_aceptado_lo_sigue_otro_programa_aunque_el_primero_muera(abrir: Abrir, mongo_url: str) -> None:
    with closing(abrir()) as antes:
        confirmadas(antes)
    vaciar(MONGO, mongo_url)
    with closing(abrir(replicar=False)) as primero:
        primero.rellenar(MONGO)  # and it dies before it copies anything
    contenedor = abrir()
    esperar(lambda: contenedor._stores[MONGO].contar() == CUANTAS, plazo_s=10)
    esperar(lambda: not contenedor.carencias, plazo_s=10)
    assert contenedor.verificar().iguales


def test_rellenar_y_sincronizar_por_la_linea_de_ordenes(abrir: Abrir, mongo_url: str, correr: Correr) -> None:
    with closing(abrir()) as antes:
        confirmadas(antes)
    vaciar(MONGO, mongo_url)

    codigo, _, errores = correr("sincronizar")
    assert codigo == 1
    assert "A MongoDB le faltan las tareas que SQL da por copiadas" in errores
    assert "dual-tareas rellenar mongo" in errores
    codigo, salida, _ = correr("rellenar", "mongo", "--simular")
    assert codigo == 0
    assert f"SQL tiene {CUANTAS} y MongoDB 0" in salida
    codigo, salida, _ = correr("rellenar", "mongo", "--simular", "--json")
    assert (codigo, json.loads(salida)) == (
        0,
        {"simulacion": True, "destino": "mongo", "filas": {"sql": CUANTAS, "mongo": 0}},
    )
    codigo, salida, errores = correr("rellenar", "mongo")
    assert codigo == 2  # nobody there to answer
    assert "--si" in errores
    assert json.loads(correr("verificar", "--json")[1])["iguales"] is False
    codigo, salida, _ = correr("rellenar", "mongo", "--si", "--json")
    assert codigo == 0
    resultado = json.loads(salida)
    assert resultado["copiadas"] == CUANTAS
    assert resultado["por_rellenar"] == []
    assert correr("verificar")[0] == 0
    assert correr("rellenar", "mongo", "--si", "--json")[0] == 0  # again: nothing to do
    assert correr("rellenar", "nada")[0] == 2


def test_importar_y_verificar_dicen_que_hay_que_rellenarla(
    abrir: Abrir, mongo_url: str, correr: Correr, tmp_path: Path
) -> None:
    with closing(abrir()) as antes:
        confirmadas(antes)
    vaciar(MONGO, mongo_url, notas=True)
    archivo = tmp_path / "una.csv"
    archivo.write_text("titulo\nuna más\n", encoding="utf-8")
    codigo, _, errores = correr("importar", str(archivo))
    assert codigo == 0
    assert "MongoDB no es la base de datos que había antes" in errores
    assert "dual-tareas rellenar mongo" in errores
    assert "se copiará cuando" not in errores
    with MongoClient[dict[str, object]](mongo_url) as cliente:
        cliente.get_default_database().drop_collection("tareas")
    codigo, salida, _ = correr("verificar")
    assert codigo == 1
    assert "«dual-tareas rellenar mongo» le copia lo que tiene la otra" in salida


def test_reparar_no_deja_ganar_a_la_vaciada(abrir: Abrir, mongo_url: str, correr: Correr) -> None:
    with closing(abrir()) as antes:
        confirmadas(antes)
    vaciar(MONGO, mongo_url)
    codigo, _, errores = correr("reparar", "--gana", "mongo", "--si")
    assert codigo == 2
    assert "dual-tareas rellenar mongo" in errores
    assert json.loads(correr("verificar", "--json")[1])["filas_sql"] == CUANTAS
    assert correr("reparar", "--gana", "sql", "--si")[0] == 0
    assert correr("verificar")[0] == 0


def test_el_relleno_cede_el_paso_tambien_a_quien_escribe_en_otro_programa(abrir: Abrir) -> None:
    contenedor, otro = abrir(replicar=False), abrir(replicar=False)
    otro.repositorio.save(Tarea(titulo="de antes"))
    contenedor.rellenar(MONGO)
    cortesia, ahora_s = Cortesia(Compuerta()), [0.0]
    assert contenedor._parejas is not None
    latido = _Latido(contenedor._parejas, MONGO, cortesia, lambda: ahora_s[0])
    for escribe, cede in ((False, False), (True, True)):
        if escribe:
            otro.repositorio.save(Tarea(titulo="mientras"))
        ahora_s[0] += LATIR_CADA_S + 1
        assert latido.vivo()
        assert cortesia.hay_operadores is cede


def test_lo_que_otro_programa_pospone_se_deja_sin_insistir(abrir: Abrir, mongo_url: str) -> None:
    with closing(abrir()) as antes:
        confirmadas(antes)
    vaciar(MONGO, mongo_url)
    contenedor, otro = abrir(replicar=False), abrir(replicar=False)
    contenedor.rellenar(MONGO)
    assert contenedor._parejas is not None
    assert otro._parejas is not None
    carencia = contenedor._parejas.carencia(MONGO)
    assert carencia is not None
    otro._parejas.posponer(MONGO)
    relleno = RellenoGuiado(contenedor._stores, contenedor._parejas, Compuerta())
    informe = InformePasada()
    relleno.rellenar(carencia, informe, parar=lambda: False, esperar=lambda _s: None, decir=lambda _e: None)
    assert informe.copiadas == 0
    assert relleno.espera(MONGO)  # nobody tries again before somebody says so
