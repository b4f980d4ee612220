"""The window against databases that die, freeze and return: event-loop gaps, detection times, pictures.

`python -m tests.bench ventana [--filas N] [--carpeta DIR]`. A timer of 5 ms beats on the GUI thread while
rows load, saves run and servers are killed, frozen and revived; a gap is the time between two beats. The
faults are done by a thread, so that only the program's own work can delay a beat. The time to notice that a
server is back counts from the end of its start, when it answers.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QEventLoop, QObject, QSettings, Qt, QTimer

from adapters.settings import Ajustes
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.tarea import Tarea
from core.health import EstadoSalud
from gui.arranque import Programa, crear_aplicacion
from tests.servidores import BancoDePruebas, ServidorMongo, ServidorPostgres

LATIDO_MS = 5
PLAZO_S = 30.0
RESPONDEN = (EstadoSalud.OK, EstadoSalud.LENTA)


class Latido(QObject):
    """Beats every 5 ms and remembers the longest pause since it was last asked."""

    def __init__(self) -> None:
        super().__init__()
        self._ultimo_s = time.perf_counter()
        self._peor_s = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._latir)
        self._timer.start(LATIDO_MS)

    def _latir(self) -> None:
        ahora_s = time.perf_counter()
        self._peor_s = max(self._peor_s, ahora_s - self._ultimo_s)
        self._ultimo_s = ahora_s

    def peor_ms(self) -> float:
        """The longest gap since the last call, milliseconds; starts a new count."""
        peor, self._peor_s = self._peor_s, 0.0
        self._ultimo_s = time.perf_counter()
        return peor * 1000


@dataclass
class Escena:
    """One window on one pair of servers, with somebody saving and scrolling all the time."""

    programa: Programa
    postgres: ServidorPostgres
    mongo: ServidorMongo
    carpeta: Path
    latido: Latido = field(default_factory=Latido)
    medidas: dict[str, float] = field(default_factory=dict)
    guardadas: int = 0
    fallidas: int = 0
    _en_vuelo: bool = False

    def esperar(self, condicion: Callable[[], bool], que: str, plazo_s: float = PLAZO_S) -> float:
        """Run the event loop until the condition holds; seconds that it took."""
        inicio_s = time.monotonic()
        bucle, reloj = QEventLoop(), QTimer()
        reloj.timeout.connect(lambda: condicion() and bucle.quit())
        reloj.start(10)
        QTimer.singleShot(round(plazo_s * 1000), bucle.quit)
        bucle.exec()
        if not condicion():
            raise TimeoutError(f"no llegó a pasar en {plazo_s:g} s: {que}")
        return time.monotonic() - inicio_s

    def pausa(self, segundos: float) -> None:
        """Let the program live for a while."""
        hasta_s = time.monotonic() + segundos
        self.esperar(lambda: time.monotonic() >= hasta_s, "el tiempo", segundos + 5)

    def fase(self, nombre: str, fallo: Callable[[], None], listo: Callable[[], bool]) -> None:
        """Do something to a server and wait until the window knows; measure both."""
        desde_el_final = nombre.startswith("revivir")
        self.latido.peor_ms()
        hilo = threading.Thread(target=fallo)
        inicio_s = time.monotonic()
        hilo.start()
        if desde_el_final:
            self.esperar(lambda: not hilo.is_alive(), nombre)
            inicio_s = time.monotonic()
        self.esperar(listo, nombre)
        deteccion_s = time.monotonic() - inicio_s
        self.esperar(lambda: not hilo.is_alive(), nombre)
        self.pausa(1.5)
        hueco_ms = self.latido.peor_ms()
        self.medidas[f"{nombre}: detección s"] = round(deteccion_s, 2)
        self.medidas[f"{nombre}: hueco ms"] = round(hueco_ms, 1)
        print(f"{nombre:<34} detección {deteccion_s:5.2f} s   hueco mayor {hueco_ms:6.1f} ms", flush=True)

    def estado(self, nombre: NombreAlmacen) -> EstadoSalud:
        return self.programa._contenedor.estado_salud(nombre)

    def esta(self, nombre: NombreAlmacen, *estados: EstadoSalud) -> Callable[[], bool]:
        return lambda: self.estado(nombre) in estados

    def retratar(self, nombre: str) -> None:
        """Save a picture of the window."""
        self.pausa(0.3)
        self.programa.ventana.grab().save(str(self.carpeta / f"{nombre}.png"))

    def trabajar(self) -> None:
        """One more save when the last one ended, and one screen further down the list."""
        barra = self.programa.ventana.tareas.tabla.verticalScrollBar()
        barra.setValue(0 if barra.value() >= barra.maximum() else barra.value() + barra.pageStep())
        if self._en_vuelo:
            return
        self._en_vuelo = True
        numero = self.guardadas + self.fallidas
        self.programa.puente.lanzar(
            lambda: self.programa._contenedor.repositorio.save(Tarea(titulo=f"Medida {numero}")),
            exito=self._guardada,
            error=self._fallida,
        )

    def _guardada(self, _tarea: Tarea) -> None:
        self.guardadas += 1
        self._en_vuelo = False

    def _fallida(self, _error: BaseException) -> None:
        self.fallidas += 1
        self._en_vuelo = False


def ventana(filas: int, carpeta: Path) -> None:
    """Run the whole play and print the table."""
    carpeta.mkdir(parents=True, exist_ok=True)
    app = crear_aplicacion(sys.argv[:1])
    with BancoDePruebas() as banco:
        postgres, mongo = banco.postgres(), banco.mongo()
        ajustes = Ajustes.model_validate(
            {
                "datos": banco.carpeta / "datos",
                "sql_url": postgres.crear_base("ventana"),
                "mongo_url": mongo.url("ventana"),
            }
        )
        preferencias = QSettings(str(banco.carpeta / "ventana.ini"), QSettings.Format.IniFormat)
        programa = Programa(ajustes, preferencias=preferencias)
        escena = Escena(programa, postgres, mongo, carpeta)
        programa.ventana.show()
        programa.iniciar()
        _representar(escena, filas)
        inicio_s = time.monotonic()
        programa.ventana.close()
        limpio = programa.salir()
        cierre_s = time.monotonic() - inicio_s
        postgres.descongelar()
        print(f"cerrar con PostgreSQL congelado: {cierre_s:.2f} s (sin hilos colgados: {limpio})")
        print(f"guardadas {escena.guardadas}, no guardadas y así dicho {escena.fallidas}")
        huecos = [valor for nombre, valor in escena.medidas.items() if nombre.endswith("hueco ms")]
        print(f"hueco mayor de todo: {max(huecos):.1f} ms")
        (carpeta / "medidas.json").write_text(json.dumps(escena.medidas, indent=2), encoding="utf-8")
    app.quit()


def _representar(escena: Escena, filas: int) -> None:
    sql, mongo = NombreAlmacen.SQL, NombreAlmacen.MONGO
    escena.esperar(lambda: escena.programa.ventana.estados() != (), "el arranque")
    escena.esperar(lambda: all(escena.estado(uno) in RESPONDEN for uno in (sql, mongo)), "la primera salud")
    repositorio = escena.programa._contenedor.repositorio
    hilo = threading.Thread(target=lambda: _llenar(repositorio.importar_lote, filas))
    escena.latido.peor_ms()
    hilo.start()
    escena.esperar(lambda: not hilo.is_alive(), "llenar", 300)
    print(f"{f'importar {filas} filas':<34} {'':<17}   hueco mayor {escena.latido.peor_ms():6.1f} ms")
    escena.programa.ventana.tareas.actualizar()
    escena.pausa(1.5)
    escena.retratar("sana")
    trabajo = QTimer()
    trabajo.timeout.connect(escena.trabajar)
    trabajo.start(50)
    escena.fase("trabajar sin fallos", lambda: None, lambda: escena.guardadas > 20)
    escena.fase("matar MongoDB", escena.mongo.matar, escena.esta(mongo, EstadoSalud.CAIDA))
    escena.retratar("mongo_caida")
    escena.fase("revivir MongoDB", escena.mongo.start, escena.esta(mongo, *RESPONDEN))
    escena.pausa(2)
    escena.retratar("mongo_vuelve")
    escena.fase("congelar PostgreSQL", escena.postgres.congelar, escena.esta(sql, EstadoSalud.CAIDA))
    escena.fase("descongelar PostgreSQL", escena.postgres.descongelar, escena.esta(sql, *RESPONDEN))
    escena.fase("congelar MongoDB", escena.mongo.congelar, escena.esta(mongo, EstadoSalud.CAIDA))
    escena.fase("descongelar MongoDB", escena.mongo.descongelar, escena.esta(mongo, *RESPONDEN))
    escena.fase("matar PostgreSQL", escena.postgres.matar, escena.esta(sql, EstadoSalud.CAIDA))
    escena.retratar("sql_caida")
    escena.fase("matar también MongoDB", escena.mongo.matar, escena.esta(mongo, EstadoSalud.CAIDA))
    escena.retratar("ambas_caidas")
    escena.fase("revivir PostgreSQL", escena.postgres.start, escena.esta(sql, *RESPONDEN))
    escena.fase("revivir MongoDB otra vez", escena.mongo.start, escena.esta(mongo, *RESPONDEN))
    escena.pausa(2)
    escena.retratar("ambas_vuelven")
    escena.fase(
        "congelar PostgreSQL al cerrar", escena.postgres.congelar, escena.esta(sql, EstadoSalud.CAIDA)
    )


def _llenar(importar_lote: Callable[[list[Tarea]], object], filas: int) -> None:
    for desde in range(0, filas, 1000):
        importar_lote([Tarea(titulo=f"Tarea {numero}") for numero in range(desde, min(filas, desde + 1000))])
