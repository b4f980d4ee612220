"""Lists over odd and over many documents: nothing blows up, nothing is skipped, indexes are used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pymongo
import pytest
from bson.datetime_ms import DatetimeMS
from bson.int64 import Int64
from bson.objectid import ObjectId
from pymongo.database import Database

from adapters.mongo import MongoTareaRepository, consultas
from adapters.mongo.documento import a_campos
from core.domain.errors import CursorCaducado
from core.domain.models.consulta import Columna, Consulta, Cursor, Filtro
from core.domain.models.tarea import EstadoTarea, Tarea
from tests.fakes import reloj_de_prueba

Base = Database[dict[str, Any]]
RAROS: list[object] = [None, 5, "texto", True, {"a": 1}, ObjectId(), 2.5, Int64(7), DatetimeMS(2**60), b"x"]


@pytest.fixture
def almacen(mongo_url: str) -> Iterator[MongoTareaRepository]:
    with closing(MongoTareaRepository(mongo_url, reloj=reloj_de_prueba())) as almacen:
        almacen.preparar()
        yield almacen


@pytest.fixture
def base(mongo_url: str) -> Iterator[Base]:
    with pymongo.MongoClient[dict[str, Any]](mongo_url, timeoutMS=10_000) as cliente:
        yield cliente.get_default_database()


def guardar(base: Base, tareas: list[Tarea]) -> None:
    base["tareas"].insert_many([{"_id": str(tarea.id), **a_campos(tarea)} for tarea in tareas])


def recorrer(almacen: MongoTareaRepository, consulta: dict[str, Any]) -> list[UUID]:
    """All ids of a list, page by page."""
    ids: list[UUID] = []
    tras: Cursor | None = None
    while True:
        pagina = almacen.listar(Consulta(tras=tras, **consulta))
        ids += [tarea.id for tarea in pagina]
        tras = pagina.siguiente
        if tras is None:
            return ids


@pytest.mark.parametrize("descendente", [True, False])
@pytest.mark.parametrize("columna", Columna)
def test_las_paginas_no_pierden_ni_repiten_documentos_raros(
    almacen: MongoTareaRepository, base: Base, columna: Columna, descendente: bool
) -> None:
    guardar(base, [Tarea(titulo=f"normal {n}", pendiente=n % 2 == 0) for n in range(7)])
    base["tareas"].insert_many([{"_id": str(uuid4()), columna.value: raro} for raro in RAROS * 2])
    base["tareas"].insert_many([{"_id": str(uuid4())} for _ in range(3)])

    ids = recorrer(almacen, {"columna": columna, "descendente": descendente, "limite": 3})

    assert len(ids) == len(set(ids)) == 7 + 2 * len(RAROS) + 3


def test_un_documento_con_otro_tipo_de_id_no_corta_la_lista(
    almacen: MongoTareaRepository, base: Base
) -> None:
    base["tareas"].insert_many([{"_id": ObjectId(), "titulo": "ajeno"} for _ in range(20)])
    guardar(base, [Tarea(titulo=f"t{n}") for n in range(5)])

    for descendente in (True, False):
        assert len(recorrer(almacen, {"descendente": descendente, "limite": 2})) == 5


def test_si_desaparece_la_fila_rara_del_cursor_hay_que_empezar_de_nuevo(
    almacen: MongoTareaRepository, base: Base
) -> None:
    base["tareas"].insert_many([{"_id": str(uuid4()), "creada_en": None} for _ in range(3)])
    pagina = almacen.listar(Consulta(columna=Columna.CREADA_EN, limite=1))
    base["tareas"].delete_many({})

    with pytest.raises(CursorCaducado):
        almacen.listar(Consulta(columna=Columna.CREADA_EN, limite=1, tras=pagina.siguiente))


@pytest.mark.parametrize(
    ("titulo", "texto"),
    [
        ("Plantar un árbol", "ÁRBOL"),
        ("PLANTAR UN ÁRBOL", "árbol"),
        ("Plantar un árbol", "a\u0301rbol"),
        ("50 % (a.b)* [c] {d} ^$ | \\ + ?", "(A.B)* [c] {D} ^$ | \\ + ?"),
        ("con espacio # y almohadilla", "# y"),
        ("🦜 loro", "🦜"),
        ("uno\ndos", "uno\ndos"),
        ("Εργασία", "ΕΡΓΑ"),
    ],
)
def test_el_texto_se_busca_tal_cual_sin_mayusculas(
    almacen: MongoTareaRepository, titulo: str, texto: str
) -> None:
    tarea = almacen.save(Tarea(titulo=titulo))
    almacen.save(Tarea(titulo="otra", descripcion="ab"))

    assert [una.id for una in almacen.list(Consulta(filtro=Filtro(texto=texto)))] == [tarea.id]
    assert almacen.contar(Filtro(texto=texto)) == 1


@pytest.mark.parametrize("texto", ["a.b", "\x00", "\ud800", "x" * 40_000, ".*"])
def test_un_texto_que_nadie_tiene_no_encuentra_nada(almacen: MongoTareaRepository, texto: str) -> None:
    almacen.save(Tarea(titulo="axb"))

    assert len(almacen.list(Consulta(filtro=Filtro(texto=texto)))) == 0
    assert almacen.contar(Filtro(texto=texto)) == 0


def test_un_texto_raro_se_encuentra_aunque_este_al_final(almacen: MongoTareaRepository, base: Base) -> None:
    hace_mucho = datetime(2001, 1, 1, tzinfo=UTC)
    guardar(base, [Tarea(titulo=f"t{n}") for n in range(6_000)])
    escondidas = [Tarea(titulo=f"aguja {n}", actualizada_en=hace_mucho + timedelta(days=n)) for n in range(7)]
    guardar(base, escondidas)

    ids = recorrer(almacen, {"filtro": Filtro(texto="AGUJA"), "limite": 2})

    assert ids == [tarea.id for tarea in reversed(escondidas)]


def test_el_titulo_se_ordena_como_en_espanol(almacen: MongoTareaRepository) -> None:
    for titulo in ("zeta", "ñandú", "nube", "Ópalo", "oca", "Árbol", "avión"):
        almacen.save(Tarea(titulo=titulo))

    pagina = almacen.list(Consulta(columna=Columna.TITULO, descendente=False))

    assert [tarea.titulo for tarea in pagina] == ["Árbol", "avión", "nube", "ñandú", "oca", "Ópalo", "zeta"]


@pytest.mark.parametrize("descendente", [True, False])
@pytest.mark.parametrize(
    "columna", [Columna.TITULO, Columna.ESTADO, Columna.CREADA_EN, Columna.ACTUALIZADA_EN]
)
def test_una_pagina_profunda_no_recorre_las_anteriores(
    almacen: MongoTareaRepository, base: Base, columna: Columna, descendente: bool
) -> None:
    inicio = datetime(2024, 1, 1, tzinfo=UTC)
    tareas = [
        Tarea(
            titulo=f"tarea {n:05}",
            estado=list(EstadoTarea)[n % 3],
            creada_en=inicio + timedelta(minutes=n),
            actualizada_en=inicio + timedelta(minutes=n),
        )
        for n in range(3_000)
    ]
    guardar(base, tareas)
    consulta = Consulta(columna=columna, descendente=descendente, limite=50)
    medio = sorted(tareas, key=lambda tarea: (columna.valor_de(tarea), str(tarea.id)))[1_500]
    condicion = consultas.tras(
        consultas.condicion_de(consulta.filtro), consulta, a_campos(medio)[columna.value], str(medio.id)
    )

    plan = (
        base["tareas"]
        .find(
            condicion,
            sort=consultas.orden_de(consulta),
            limit=51,
            collation=consultas.colacion_de(consulta),
        )
        .explain()
    )

    assert plan["executionStats"]["nReturned"] == 51
    assert plan["executionStats"]["totalDocsExamined"] < 150


def test_contar_pendientes_usa_su_indice(almacen: MongoTareaRepository, base: Base) -> None:
    guardar(base, [Tarea(titulo=f"t{n}", pendiente=n < 10) for n in range(1_000)])

    plan = base["tareas"].find({"pendiente": True, "eliminada": {"$ne": True}}).explain()

    assert plan["executionStats"]["totalDocsExamined"] == 10
    assert almacen.contar(Filtro(solo_pendientes=True)) == 10
