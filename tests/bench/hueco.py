"""The largest pauses of the window's event loop while it verifies, fills a store and repairs many rows.

`python -m tests.bench hueco [--filas N]`: the real window on a real PostgreSQL and MongoDB, with N equal
rows. A timer of 5 ms beats on the GUI thread while the page works and somebody scrolls its table; a gap is
the time between two beats (see `ventana`). The servers, and what fills and changes them, are other processes.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
from bson.int64 import Int64
from pymongo import MongoClient
from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QMessageBox

from adapters.mongo import MongoTareaRepository
from adapters.peewee import PeeweeTareaRepository
from adapters.settings import Ajustes
from core.domain.models.almacen import NombreAlmacen
from core.health import RESPONDEN
from core.reparacion import Gana
from gui.arranque import Programa, crear_aplicacion
from gui.salud.palabras import clave_de
from gui.ventana import TAMANO
from gui.verificacion.reparacion import Ambito
from gui.verificacion.vista import VistaVerificacion
from tests.bench.ventana import LEYENDA, Escena, Servidores, Testigo
from tests.bench.verificar import CAMPOS, LOTE
from tests.bench.verificar import filas as filas_de_prueba

OBJETIVO_MS = 50
DISTINTAS = 10_000
"""Rows that are changed by hand: as many as a report names."""
PLAZO_S = 900.0
CADA_MS = 40
"""Between two turns of the wheel."""
SALTO = 25
"""Every so many turns another difference is opened."""


class Mano:
    """Scrolls the table of differences up and down, and opens one now and then."""

    def __init__(self, vista: VistaVerificacion) -> None:
        self._vista = vista
        self._vueltas = 0
        self._reloj = QTimer()
        self._reloj.timeout.connect(self._girar)
        self._reloj.start(CADA_MS)

    def _girar(self) -> None:
        self._vueltas += 1
        tabla = self._vista.tabla
        barra = tabla.verticalScrollBar()
        barra.setValue(0 if barra.value() >= barra.maximum() else barra.value() + barra.pageStep())
        if self._vueltas % SALTO == 0 and (filas := self._vista.modelo.rowCount()):
            tabla.setCurrentIndex(self._vista.modelo.index(self._vueltas * 37 % filas, 0))


def hueco(filas: int) -> None:
    """Run every phase and print the largest gap of each."""
    app = crear_aplicacion(sys.argv[:1])
    servidores, testigo = Servidores(), Testigo()
    try:
        _en_otro_proceso(_llenar, servidores.url_sql, servidores.url_mongo, filas)
        with tempfile.TemporaryDirectory() as carpeta:
            urls = {"sql_url": servidores.url_sql, "mongo_url": servidores.url_mongo}
            ajustes = Ajustes.model_validate({"datos": servidores.carpeta / "datos", **urls})
            preferencias = QSettings(str(Path(carpeta) / "ventana.ini"), QSettings.Format.IniFormat)
            programa = Programa(ajustes, preferencias=preferencias)
            programa.ventana.resize(TAMANO)
            escena = Escena(programa, servidores, Path(carpeta), testigo)
            programa.ventana.show()
            programa.iniciar()
            print(f"{LEYENDA}{filas} filas en cada base; objetivo: {OBJETIVO_MS} ms\n")
            try:
                _representar(escena)
            finally:
                programa.ventana.close()
                programa.salir()
            nombre, peor_ms = max(escena.medidas.items(), key=lambda medida: medida[1])
            print(f"hueco mayor de todo: {peor_ms:.1f} ms ({nombre})")
    finally:
        testigo.close()
        servidores.close()
    app.quit()


def _representar(escena: Escena) -> None:
    contenedor, ventana = escena.programa._contenedor, escena.programa.ventana
    escena.esperar(lambda: ventana.estados() != (), "el arranque")
    escena.esperar(
        lambda: all(contenedor.estado_salud(uno) in RESPONDEN for uno in NombreAlmacen), "la primera salud"
    )
    escena.esperar(lambda: ventana.tareas.modelo.rowCount() > 0, "la lista")
    escena.pausa(2)
    ventana.ver("verificacion")
    mano = Mano(ventana.verificacion.vista)
    for fase in FASES:
        fase(escena)
    del mano


def verificar_iguales(escena: Escena) -> None:
    """Nothing differs, nothing is listed."""
    _medir(escena, "verificar sin diferencias", _vista(escena).verificar)
    assert _vista(escena).resultado.veredicto.rol == "ok", _vista(escena).resultado.texto


def listar_diferencias(escena: Escena) -> None:
    """As many differences as a report names come into the table, and are read there while it is scrolled."""
    _en_otro_proceso(_cambiar, escena.servidores.url_sql, DISTINTAS, escena=escena)
    modelo = _vista(escena).modelo
    leida: Callable[[], bool] = lambda: (  # noqa: E731  a condition, as all the others
        modelo.rowCount() > 0 and modelo.index(modelo.rowCount() - 1, 1).data() != "…"
    )
    _medir(escena, "verificar y listar las diferencias", _vista(escena).verificar, leida)
    _medir(escena, "elegirlas todas", _vista(escena).tabla.selectAll)
    _medir(escena, "verificar otra vez con la lista puesta", _vista(escena).verificar, leida)


def reparar_y_deshacer(escena: Escena) -> None:
    """All that is listed: simulated, done, undone."""
    vista = _vista(escena)
    barra = vista.reparacion
    barra.ambito.setCurrentIndex(barra.ambito.findData(Ambito.TODAS.value))
    barra.gana.setCurrentIndex(barra.gana.findData(Gana.SQL.value))
    _medir(escena, "simular la reparación", barra.boton_simular.click)
    assert barra.plan is not None, vista.resultado.texto
    barra.boton_reparar.click()
    (pregunta,) = vista.findChildren(QMessageBox)
    boton = next(boton for boton in pregunta.buttons() if boton.text() == "Reparar")
    _medir(escena, "reparar", boton.click)
    avisos = {aviso.clave: aviso for aviso in escena.programa.ventana.avisos.avisos}
    _medir(escena, "deshacer", avisos["reparacion"].acciones[0].hacer)


def rellenar(escena: Escena) -> None:
    """MongoDB is emptied by hand, and the banner's button brings everything back."""
    contenedor, ventana = escena.programa._contenedor, escena.programa.ventana
    _en_otro_proceso(_vaciar, escena.servidores.url_mongo, escena=escena)
    contenedor.despertar_replicacion()
    clave = f"relleno-{clave_de(NombreAlmacen.MONGO)}"
    escena.esperar(lambda: any(aviso.clave == clave for aviso in ventana.avisos.avisos), "que se note")
    pregunta = next(aviso for aviso in ventana.avisos.avisos if aviso.clave == clave)
    _medir(escena, "rellenar MongoDB", pregunta.acciones[0].hacer, lambda: not contenedor.carencias)


FASES: tuple[Callable[[Escena], None], ...] = (
    verificar_iguales,
    rellenar,
    listar_diferencias,
    reparar_y_deshacer,
)
"""One after the other; each prints what it measured with `_medir`."""


def _medir(
    escena: Escena,
    nombre: str,
    empezar: Callable[[], object],
    listo: Callable[[], bool] = lambda: True,
) -> None:
    """Begin that, wait until the page has no job under way and `listo`, and print the largest gap."""
    trabajo = _vista(escena).control.trabajo
    escena.testigo.peor_ms()
    escena.latido.peor_ms()
    inicio_s = time.monotonic()
    empezar()
    escena.esperar(lambda: not trabajo.ocupado and listo(), nombre, PLAZO_S)
    duracion_s = time.monotonic() - inicio_s
    escena.pausa(0.5)
    hueco_ms, suyo_ms, testigo_ms = escena.latido.peor_ms(), escena.latido.suyo_ms, escena.testigo.peor_ms()
    escena.medidas[nombre] = hueco_ms
    print(
        f"{nombre:<40} {duracion_s:7.2f} s   "
        f"hueco mayor {hueco_ms:6.1f} ms ({suyo_ms:.0f} ms suyos; testigo {testigo_ms:.0f} ms)",
        flush=True,
    )


def _vista(escena: Escena) -> VistaVerificacion:
    return escena.programa.ventana.verificacion.vista


def _en_otro_proceso(que: Callable[..., None], *con: object, escena: Escena | None = None) -> None:
    """Where it does not hold up the window; with one, its event loop goes on meanwhile."""
    proceso = multiprocessing.get_context("spawn").Process(target=que, args=con)
    proceso.start()
    if escena is not None:
        escena.esperar(lambda: not proceso.is_alive(), "los cambios a mano", PLAZO_S)
    proceso.join(PLAZO_S)
    assert proceso.exitcode == 0, "los datos no se pudieron escribir"


def _llenar(sql: str, mongo: str, filas: int) -> None:
    for almacen in (PeeweeTareaRepository(sql), MongoTareaRepository(mongo)):
        almacen.preparar()
        almacen.close()
    with psycopg.connect(sql) as conexion, conexion.cursor().copy("COPY tareas FROM STDIN") as copia:
        for fila in filas_de_prueba(filas):
            copia.write_row(fila)
    with psycopg.connect(sql, autocommit=True) as conexion:
        conexion.execute("VACUUM ANALYZE")
    cliente: MongoClient[dict[str, Any]]
    with MongoClient(mongo, w=1) as cliente:
        tareas, documentos = cliente.get_default_database()["tareas"], map(_documento, filas_de_prueba(filas))
        while lote := list(islice(documentos, LOTE)):
            tareas.insert_many(lote, ordered=False)


def _documento(fila: tuple[Any, ...]) -> dict[str, Any]:
    campos = dict(zip(CAMPOS, fila[1:], strict=True))
    for campo in ("version", "version_comun"):
        campos[campo] = Int64(campos[campo])
    return {"_id": str(fila[0]), **campos}


def _vaciar(mongo: str) -> None:
    cliente: MongoClient[dict[str, Any]]
    with MongoClient(mongo, w=1) as cliente:
        cliente.get_default_database()["tareas"].delete_many({})


def _cambiar(sql: str, cuantas: int) -> None:
    with psycopg.connect(sql) as conexion:
        conexion.execute(
            "UPDATE tareas SET titulo = titulo || ' (a mano)'"
            " WHERE id IN (SELECT id FROM tareas WHERE NOT eliminada ORDER BY id LIMIT %s)",
            [cuantas],
        )
