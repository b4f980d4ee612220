"""The window against databases that die, freeze and return: event-loop gaps, detection times, pictures.

`python -m tests.bench ventana [--filas N] [--carpeta DIR]`. A timer of 5 ms beats on the GUI thread while
rows load, saves run and servers are killed, frozen and revived; a gap is the time between two beats. The
faults are done by a thread, so that only the program's own work can delay a beat. The time to notice that a
server is back counts from the end of its start, when it answers.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, QSettings, Qt, QTimer

from adapters.settings import Ajustes
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.tarea import Tarea
from core.health import RESPONDEN, EstadoSalud
from gui.arranque import Programa, crear_aplicacion
from gui.ventana import TAMANO
from tests.bench.atraso import ponerse_al_dia
from tests.servidores import BancoDePruebas, ServidorMongo, ServidorPostgres

LATIDO_MS = 5
PLAZO_S = 30.0


class Latido(QObject):
    """Beats every 5 ms and remembers the longest pause since it was last asked.

    Attributes:
        suyo_ms: the part of that pause in which the GUI thread itself was busy, milliseconds.
    """

    def __init__(self) -> None:
        super().__init__()
        self._ultimo_s = time.perf_counter()
        self._cpu_s = time.thread_time()
        self._peor_s = 0.0
        self.suyo_ms = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._latir)
        self._timer.start(LATIDO_MS)

    def _latir(self) -> None:
        ahora_s, cpu_s = time.perf_counter(), time.thread_time()
        if ahora_s - self._ultimo_s > self._peor_s:
            self._peor_s = ahora_s - self._ultimo_s
            self.suyo_ms = (cpu_s - self._cpu_s) * 1000
        self._ultimo_s, self._cpu_s = ahora_s, cpu_s

    def peor_ms(self) -> float:
        """The longest gap since the last call, milliseconds; starts a new count."""
        peor, self._peor_s = self._peor_s, 0.0
        self._ultimo_s = time.perf_counter()
        return peor * 1000


class Servidores:
    """The databases, in a process of their own: starting and killing them must not hold up the window's."""

    def __init__(self) -> None:
        contexto = multiprocessing.get_context("spawn")
        self._aqui, alli = contexto.Pipe()
        self._proceso = contexto.Process(target=_servir, args=(alli,))
        self._proceso.start()
        self.carpeta, self.url_sql, self.url_mongo = self._aqui.recv()

    def hacer(self, cual: str, que: str) -> None:
        """Call that method of that server and wait until it is done."""
        self._aqui.send((cual, que))
        self._aqui.recv()

    def close(self) -> None:
        """End both and delete their data."""
        self._aqui.send(None)
        self._proceso.join(PLAZO_S)


def _servir(conexion: Connection) -> None:
    with BancoDePruebas() as banco:
        servidores = {"postgres": banco.postgres(), "mongo": banco.mongo()}
        postgres, mongo = servidores["postgres"], servidores["mongo"]
        assert isinstance(postgres, ServidorPostgres)
        assert isinstance(mongo, ServidorMongo)
        conexion.send((banco.carpeta, postgres.crear_base("ventana"), mongo.url("ventana")))
        while (orden := conexion.recv()) is not None:
            cual, que = orden
            getattr(servidores[cual], que)()
            conexion.send(None)


LEYENDA = (
    "hueco mayor: entre dos latidos del hilo de la ventana, que late cada 5 ms. «Suyos» son los\n"
    "milisegundos de él en que la ventana trabajaba, y «testigo» el hueco mayor de un proceso que no\n"
    "hace nada: lo que esta máquina retrasa a cualquiera.\n"
)


class Testigo:
    """A bare event loop in a process of its own that does nothing but beat: what the machine does to anybody.

    The servers that start, die and recover share the cores with the window: its gaps are read beside these.
    """

    def __init__(self) -> None:
        contexto = multiprocessing.get_context("spawn")
        self._aqui, alli = contexto.Pipe()
        self._proceso = contexto.Process(target=_latir_sin_mas, args=(alli,))
        self._proceso.start()

    def peor_ms(self) -> float:
        """Its longest gap since the last call, milliseconds."""
        self._aqui.send(True)
        return float(self._aqui.recv())

    def close(self) -> None:
        """End it."""
        self._aqui.send(False)
        self._proceso.join(PLAZO_S)


def _latir_sin_mas(conexion: Connection) -> None:
    app = QCoreApplication([])
    latido, reloj = Latido(), QTimer()

    def atender() -> None:
        if conexion.poll():
            conexion.send(latido.peor_ms()) if conexion.recv() else app.quit()

    reloj.timeout.connect(atender)
    reloj.start(5)
    app.exec()


@dataclass
class Escena:
    """One window on one pair of servers, with somebody saving and scrolling all the time."""

    programa: Programa
    servidores: Servidores
    carpeta: Path
    testigo: Testigo
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

    def fase(self, nombre: str, fallo: tuple[str, str] | None, listo: Callable[[], bool]) -> None:
        """Do something to a server and wait until the window knows; measure both."""
        desde_el_final = nombre.startswith("revivir")
        self.testigo.peor_ms()
        self.latido.peor_ms()
        hilo = threading.Thread(target=self.servidores.hacer, args=fallo or ("postgres", "__str__"))
        inicio_s = time.monotonic()
        hilo.start()
        if desde_el_final:
            self.esperar(lambda: not hilo.is_alive(), nombre)
            inicio_s = time.monotonic()
        self.esperar(listo, nombre)
        deteccion_s = time.monotonic() - inicio_s
        self.esperar(lambda: not hilo.is_alive(), nombre)
        self.pausa(1.5)
        hueco_ms, suyo_ms = self.latido.peor_ms(), self.latido.suyo_ms
        testigo_ms = self.testigo.peor_ms()
        self.medidas[f"{nombre}: detección s"] = round(deteccion_s, 2)
        self.medidas[f"{nombre}: hueco ms"] = round(hueco_ms, 1)
        print(
            f"{nombre:<34} detección {deteccion_s:5.2f} s   "
            f"hueco mayor {hueco_ms:6.1f} ms ({suyo_ms:.0f} ms suyos; testigo {testigo_ms:.0f} ms)",
            flush=True,
        )

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
    servidores, testigo = Servidores(), Testigo()
    try:
        datos = {"datos": servidores.carpeta / "datos"}
        urls = {"sql_url": servidores.url_sql, "mongo_url": servidores.url_mongo}
        ajustes = Ajustes.model_validate(datos | urls)
        preferencias = QSettings(str(carpeta / "ventana.ini"), QSettings.Format.IniFormat)
        programa = Programa(ajustes, preferencias=preferencias)
        programa.ventana.resize(TAMANO)
        escena = Escena(programa, servidores, carpeta, testigo)
        programa.ventana.show()
        programa.iniciar()
        print(LEYENDA)
        _representar(escena, filas)
        inicio_s = time.monotonic()
        programa.ventana.close()
        limpio = programa.salir()
        cierre_s = time.monotonic() - inicio_s
        servidores.hacer("postgres", "descongelar")
        print(f"cerrar con PostgreSQL congelado: {cierre_s:.2f} s (sin hilos colgados: {limpio})")
        print(f"guardadas {escena.guardadas}, no guardadas y así dicho {escena.fallidas}")
        huecos = [valor for nombre, valor in escena.medidas.items() if nombre.endswith("hueco ms")]
        print(f"hueco mayor de todo: {max(huecos):.1f} ms")
        (carpeta / "medidas.json").write_text(json.dumps(escena.medidas, indent=2), encoding="utf-8")
        print(f"imágenes y cifras en {carpeta.resolve()}")
    finally:
        testigo.close()
        servidores.close()
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
    escena.latido.peor_ms()
    escena.retratar("sana")
    trabajo = QTimer()
    trabajo.timeout.connect(escena.trabajar)
    trabajo.start(50)
    escena.fase("trabajar sin fallos", None, lambda: escena.guardadas > 20)
    escena.fase("matar MongoDB", ("mongo", "matar"), escena.esta(mongo, EstadoSalud.CAIDA))
    escena.retratar("mongo_caida")
    escena.fase("revivir MongoDB", ("mongo", "start"), escena.esta(mongo, *RESPONDEN))
    escena.pausa(2)
    escena.retratar("mongo_vuelve")
    ponerse_al_dia(escena, lambda cuantas: _llenar(repositorio.importar_lote, cuantas))
    escena.fase("congelar PostgreSQL", ("postgres", "congelar"), escena.esta(sql, EstadoSalud.CAIDA))
    escena.fase("descongelar PostgreSQL", ("postgres", "descongelar"), escena.esta(sql, *RESPONDEN))
    escena.fase("congelar MongoDB", ("mongo", "congelar"), escena.esta(mongo, EstadoSalud.CAIDA))
    escena.fase("descongelar MongoDB", ("mongo", "descongelar"), escena.esta(mongo, *RESPONDEN))
    escena.fase("matar PostgreSQL", ("postgres", "matar"), escena.esta(sql, EstadoSalud.CAIDA))
    escena.retratar("sql_caida")
    escena.fase("matar también MongoDB", ("mongo", "matar"), escena.esta(mongo, EstadoSalud.CAIDA))
    escena.retratar("ambas_caidas")
    escena.fase("revivir PostgreSQL", ("postgres", "start"), escena.esta(sql, *RESPONDEN))
    escena.fase("revivir MongoDB otra vez", ("mongo", "start"), escena.esta(mongo, *RESPONDEN))
    escena.pausa(2)
    escena.retratar("ambas_vuelven")
    escena.fase(
        "congelar PostgreSQL al cerrar", ("postgres", "congelar"), escena.esta(sql, EstadoSalud.CAIDA)
    )


def _llenar(importar_lote: Callable[[list[Tarea]], object], filas: int) -> None:
    for desde in range(0, filas, 1000):
        importar_lote([Tarea(titulo=f"Tarea {numero}") for numero in range(desde, min(filas, desde + 1000))])
