"""Undoing a repair, and repairing itself, never overwrite what somebody wrote later."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from adapters.nodo import ahora_ms
from adapters.reparacion.recibo import guardar_recibo, leer_recibo
from core.domain.errors import OperacionFallida
from core.domain.models.almacen import Conflicto
from core.domain.models.reparacion import InformeReparacion, Suerte
from core.domain.models.tarea import Tarea
from core.domain.models.version import RelojHibrido
from core.domain.ports.reparacion import Cambio
from core.reparacion import Gana
from tests.integration.reparacion import Taller
from tests.integration.revision import MONGO, SQL, abrir_par, de_hace, url_sqlite
from tests.servidores import esperar


@pytest.fixture
def taller(tmp_path: Path, mongo_url: str) -> Iterator[Taller]:
    with abrir_par(url_sqlite(tmp_path), mongo_url) as par:
        yield Taller(par, url_sqlite(tmp_path), mongo_url, tmp_path)


@pytest.fixture
def hecha(taller: Taller) -> tuple[Tarea, InformeReparacion]:
    """A tarea that was repaired as SQL has it, and the repair."""
    fila = de_hace(3, "original")
    taller.par.poner([fila])
    taller.en_sql("UPDATE tareas SET titulo = ? WHERE id = ?", "reparada", str(fila.id))
    informe = taller.caso().execute(taller.plan(Gana.SQL))
    assert informe.completa
    return fila, informe


def _edicion(taller: Taller, fila: Tarea, *donde: Any) -> None:
    actual = taller.par.almacenes[donde[0]].leer(fila.id)
    assert actual is not None
    version = RelojHibrido(nodo=6, ahora_ms=ahora_ms).siguiente(actual.version)
    nueva = replace(actual, titulo="edición", version=version, version_comun=actual.version, pendiente=True)
    for nombre in donde:
        assert taller.par.almacenes[nombre].reemplazar(nueva, actual.version)


EDITAR: dict[str, Callable[[Taller, Tarea], None]] = {
    "en ambas": lambda taller, fila: _edicion(taller, fila, SQL, MONGO),
    "en SQL": lambda taller, fila: _edicion(taller, fila, SQL),
    "en MongoDB": lambda taller, fila: _edicion(taller, fila, MONGO),
    "a mano en SQL": lambda taller, fila: taller.en_sql("UPDATE tareas SET titulo = 'edición'"),
    "a mano en MongoDB": lambda taller, fila: taller.en_mongo(str(fila.id), {"$set": {"titulo": "edición"}}),
    "un campo más": lambda taller, fila: taller.en_mongo(str(fila.id), {"$set": {"etiqueta": "edición"}}),
    "borrada a mano": lambda taller, fila: taller.en_sql("DELETE FROM tareas"),
}


@pytest.mark.parametrize("como", EDITAR)
def test_deshacer_deja_lo_que_cambio_despues(
    taller: Taller, hecha: tuple[Tarea, InformeReparacion], como: str
) -> None:
    fila, informe = hecha
    EDITAR[como](taller, fila)
    antes = [*taller.en_ambos(fila.id), taller.documento(str(fila.id))]
    assert taller.caso().prever_vuelta(informe).cuentas == {Suerte.CAMBIO: 1}
    assert taller.caso().deshacer(informe).cuentas == {Suerte.CAMBIO: 1}
    assert [*taller.en_ambos(fila.id), taller.documento(str(fila.id))] == antes


def test_una_edicion_que_llega_mientras_se_deshace_no_se_pierde(
    taller: Taller, hecha: tuple[Tarea, InformeReparacion]
) -> None:
    fila, informe = hecha

    def editar() -> None:
        taller.espias[MONGO].antes = lambda: None
        _edicion(taller, fila, MONGO)

    taller.espias[MONGO].antes = editar
    # SQL is written first, and has what was before by then.
    assert taller.caso().deshacer(informe).cuentas == {Suerte.CAMBIO: 1}
    assert [uno.titulo for uno in taller.en_ambos(fila.id)] == ["edición"] * 2
    assert taller.par.verificar().iguales


def test_lo_que_quedo_a_medio_deshacer_y_alguien_edito_despues_se_deja(
    taller: Taller, hecha: tuple[Tarea, InformeReparacion]
) -> None:
    fila, informe = hecha
    taller.espias[MONGO].error = RuntimeError("the program dies here")
    with pytest.raises(RuntimeError):
        taller.caso().deshacer(informe)
    taller.espias[MONGO].error = None
    _edicion(taller, fila, MONGO)
    assert taller.caso().deshacer(informe).cuentas == {Suerte.CAMBIO: 1}
    taller.replicar()
    assert [uno.titulo for uno in taller.en_ambos(fila.id)] == ["edición"] * 2


@pytest.mark.parametrize(("guardado", "abiertos"), [("a mano", 0), ("otro valor", 1)])
def test_reparar_decide_lo_que_estaba_por_decidir_de_ese_mismo_valor(
    taller: Taller, guardado: str, abiertos: int
) -> None:
    """Of another value that was kept under the same version nobody has decided anything."""
    fila = de_hace(3, "original")
    taller.par.poner([fila])
    taller.en_mongo(str(fila.id), {"$set": {"titulo": "a mano"}})
    perdedora = replace(fila, titulo=guardado)
    taller.par.almacenes[MONGO].guardar_conflicto(
        Conflicto(perdedora=perdedora, version_ganadora=fila.version + 9, cuando_ms=ahora_ms())
    )
    informe = taller.caso().execute(taller.plan(Gana.SQL))
    assert (informe.cuentas, taller.abiertos()) == ({Suerte.REPARADA: 1}, abiertos)
    assert [una.exacta for una in informe.reparadas] == [guardado == "a mano"]


def test_un_recibo_dice_lo_que_solo_esta_en_el_diario(taller: Taller) -> None:
    """What `conflictos` has of it is a likeness: to write that would invent a value."""
    buena, exacta = de_hace(3, "buena"), de_hace(3, "exacta")
    taller.par.poner([buena, exacta])
    taller.en_mongo(str(buena.id), {"$set": {"titulo": {"raro": 1}}})
    taller.en_mongo(str(exacta.id), {"$set": {"titulo": "a mano"}})
    informe = taller.caso().execute(taller.plan(Gana.SQL))
    recibo = guardar_recibo(informe, taller.carpeta, ahora_ms())
    assert recibo is not None
    leido = leer_recibo(recibo)
    assert leido.reparadas == informe.con_vuelta
    assert {una.id: una.exacta for una in leido.reparadas} == {str(buena.id): False, str(exacta.id): True}
    deshecha = taller.caso().deshacer(leido)
    assert deshecha.cuentas == {Suerte.REPARADA: 1, Suerte.FALLIDA: 1}
    assert deshecha.problemas[0][0] == str(buena.id)
    assert [uno.titulo for uno in taller.en_ambos(buena.id)] == ["buena"] * 2


def test_lo_que_otra_sesion_tiene_a_medias_en_postgres_no_se_pisa(
    tmp_path: Path, postgres_url: str, mongo_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look without a lock sees what was before, and writes over what is committed right after."""
    monkeypatch.setattr("adapters.peewee.reparacion.ESPERA_MS", 10_000)
    with abrir_par(postgres_url, mongo_url) as par:
        taller = Taller(par, postgres_url, mongo_url, tmp_path)
        fila = de_hace(3, "original")
        par.poner([fila])
        taller.caso()
        crudo = taller.espias[SQL].de_verdad
        cambio = Cambio(
            crudo.leer([str(fila.id)])[str(fila.id)], replace(fila, titulo="nueva", version=fila.version + 1)
        )
        puestas: list[set[str]] = []
        with psycopg.connect(postgres_url) as otra, psycopg.connect(postgres_url, autocommit=True) as mirona:
            otra.execute("UPDATE tareas SET titulo = 'a mano' WHERE id = %s", [fila.id])
            hilo = threading.Thread(target=lambda: puestas.append(crudo.sustituir([cambio])))
            hilo.start()
            esperando = (
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            esperar(lambda: mirona.execute(esperando).fetchone() == (1,), que="que espere por la fila")
            otra.commit()
            hilo.join(10)
        assert puestas == [set()]
        assert par.almacenes[SQL].leer(fila.id).titulo == "a mano"


def test_de_muchas_filas_no_se_espera_por_la_que_otra_sesion_bloquea(
    tmp_path: Path, postgres_url: str, mongo_url: str
) -> None:
    """The others are in by the time that it is told."""
    with abrir_par(postgres_url, mongo_url) as par:
        taller = Taller(par, postgres_url, mongo_url, tmp_path)
        filas = [de_hace(3, "original", contador=n) for n in range(3)]
        par.poner(filas)
        taller.caso()
        crudo = taller.espias[SQL].de_verdad
        vistas = crudo.leer([str(fila.id) for fila in filas])
        cambios = [
            Cambio(vistas[str(fila.id)], replace(fila, titulo="nueva", version=fila.version + 99))
            for fila in filas
        ]
        with psycopg.connect(postgres_url) as otra:
            otra.execute("SELECT 1 FROM tareas WHERE id = %s FOR UPDATE", [filas[1].id])
            with pytest.raises(OperacionFallida, match="mantiene bloqueada la fila"):
                crudo.sustituir(cambios)
        assert [par.almacenes[SQL].leer(fila.id).titulo for fila in filas] == ["nueva", "original", "nueva"]
        assert crudo.sustituir(cambios) == {str(fila.id) for fila in filas}
