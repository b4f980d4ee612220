"""Documents of other programs are shown as far as they can be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from bson.int64 import Int64
from bson.objectid import ObjectId

from adapters.mongo.documento import EPOCA, a_campos, a_tarea
from core.domain.models.tarea import EstadoTarea, Tarea

ID = "0f8b4c1e-0000-4000-8000-0123456789ab"


def leer(**campos: Any) -> Tarea:
    tarea = a_tarea({"_id": ID, **campos})
    assert tarea is not None
    return tarea


def test_lo_escrito_se_lee_igual() -> None:
    tarea = Tarea(titulo="ñ", descripcion="", version=7, version_comun=3, pendiente=True, nodo="0001")

    assert a_tarea({"_id": str(tarea.id), **a_campos(tarea)}) == tarea


def test_un_documento_casi_vacio_se_muestra() -> None:
    tarea = leer()

    assert (tarea.titulo, tarea.descripcion, tarea.version) == ("", "", 0)
    assert tarea.creada_en == tarea.actualizada_en == EPOCA
    assert tarea.pendiente
    assert not tarea.eliminada


def test_una_fecha_en_texto_se_entiende() -> None:
    tarea = leer(creada_en="2024-02-03T04:05:06.789123+01:00", actualizada_en="2024-02-03")

    assert tarea.creada_en == datetime(2024, 2, 3, 3, 5, 6, 789000, tzinfo=UTC)
    assert tarea.actualizada_en == datetime(2024, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize("valor", ["ayer", 5, None, [], {}, True])
def test_una_fecha_imposible_es_la_misma_en_cada_lectura(valor: object) -> None:
    assert leer(creada_en=valor).creada_en == EPOCA


def test_un_estado_desconocido_se_muestra_como_esta() -> None:
    assert leer(estado="archivada").estado == "archivada"
    assert leer(estado="COMPLETADA").estado is EstadoTarea.COMPLETADA


def test_un_titulo_que_es_un_numero_se_muestra() -> None:
    assert leer(titulo=5, descripcion=None).titulo == "5"


def test_la_version_es_un_entero_de_python() -> None:
    assert type(leer(version=Int64(9)).version) is int
    assert leer(version="9").version == 0
    assert leer(version=True).version == 0


@pytest.mark.parametrize("id", [ObjectId(), ID.upper(), ID.replace("-", ""), 5, None, "x"])
def test_un_id_que_no_es_el_texto_de_un_uuid_no_es_una_tarea(id: object) -> None:
    assert a_tarea({"_id": id, "titulo": "x"}) is None
