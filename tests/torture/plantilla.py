"""The staff: keeps every operator at work, kills them, starts them again, counts."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.torture.mesa import MesaDeTortura
from tests.torture.operador import Encargo
from tests.torture.proceso import ProcesoOperador
from tests.torture.puntos import EN_PURGA, PUNTOS, VECES_MAX

HILOS = 3
AL_AZAR = "en cualquier momento"


@dataclass(slots=True, kw_only=True)
class Trato:
    """How operators are treated.

    Attributes:
        semilla: of the run.
        tareas: hot tareas.
        descanso_s: mean time between two calls of a thread, seconds.
        vida_s: mean life of an operator before it is killed, seconds; 0 for ever.
        error: the bug they carry.
    """

    semilla: int
    tareas: int = 240
    descanso_s: float = 0.04
    vida_s: float = 20.0
    error: str = ""


@dataclass(slots=True)
class Plaza:
    """One operator over all of its lives."""

    nombre: str
    vidas: int = 0
    proceso: ProcesoOperador | None = None
    muere_s: float = 0.0


@dataclass(slots=True)
class Plantilla:
    """All operators of a run.

    Attributes:
        muertes: kills by point.
        errores: operators that ended in a way that nobody meant.
    """

    mesa: MesaDeTortura
    trato: Trato
    azar: random.Random
    muertes: Counter[str] = field(default_factory=Counter)
    errores: list[str] = field(default_factory=list)
    _plazas: list[Plaza] = field(default_factory=list)

    def contratar(self) -> None:
        """Start every operator; returns when they work."""
        self._plazas = [Plaza(nombre) for nombre in self.mesa.nombres]
        for plaza in self._plazas:
            self._nacer(plaza)
        for plaza in self._plazas:
            self._poner_a_trabajar(plaza)

    def cuidar(self) -> None:
        """Start again who died, kill whose time has come. To be called often; never waits for long."""
        for plaza in self._plazas:
            proceso = plaza.proceso
            if proceso is None:
                continue
            if not proceso.vivo:
                self._enterrar(plaza, proceso)
                self._nacer(plaza)
                self._poner_a_trabajar(plaza)
            elif self.trato.vida_s and time.monotonic() > plaza.muere_s:
                proceso.matar()
                self.muertes[AL_AZAR] += 1
                proceso.close()
                self._nacer(plaza)
                self._poner_a_trabajar(plaza)

    def pausar(self) -> None:
        """Hold all operators: when it returns none of their calls is under way; the programs go on."""
        for plaza in self._plazas:
            assert plaza.proceso is not None
            plaza.proceso.decir("pausa")
        for plaza in self._plazas:
            self._en_pausa(plaza)

    def purgar(self, *, matar: bool) -> None:
        """Have one operator purge while all are held; if it is to die of it, have another one end it."""
        for plaza in self._plazas:
            assert plaza.proceso is not None
            plaza.proceso.decir("olvida")
        primera, segunda = self.azar.sample(self._plazas, 2)
        assert primera.proceso is not None
        assert segunda.proceso is not None
        if not primera.proceso.purgar(matar=matar):
            self.muertes[EN_PURGA] += 1
            primera.proceso.close()
            self._nacer(primera)
            primera.proceso.esperar_listo()
            segunda.proceso.purgar(matar=False)

    def seguir(self) -> None:
        """Work again."""
        for plaza in self._plazas:
            assert plaza.proceso is not None
            plaza.proceso.decir("sigue")
            plaza.muere_s = self._hora_de_morir()

    def despedir(self) -> None:
        """Have every operator close the program properly."""
        for plaza in self._plazas:
            if plaza.proceso is not None and (codigo := plaza.proceso.terminar(30)) != 0:
                self.errores.append(f"{plaza.proceso.encargo.autor} terminó con código {codigo}")

    def close(self) -> None:
        """Leave no process."""
        for plaza in self._plazas:
            if plaza.proceso is not None:
                plaza.proceso.close()

    def _en_pausa(self, plaza: Plaza) -> None:
        assert plaza.proceso is not None
        if plaza.proceso.esperar_pausa(40):
            return
        self._enterrar(plaza, plaza.proceso)  # it died as it was told: the next life waits from the start
        self._nacer(plaza)
        plaza.proceso.esperar_listo()

    def _nacer(self, plaza: Plaza) -> None:
        plaza.vidas += 1
        autor = f"{plaza.nombre}.{plaza.vidas}"
        sql, mongo = self.mesa.urls(plaza.nombre)
        carpeta = self.mesa.carpeta
        punto = self.azar.choice(PUNTOS)
        encargo = Encargo(
            autor=autor,
            sql_url=sql,
            mongo_url=mongo,
            datos=str(carpeta / f"datos-{plaza.nombre}"),
            historia=str(carpeta / f"{autor}.jsonl"),
            semilla=self.trato.semilla,
            tareas=self.trato.tareas,
            hilos=HILOS,
            descanso_s=self.trato.descanso_s,
            punto=punto if self.trato.vida_s else "",
            vez=self.azar.randint(1, VECES_MAX[punto]),
            error=self.trato.error,
            desfase_ms=self.mesa.relojes[plaza.nombre],
        )
        plaza.proceso = ProcesoOperador(encargo, carpeta / f"salida-{plaza.nombre}.log")
        self.mesa.ordenar_reloj[plaza.nombre] = lambda ms, de=plaza.proceso: de.decir(f"reloj {ms}")

    def _poner_a_trabajar(self, plaza: Plaza) -> None:
        assert plaza.proceso is not None
        # Not waited for: the order stands in its pipe until it has started.
        plaza.proceso.decir("sigue")
        plaza.muere_s = self._hora_de_morir()

    def _hora_de_morir(self) -> float:
        return time.monotonic() + self.azar.expovariate(1 / self.trato.vida_s) if self.trato.vida_s else 0.0

    def _enterrar(self, plaza: Plaza, proceso: ProcesoOperador) -> None:
        encargo = proceso.encargo
        if proceso.codigo == -signal.SIGKILL and encargo.punto:
            self.muertes[encargo.punto] += 1
        else:
            self.errores.append(f"{encargo.autor} terminó solo, con código {proceso.codigo}")
        proceso.close()
