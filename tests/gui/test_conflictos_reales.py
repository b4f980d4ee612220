"""Two operators on a real PostgreSQL and a real MongoDB, each of whom sees only one for a while."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from adapters.container import Contenedor
from adapters.settings import Ajustes
from core.application.crear_tarea import CrearTareaCommand
from core.domain.models.conflicto import Resolucion
from core.domain.models.tarea import Tarea
from core.domain.models.version import componer
from core.health import EstadoSalud
from gui.arranque import Programa
from gui.conflictos.dialogo import DialogoConflicto
from gui.conflictos.vista import Hoja
from gui.ventana import Ventana
from tests.gui.escenario_tareas import escribir
from tests.integration.cortes import MONGO, SQL, Mesa, Red
from tests.servidores import ServidorMongo, ServidorPostgres

PLAZO_MS = 20_000


@pytest.fixture
def mesa(servidor_postgres: ServidorPostgres, servidor_mongo: ServidorMongo) -> Iterator[Mesa]:
    """Servers that all tests share: only the networks to them fail here."""
    mesa = Mesa(servidor_postgres, servidor_mongo)
    yield mesa
    mesa.cerrar_abiertos()


class Ana:
    """An operator with the whole window, on a network of her own."""

    def __init__(self, qtbot: QtBot, mesa: Mesa, carpeta: Path) -> None:
        self.red: Red = mesa.red()
        urls = mesa._urls(self.red)
        ajustes = Ajustes(
            datos=carpeta, orm="dual", sql_url=SecretStr(urls[SQL]), mongo_url=SecretStr(urls[MONGO])
        )
        self.contenedores: list[Contenedor] = []

        def fabrica(*partes: object) -> Contenedor:
            _, carriles, bus = partes
            self.contenedores.append(Contenedor(ajustes, carriles=carriles, bus=bus))  # type: ignore[arg-type]
            return self.contenedores[-1]

        preferencias = QSettings(str(carpeta / "ventana.ini"), QSettings.Format.IniFormat)
        self._programa = Programa(ajustes, preferencias=preferencias, fabrica=fabrica)
        qtbot.addWidget(self.ventana)
        self.ventana.show()
        self._programa.iniciar()

    @property
    def ventana(self) -> Ventana:
        return self._programa.ventana

    @property
    def contenedor(self) -> Contenedor:
        return self.contenedores[-1]

    def salir(self) -> None:
        self._programa.salir()


@pytest.fixture
def ana(qtbot: QtBot, mesa: Mesa, tmp_path: Path) -> Iterator[Ana]:
    ana = Ana(qtbot, mesa, tmp_path / "ana")
    yield ana
    ana.salir()


def test_lo_que_pierde_al_volver_a_verse_se_restaura_desde_la_bandeja(
    mesa: Mesa, ana: Ana, qtbot: QtBot, tmp_path: Path
) -> None:
    red_de_blas = mesa.red()
    blas = mesa.contenedor(tmp_path / "blas", red=red_de_blas)
    ok, caida = EstadoSalud.OK, EstadoSalud.CAIDA
    qtbot.waitUntil(lambda: ana.ventana.estados() == (ok, ok), timeout=PLAZO_MS)
    base = ana.contenedor.crear_tarea.execute(CrearTareaCommand(titulo="antes"))
    qtbot.waitUntil(mesa.iguales, timeout=PLAZO_MS)

    ana.red[MONGO].cortar()
    red_de_blas[SQL].cortar()
    qtbot.waitUntil(
        lambda: ana.ventana.estados() == (ok, caida) and blas.estado_salud(SQL) is caida, timeout=PLAZO_MS
    )
    escritas: list[Tarea] = []
    for quien, titulo in ((ana.contenedor, "de Ana"), (blas, "de Blas")):
        vista = quien.obtener_tarea.execute(base.id)
        escritas.append(quien.repositorio.save(dataclasses.replace(vista, titulo=titulo)))
    ganadora, perdedora = sorted(escritas, key=lambda tarea: tarea.version, reverse=True)
    ana.red[MONGO].pasar()
    red_de_blas[SQL].pasar()

    qtbot.waitUntil(mesa.iguales, timeout=PLAZO_MS)
    ana.ventana.ver("conflictos")
    bandeja = ana.ventana.conflictos
    qtbot.waitUntil(lambda: bandeja.modelo.rowCount() == 1, timeout=PLAZO_MS)
    visto = bandeja.detalle.visto
    assert (visto.perdedora.titulo, visto.actual.titulo) == (perdedora.titulo, ganadora.titulo)

    bandeja.detalle.boton_restaurar.click()
    qtbot.waitUntil(lambda: bandeja.hoja is Hoja.NINGUNO, timeout=PLAZO_MS)
    qtbot.waitUntil(mesa.iguales, timeout=PLAZO_MS)
    assert [mesa.cruda(nombre, base.id).titulo for nombre in (SQL, MONGO)] == [perdedora.titulo] * 2
    assert ana.contenedor.contar_conflictos.execute().abiertos == 0


def test_lo_que_se_decide_en_el_formulario_no_vuelve_a_preguntarse_en_la_bandeja(
    mesa: Mesa, ana: Ana, qtbot: QtBot
) -> None:
    ok = EstadoSalud.OK
    qtbot.waitUntil(lambda: ana.ventana.estados() == (ok, ok), timeout=PLAZO_MS)
    base = ana.contenedor.crear_tarea.execute(CrearTareaCommand(titulo="antes"))
    qtbot.waitUntil(mesa.iguales, timeout=PLAZO_MS)
    tareas = ana.ventana.tareas
    tareas.actualizar()
    qtbot.waitUntil(lambda: tareas.modelo.rowCount() == 1, timeout=PLAZO_MS)
    tareas.tabla.selectRow(0)
    suya = componer(int(time.time() * 1000) + 2000, 0, 9)
    with mesa.mongo.cliente() as cliente:  # of somebody who sees only that one, a moment ahead
        cliente[mesa._base].tareas.update_one(
            {"_id": str(base.id)}, {"$set": {"titulo": "de Blas", "version": suya, "pendiente": True}}
        )
    escribir(tareas.formulario.titulo, "de Ana")
    tareas.formulario.guardar()
    qtbot.waitUntil(lambda: bool(ana.ventana.findChildren(DialogoConflicto)), timeout=PLAZO_MS)
    assert mesa.titulos_en_conflicto() == {"de Ana"}
    (dialogo,) = ana.ventana.findChildren(DialogoConflicto)
    dialogo.boton_guardar.click()
    qtbot.waitUntil(lambda: ana.contenedor.contar_conflictos.execute().abiertos == 0, timeout=PLAZO_MS)
    (resuelto,) = ana.contenedor.listar_conflictos.execute(resueltos=True).conflictos
    assert resuelto.guardado.resolucion == Resolucion.PERDEDORA
    qtbot.waitUntil(mesa.iguales, timeout=PLAZO_MS)
    assert mesa.cruda(MONGO, base.id).titulo == "de Ana"
