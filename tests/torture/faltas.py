"""What is done to networks, servers, clocks and operators: a fault begins, lasts, and is made good again."""

from __future__ import annotations

import random
import re
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.servidores import ProxyTCP
from tests.torture.mesa import MONGO, SQL, MesaDeTortura

_ESCRIBE = re.compile(rb"[a-z]\.\d+-\d+-\d+ ")
"""In every request that writes a tarea: the token at the beginning of its titulo."""

Accion = Callable[[], None]


def _nada() -> None:
    return


@dataclass(slots=True)
class Falta:
    """One fault.

    Attributes:
        nombre: what it is called in the table.
        recursos: what it needs for itself alone: two faults must not undo each other.
        empezar: begin it.
        terminar: make it good again.
        cada: done again and again while it lasts, every `cada_s` seconds.
    """

    nombre: str
    recursos: frozenset[str]
    empezar: Accion = _nada
    terminar: Accion = _nada
    cada: Accion | None = None
    cada_s: float = 0.1


class EnCurso:
    """A fault that is on, in a thread of its own."""

    def __init__(self, falta: Falta, dura_s: float) -> None:
        self.falta = falta
        self.error = ""
        self._dura_s = dura_s
        self._basta = threading.Event()
        self._hilo = threading.Thread(target=self._correr, name=f"falta {falta.nombre}", daemon=True)
        self._hilo.start()

    @property
    def acabada(self) -> bool:
        """Whether all is well again."""
        return not self._hilo.is_alive()

    def acabar(self) -> None:
        """End it now."""
        self._basta.set()

    def esperar(self, plazo_s: float) -> bool:
        """Wait until all is well again; whether it is."""
        self._hilo.join(plazo_s)
        return self.acabada

    def _correr(self) -> None:
        try:
            self.falta.empezar()
            try:
                self._durar()
            finally:
                self.falta.terminar()
        except Exception as error:  # noqa: BLE001  reported by the run, which is then void
            self.error = f"{self.falta.nombre}: {type(error).__name__}: {error}"

    def _durar(self) -> None:
        falta, quedan_s = self.falta, self._dura_s
        if falta.cada is None:
            self._basta.wait(quedan_s)
            return
        while quedan_s > 0 and not self._basta.wait(falta.cada_s):
            falta.cada()
            quedan_s -= falta.cada_s


class _Elegida:
    """The first write that either network sees: both drop the answer to that one."""

    def __init__(self) -> None:
        self._marca = b""
        self._lock = threading.Lock()  # two networks ask, each from its own thread

    def es(self, peticion: bytes) -> bool:
        """Whether that request carries it."""
        hallada = _ESCRIBE.search(peticion)
        if hallada is None:
            return False
        with self._lock:
            self._marca = self._marca or hallada[0]
            return self._marca == hallada[0]


class Lluvia:
    """Now and then, all the time, the answer to a write is lost, in some operator's network.

    It falls beside every other fault: what a lost answer leaves behind has to go with all of them.
    """

    def __init__(self, mesa: MesaDeTortura, azar: random.Random, cada_s: float) -> None:
        self._redes = [red for redes in mesa.redes.values() for red in redes.values()]
        self._azar = azar
        self._cada_s = cada_s
        self._proxima_s = 0.0
        self._puestas: deque[threading.Event] = deque()
        self.caidas = 0

    def caer(self, ahora_s: float) -> None:
        """To be called often while it rains."""
        if ahora_s < self._proxima_s:
            return
        self._proxima_s = ahora_s + self._azar.expovariate(1 / self._cada_s)
        red = self._azar.choice(self._redes)
        self._puestas.append(red.tirar_respuesta(lambda peticion: bool(_ESCRIBE.search(peticion))))

    def escampar(self) -> None:
        """Every network is good again. Not to be called while another fault is on."""
        for red in self._redes:
            red.pasar()
        self.caidas += sum(puesta.is_set() for puesta in self._puestas)
        self._puestas.clear()


@dataclass(slots=True)
class Surtido:
    """Makes faults at random.

    Attributes:
        mesa: what they are done to.
        azar: chooses.
        solo: names of those wanted; all when empty.
    """

    mesa: MesaDeTortura
    azar: random.Random
    solo: frozenset[str] = field(default_factory=frozenset)

    def una(self) -> Falta:
        """The next fault."""
        fabricas = {nombre: hacer for nombre, hacer in self._fabricas().items() if self._quiere(nombre)}
        nombres = list(fabricas)
        pesos = [_PESOS.get(nombre, 1.0) for nombre in nombres]
        (nombre,) = self.azar.choices(nombres, pesos)
        return fabricas[nombre]()

    def _quiere(self, nombre: str) -> bool:
        return not self.solo or nombre in self.solo

    def _fabricas(self) -> dict[str, Callable[[], Falta]]:
        return {
            "conexiones reiniciadas": self._reinicio,
            "red cortada": self._corte,
            "red atascada": self._atasco,
            "respuestas tiradas": self._tiradas,
            "ambas respuestas tiradas": self._ambas_tiradas,
            "peticiones que llegan tarde": self._tardias,
            "retardo": self._retardo,
            "aleteo": self._aleteo,
            "vistas partidas": self._partidas,
            "SIGKILL": self._matar,
            "SIGSTOP": self._congelar,
            "ambas caídas": self._ambas,
            "solo lectura": self._solo_lectura,
            "candado": self._candado,
            "reloj movido": self._reloj,
        }

    # -- networks -----------------------------------------------------------------------------------

    def _red(self) -> tuple[str, str, ProxyTCP]:
        operador = self.azar.choice(self.mesa.nombres)
        almacen = self.azar.choice((SQL, MONGO))
        return f"red {operador} {almacen}", almacen, self.mesa.redes[operador][almacen]

    def _reinicio(self) -> Falta:
        recurso, _, red = self._red()
        return Falta("conexiones reiniciadas", frozenset({recurso}), red.reiniciar, cada=red.reiniciar)

    def _corte(self) -> Falta:
        recurso, _, red = self._red()
        return Falta("red cortada", frozenset({recurso}), red.cortar, red.pasar)

    def _atasco(self) -> Falta:
        recurso, _, red = self._red()
        return Falta("red atascada", frozenset({recurso}), red.atascar, red.soltar)

    def _tiradas(self) -> Falta:
        recurso, _, red = self._red()
        trampa = threading.Event()
        trampa.set()

        def otra() -> None:
            nonlocal trampa
            if trampa.is_set():
                trampa = red.tirar_respuesta(lambda peticion: bool(_ESCRIBE.search(peticion)))

        return Falta("respuestas tiradas", frozenset({recurso}), otra, red.pasar, otra, 0.02)

    def _ambas_tiradas(self) -> Falta:
        """Of one write after the other, both answers are lost."""
        operador = self.azar.choice(self.mesa.nombres)
        redes = self.mesa.redes[operador]

        def otra() -> None:
            for red in redes.values():
                red.pasar()
            elegida = _Elegida()
            for red in redes.values():
                red.tirar_respuesta(elegida.es)

        def terminar() -> None:
            for red in redes.values():
                red.pasar()

        recursos = frozenset(f"red {operador} {almacen}" for almacen in redes)
        return Falta("ambas respuestas tiradas", recursos, otra, terminar, otra, 0.15)

    def _tardias(self) -> Falta:
        recurso, _, red = self._red()

        def empezar() -> None:
            red.atascar_al_pasar(lambda peticion: bool(_ESCRIBE.search(peticion)))

        return Falta("peticiones que llegan tarde", frozenset({recurso}), empezar, red.pasar)

    def _retardo(self) -> Falta:
        recurso, _, red = self._red()
        ms = self.azar.choice((20, 50, 100, 300, 1_000, 3_000))
        return Falta("retardo", frozenset({recurso}), lambda: red.retardar(ms), lambda: red.retardar(0))

    def _aleteo(self) -> Falta:
        """At the edge of the ping's deadline: one answer comes in time, the next does not."""
        recurso, _, red = self._red()
        azar = random.Random(self.azar.random())

        def batir() -> None:
            red.retardar(azar.choice((0, 1_400, 1_500, 1_600)))
            if azar.random() < 0.3:
                red.reiniciar()

        return Falta("aleteo", frozenset({recurso}), batir, lambda: red.retardar(0), batir, 0.3)

    def _partidas(self) -> Falta:
        """One operator sees SQL alone while another sees MongoDB alone."""
        una, otra = self.azar.sample(self.mesa.nombres, 2)
        sin_mongo, sin_sql = self.mesa.redes[una][MONGO], self.mesa.redes[otra][SQL]
        recursos = frozenset({f"red {una} {MONGO}", f"red {otra} {SQL}"})
        return Falta(
            "vistas partidas",
            recursos,
            lambda: (sin_mongo.cortar(), sin_sql.cortar(), None)[-1],
            lambda: (sin_mongo.pasar(), sin_sql.pasar(), None)[-1],
        )

    # -- servers ------------------------------------------------------------------------------------

    def _matar(self) -> Falta:
        almacen = self.azar.choice((SQL, MONGO))
        servidor = self.mesa.servidores[almacen]
        return Falta("SIGKILL", frozenset({almacen}), servidor.matar, servidor.revivir)

    def _congelar(self) -> Falta:
        almacen = self.azar.choice((SQL, MONGO))
        servidor = self.mesa.servidores[almacen]
        return Falta("SIGSTOP", frozenset({almacen}), servidor.congelar, servidor.descongelar)

    def _ambas(self) -> Falta:
        sql, mongo = self.mesa.postgres, self.mesa.mongo
        recursos = frozenset({SQL, MONGO})
        modo = self.azar.choice(("matar", "congelar", "una y una"))
        if modo == "matar":
            return Falta(
                "ambas caídas",
                recursos,
                lambda: (sql.matar(), mongo.matar(), None)[-1],
                lambda: (mongo.revivir(), sql.revivir(), None)[-1],
            )
        if modo == "congelar":
            return Falta(
                "ambas caídas",
                recursos,
                lambda: (sql.congelar(), mongo.congelar(), None)[-1],
                lambda: (mongo.descongelar(), sql.descongelar(), None)[-1],
            )
        return Falta(
            "ambas caídas",
            recursos,
            lambda: (sql.congelar(), mongo.matar(), None)[-1],
            lambda: (mongo.revivir(), sql.descongelar(), None)[-1],
        )

    def _solo_lectura(self) -> Falta:
        almacen = self.azar.choice((SQL, MONGO))
        return Falta(
            "solo lectura",
            frozenset({almacen}),
            lambda: self.mesa.solo_lectura(almacen, si=True),
            lambda: self.mesa.solo_lectura(almacen, si=False),
        )

    def _candado(self) -> Falta:
        almacen = self.azar.choice((SQL, MONGO))
        candado = self.mesa.candado(almacen)
        return Falta("candado", frozenset({almacen}), candado.echar, candado.quitar)

    def _reloj(self) -> Falta:
        operador = self.azar.choice(self.mesa.nombres)
        ms = self.azar.choice((-2_000, 2_000))
        return Falta(
            "reloj movido",
            frozenset({f"reloj {operador}"}),
            lambda: self.mesa.mover_reloj(operador, ms),
            lambda: self.mesa.mover_reloj(operador, 0),
        )


_PESOS = {
    "respuestas tiradas": 3.0,
    "ambas respuestas tiradas": 3.0,
    "vistas partidas": 2.0,
    "SIGKILL": 1.5,
    "SIGSTOP": 1.5,
}
