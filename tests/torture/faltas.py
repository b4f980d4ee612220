"""What is done to networks, servers and clocks, drawn at random."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.servidores import ProxyTCP
from tests.torture.en_curso import Falta
from tests.torture.mesa import MONGO, SQL, MesaDeTortura
from tests.torture.respuestas import Elegida, escribe


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
                trampa = red.tirar_respuesta(escribe)

        return Falta("respuestas tiradas", frozenset({recurso}), otra, red.pasar, otra, 0.02)

    def _ambas_tiradas(self) -> Falta:
        """Of one write after the other, both answers are lost."""
        operador = self.azar.choice(self.mesa.nombres)
        redes = self.mesa.redes[operador]

        def otra() -> None:
            for red in redes.values():
                red.pasar()
            elegida = Elegida()
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
            red.atascar_al_pasar(escribe)

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
