"""The course of one run: work under faults, heal, wait until both are equal, again; then the verdict."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from adapters.container import Contenedor
from adapters.settings import Ajustes
from tests.servidores import ServidorMongo, ServidorPostgres
from tests.torture.comprobador import Pruebas, Purgada, juzgar
from tests.torture.crudo import Crudo, difieren, pendientes
from tests.torture.en_curso import EnCurso
from tests.torture.faltas import Surtido
from tests.torture.historia import leer_historia
from tests.torture.mesa import SECRETO, MesaDeTortura
from tests.torture.minimos import ESCASEZ, escasez
from tests.torture.plan import Plan, Resultado
from tests.torture.plantilla import Plantilla
from tests.torture.respuestas import Lluvia
from tests.torture.vigilante import Vigilante

CALMA_S = 30.0
"""Longest that both may take to become equal after the last fault, seconds."""
_A_LA_VEZ = 3


@dataclass(frozen=True, slots=True)
class Escena:
    """Everything that a run plays with."""

    mesa: MesaDeTortura
    plantilla: Plantilla
    crudo: Crudo
    vigilante: Vigilante


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
    _purgadas: list[Purgada] = field(default_factory=list)

    def correr(self) -> Resultado:
        """Run it, and judge."""
        nombres = [chr(ord("a") + numero) for numero in range(self.plan.operadores)]
        mesa = MesaDeTortura(self.postgres, self.mongo, self.carpeta, nombres)
        azar = random.Random(self.plan.semilla)
        crudo = Crudo(self.postgres, self.mongo, mesa.base)
        plantilla = Plantilla(mesa, self.plan.trato, random.Random(azar.random()))
        escena = Escena(mesa, plantilla, crudo, Vigilante(crudo))
        try:
            self._preparar(mesa)
            plantilla.contratar()
            self._trabajar(escena, azar)
            plantilla.despedir()
        finally:
            plantilla.close()
            escena.vigilante.close()
            mesa.close()
        return self._juzgar(escena)

    def _trabajar(self, escena: Escena, azar: random.Random) -> None:
        plantilla = escena.plantilla
        surtido = Surtido(escena.mesa, random.Random(azar.random()), self.plan.solo)
        lluvia = Lluvia(escena.mesa, random.Random(azar.random()), self.plan.lluvia_s)
        fin_s = time.monotonic() + self.plan.segundos
        while True:
            hasta_s = min(fin_s, time.monotonic() + self.plan.fase_s * azar.uniform(0.7, 1.3))
            self._fase(surtido, lluvia, plantilla, azar, hasta_s)
            plantilla.pausar()
            iguales = self._calmarse(escena.crudo)
            if iguales and self.plan.purgar and azar.random() < 0.5:
                self._purgar(escena, matar=azar.random() < 0.6)
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

    def _calmarse(self, crudo: Crudo) -> bool:
        """Wait until both are equal and nothing is pendiente; whether that came in time."""
        reloj = threading.Event()
        while True:
            volcados = crudo.volcar()
            males = [*difieren(*volcados), *pendientes(*volcados)]
            pasados_s = time.monotonic() - self._curado_s
            if not males:
                self._calmas_s.append(pasados_s)
                return True
            if pasados_s > CALMA_S:
                self._otros.append(f"no se igualaron en {CALMA_S:g} s: {males[:3]}")
                return False
            reloj.wait(0.05)

    def _purgar(self, escena: Escena, *, matar: bool) -> None:
        """Where both are equal and all is quiet: what is gone from both afterwards was purged."""
        antes, _ = escena.crudo.volcar()
        lapidas = {id: fila.version for id, fila in antes.filas.items() if fila.contenido.eliminada}
        escena.vigilante.purgables = set(lapidas)
        escena.plantilla.purgar(matar=matar)
        sql, mongo = escena.crudo.volcar()
        ahora_s = time.monotonic()
        self._purgadas += [
            Purgada(id, version, ahora_s)
            for id, version in lapidas.items()
            if id not in sql.filas and id not in mongo.filas
        ]
        self._otros += [f"tras la purga: {mal}" for mal in difieren(sql, mongo)]

    # -- the verdict --------------------------------------------------------------------------------

    def _juzgar(self, escena: Escena) -> Resultado:
        antes = escena.crudo.volcar()
        segunda = self._segunda_pasada(escena.mesa)
        sql, mongo = escena.crudo.volcar()
        if (sql, mongo) != antes:
            segunda.append("alguna fila es otra después")
        pruebas = Pruebas(
            historia=leer_historia(self.carpeta),
            sql=sql,
            mongo=mongo,
            purgadas=self._purgadas,
            retrocesos=escena.vigilante.retrocesos,
            segunda=segunda,
            secretos=_lineas(self.carpeta, "*", SECRETO.encode()),
            trazas=_lineas(self.carpeta, "*.log*", b"Traceback (most recent call last)"),
            otros=[*self._otros, *escena.plantilla.errores, *escena.vigilante.fallos],
        )
        resultado = Resultado(
            plan=self.plan,
            historia=pruebas.historia,
            faltas=self._faltas,
            muertes=escena.plantilla.muertes,
            purgadas=len(self._purgadas),
            calmas_s=self._calmas_s,
            veredicto=juzgar(pruebas),
        )
        resultado.veredicto[ESCASEZ] = [*escasez(resultado)]
        return resultado

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


def _lineas(carpeta: Path, patron: str, donde: bytes) -> list[str]:
    """Lines of the operators' files that hold those bytes, without the password."""
    return [
        f"{ruta.name}: {linea.decode(errors='replace').replace(SECRETO, '(la contraseña)')[:200]}"
        for ruta in sorted(carpeta.rglob(patron))
        if ruta.is_file()
        for linea in ruta.read_bytes().splitlines()
        if donde in linea
    ]
