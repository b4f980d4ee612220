"""Several operators, each with a network of their own: what one sees down, another sees up."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from adapters.container import Contenedor
from core.application.crear_tarea import CrearTareaCommand
from core.domain.errors import EscrituraIncierta
from core.domain.models.almacen import Desenlace, NombreAlmacen
from core.health import EstadoSalud
from tests.integration.cortes import MONGO, SQL, Mesa, Red
from tests.servidores import esperar

almacenes = pytest.mark.parametrize("malo", [SQL, MONGO])
Abrir = Callable[[str], tuple[Contenedor, Red]]


@pytest.fixture
def abrir(mesa: Mesa, tmp_path: Path) -> Abrir:
    """Opens the program for an operator of that name, who sees both databases well."""

    def hacer(nombre: str) -> tuple[Contenedor, Red]:
        red = mesa.red()
        programa = mesa.contenedor(tmp_path / nombre, red=red)
        for almacen in (SQL, MONGO):
            esperar_estado(programa, almacen, EstadoSalud.OK)
        return programa, red

    return hacer


def esperar_estado(programa: Contenedor, almacen: NombreAlmacen, estado: EstadoSalud) -> None:
    esperar(lambda: programa.estado_salud(almacen) is estado, plazo_s=15, que=f"{almacen} {estado}")


def esperar_iguales(mesa: Mesa) -> None:
    esperar(mesa.iguales, plazo_s=20, que="ambas iguales y nada pendiente", paso_s=0.05)


def titulo_en(mesa: Mesa, almacen: NombreAlmacen, id: UUID) -> str:
    fila = mesa.cruda(almacen, id)
    assert fila is not None
    return fila.titulo


@almacenes
def test_una_respuesta_perdida_se_arregla_sola(mesa: Mesa, abrir: Abrir, malo: NombreAlmacen) -> None:
    programa, red = abrir("ana")
    titulo = f"perdida {uuid4()}"
    red[malo].tirar_respuesta(lambda peticion: titulo.encode() in peticion)
    tarea = programa.crear_tarea.execute(CrearTareaCommand(titulo=titulo))
    assert mesa.escrituras[-1].de(malo).desenlace is Desenlace.DESCONOCIDA
    esperar_iguales(mesa)
    assert titulo_en(mesa, SQL, tarea.id) == titulo


@pytest.mark.errores_esperados("no confirmado en ninguna")
def test_una_escritura_sin_respuesta_se_aclara_y_acaba_en_las_dos(mesa: Mesa, abrir: Abrir) -> None:
    programa, red = abrir("ana")
    titulo = f"incierta {uuid4()}"
    for nombre in (SQL, MONGO):
        red[nombre].tirar_respuesta(lambda peticion: titulo.encode() in peticion)
    with contextlib.suppress(EscrituraIncierta):  # the read that settles it may meet a dead connection, too
        programa.crear_tarea.execute(CrearTareaCommand(titulo=titulo))
    esperar_iguales(mesa)
    assert [fila.titulo for fila in mesa.crudas(SQL).values()] == [titulo]


@almacenes
def test_una_escritura_que_aterriza_tarde_no_vuelve_atras_a_nadie(
    mesa: Mesa, abrir: Abrir, malo: NombreAlmacen
) -> None:
    programa, red = abrir("ana")
    base = programa.crear_tarea.execute(CrearTareaCommand(titulo="antes"))
    titulo = f"tarde {uuid4()}"
    red[malo].atascar_al_pasar(lambda peticion: titulo.encode() in peticion)
    tardia = programa.repositorio.save(replace(base, titulo=titulo))
    ultima = programa.repositorio.save(replace(tardia, titulo="la última"))
    esperar_estado(programa, malo, EstadoSalud.CAIDA)
    red[malo].soltar()
    esperar_iguales(mesa)
    fila = mesa.cruda(malo, base.id)
    assert fila is not None
    assert (fila.titulo, fila.version) == ("la última", ultima.version)


def test_dos_operadores_que_ven_bases_distintas_acaban_viendo_lo_mismo(mesa: Mesa, abrir: Abrir) -> None:
    (ana, red_de_ana), (blas, red_de_blas) = abrir("ana"), abrir("blas")
    base = ana.crear_tarea.execute(CrearTareaCommand(titulo="antes"))
    esperar_iguales(mesa)
    red_de_ana[MONGO].cortar()
    red_de_blas[SQL].cortar()
    esperar_estado(ana, MONGO, EstadoSalud.CAIDA)
    esperar_estado(blas, SQL, EstadoSalud.CAIDA)
    vista = blas.obtener_tarea.execute(base.id)
    de_ana = ana.repositorio.save(replace(base, titulo="de Ana"))
    de_blas = blas.repositorio.save(replace(vista, titulo="de Blas"))
    nueva_de_ana = ana.crear_tarea.execute(CrearTareaCommand(titulo="nueva de Ana"))
    nueva_de_blas = blas.crear_tarea.execute(CrearTareaCommand(titulo="nueva de Blas"))
    assert (titulo_en(mesa, SQL, base.id), titulo_en(mesa, MONGO, base.id)) == ("de Ana", "de Blas")
    red_de_ana[MONGO].pasar()
    red_de_blas[SQL].pasar()
    esperar_iguales(mesa)
    ganadora, perdedora = sorted((de_ana, de_blas), key=lambda tarea: tarea.version, reverse=True)
    assert titulo_en(mesa, SQL, base.id) == ganadora.titulo
    assert mesa.crudas(MONGO).keys() == {base.id, nueva_de_ana.id, nueva_de_blas.id}
    assert perdedora.titulo in mesa.titulos_en_conflicto()


@almacenes
def test_lo_eliminado_mientras_un_almacen_no_se_ve_no_resucita(
    mesa: Mesa, abrir: Abrir, malo: NombreAlmacen
) -> None:
    programa, red = abrir("ana")
    base = programa.crear_tarea.execute(CrearTareaCommand(titulo="antes"))
    esperar_iguales(mesa)
    red[malo].cortar()
    esperar_estado(programa, malo, EstadoSalud.CAIDA)
    programa.repositorio.eliminar(base.id, base=base)
    red[malo].pasar()
    esperar_iguales(mesa)
    for nombre in (SQL, MONGO):
        fila = mesa.cruda(nombre, base.id)
        assert fila is not None
        assert fila.eliminada
    assert programa.repositorio.get(base.id) is None
