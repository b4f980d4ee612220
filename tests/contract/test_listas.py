"""Lists, searches and counts of the Almacen port."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from uuid import UUID

import pytest

from adapters.repositorio_base import RepositorioDeUnAlmacen
from core.domain.models.almacen import Escritura
from core.domain.models.consulta import Columna, Consulta, Filtro
from core.domain.models.tarea import EstadoTarea, Tarea
from tests.contract.datos import fila, filas_variadas

Almacen = RepositorioDeUnAlmacen


def poblar(almacen: Almacen, filas: list[Tarea]) -> None:
    assert all(escrito.aplicada for escrito in almacen.escribir_lote([Escritura(una) for una in filas]))


def todas(almacen: Almacen, consulta: Consulta) -> list[Tarea]:
    vistas: list[Tarea] = []
    while True:
        pagina = almacen.listar(consulta)
        assert len(pagina) <= consulta.limite
        assert pagina.almacen is almacen.nombre
        vistas.extend(pagina)
        if pagina.siguiente is None:
            return vistas
        assert len(pagina) == consulta.limite
        consulta = replace(consulta, tras=pagina.siguiente)


def buscar(almacen: Almacen, texto: str) -> set[str]:
    return {tarea.titulo for tarea in todas(almacen, Consulta(filtro=Filtro(texto=texto)))}


@pytest.mark.parametrize("descendente", [False, True], ids=["sube", "baja"])
@pytest.mark.parametrize("columna", Columna)
def test_las_paginas_dan_cada_fila_una_vez(almacen: Almacen, columna: Columna, descendente: bool) -> None:
    filas = filas_variadas()
    poblar(almacen, filas)
    vistas = todas(almacen, Consulta(columna=columna, descendente=descendente, limite=7))
    assert Counter(una.id for una in vistas) == Counter(una.id for una in filas)
    enteras = todas(almacen, Consulta(columna=columna, descendente=descendente, limite=1000))
    assert [una.id for una in vistas] == [una.id for una in enteras]


@pytest.mark.parametrize("descendente", [False, True], ids=["sube", "baja"])
@pytest.mark.parametrize("columna", [Columna.ESTADO, Columna.CREADA_EN, Columna.ACTUALIZADA_EN])
def test_el_orden_es_el_de_los_valores_y_luego_el_del_id(
    almacen: Almacen, columna: Columna, descendente: bool
) -> None:
    poblar(almacen, filas_variadas())
    vistas = todas(almacen, Consulta(columna=columna, descendente=descendente, limite=13))
    claves = [(columna.valor_de(una), str(una.id)) for una in vistas]
    assert claves == sorted(claves, reverse=descendente)  # type: ignore[type-var]


@pytest.mark.parametrize("columna", [Columna.TITULO, Columna.DESCRIPCION])
def test_los_textos_iguales_van_juntos_y_por_id(almacen: Almacen, columna: Columna) -> None:
    poblar(almacen, filas_variadas())
    vistas = todas(almacen, Consulta(columna=columna, descendente=False, limite=9))
    for una, otra in pairwise(vistas):
        if columna.valor_de(una) == columna.valor_de(otra):
            assert str(una.id) < str(otra.id)
    ascii_solo = [una.titulo for una in vistas if una.titulo in {"alfa", "beta", "zeta"}]
    if columna is Columna.TITULO:
        assert ascii_solo == sorted(ascii_solo)


def test_lo_que_cabe_justo_no_promete_otra_pagina(almacen: Almacen) -> None:
    poblar(almacen, filas_variadas(10))
    assert almacen.listar(Consulta(limite=10)).siguiente is None
    assert almacen.listar(Consulta(limite=9)).siguiente is not None
    assert almacen.listar(Consulta(limite=1)).siguiente is not None


def test_la_lista_de_un_almacen_vacio_esta_vacia(almacen: Almacen) -> None:
    pagina = almacen.listar(Consulta())
    assert len(pagina) == 0
    assert pagina.siguiente is None
    assert almacen.contar() == 0


def test_una_fila_nueva_entre_paginas_no_repite_ninguna(almacen: Almacen) -> None:
    filas = filas_variadas(20)
    poblar(almacen, filas)
    primera = almacen.listar(Consulta(limite=10))
    poblar(almacen, [fila("nueva", version=999, id=UUID(int=2**128 - 1))])
    segunda = almacen.listar(Consulta(limite=100, tras=primera.siguiente))
    assert not {una.id for una in primera} & {una.id for una in segunda}
    assert {una.id for una in filas} <= {una.id for una in (*primera, *segunda)}


def test_la_busqueda_ignora_mayusculas_tambien_fuera_del_ingles(almacen: Almacen) -> None:
    poblar(almacen, [fila("Plantar un árbol"), fila("ÑANDÚ azul"), fila("Ωmega ПРИВЕТ"), fila("nada")])
    assert buscar(almacen, "ÁRBOL") == {"Plantar un árbol"}
    assert buscar(almacen, "ñandú") == {"ÑANDÚ azul"}
    assert buscar(almacen, "привет") == {"Ωmega ПРИВЕТ"}
    assert buscar(almacen, "PLANTAR") == {"Plantar un árbol"}
    assert buscar(almacen, "a\u0301rbol") == {"Plantar un árbol"}, "texto tecleado en forma descompuesta"
    assert buscar(almacen, "arbol") == set()


@pytest.mark.parametrize(
    "aguja",
    ["%", "_", "\\", "*", ".", ".*", "[a-z]", "^", "$", "(", "+", "?", "'", '"', "\\E", "a|b", "{2}", "-- "],
)
def test_en_la_busqueda_ningun_signo_es_especial(almacen: Almacen, aguja: str) -> None:
    poblar(almacen, [fila("texto corriente"), fila(f"con {aguja}signo"), fila("otro")])
    assert buscar(almacen, aguja) == {f"con {aguja}signo"}
    assert buscar(almacen, f"CON {aguja}S") == {f"con {aguja}signo"}


def test_la_busqueda_mira_titulo_y_descripcion(almacen: Almacen) -> None:
    poblar(almacen, [fila("uno", descripcion="la Clave está aquí"), fila("clave dos"), fila("tres")])
    assert buscar(almacen, "clave") == {"uno", "clave dos"}
    assert buscar(almacen, "") == {"uno", "clave dos", "tres"}
    assert almacen.contar(Filtro(texto="clave")) == 2


def test_los_filtros_se_suman(almacen: Almacen) -> None:
    filas = [
        fila("alfa", estado=EstadoTarea.COMPLETADA, version=100, comun=100),
        fila("alfa", estado=EstadoTarea.COMPLETADA, version=101),
        fila("alfa", estado=EstadoTarea.PENDIENTE, version=102),
        fila("beta", estado=EstadoTarea.COMPLETADA, version=103),
        fila("alfa", estado=EstadoTarea.COMPLETADA, version=104, eliminada=True),
    ]
    poblar(almacen, filas)
    casos = {
        Filtro(): {0, 1, 2, 3},
        Filtro(estado=EstadoTarea.COMPLETADA): {0, 1, 3},
        Filtro(estado=EstadoTarea.EN_PROGRESO): set(),
        Filtro(solo_pendientes=True): {1, 2, 3},
        Filtro(eliminadas=True): {0, 1, 2, 3, 4},
        Filtro(eliminadas=True, vivas=False): {4},
        Filtro(eliminadas=True, vivas=False, texto="alf"): {4},
        Filtro(texto="alf", estado=EstadoTarea.COMPLETADA, solo_pendientes=True): {1},
        Filtro(texto="alf", estado=EstadoTarea.COMPLETADA, solo_pendientes=True, eliminadas=True): {1, 4},
    }
    for filtro, esperadas in casos.items():
        vistas = todas(almacen, Consulta(filtro=filtro, limite=2))
        assert {una.id for una in vistas} == {filas[n].id for n in esperadas}, filtro
        assert almacen.contar(filtro) == len(esperadas), filtro


def test_los_pendientes_salen_por_version_con_sus_lapidas(almacen: Almacen) -> None:
    filas = [replace(una, eliminada=una.version % 2 == 0) for una in filas_variadas(40)]
    poblar(almacen, filas)
    esperadas = sorted((una for una in filas if una.pendiente), key=lambda una: (una.version, str(una.id)))
    vistas: list[Tarea] = []
    while lote := almacen.pendientes(tras=(vistas[-1].version, vistas[-1].id) if vistas else None, limite=3):
        vistas.extend(lote)
    assert vistas == esperadas
