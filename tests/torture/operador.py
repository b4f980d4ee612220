"""An operator: a process that runs the whole program and works, until it is told to end or is killed.

Orders come as lines on its standard input, the first of them its `Encargo`; answers go to standard output.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from adapters import logs
from adapters.container import Contenedor
from adapters.settings import Ajustes
from tests.torture.carga import Compartido, Desenlaces, Trabajador, calientes
from tests.torture.errores import sembrar
from tests.torture.historia import Cuaderno
from tests.torture.puntos import Punto, poner_puntos
from tests.torture.purga import purgar
from tests.torture.reloj_anunciado import RelojAnunciado

LISTO, EN_PAUSA, PURGADO = "listo", "en pausa", "purgado"


@dataclass(frozen=True, slots=True, kw_only=True)
class Encargo:
    """All that an operator is told at its start.

    Attributes:
        autor: operator and incarnation, "a.3".
        sql_url, mongo_url: through its own network.
        datos: its data folder.
        historia: file of its history.
        semilla: of the run.
        tareas: how many hot tareas there are.
        hilos: calls at the same time.
        descanso_s: mean time between two calls of a thread.
        punto, vez: where to die, and at which passage; "" for nowhere.
        error: the bug to put in; "" for none.
        desfase_ms: how far its clock is off.
    """

    autor: str
    sql_url: str
    mongo_url: str
    datos: str
    historia: str
    semilla: int
    tareas: int
    hilos: int
    descanso_s: float
    punto: str = ""
    vez: int = 1
    error: str = ""
    desfase_ms: int = 0

    def linea(self) -> str:
        """As the operator reads it."""
        return json.dumps(asdict(self)) + "\n"


class RelojMovido:
    """The process's wall clock, off by as much as one says: of versions, of instants, and what is compared
    with the servers' clocks.
    """

    def __init__(self, desfase_ms: int) -> None:
        self.desfase_ms = desfase_ms
        ns, s = time.time_ns, time.time
        time.time_ns = lambda: ns() + self.desfase_ms * 1_000_000
        time.time = lambda: s() + self.desfase_ms / 1_000


class Turno:
    """Lets the threads work, holds them, knows when none is at it."""

    def __init__(self) -> None:
        self._condicion = threading.Condition()
        self._abierto = False
        self._fin = False
        self._activos = 0

    def entrar(self) -> bool:
        """Wait until work is wanted; False once there is no more to come."""
        with self._condicion:
            self._condicion.wait_for(lambda: self._abierto or self._fin)
            self._activos += not self._fin
            return not self._fin

    def salir(self) -> None:
        """The call has ended."""
        with self._condicion:
            self._activos -= 1
            self._condicion.notify_all()

    def abrir(self) -> None:
        """Work."""
        with self._condicion:
            self._abierto = True
            self._condicion.notify_all()

    def cerrar(self, plazo_s: float = 30.0) -> bool:
        """Hold, and wait for the calls that are under way."""
        with self._condicion:
            self._abierto = False
            return self._condicion.wait_for(lambda: self._activos == 0, plazo_s)

    def terminar(self) -> None:
        """No more work, ever."""
        with self._condicion:
            self._fin = True
            self._condicion.notify_all()


class Operador:
    """The program, its workers, and who obeys orders."""

    def __init__(self, encargo: Encargo) -> None:
        self._encargo = encargo
        self._reloj = RelojMovido(encargo.desfase_ms)
        self._turno = Turno()
        self._trabajadores: list[Trabajador] = []
        self._punto = Punto(encargo.punto, encargo.vez)
        logs.COPIAS = 1_000  # every line is looked through for passwords
        logs.configurar_registro(Path(encargo.datos), "INFO")
        sembrar(encargo.error, encargo.sql_url, encargo.mongo_url)

    def obedecer(self) -> None:
        """Until the orders end."""
        encargo = self._encargo
        ajustes = Ajustes(
            datos=Path(encargo.datos),
            orm="dual",
            sql_url=SecretStr(encargo.sql_url),
            mongo_url=SecretStr(encargo.mongo_url),
        )
        with Contenedor(ajustes) as contenedor:
            poner_puntos(contenedor._stores, self._punto)  # type: ignore[arg-type]
            self._lanzar(contenedor)
            _decir(LISTO)
            for linea in sys.stdin:
                if linea.startswith("purga"):
                    purgar(contenedor, matar="matar" in linea)
                    _decir(PURGADO)
                elif not self._hacer(*linea.split()):
                    break
            self._turno.cerrar()
            self._turno.terminar()

    def _hacer(self, orden: str, valor: str = "0") -> bool:
        if orden == "reloj":
            self._reloj.desfase_ms = int(valor)
        elif orden == "sigue":
            self._punto.armado.set()
            self._turno.abrir()
        elif orden == "pausa":
            self._punto.armado.clear()
            self._turno.cerrar()
            _decir(EN_PAUSA)
        elif orden == "olvida":
            for trabajador in self._trabajadores:
                trabajador.olvidar()
        return orden != "fin"

    def _lanzar(self, contenedor: Contenedor) -> None:
        encargo = self._encargo
        desenlaces = Desenlaces()
        contenedor.bus.suscribir(desenlaces.oir)
        repositorio: Any = contenedor.repositorio
        reloj = repositorio._reloj = RelojAnunciado(repositorio._reloj)
        comun = Compartido(
            contenedor=contenedor,
            reloj=reloj,
            cuaderno=Cuaderno(Path(encargo.historia)),
            desenlaces=desenlaces,
            autor=encargo.autor,
            ids=calientes(encargo.semilla, encargo.tareas),
        )
        for hilo in range(encargo.hilos):
            azar = random.Random(f"{encargo.semilla} {encargo.autor} {hilo}")
            trabajador = Trabajador(comun, azar, hilo)
            self._trabajadores.append(trabajador)
            threading.Thread(target=self._trabajar, args=(trabajador, azar), daemon=True).start()

    def _trabajar(self, trabajador: Trabajador, azar: random.Random) -> None:
        reloj = threading.Event()
        while self._turno.entrar():
            try:
                trabajador.un_paso()
            finally:
                self._turno.salir()
            reloj.wait(azar.expovariate(1 / self._encargo.descanso_s))


def _decir(linea: str) -> None:
    sys.stdout.write(linea + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    Operador(Encargo(**json.loads(sys.stdin.readline()))).obedecer()
