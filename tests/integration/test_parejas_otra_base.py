"""A database in another's place, and an emptied one that is written to before anybody has agreed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from pymongo import MongoClient

from adapters.container import Contenedor
from adapters.dual import DualTareaRepository
from adapters.mongo.ficha import FichaMongo
from adapters.nodo import ahora_ms
from adapters.replicacion import parejas
from adapters.replicacion.informe import InformePasada
from adapters.replicacion.motor import MotorReplicacion
from adapters.replicacion.relleno import Relleno
from adapters.replicacion.relleno_guiado import _Latido
from core.domain.errors import AlmacenNoDisponible, LecturaImposible
from core.domain.models.almacen import Conflicto, Escritura, NombreAlmacen
from core.domain.models.consulta import Filtro
from core.domain.models.importacion import version_de_importacion
from core.domain.models.pareja import MotivoCarencia, PorRellenar
from core.domain.models.tarea import Tarea
from tests.integration.parejas import CUANTAS, Abrir, Correr, confirmadas, motivos, sin_pendientes, vaciar
from tests.integration.revision import MONGO, SQL
from tests.servidores.espera import esperar


@pytest.fixture
def otra_sql(tmp_path: Path) -> str:
    """The address of a database that stands in the place of PostgreSQL."""
    return f"sqlite:///{tmp_path / 'otra.db'}"


@pytest.fixture
def relevo_corto() -> Iterator[None]:
    """Whoever fills it does not wait for the others to notice."""
    with patch.object(parejas, "RELEVO_MS", 0):
        yield


def importadas(contenedor: Contenedor, cuantas: int) -> None:
    """Rows from a file, in SQL alone, and copied from there before anybody looks."""
    for n in range(cuantas):
        tarea = Tarea(titulo=f"importada {n}")
        fila = replace(tarea, version=version_de_importacion(tarea), pendiente=True)
        assert contenedor._stores[SQL].escribir(Escritura(fila)).aplicada
    MotorReplicacion(contenedor._stores, ahora_ms=ahora_ms).drenar(SQL)


def llena(abrir: Abrir, cuantas: int = CUANTAS) -> Contenedor:
    contenedor = abrir(replicar=False)
    for n in range(cuantas):
        contenedor.repositorio.save(Tarea(titulo=f"tarea {n}"))
    contenedor.sincronizar()
    return contenedor


def test_lo_importado_en_una_vaciada_no_la_hace_pasar_por_entera(abrir: Abrir, postgres_url: str) -> None:
    cuantas = 5 * CUANTAS
    contenedor = llena(abrir, cuantas)
    vaciar(SQL, postgres_url)
    importadas(contenedor, parejas.MUESTRA)  # their versions are the oldest of all
    contenedor.mirar_carencias()
    assert motivos(contenedor) == {SQL: (MotivoCarencia.VACIADA, False)}
    assert contenedor.repositorio.contar() == cuantas + parejas.MUESTRA
    contenedor.rellenar(SQL)
    contenedor.sincronizar()
    assert not contenedor.carencias
    assert contenedor.verificar().iguales


def test_una_vaciada_lo_sigue_siendo_por_mucho_que_se_escriba_en_ella(
    abrir: Abrir, postgres_url: str
) -> None:
    contenedor = llena(abrir)
    estaban = list(
        contenedor._stores[SQL].leer_lote([una.id for una in contenedor.repositorio.list()]).values()
    )
    vaciar(SQL, postgres_url)
    contenedor.mirar_carencias()
    importadas(contenedor, 4 * CUANTAS)
    for _ in range(2):
        contenedor.mirar_carencias()
        assert motivos(contenedor) == {SQL: (MotivoCarencia.VACIADA, False)}
    otro = abrir(replicar=False)
    otro.sincronizar()
    assert motivos(otro) == {SQL: (MotivoCarencia.VACIADA, False)}
    # What somebody puts back by hand makes it whole once that has been seen.
    for fila in estaban:
        assert otro._stores[SQL].escribir(Escritura(fila)).aplicada
        otro._stores[SQL].confirmar([(fila.id, fila.version)])
    assert otro.verificar().iguales
    assert not otro.mirar_carencias()


def test_de_una_base_que_nadie_ha_aceptado_no_sale_ni_entra_nada(abrir: Abrir, otra_sql: str) -> None:
    """It may be the wrong address; what came from it would be confirmed, and the right one never get it."""
    with closing(llena(abrir)):
        pass
    ajeno = abrir(replicar=False, SQL_URL=otra_sql)
    suya = ajeno._stores[SQL].save(Tarea(titulo="en la otra"))
    ajeno.sincronizar()
    assert motivos(ajeno) == {SQL: (MotivoCarencia.OTRA_BASE, False)}
    assert ajeno._stores[MONGO].leer(suya.id) is None
    assert ajeno._stores[SQL].contar(Filtro(eliminadas=True)) == 1
    assert ajeno._stores[SQL].leer(suya.id).pendiente
    # As after MongoDB was away. Both are behind, and still a write goes to the one alone that others share.
    ajeno._registro.marcar_atrasada(MONGO)
    otra = ajeno.repositorio.save(Tarea(titulo="con ambas"))
    ajeno.sincronizar()
    assert ajeno._stores[SQL].leer(otra.id) is None
    assert ajeno._stores[MONGO].leer(otra.id).pendiente
    with patch.object(parejas, "RELEVO_MS", 0):
        ajeno.rellenar(SQL)
        ajeno.sincronizar()
    assert ajeno.verificar().iguales
    assert ajeno.repositorio.contar() == CUANTAS + 2


@pytest.mark.usefixtures("relevo_corto")
def test_aceptada_la_otra_quien_sigue_con_la_de_antes_no_confirma_nada_con_ella(
    abrir: Abrir, otra_sql: str
) -> None:
    anterior = abrir()
    confirmadas(anterior)
    nuevo = abrir(replicar=False, SQL_URL=otra_sql)
    assert nuevo._parejas is not None
    nuevo._parejas.aceptar(SQL)
    esperar(lambda: motivos(anterior) == {SQL: (MotivoCarencia.OTRA_BASE, False)}, plazo_s=10)
    escrita = nuevo.repositorio.save(Tarea(titulo="de quien trabaja con la nueva"))
    de_antes = anterior.repositorio.save(Tarea(titulo="de quien sigue con la anterior"))
    anterior.sincronizar()
    for una in (escrita, de_antes):
        assert anterior._stores[SQL].leer(una.id) is None
        assert anterior._stores[MONGO].leer(una.id).pendiente
    nuevo.sincronizar()
    assert not nuevo.carencias
    assert nuevo.verificar().iguales
    assert nuevo._stores[SQL].contar() == CUANTAS + 2


def test_antes_de_copiar_se_da_tiempo_a_que_los_demas_lo_noten(abrir: Abrir, otra_sql: str) -> None:
    with closing(llena(abrir)):
        pass
    nuevo = abrir(replicar=False, SQL_URL=otra_sql)
    assert nuevo._parejas is not None
    nuevo.sincronizar()
    assert nuevo._parejas.falta_para_empezar_s(SQL) == 0
    nuevo._parejas.aceptar(SQL)
    falta_s = nuevo._parejas.falta_para_empezar_s(SQL)
    assert 0 < falta_s <= parejas.RELEVO_MS / 1_000
    esperas: list[float] = []
    with patch.object(parejas.Parejas, "falta_para_empezar_s", lambda *_: 1.0):
        relleno = nuevo._replicador._pasadas.relleno
        relleno.rellenar(
            nuevo.carencias[0],
            InformePasada(),
            parar=lambda: False,
            esperar=esperas.append,
            decir=lambda _: None,
        )
    assert sum(esperas) == 1.0


def test_una_base_emparejada_se_acepta_de_nuevo_sin_esperar(abrir: Abrir, mongo_url: str) -> None:
    """It was emptied, and nobody works with another one in its place."""
    contenedor = llena(abrir)
    vaciar(MONGO, mongo_url)
    contenedor.mirar_carencias()
    assert contenedor._parejas is not None
    contenedor._parejas.aceptar(MONGO)
    assert contenedor._parejas.falta_para_empezar_s(MONGO) == 0
    contenedor.sincronizar()
    assert contenedor.verificar().iguales


def test_la_pareja_que_vuelve_despues_de_otra_pregunta(abrir: Abrir, otra_sql: str) -> None:
    with closing(llena(abrir)):
        pass
    with patch.object(parejas, "RELEVO_MS", 0):
        nuevo = abrir(replicar=False, SQL_URL=otra_sql)
        nuevo.rellenar(SQL)
        nuevo.sincronizar()
        sin_pendientes(nuevo)
    vuelve = abrir(replicar=False)
    vuelve.sincronizar()
    assert motivos(vuelve) == {SQL: (MotivoCarencia.OTRA_BASE, False)}


def test_que_sean_iguales_no_cambia_lo_que_alguien_acordo(
    abrir: Abrir, otra_sql: str, relevo_corto: None
) -> None:
    """A machine that was forgotten, with the address of before, must not make its database the pair again."""
    with closing(llena(abrir)):
        pass
    with closing(abrir(replicar=False, SQL_URL=otra_sql)) as nueva:
        nueva.mirar_carencias()
        nueva.rellenar(SQL)
        nueva.sincronizar()
        assert not nueva.carencias
    anterior = abrir(replicar=False)
    assert anterior.verificar().iguales
    anterior.mirar_carencias()
    assert motivos(anterior) == {SQL: (MotivoCarencia.OTRA_BASE, False)}
    otra_vez = abrir(replicar=False, SQL_URL=otra_sql)
    assert otra_vez.mirar_carencias() == ()


def test_rellenar_dice_lo_que_solo_tiene_la_que_se_rellena(
    abrir: Abrir, correr: Correr, mongo_url: str
) -> None:
    """Not marked, so that nothing copies it: it may have been purged while that store took no part."""
    with closing(abrir()) as antes:
        tareas = confirmadas(antes)
    cliente: MongoClient[dict[str, Any]]
    with MongoClient(mongo_url) as cliente:
        coleccion = cliente.get_default_database()["tareas"]
        coleccion.delete_many({"_id": {"$in": [str(una.id) for una in tareas[:2]]}})
    codigo, _, errores = correr("rellenar", "sql", "--si")
    assert codigo == 1
    assert "SQL tiene 2 tareas que a MongoDB le faltan y que nadie marcó para copiar" in errores


def test_rellenar_mientras_lo_hace_otro_dice_quien_y_cuanto_esperar(
    abrir: Abrir, mongo_url: str, correr: Correr
) -> None:
    contenedor = llena(abrir)
    vaciar(MONGO, mongo_url)
    contenedor.mirar_carencias()
    assert contenedor._parejas is not None
    contenedor._parejas.aceptar(MONGO)
    contenedor._parejas.latir(MONGO)
    codigo, _, error = correr("rellenar", "mongo", "--si")
    assert codigo == 1
    assert "Otro programa se lo está copiando a MongoDB: dio señales hace" in error
    assert "Para copiárselo" not in error
    contenedor._parejas.callar(MONGO)
    assert correr("rellenar", "mongo", "--si")[0] == 0
    assert contenedor.verificar().iguales


def test_la_que_esta_a_medias_no_dice_que_una_tarea_no_existe(abrir: Abrir, mongo_url: str) -> None:
    contenedor = llena(abrir)
    tarea = contenedor.repositorio.list().tareas[0]
    vaciar(MONGO, mongo_url)
    contenedor.mirar_carencias()
    assert contenedor.repositorio.get(tarea.id) is not None
    with (
        patch.object(contenedor._stores[SQL], "leer", side_effect=AlmacenNoDisponible(SQL, "se cayó")),
        pytest.raises(LecturaImposible, match="MongoDB: aún no tiene todas las tareas"),
    ):
        contenedor.repositorio.get(tarea.id)


def identidades(contenedor: Contenedor) -> dict[NombreAlmacen, tuple[str, str]]:
    """Of each store, who it is and whom it takes for its pair."""
    fichas = {nombre: uno.ficha() for nombre, uno in contenedor._parejas._con_ficha.items()}
    return {nombre: (ficha.identidad, ficha.pareja) for nombre, ficha in fichas.items()}


@pytest.mark.usefixtures("relevo_corto")
def test_dos_que_son_pareja_de_otras_no_se_confirman_nada(abrir: Abrir) -> None:
    """The SQL of one installation with the MongoDB of another: the commonest wrong address."""
    contenedor = llena(abrir)
    for ficha in contenedor._parejas._con_ficha.values():
        ficha.anotar_pareja("la de otra instalación")
    contenedor.sincronizar()
    assert motivos(contenedor) == dict.fromkeys((SQL, MONGO), (MotivoCarencia.OTRA_BASE, False))
    nueva = contenedor.repositorio.save(Tarea(titulo="nueva"))
    assert contenedor._stores[SQL].leer(nueva.id).pendiente
    assert contenedor._stores[MONGO].leer(nueva.id) is None
    contenedor._stores[MONGO].save(Tarea(titulo="de la otra"))
    # One that somebody accepts is filled, whatever is still to be decided about the other.
    contenedor.rellenar(SQL)
    contenedor.sincronizar()
    assert motivos(contenedor) == {MONGO: (MotivoCarencia.OTRA_BASE, False)}
    assert contenedor._stores[SQL].contar() == CUANTAS + 2
    contenedor.rellenar(MONGO)
    contenedor.sincronizar()
    contenedor.sincronizar()
    assert not contenedor.carencias
    assert contenedor.verificar().iguales


@pytest.mark.usefixtures("relevo_corto")
def test_quien_rellena_empareja_primero_si_quien_acepto_murio_a_medias(abrir: Abrir, otra_sql: str) -> None:
    anterior = abrir()
    confirmadas(anterior)
    nuevo = abrir(replicar=False, SQL_URL=otra_sql)
    silencio = AlmacenNoDisponible(MONGO, "se cayó")
    with patch.object(FichaMongo, "anotar_pareja", side_effect=silencio), pytest.raises(AlmacenNoDisponible):
        nuevo._parejas.aceptar(SQL)
    assert identidades(nuevo)[MONGO][1] == identidades(anterior)[SQL][0]
    nuevo._parejas.mirar()
    assert motivos(nuevo) == {SQL: (MotivoCarencia.A_MEDIAS, True)}
    with patch.object(Relleno, "rellenar", side_effect=silencio), pytest.raises(AlmacenNoDisponible):
        nuevo.sincronizar()
    assert identidades(nuevo)[MONGO][1] == identidades(nuevo)[SQL][0]
    esperar(lambda: motivos(anterior) == {SQL: (MotivoCarencia.OTRA_BASE, False)}, plazo_s=10)
    nuevo.sincronizar()
    assert nuevo.verificar().iguales


@pytest.mark.usefixtures("relevo_corto")
def test_quien_rellenaba_la_anterior_lo_deja_y_no_la_empareja_de_nuevo(abrir: Abrir, otra_sql: str) -> None:
    anterior = llena(abrir)
    assert anterior._parejas is not None
    anterior._parejas.aceptar(SQL)
    latido = _Latido(
        anterior._parejas, SQL, anterior._replicador._pasadas.relleno._relleno.cortesia, lambda: 0.0
    )
    assert latido.vivo()
    nuevo = abrir(replicar=False, SQL_URL=otra_sql)
    nuevo._parejas.aceptar(SQL)
    pareja = identidades(nuevo)[MONGO][1]
    assert pareja == identidades(nuevo)[SQL][0]
    latido._dicho_s = None
    assert not latido.vivo()
    anterior._parejas.emparejar(SQL)
    anterior.sincronizar()
    assert motivos(anterior) == {SQL: (MotivoCarencia.OTRA_BASE, False)}
    assert identidades(nuevo)[MONGO][1] == pareja
    # Accepted once more, it is its turn again, and the other one's no longer.
    anterior._parejas.aceptar(SQL)
    nuevo.sincronizar()
    assert motivos(nuevo) == {SQL: (MotivoCarencia.OTRA_BASE, False)}


def test_la_espera_no_depende_del_reloj_de_quien_rellena(abrir: Abrir, otra_sql: str) -> None:
    with closing(llena(abrir)):
        pass
    nuevo = abrir(replicar=False, SQL_URL=otra_sql)
    nuevo._parejas.aceptar(SQL)
    for salto_ms in (-(10**6), 10**6):
        nuevo._parejas._ahora_ms = lambda salto_ms=salto_ms: ahora_ms() + salto_ms
        assert 0 < nuevo._parejas.falta_para_empezar_s(SQL) <= parejas.RELEVO_MS / 1_000


def test_una_nota_de_otro_origen_no_impide_recordar_que_se_vacio(abrir: Abrir, postgres_url: str) -> None:
    contenedor = llena(abrir)
    contenedor._parejas._con_ficha[SQL].anotar_por_rellenar(PorRellenar(origen="otra", seguir=False))
    vaciar(SQL, postgres_url)
    contenedor.mirar_carencias()
    importadas(contenedor, 4 * CUANTAS)
    contenedor.mirar_carencias()
    assert motivos(contenedor) == {SQL: (MotivoCarencia.VACIADA, False)}


@pytest.mark.parametrize("gana", ["reciente", "sql", "mongo"])
def test_reparar_no_escribe_en_una_base_que_nadie_ha_aceptado(
    abrir: Abrir, otra_sql: str, correr: Correr, gana: str
) -> None:
    with closing(llena(abrir)):
        pass
    ajeno = abrir(replicar=False, SQL_URL=otra_sql)
    ajeno.sincronizar()
    codigo, _, error = correr("reparar", "--gana", gana, "--si")
    assert codigo == 2
    assert "SQL no es la base de datos que había antes" in error
    assert ajeno._stores[SQL].contar(Filtro(eliminadas=True)) == 0
    assert ajeno._stores[MONGO].contar() == CUANTAS


def test_reparar_no_elimina_lo_que_solo_espera_a_copiarse(
    abrir: Abrir, correr: Correr, tmp_path: Path
) -> None:
    contenedor = llena(abrir)
    suya = contenedor._stores[SQL].save(Tarea(titulo="espera"))
    codigo, _, error = correr("reparar", "--gana", "mongo", "--si")
    assert codigo == 1
    assert "solo espera a copiarse a MongoDB" in error
    assert not contenedor._stores[SQL].leer(suya.id).eliminada
    (tmp_path / "ids").write_text(f"{suya.id}\n")
    assert correr("reparar", "--gana", "mongo", "--si", "--ids", tmp_path / "ids")[0] == 0
    assert contenedor._stores[SQL].leer(suya.id).eliminada


def test_lo_que_perdio_pasa_a_la_base_que_se_rellena(abrir: Abrir, mongo_url: str) -> None:
    contenedor = llena(abrir)
    abierta, resuelta = (Tarea(titulo=f"perdió {n}", version=n, nodo="00a7") for n in (700, 800))
    for perdedora in (abierta, resuelta):
        conflicto = Conflicto(perdedora=perdedora, version_ganadora=900, cuando_ms=perdedora.version)
        contenedor._stores[SQL].guardar_conflicto(conflicto)
    contenedor._stores[SQL].resolver_conflicto(resuelta.id, resuelta.version, "ganadora", 5)
    vaciar(MONGO, mongo_url, notas=True)
    with patch.object(parejas, "RELEVO_MS", 0):
        contenedor.rellenar(MONGO)
        contenedor.sincronizar()
    assert not contenedor.carencias
    for resueltos in (False, True):
        en_sql, en_mongo = (
            contenedor._stores[uno].listar_conflictos(tras=None, limite=9, resueltos=resueltos)
            for uno in (SQL, MONGO)
        )
        assert en_sql == en_mongo
        assert len(en_mongo) == 1


@pytest.mark.usefixtures("relevo_corto")
def test_quien_despierta_mira_antes_de_escribir(abrir: Abrir, otra_sql: str) -> None:
    """Frozen, or asleep, while another database was accepted in the place of its own."""
    dormido = llena(abrir)
    nuevo = abrir(replicar=False, SQL_URL=otra_sql)
    nuevo._parejas.aceptar(SQL)
    nuevo.sincronizar()
    dormido._parejas._mirada_s -= 60  # as if it had not looked for a minute
    assert isinstance(dormido.repositorio, DualTareaRepository)
    dormido.repositorio._despachador._pareja._intentada_s -= 60
    escrita = dormido.repositorio.save(Tarea(titulo="al despertar"))
    assert dormido._stores[SQL].leer(escrita.id) is None
    assert dormido._stores[MONGO].leer(escrita.id).pendiente
    nuevo.sincronizar()
    assert nuevo.verificar().iguales
