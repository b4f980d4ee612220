"""Writing while one database, or both, have been killed or frozen."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from uuid import UUID

import pytest

from adapters.dual import DualTareaRepository
from core.domain.errors import NingunAlmacenDisponible
from core.domain.models.almacen import Desenlace, NombreAlmacen
from core.domain.models.importacion import SuerteFila
from core.domain.models.tarea import Tarea
from tests.conftest import Medir
from tests.integration.cortes import MONGO, SQL, Cronometro, Mesa, Modo
from tests.servidores import esperar

# The promised times, and what a noisy machine may add to them.
SIN_SABER_S = 3.5
SABIENDO_S = 0.1
MARGEN_S = 1.0
MARGEN_SABIENDO = 4

almacenes = pytest.mark.parametrize("caido", [SQL, MONGO])
modos = pytest.mark.parametrize("modo", ["matar", "congelar"])


@modos
@almacenes
def test_con_un_almacen_caido_se_guarda_en_el_otro_y_se_avisa(
    mesa: Mesa, caido: NombreAlmacen, modo: Modo, caplog: pytest.LogCaptureFixture, medir: Medir
) -> None:
    dual = mesa.dual()
    base = dual.save(Tarea(titulo="antes"))
    mesa.caer(caido, modo)
    caplog.set_level(logging.DEBUG, "adapters.dual")
    with Cronometro() as primera:
        guardada = dual.save(replace(base, titulo="primera"))
    guardada = _guardar_hasta_saberlo(dual, caido, guardada)
    with Cronometro() as segunda:
        dual.save(replace(guardada, titulo="segunda"))
    medir(f"save con {caido.etiqueta} caído ({modo}), sin saberlo", primera.s, "s")
    medir(f"save con {caido.etiqueta} caído ({modo}), sabiéndolo", segunda.s * 1000, "ms")
    assert primera.s < SIN_SABER_S + MARGEN_S
    assert segunda.s < SABIENDO_S * MARGEN_SABIENDO
    _comprobar_guardada_solo_en_el_otro(mesa, caido, base.id)
    _comprobar_aviso(caplog, caido, base.id)


def _guardar_hasta_saberlo(dual: DualTareaRepository, caido: NombreAlmacen, tarea: Tarea) -> Tarea:
    """A refusal counts as CAIDA when it repeats: without a monitor that asks again, the next write asks."""
    for _ in range(3):
        if dual.registro.conocida_caida(caido):
            break
        tarea = dual.save(tarea)
    assert dual.registro.conocida_caida(caido)
    return tarea


def _comprobar_guardada_solo_en_el_otro(mesa: Mesa, caido: NombreAlmacen, id: UUID) -> None:
    fila = mesa.cruda(caido.otro, id)
    assert fila is not None
    assert (fila.titulo, fila.pendiente) == ("segunda", True)
    for resultado in mesa.escrituras[-2:]:
        assert resultado.de(caido).desenlace is Desenlace.NO_DISPONIBLE
        assert resultado.de(caido).error
        assert resultado.de(caido.otro).desenlace is Desenlace.CONFIRMADA
    mesa.levantar(caido)
    atras = mesa.cruda(caido, id)
    assert atras is not None
    assert atras.titulo == "antes"


def _comprobar_aviso(caplog: pytest.LogCaptureFixture, caido: NombreAlmacen, id: UUID) -> None:
    motor = "Mongo" if caido is SQL else "Peewee"
    corto = "Mongo" if caido is MONGO else "SQL"
    registro = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert ("INFO", f"🏓 Ping previo a BDD para save de {id}...") in registro
    assert any(
        nivel == "WARNING" and texto.startswith(f"🔴 {corto} no disponible: ") for nivel, texto in registro
    )
    frase = f"⚠️ {caido.etiqueta} no disponible. save de {id} se guardará SOLO en {caido.otro.etiqueta}."
    assert ("WARNING", frase) in registro
    assert ("DEBUG", f"✓ Operación {motor} (solo) completada") in registro


@pytest.mark.errores_esperados("Ninguna base de datos disponible", "no confirmado en ninguna")
@pytest.mark.parametrize("modos", [("matar", "matar"), ("congelar", "congelar")])
def test_con_los_dos_caidos_falla_pronto_sin_enviar_nada(
    mesa: Mesa, modos: tuple[Modo, Modo], medir: Medir
) -> None:
    dual = mesa.dual()
    base = dual.save(Tarea(titulo="antes"))
    for nombre, modo in zip((SQL, MONGO), modos, strict=True):
        mesa.caer(nombre, modo)
    with Cronometro() as primera, pytest.raises(NingunAlmacenDisponible) as info:
        dual.save(replace(base, titulo="perdida"))
    for _ in range(3):
        if not all(dual.registro.conocida_caida(nombre) for nombre in (SQL, MONGO)):
            with pytest.raises(NingunAlmacenDisponible):
                dual.save(replace(base, titulo="perdida"))
    with Cronometro() as segunda, pytest.raises(NingunAlmacenDisponible):
        dual.save(replace(base, titulo="perdida"))
    medir(f"save con los dos caídos ({'/'.join(modos)}), sin saberlo", primera.s, "s")
    medir(f"save con los dos caídos ({'/'.join(modos)}), sabiéndolo", segunda.s * 1000, "ms")
    assert primera.s < SIN_SABER_S + MARGEN_S
    assert segunda.s < SABIENDO_S * MARGEN_SABIENDO
    assert all(uno.desenlace is Desenlace.NO_DISPONIBLE for uno in info.value.resultado.por_almacen)
    assert "SQL" in str(info.value)
    assert "MongoDB" in str(info.value)
    for nombre in (SQL, MONGO):
        mesa.levantar(nombre)
        fila = mesa.cruda(nombre, base.id)
        assert fila is not None
        assert fila.titulo == "antes"


@almacenes
def test_un_almacen_revivido_vuelve_a_recibir_escrituras(mesa: Mesa, caido: NombreAlmacen) -> None:
    dual = mesa.dual()
    base = dual.save(Tarea(titulo="antes"))
    mesa.caer(caido, "matar")
    dual.save(replace(base, titulo="solo en el otro"))
    mesa.levantar(caido)

    def guardada_en_ambas() -> Tarea | None:
        nueva = dual.save(Tarea(titulo="después"))
        return nueva if mesa.escrituras[-1].en_ambos else None

    # Without a monitor that pings, a CAIDA is believed for a second.
    guardada = esperar(guardada_en_ambas, plazo_s=10, que="otra vez en ambas", paso_s=0.1)
    assert guardada is not None
    for nombre in (SQL, MONGO):
        fila = mesa.cruda(nombre, guardada.id)
        assert fila is not None
        assert (fila.titulo, fila.version) == ("después", guardada.version)


@almacenes
def test_eliminar_con_un_almacen_caido_deja_la_lapida_en_el_otro(mesa: Mesa, caido: NombreAlmacen) -> None:
    dual = mesa.dual()
    base = dual.save(Tarea(titulo="antes"))
    mesa.caer(caido, "matar")
    dual.eliminar(base.id, base=base)
    fila = mesa.cruda(caido.otro, base.id)
    assert fila is not None
    assert fila.eliminada
    assert fila.pendiente
    assert mesa.escrituras[-1].operacion == "eliminar"


@almacenes
def test_un_lote_importado_con_un_almacen_caido_entra_en_el_otro(mesa: Mesa, caido: NombreAlmacen) -> None:
    dual = mesa.dual()
    dual.save(Tarea(titulo="antes"))
    mesa.caer(caido, "congelar")
    lote = [Tarea(titulo=f"T{numero}") for numero in range(500)]
    with Cronometro() as cronometro:
        suertes = [resultado.suerte for resultado in dual.importar_lote(lote)]
    assert suertes == [SuerteFila.NUEVA] * 500
    assert cronometro.s < SIN_SABER_S + 2 * MARGEN_S
    filas = mesa.crudas(caido.otro)
    assert all(filas[tarea.id].pendiente for tarea in lote)


@almacenes
def test_escrituras_de_varios_hilos_no_pagan_cada_una_la_espera_de_un_almacen_congelado(
    mesa: Mesa, caido: NombreAlmacen, medir: Medir
) -> None:
    dual = mesa.dual()
    dual.save(Tarea(titulo="antes"))
    mesa.caer(caido, "congelar")
    guardadas: list[Tarea] = []

    def guardar() -> None:
        guardadas.extend(dual.save(Tarea(titulo=f"T{numero}")) for numero in range(10))

    hilos = [threading.Thread(target=guardar) for _ in range(4)]
    with Cronometro() as cronometro:
        for hilo in hilos:
            hilo.start()
        for hilo in hilos:
            hilo.join(40)
    medir(f"40 saves de 4 hilos con {caido.etiqueta} congelado", cronometro.s, "s")
    assert len(guardadas) == 40
    # A write that finds the knowledge stale asks again (3 s), one for all of them.
    assert cronometro.s < 2 * SIN_SABER_S + 2 * MARGEN_S
    assert mesa.crudas(caido.otro).keys() >= {tarea.id for tarea in guardadas}


@pytest.mark.parametrize(("caido", "modo"), [(SQL, "congelar"), (MONGO, "matar")])
def test_cerrar_con_un_almacen_caido_es_rapido(
    mesa: Mesa, caido: NombreAlmacen, modo: Modo, medir: Medir
) -> None:
    dual = mesa.dual()
    dual.save(Tarea(titulo="antes"))
    mesa.caer(caido, modo)
    dual.save(Tarea(titulo="después"))
    with Cronometro() as cronometro:
        mesa.cerrar_abiertos()
    medir(f"cerrar con {caido.etiqueta} caído ({modo})", cronometro.s, "s")
    assert cronometro.s < 1.0 + MARGEN_S
