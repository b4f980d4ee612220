"""The TareaRepository port: what use cases see, whatever stands behind it."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from core.domain.errors import ConflictoDeVersion, TareaInvalida, TareaNoEncontrada
from core.domain.models.consulta import Columna, Consulta, Filtro
from core.domain.models.importacion import SuerteFila
from core.domain.models.tarea import EstadoTarea, Tarea
from core.domain.ports.tarea_repository import TareaRepository
from tests.contract.datos import INICIO


def test_lo_guardado_se_obtiene_con_su_version(repositorio: TareaRepository) -> None:
    tarea = Tarea(titulo="Comprar pan", descripcion="integral", creada_en=INICIO, actualizada_en=INICIO)
    guardada = repositorio.save(tarea)
    assert guardada.version > 0
    leida = repositorio.get(tarea.id)
    assert leida is not None
    assert leida.mismo_contenido(tarea)
    assert leida.version == guardada.version


def test_lo_que_no_existe_es_nada(repositorio: TareaRepository) -> None:
    assert repositorio.get(uuid4()) is None
    assert repositorio.get(uuid4(), eliminadas=True) is None
    assert len(repositorio.list()) == 0


def test_cada_guardado_es_una_version_mayor(repositorio: TareaRepository) -> None:
    primera = repositorio.save(Tarea(titulo="una"))
    segunda = repositorio.save(replace(primera, estado=EstadoTarea.COMPLETADA))
    assert segunda.version > primera.version
    leida = repositorio.get(primera.id)
    assert leida is not None
    assert leida.estado is EstadoTarea.COMPLETADA


def test_una_tarea_invalida_no_se_guarda(repositorio: TareaRepository) -> None:
    tarea = Tarea(titulo="a\x00b")
    with pytest.raises(TareaInvalida):
        repositorio.save(tarea)
    assert repositorio.get(tarea.id) is None


def test_quien_edita_una_version_antigua_recibe_la_actual(repositorio: TareaRepository) -> None:
    original = repositorio.save(Tarea(titulo="original"))
    suya = repositorio.save(replace(original, titulo="de otra persona"))
    with pytest.raises(ConflictoDeVersion) as conflicto:
        repositorio.save(replace(original, titulo="mía"))
    assert conflicto.value.actual.titulo == "de otra persona"
    assert conflicto.value.actual.version == suya.version
    assert conflicto.value.propuesta.titulo == "mía"
    leida = repositorio.get(original.id)
    assert leida is not None
    assert leida.titulo == "de otra persona"


def test_repetir_un_guardado_con_su_version_es_el_mismo(repositorio: TareaRepository) -> None:
    tarea = Tarea(titulo="una")
    guardada = repositorio.save(tarea)
    repetida = repositorio.save(tarea, version=guardada.version)
    assert repetida.version == guardada.version
    assert repositorio.contar() == 1


def test_lo_eliminado_desaparece_y_se_restaura(repositorio: TareaRepository) -> None:
    tarea = repositorio.save(Tarea(titulo="efímera"))
    lapida = repositorio.eliminar(tarea.id)
    assert lapida.eliminada
    assert repositorio.get(tarea.id) is None
    visible = repositorio.get(tarea.id, eliminadas=True)
    assert visible is not None
    assert visible.eliminada
    assert repositorio.contar() == 0
    with pytest.raises(TareaNoEncontrada):
        repositorio.eliminar(tarea.id)
    restaurada = repositorio.save(replace(lapida, eliminada=False))
    leida = repositorio.get(tarea.id)
    assert leida is not None
    assert (leida.titulo, leida.version) == ("efímera", restaurada.version)


def test_no_se_elimina_lo_que_nunca_existio(repositorio: TareaRepository) -> None:
    with pytest.raises(TareaNoEncontrada):
        repositorio.eliminar(uuid4())


def test_no_se_elimina_lo_que_otra_persona_cambio(repositorio: TareaRepository) -> None:
    tarea = repositorio.save(Tarea(titulo="una"))
    repositorio.save(replace(tarea, titulo="cambiada"))
    with pytest.raises(ConflictoDeVersion):
        repositorio.eliminar(tarea.id, base=tarea)
    assert repositorio.get(tarea.id) is not None


def test_la_lista_pagina_busca_y_cuenta(repositorio: TareaRepository) -> None:
    for n in range(12):
        repositorio.save(Tarea(titulo=f"tarea {n:02}", estado=list(EstadoTarea)[n % 3]))
    consulta = Consulta(columna=Columna.TITULO, descendente=False, limite=5)
    titulos: list[str] = []
    while True:
        pagina = repositorio.list(consulta)
        titulos += [tarea.titulo for tarea in pagina]
        if pagina.siguiente is None:
            break
        consulta = replace(consulta, tras=pagina.siguiente)
    assert titulos == [f"tarea {n:02}" for n in range(12)]
    assert repositorio.contar() == 12
    assert repositorio.contar(Filtro(estado=EstadoTarea.PENDIENTE)) == 4
    assert [tarea.titulo for tarea in repositorio.list(Consulta(filtro=Filtro(texto="07")))] == ["tarea 07"]


def test_el_resumen_cuenta_las_vivas(repositorio: TareaRepository) -> None:
    repositorio.save(Tarea(titulo="viva"))
    repositorio.eliminar(repositorio.save(Tarea(titulo="muerta")).id)
    assert repositorio.resumen().total == 1


def test_importar_dos_veces_no_duplica_ni_pisa(repositorio: TareaRepository) -> None:
    tareas = [Tarea(titulo=f"importada {n}", creada_en=INICIO, actualizada_en=INICIO) for n in range(300)]
    primera = repositorio.importar_lote(tareas)
    assert {resultado.suerte for resultado in primera} == {SuerteFila.NUEVA}
    segunda = repositorio.importar_lote(tareas)
    assert {resultado.suerte for resultado in segunda} == {SuerteFila.IGUAL}
    assert repositorio.contar() == 300


def test_importar_conserva_lo_cambiado_y_lo_eliminado(repositorio: TareaRepository) -> None:
    cambiada, eliminada, nueva = (Tarea(titulo=titulo) for titulo in ("cambiada", "eliminada", "nueva"))
    guardada = repositorio.save(cambiada)
    repositorio.save(replace(guardada, titulo="ya es otra"))
    repositorio.save(eliminada)
    repositorio.eliminar(eliminada.id)
    resultados = repositorio.importar_lote([cambiada, eliminada, nueva, nueva])
    assert [resultado.suerte for resultado in resultados] == [
        SuerteFila.DISTINTA,
        SuerteFila.ELIMINADA,
        SuerteFila.NUEVA,
        SuerteFila.IGUAL,
    ]
    leida = repositorio.get(cambiada.id)
    assert leida is not None
    assert leida.titulo == "ya es otra"
    assert repositorio.get(eliminada.id) is None
