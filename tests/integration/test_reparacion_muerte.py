"""A repair or an undo that dies at any of its writes loses nothing, asks nobody, and is ended by the next."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.nodo import ahora_ms
from adapters.reparacion.recibo import guardar_recibo, leer_recibo
from core.domain.models.reparacion import InformeReparacion, Suerte
from core.domain.models.tarea import Tarea
from core.reparacion import Gana
from tests.integration.reparacion import Taller
from tests.integration.revision import MONGO, abrir_par, de_hace, url_sqlite

RAIZ = Path(__file__).parents[2]
CUANTAS = 8
"""A batch of five and one of three."""
ESCRITURAS = 5
"""Of each batch: what goes is kept, both stores are written, both are told."""


class Muerte(BaseException):
    """Nothing of the program sees it."""


def preparar(taller: Taller) -> list[Tarea]:
    """Rows of which SQL says something else than MongoDB; as MongoDB has them."""
    filas = [de_hace(3, f"original {n}", contador=n) for n in range(CUANTAS)]
    taller.par.poner(filas)
    taller.en_sql("UPDATE tareas SET titulo = replace(titulo, 'original', 'nueva')")
    return filas


def comprobar(taller: Taller, filas: Sequence[Tarea]) -> int:
    """Nothing of MongoDB's is gone, and repairing again ends it; how many were replaced so far."""
    assert taller.abiertos() == 0, "nadie tiene nada que decidir"
    actuales = {fila.id: taller.en_ambos(fila.id)[1] for fila in filas}
    claves = [(fila.id, fila.version) for fila in filas]
    guardadas = {
        uno.conflicto.perdedora.id: uno.conflicto.perdedora.titulo
        for uno in taller.par.almacenes[MONGO].leer_conflictos(claves)
    }
    reemplazadas = [fila for fila in filas if getattr(actuales[fila.id], "titulo", "") != fila.titulo]
    assert {fila.id: guardadas.get(fila.id) for fila in reemplazadas} == {
        fila.id: fila.titulo for fila in reemplazadas
    }
    taller.caso().execute(taller.plan(Gana.SQL))
    assert taller.par.verificar().iguales
    assert {taller.en_ambos(fila.id)[0].titulo[:5] for fila in filas} == {"nueva"}  # type: ignore[union-attr]
    assert taller.abiertos() == 0
    return len(reemplazadas)


def morir_en(taller: Taller, numero: int, hacer: Callable[[], object]) -> None:
    """Do it, and die before that write."""
    faltan = numero

    def morir() -> None:
        nonlocal faltan
        faltan -= 1
        if not faltan:
            raise Muerte

    taller.antes_de_escribir(morir)
    with pytest.raises(Muerte):
        hacer()
    taller.antes_de_escribir(lambda: None)


@pytest.mark.parametrize("numero", range(1, ESCRITURAS + 1))
def test_muerta_en_cualquier_escritura_no_se_pierde_nada_de_lo_que_reemplazo(
    tmp_path: Path, mongo_url: str, numero: int
) -> None:
    sql_url = url_sqlite(tmp_path)
    with abrir_par(sql_url, mongo_url) as par:
        taller = Taller(par, sql_url, mongo_url, tmp_path)
        filas, plan = preparar(taller), taller.plan(Gana.SQL)
        morir_en(taller, numero, lambda: taller.caso(lote=5).execute(plan))
        assert comprobar(taller, filas) == (0, 0, 5, 5, 5)[numero - 1]


@pytest.mark.parametrize("replica", [False, True])
@pytest.mark.parametrize("numero", range(3, ESCRITURAS + 4))
def test_los_recibos_de_una_que_murio_y_de_la_que_la_termino_lo_deshacen_todo(
    tmp_path: Path, mongo_url: str, numero: int, replica: bool
) -> None:
    """Also the batch in hand, to which the second one has given a version of its own, or replication its
    place; but not what an operator has edited since."""
    sql_url = url_sqlite(tmp_path)
    with abrir_par(sql_url, mongo_url) as par:
        taller = Taller(par, sql_url, mongo_url, tmp_path)
        filas = preparar(taller)
        recibos: list[Path] = []

        def asegurar(informe: InformeReparacion) -> None:
            ruta = guardar_recibo(informe, tmp_path, ahora_ms())
            if ruta is not None:  # it may only renew what the first one had put
                informe.recibo = str(ruta)
                recibos.append(ruta)

        plan = taller.plan(Gana.SQL)
        morir_en(taller, numero, lambda: taller.caso(lote=5).execute(plan, asegurar=asegurar))
        if replica:
            taller.replicar()
        taller.caso(lote=5).execute(taller.plan(Gana.SQL), asegurar=asegurar)
        actual = taller.en_ambos(filas[0].id)[1]
        assert actual is not None
        editada = taller.par.almacenes[MONGO].save(replace(actual, titulo="de un operador"))
        taller.replicar()
        for recibo in sorted(set(recibos)):
            taller.caso(lote=5).deshacer(leer_recibo(recibo))
        titulos = [editada.titulo, *(fila.titulo for fila in filas[1:])]
        assert [taller.en_ambos(fila.id)[0].titulo for fila in filas] == titulos  # type: ignore[union-attr]
        assert taller.par.verificar().iguales


@pytest.mark.parametrize("numero", [2, 3, 4])
def test_una_vuelta_que_muere_tras_terminarse_lo_que_otra_dejo_a_medias_se_repite(
    tmp_path: Path, mongo_url: str, numero: int
) -> None:
    sql_url = url_sqlite(tmp_path)
    with abrir_par(sql_url, mongo_url) as par:
        taller = Taller(par, sql_url, mongo_url, tmp_path)
        filas, recibos = preparar(taller)[:5], [InformeReparacion()]
        plan = taller.plan(Gana.SQL)
        morir_en(taller, 3, lambda: taller.caso(lote=5).execute(plan, asegurar=recibos.append))
        a_medias = recibos[-1]
        assert len(a_medias.con_vuelta) == 5
        taller.caso(lote=5).execute(taller.plan(Gana.SQL))
        morir_en(taller, numero, lambda: taller.caso(lote=5).deshacer(a_medias))
        assert taller.caso(lote=5).deshacer(a_medias).cuentas[Suerte.CAMBIO] == 0
        vueltas = {una.id for una in a_medias.con_vuelta}
        assert [
            taller.en_ambos(fila.id)[0].titulo  # type: ignore[union-attr]
            for fila in filas
            if str(fila.id) in vueltas
        ] == [fila.titulo for fila in filas if str(fila.id) in vueltas]


@pytest.mark.parametrize(
    ("numero", "replica"), [(2, False), (3, False), (4, False), (8, False), (3, True), (4, True)]
)
def test_una_vuelta_atras_que_muere_se_termina_al_repetirla(
    tmp_path: Path, mongo_url: str, numero: int, replica: bool
) -> None:
    """Also where replication has brought over what one store had by then."""
    sql_url = url_sqlite(tmp_path)
    with abrir_par(sql_url, mongo_url) as par:
        taller = Taller(par, sql_url, mongo_url, tmp_path)
        filas = preparar(taller)
        hecha = taller.caso(lote=5).execute(taller.plan(Gana.SQL))
        morir_en(taller, numero, lambda: taller.caso(lote=5).deshacer(hecha))
        if replica:
            taller.replicar()
        comprobar_vuelta(taller, filas, hecha)


def comprobar_vuelta(taller: Taller, filas: Sequence[Tarea], hecha: InformeReparacion) -> None:
    """Undoing again ends it."""
    otra = taller.caso(lote=5).deshacer(hecha)
    assert (otra.completa, otra.cuentas[Suerte.REPARADA] + otra.cuentas[Suerte.IGUALES]) == (True, CUANTAS)
    assert [uno.titulo for fila in filas for uno in taller.en_ambos(fila.id)] == [
        fila.titulo for fila in filas for _ in range(2)
    ]
    assert (taller.par.verificar().iguales, taller.abiertos()) == (True, 0)
    assert taller.caso().deshacer(hecha).cuentas == {Suerte.IGUALES: CUANTAS}


def test_matada_entre_las_dos_escrituras(tmp_path: Path, postgres_url: str, mongo_url: str) -> None:
    with abrir_par(postgres_url, mongo_url) as par:
        taller = Taller(par, postgres_url, mongo_url, tmp_path)
        filas = preparar(taller)
        lanzar_y_matar(taller, 3)
        assert comprobar(taller, filas) == 5


def test_matada_al_deshacer_entre_las_dos_escrituras(
    tmp_path: Path, postgres_url: str, mongo_url: str
) -> None:
    with abrir_par(postgres_url, mongo_url) as par:
        taller = Taller(par, postgres_url, mongo_url, tmp_path)
        filas = preparar(taller)
        hecha = taller.caso(lote=5).execute(taller.plan(Gana.SQL))
        lanzar_y_matar(taller, 3, guardar_recibo(hecha, tmp_path, ahora_ms()))
        comprobar_vuelta(taller, filas, hecha)


def lanzar_y_matar(taller: Taller, numero: int, recibo: Path | None = None) -> None:
    """A repair, or the undo of a receipt, that is killed before that write."""
    orden = [sys.executable, "-m", "tests.integration.reparacion_interrumpida"]
    orden += [taller.sql_url, taller.mongo_url, str(taller.carpeta), str(numero)]
    orden += [] if recibo is None else [str(recibo)]
    with subprocess.Popen(
        orden, cwd=RAIZ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as proceso:
        try:
            assert proceso.stdout is not None
            assert proceso.stdout.readline() == "ahora\n"
        finally:
            proceso.kill()
        proceso.wait(10)
