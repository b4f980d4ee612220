"""The course of one run: work under faults, heal, wait until both are equal, again; then the verdict."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from pydantic import SecretStr
from pymongo.errors import PyMongoError

from adapters.container import Contenedor
from adapters.settings import Ajustes
from tests.servidores import ServidorMongo, ServidorPostgres
from tests.torture.comprobador import Pruebas, Veredicto, juzgar
from tests.torture.crudo import Crudo, difieren, pendientes
from tests.torture.faltas import EnCurso, Lluvia, Surtido
from tests.torture.historia import Llamada, leer_historia
from tests.torture.mesa import SECRETO, MesaDeTortura
from tests.torture.plantilla import Plantilla, Trato

CALMA_S = 30.0
"""Longest that both may take to become equal after the last fault, seconds."""
_A_LA_VEZ = 3
_CADA_S = 1.1
_FASE_S = 9.0
_LLUVIA_S = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be run.

    Attributes:
        segundos: of work, healing included.
        semilla: of everything that is drawn.
        operadores: how many.
        trato: how they are treated.
        solo: names of the faults that are wanted, all when empty.
        fase_s: mean length of the work between two healings, seconds.
        cada_s: mean time between two faults, seconds.
        lluvia_s: mean time between two single lost answers, seconds; 0 for none.
    """

    segundos: float
    semilla: int
    trato: Trato
    operadores: int = 4
    solo: frozenset[str] = frozenset()
    fase_s: float = _FASE_S
    cada_s: float = _CADA_S
    lluvia_s: float = _LLUVIA_S


@dataclass(slots=True)
class Resultado:
    """What came of it.

    Attributes:
        plan: what was run.
        historia: every call.
        faltas: faults by name.
        muertes: kills by point.
        calmas_s: times from healing to equal, seconds.
        veredicto: what the judge says.
    """

    plan: Plan
    historia: list[Llamada]
    faltas: Counter[str]
    muertes: Counter[str]
    calmas_s: list[float]
    veredicto: Veredicto


class Vigilante:
    """Looks at both databases all the time: no version may go back, no row may vanish."""

    def __init__(self, crudo: Crudo) -> None:
        self.retrocesos: list[str] = []
        self._basta = threading.Event()
        self._hilos = [
            threading.Thread(target=self._mirar, args=(nombre, leer), daemon=True)
            for nombre, leer in (("SQL", crudo.versiones_sql), ("MongoDB", crudo.versiones_mongo))
        ]
        for hilo in self._hilos:
            hilo.start()

    def close(self) -> None:
        """Look no more."""
        self._basta.set()
        for hilo in self._hilos:
            hilo.join(10)

    def _mirar(self, nombre: str, leer: Callable[[], dict[str, int]]) -> None:
        antes: dict[str, int] = {}
        while not self._basta.wait(0.25):
            try:
                ahora = leer()
            except (psycopg.Error, PyMongoError):
                continue  # it is down just now
            for id, version in antes.items():
                if ahora.get(id, 0) < version:
                    self.retrocesos.append(f"{nombre} {id}: de {version} a {ahora.get(id, 'nada')}")
            antes = ahora


@dataclass(slots=True)
class Prueba:
    """One run on servers that somebody else owns."""

    plan: Plan
    postgres: ServidorPostgres
    mongo: ServidorMongo
    carpeta: Path
    _otros: list[str] = field(default_factory=list)
    _faltas: Counter[str] = field(default_factory=Counter)
    _calmas_s: list[float] = field(default_factory=list)

    def correr(self) -> Resultado:
        """Run it, and judge."""
        nombres = [chr(ord("a") + numero) for numero in range(self.plan.operadores)]
        mesa = MesaDeTortura(self.postgres, self.mongo, self.carpeta, nombres)
        azar = random.Random(self.plan.semilla)
        plantilla = Plantilla(mesa, self.plan.trato, random.Random(azar.random()))
        crudo = Crudo(self.postgres, self.mongo, mesa.base)
        vigilante = Vigilante(crudo)
        try:
            self._preparar(mesa)
            plantilla.contratar()
            self._trabajar(mesa, plantilla, crudo, azar)
            plantilla.despedir()
        finally:
            plantilla.close()
            vigilante.close()
            mesa.close()
        return self._juzgar(mesa, crudo, plantilla, vigilante)

    def _trabajar(self, mesa: MesaDeTortura, plantilla: Plantilla, crudo: Crudo, azar: random.Random) -> None:
        surtido = Surtido(mesa, random.Random(azar.random()), self.plan.solo)
        lluvia = Lluvia(mesa, random.Random(azar.random()), self.plan.lluvia_s)
        fin_s = time.monotonic() + self.plan.segundos
        while True:
            hasta_s = min(fin_s, time.monotonic() + self.plan.fase_s * azar.uniform(0.7, 1.3))
            self._fase(surtido, lluvia, plantilla, azar, hasta_s)
            plantilla.pausar()
            self._calmarse(crudo)
            if time.monotonic() > fin_s - 1:
                return
            plantilla.seguir()

    def _fase(
        self, surtido: Surtido, lluvia: Lluvia, plantilla: Plantilla, azar: random.Random, hasta_s: float
    ) -> None:
        """Work under faults until then; returns when every fault is made good."""
        en_curso: list[EnCurso] = []
        proxima_s = time.monotonic() + azar.expovariate(1 / self.plan.cada_s)
        reloj = threading.Event()
        while time.monotonic() < hasta_s:
            plantilla.cuidar()
            en_curso = [una for una in en_curso if not self._acabada(una)]
            if time.monotonic() > proxima_s and len(en_curso) < _A_LA_VEZ:
                self._otra(surtido, azar, en_curso)
                proxima_s = time.monotonic() + azar.expovariate(1 / self.plan.cada_s)
            if self.plan.lluvia_s:
                lluvia.caer(time.monotonic())
            reloj.wait(0.03)
        for una in en_curso:
            una.acabar()
        for una in en_curso:
            if not una.esperar(40):
                self._otros.append(f"la falta «{una.falta.nombre}» no se arregla")
            self._acabada(una)
        lluvia.escampar()
        self._curado_s = time.monotonic()

    def _otra(self, surtido: Surtido, azar: random.Random, en_curso: list[EnCurso]) -> None:
        falta = surtido.una()
        dura_s = azar.choice((0.3, 0.8, 1.5, 2.5, 4.0))
        if any(falta.recursos & una.falta.recursos for una in en_curso):
            return
        self._faltas[falta.nombre] += 1
        en_curso.append(EnCurso(falta, dura_s))

    def _acabada(self, una: EnCurso) -> bool:
        if una.acabada and una.error:
            self._otros.append(una.error)
        return una.acabada

    _curado_s: float = 0.0

    def _calmarse(self, crudo: Crudo) -> None:
        """Wait until both are equal and nothing is pendiente."""
        reloj = threading.Event()
        while True:
            volcados = crudo.volcar()
            males = [*difieren(*volcados), *pendientes(*volcados)]
            pasados_s = time.monotonic() - self._curado_s
            if not males:
                self._calmas_s.append(pasados_s)
                return
            if pasados_s > CALMA_S:
                self._otros.append(f"no se igualaron en {CALMA_S:g} s: {males[:3]}")
                return
            reloj.wait(0.05)

    # -- the verdict --------------------------------------------------------------------------------

    def _juzgar(
        self, mesa: MesaDeTortura, crudo: Crudo, plantilla: Plantilla, vigilante: Vigilante
    ) -> Resultado:
        antes = crudo.volcar()
        segunda = self._segunda_pasada(mesa)
        sql, mongo = crudo.volcar()
        if (sql, mongo) != antes:
            segunda.append("alguna fila es otra después")
        historia = leer_historia(self.carpeta)
        veredicto = juzgar(
            Pruebas(
                historia=historia,
                sql=sql,
                mongo=mongo,
                retrocesos=vigilante.retrocesos,
                segunda=segunda,
                secretos=_secretos(self.carpeta),
                otros=[*self._otros, *plantilla.errores],
            )
        )
        return Resultado(self.plan, historia, self._faltas, plantilla.muertes, self._calmas_s, veredicto)

    def _juez(self, mesa: MesaDeTortura) -> Contenedor:
        """The program, straight on the servers, that does nothing by itself."""
        sql, mongo = mesa.urls()
        ajustes = Ajustes(
            datos=self.carpeta / "datos-juez", orm="dual", sql_url=SecretStr(sql), mongo_url=SecretStr(mongo)
        )
        return Contenedor(ajustes).iniciar(replicar=False)

    def _preparar(self, mesa: MesaDeTortura) -> None:
        """Make the tables: faults that lock or look at them begin with the work."""
        with closing(self._juez(mesa)) as contenedor:
            for almacen in contenedor.almacenes:
                contenedor.preparar(almacen)

    def _segunda_pasada(self, mesa: MesaDeTortura) -> list[str]:
        """What another drain finds to do where all is quiet: nothing."""
        with closing(self._juez(mesa)) as contenedor:
            informes = contenedor.sincronizar()
        return [
            f"desde {origen}: {informe.copiadas} copiadas, {informe.confirmadas} confirmadas"
            for origen, informe in informes.items()
            if informe.copiadas or informe.confirmadas or informe.conflictos or informe.apartadas
        ]


def _secretos(carpeta: Path) -> list[str]:
    """Log lines that show a password, from every file that an operator has left."""
    secreto = SECRETO.encode()
    return [
        f"{ruta.name}: {linea.decode(errors='replace').replace(SECRETO, '(la contraseña)')[:200]}"
        for ruta in sorted(carpeta.rglob("*"))
        if ruta.is_file()
        for linea in ruta.read_bytes().splitlines()
        if secreto in linea
    ]
