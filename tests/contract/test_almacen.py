"""The Almacen port: one row at a time, compare-and-set, marks, conflicts."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from adapters.repositorio_base import RepositorioDeUnAlmacen
from core.domain.models.almacen import Conflicto, Escrito, Escritura
from core.domain.models.consulta import Filtro
from core.domain.models.tarea import EstadoTarea
from core.domain.models.version import SIN_FECHA
from tests.contract.datos import TEXTOS_HOSTILES, fila, sobre

Almacen = RepositorioDeUnAlmacen


def test_lo_escrito_se_lee_igual_en_cada_campo(almacen: Almacen) -> None:
    tarea = fila("Título", descripcion="texto", estado=EstadoTarea.EN_PROGRESO, version=(1 << 62) + 1)
    assert almacen.escribir(Escritura(tarea)) == Escrito(True)
    assert almacen.leer(tarea.id) == tarea


def test_leer_lo_que_no_existe_da_nada(almacen: Almacen) -> None:
    assert almacen.leer(uuid4()) is None
    assert almacen.leer_lote([uuid4(), uuid4()]) == {}
    assert almacen.leer_lote([]) == {}


@pytest.mark.parametrize("caso", TEXTOS_HOSTILES)
def test_los_textos_dificiles_vuelven_identicos(almacen: Almacen, caso: str) -> None:
    texto = TEXTOS_HOSTILES[caso]
    tarea = fila(texto[:200], descripcion=texto)
    almacen.escribir(Escritura(tarea))
    assert almacen.leer(tarea.id) == tarea
    (en_lote,) = almacen.escribir_lote([sobre(tarea, version=200, titulo=texto[:199])])
    assert en_lote == Escrito(True)
    leida = almacen.leer(tarea.id)
    assert leida is not None
    assert (leida.titulo, leida.descripcion) == (texto[:199], texto)


@pytest.mark.parametrize(
    "instante",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
        datetime(2024, 3, 31, 1, 30, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
    ],
    ids=lambda instante: str(instante.year),
)
def test_las_fechas_extremas_vuelven_identicas(almacen: Almacen, instante: datetime) -> None:
    tarea = fila(creada_en=instante, actualizada_en=instante)
    almacen.escribir(Escritura(tarea))
    leida = almacen.leer(tarea.id)
    assert leida is not None
    assert (leida.creada_en, leida.actualizada_en) == (instante, instante)
    assert leida.creada_en.utcoffset() == UTC.utcoffset(None)


def test_se_aplica_sobre_la_version_de_la_que_parte(almacen: Almacen) -> None:
    tarea = fila(version=100)
    almacen.escribir(Escritura(tarea))
    escritura = sobre(tarea, version=200, titulo="otra")
    assert almacen.escribir(escritura).aplicada
    assert almacen.leer(tarea.id) == escritura.fila


def test_se_aplica_sobre_una_fila_solo_atrasada(almacen: Almacen) -> None:
    tarea = fila(version=100, comun=100)
    almacen.escribir(Escritura(tarea))
    posterior = replace(tarea, version=150, version_comun=150)
    escritura = sobre(posterior, version=200)
    assert escritura.fila.version_comun == 150
    assert almacen.escribir(escritura).aplicada
    assert almacen.leer(tarea.id) == escritura.fila


def test_no_se_aplica_sobre_lo_que_no_vio(almacen: Almacen) -> None:
    tarea = fila(version=100)
    ajena = sobre(tarea, version=150, titulo="de otra persona")
    almacen.escribir(Escritura(tarea))
    almacen.escribir(ajena)
    escrito = almacen.escribir(sobre(tarea, version=200, titulo="mía"))
    assert escrito == Escrito(False, ajena.fila)
    assert almacen.leer(tarea.id) == ajena.fila


def test_una_version_menor_que_la_base_no_basta(almacen: Almacen) -> None:
    """Comparing with `<= base` looks right and loses writes."""
    otra = fila(version=100)
    almacen.escribir(Escritura(otra))
    escrito = almacen.escribir(sobre(replace(otra, version=150), version=200))
    assert escrito == Escrito(False, otra)


def test_una_creacion_no_pisa_lo_que_ya_existe(almacen: Almacen) -> None:
    tarea = fila(version=100)
    almacen.escribir(Escritura(tarea))
    assert almacen.escribir(Escritura(fila("nueva", id=tarea.id, version=300))) == Escrito(False, tarea)


def test_repetir_una_escritura_no_cambia_nada(almacen: Almacen) -> None:
    tarea = fila(version=100)
    assert almacen.escribir(Escritura(tarea)).aplicada
    almacen.confirmar([(tarea.id, 100)])
    assert almacen.escribir(Escritura(tarea)) == Escrito(True)
    leida = almacen.leer(tarea.id)
    assert leida is not None
    assert not leida.pendiente, "la repetición borró una confirmación"


@pytest.mark.parametrize("en_lote", [False, True])
def test_lo_que_se_supo_comun_no_lo_olvida_quien_no_lo_sabia(almacen: Almacen, en_lote: bool) -> None:
    """A form that was opened before the confirmation: its own base would be a stranger to it later."""
    tarea = fila(version=100)
    almacen.escribir(Escritura(tarea))
    almacen.confirmar([(tarea.id, 100)])
    escritura = sobre(tarea, version=200)
    assert escritura.fila.version_comun == 0
    (escrito,) = almacen.escribir_lote([escritura]) if en_lote else [almacen.escribir(escritura)]
    assert escrito.aplicada
    leida = almacen.leer(tarea.id)
    assert leida is not None
    assert (leida.version, leida.version_comun, leida.pendiente) == (200, 100, True)


def test_la_lapida_se_lee_y_no_se_cuenta(almacen: Almacen) -> None:
    tarea = fila(version=100)
    almacen.escribir(Escritura(tarea))
    almacen.escribir(sobre(tarea, version=200, eliminada=True))
    leida = almacen.leer(tarea.id)
    assert leida is not None
    assert leida.eliminada
    assert almacen.contar() == 0
    assert almacen.contar(Filtro(eliminadas=True)) == 1


def test_confirmar_quita_la_marca(almacen: Almacen) -> None:
    tarea = fila(version=100)
    almacen.escribir(Escritura(tarea))
    almacen.confirmar([(tarea.id, 100)])
    assert almacen.leer(tarea.id) == replace(tarea, version_comun=100, pendiente=False)
    almacen.confirmar([(tarea.id, 90), (tarea.id, 100)])
    assert almacen.leer(tarea.id) == replace(tarea, version_comun=100, pendiente=False)


def test_confirmar_nunca_quita_la_marca_de_una_escritura_posterior(almacen: Almacen) -> None:
    tarea = fila(version=100)
    almacen.escribir(Escritura(tarea))
    almacen.escribir(sobre(tarea, version=200))
    almacen.confirmar([(tarea.id, 100)])
    leida = almacen.leer(tarea.id)
    assert leida is not None
    assert (leida.version, leida.version_comun, leida.pendiente) == (200, 100, True)


def test_confirmar_muchas_de_una_vez_y_las_que_no_existen(almacen: Almacen) -> None:
    filas = [fila(version=100 + n) for n in range(50)]
    almacen.escribir_lote([Escritura(una) for una in filas])
    almacen.confirmar([(una.id, una.version) for una in filas] + [(uuid4(), 5)])
    almacen.confirmar([])
    assert almacen.contar(Filtro(solo_pendientes=True)) == 0
    assert not any(una.pendiente for una in almacen.leer_lote([una.id for una in filas]).values())


def test_reemplazar_exige_la_version_vista(almacen: Almacen) -> None:
    tarea = fila(version=100)
    assert not almacen.reemplazar(tarea, 99)
    assert almacen.leer(tarea.id) is None
    assert almacen.reemplazar(tarea, None)
    assert not almacen.reemplazar(tarea, None)
    nueva = replace(tarea, titulo="copiada", version=300, version_comun=300, pendiente=False)
    assert not almacen.reemplazar(nueva, 99)
    assert almacen.reemplazar(nueva, 100)
    assert almacen.leer(tarea.id) == nueva


def test_el_mismo_conflicto_se_guarda_una_vez(almacen: Almacen) -> None:
    perdedora = fila(TEXTOS_HOSTILES["comillas"], version=100)
    conflicto = Conflicto(perdedora=perdedora, version_ganadora=200, cuando_ms=1_700_000_000_000)
    assert almacen.contar_conflictos() == 0
    almacen.guardar_conflicto(conflicto)
    almacen.guardar_conflicto(replace(conflicto, cuando_ms=1_800_000_000_000))
    assert almacen.contar_conflictos() == 1
    almacen.guardar_conflicto(replace(conflicto, perdedora=replace(perdedora, version=101)))
    assert almacen.contar_conflictos() == 2


def test_un_lote_es_una_suma_de_escrituras_independientes(almacen: Almacen) -> None:
    vieja, ajena = fila(version=100), fila(version=150)
    almacen.escribir_lote([Escritura(vieja), Escritura(ajena)])
    nueva = fila("nueva", version=160)
    escritos = almacen.escribir_lote(
        [
            sobre(vieja, version=200, titulo="cambiada"),
            sobre(replace(ajena, version=120), version=210),
            Escritura(nueva),
            Escritura(ajena),
        ]
    )
    assert list(escritos) == [Escrito(True), Escrito(False, ajena), Escrito(True), Escrito(True)]
    assert almacen.leer_lote([vieja.id, ajena.id, nueva.id]).keys() == {vieja.id, ajena.id, nueva.id}


def test_un_lote_vacio_no_hace_nada(almacen: Almacen) -> None:
    assert list(almacen.escribir_lote([])) == []


def test_un_lote_con_la_misma_tarea_va_en_orden(almacen: Almacen) -> None:
    primera = fila(version=100)
    segunda = sobre(primera, version=200, titulo="segunda")
    ajena = sobre(primera, version=300, titulo="llega tarde")
    escritos = almacen.escribir_lote([Escritura(primera), segunda, ajena, segunda])
    assert [escrito.aplicada for escrito in escritos] == [True, True, False, True]
    assert almacen.leer(primera.id) == segunda.fila


def test_un_lote_grande_entra_entero_y_repetirlo_no_cambia_nada(almacen: Almacen) -> None:
    escrituras = [Escritura(fila(f"tarea {n}", version=100 + n)) for n in range(3000)]
    assert all(escrito.aplicada for escrito in almacen.escribir_lote(escrituras))
    assert all(escrito.aplicada for escrito in almacen.escribir_lote(escrituras))
    assert almacen.contar() == 3000
    assert len(almacen.leer_lote([escritura.fila.id for escritura in escrituras])) == 3000


def test_preparar_dos_veces_conserva_todo(almacen: Almacen) -> None:
    almacen.preparar()
    tarea = fila()
    almacen.escribir(Escritura(tarea))
    almacen.preparar()
    almacen.preparar(adoptar=True)
    assert almacen.leer(tarea.id) == tarea


def test_de_dos_que_escriben_sobre_lo_mismo_gana_uno(almacen: Almacen) -> None:
    hilos, rondas = 4, 15
    tarea = fila(version=100)
    almacen.escribir(Escritura(tarea))
    salida = threading.Barrier(hilos)

    def competir(hilo: int) -> int:
        ganadas = 0
        for ronda in range(rondas):
            base = almacen.leer(tarea.id)
            assert base is not None
            salida.wait(30)
            version = 1000 + ronda * hilos + hilo
            ganadas += almacen.escribir(sobre(base, version=version, titulo=f"{hilo}")).aplicada
            salida.wait(30)
        return ganadas

    with ThreadPoolExecutor(hilos) as grupo:
        assert sum(grupo.map(competir, range(hilos))) == rondas


def test_lotes_que_se_cruzan_no_se_estorban(almacen: Almacen) -> None:
    filas = [fila(version=100 + n) for n in range(200)]
    almacen.escribir_lote([Escritura(una) for una in filas])

    def escribir(hilo: int) -> int:
        orden = filas if hilo % 2 else filas[::-1]
        lote = [sobre(una, version=1000 * (hilo + 1) + n) for n, una in enumerate(orden)]
        return sum(escrito.aplicada for escrito in almacen.escribir_lote(lote))

    with ThreadPoolExecutor(3) as grupo:
        assert sum(grupo.map(escribir, range(3))) == len(filas)


def test_el_ping_dice_quien_contesta(almacen: Almacen) -> None:
    pong = almacen.ping(3.0)
    assert pong.latencia_ms >= 0
    assert pong.version_servidor
    assert pong.rol
    assert not pong.solo_lectura
    assert pong.desfase_ms is None or abs(pong.desfase_ms) < 1000


def test_interrumpir_y_cerrar_en_reposo_no_estorban(almacen: Almacen) -> None:
    tarea = fila()
    almacen.escribir(Escritura(tarea))
    almacen.interrumpir()
    assert almacen.leer(tarea.id) == tarea
    almacen.close()
    almacen.close()


def test_la_misma_version_con_otro_contenido_es_de_otro(almacen: Almacen) -> None:
    tarea = fila("de A", version=500)
    almacen.escribir(Escritura(tarea))
    otra = replace(tarea, titulo="de B")
    assert almacen.escribir(Escritura(otra, tarea.version)) == Escrito(False, tarea)
    assert almacen.escribir_lote([Escritura(otra, tarea.version)]) == [Escrito(False, tarea)]
    assert almacen.escribir(Escritura(tarea)) == Escrito(True)
    assert almacen.leer(tarea.id) == tarea


def test_una_fila_sin_fecha_no_es_antepasada_de_otra_historia(almacen: Almacen) -> None:
    """A row that was adopted later, under an id that both stores once agreed about: nobody knows it."""
    adoptada = fila("de la tabla antigua", version=1)
    almacen.escribir(Escritura(adoptada))
    ajena = replace(
        adoptada, version=SIN_FECHA + 300, version_comun=SIN_FECHA + 100, pendiente=True, titulo="de otra"
    )
    assert almacen.escribir(Escritura(ajena, SIN_FECHA + 200)) == Escrito(False, adoptada)
    assert list(almacen.escribir_lote([Escritura(ajena, SIN_FECHA + 200)])) == [Escrito(False, adoptada)]
    heredera = replace(ajena, version_comun=1, titulo="hecha sobre ella")
    assert almacen.escribir(Escritura(heredera, SIN_FECHA + 200)) == Escrito(True)
