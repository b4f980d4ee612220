"""Several operators and several replicators at once, over stores that delay, fail and lose answers.

Each operator has a dual repository, lanes and a clock of its own; all share two stores in memory. Afterwards,
whatever happened, both stores are equal, nothing is pendiente, and every acknowledged token is in the row or
in the conflicts (the invariant of the protocol's model).
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from adapters.dual import DualTareaRepository
from adapters.nodo import ahora_ms
from adapters.replicacion.motor import MotorReplicacion
from core.domain.errors import AlmacenError, AlmacenNoDisponible, DualTareasError, ResultadoDesconocido
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.tarea import Tarea
from core.domain.models.version import RelojHibrido
from tests.fakes import AlmacenEnMemoria

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO
OPERADORES, OPERACIONES, TAREAS = 4, 40, 2
ESCRIBEN = frozenset({"escribir", "reemplazar", "confirmar", "guardar_conflicto"})


class Vista:
    """One program's view of a store: slow at random, sometimes cut before a call, sometimes after it."""

    def __init__(self, almacen: AlmacenEnMemoria, azar: random.Random) -> None:
        self._almacen = almacen
        self._azar = azar
        self._demora = threading.Event()
        self.nombre = almacen.nombre

    def __getattr__(self, nombre: str) -> Callable[..., Any]:
        return partial(self._llamar, nombre, getattr(self._almacen, nombre))

    def _llamar(self, nombre: str, metodo: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        suerte = self._azar.random()
        self._demora.wait(self._azar.random() * 0.001)
        if nombre != "ping" and suerte < 0.03:
            raise AlmacenNoDisponible(self.nombre, "corte")
        valor = metodo(*args, **kwargs)
        if nombre in ESCRIBEN and suerte > 0.96:
            raise ResultadoDesconocido(self.nombre, "respuesta perdida")
        return valor


class Mundo:
    """Two stores, the tareas that everybody fights over, and what was acknowledged."""

    def __init__(self, semilla: int) -> None:
        self.semilla = semilla
        self.almacenes = {nombre: AlmacenEnMemoria(nombre) for nombre in NombreAlmacen}
        self.ids = [uuid4() for _ in range(TAREAS)]
        self.reconocidas: list[str] = []
        self.fin = threading.Event()

    def vistas(self, azar: random.Random) -> dict[NombreAlmacen, Any]:
        return {nombre: Vista(almacen, azar) for nombre, almacen in self.almacenes.items()}

    def operar(self, numero: int) -> None:
        azar = random.Random(self.semilla * 100 + numero)
        vistas = self.vistas(azar)
        dual = DualTareaRepository(
            sql_repository=vistas[SQL],
            mongo_repository=vistas[MONGO],
            reloj=RelojHibrido(nodo=numero + 1, ahora_ms=lambda: ahora_ms() + 5 * numero),
        )
        for paso in range(OPERACIONES):
            marca = f"[{numero}.{paso}]"
            try:
                dual.save(self._editada(dual, azar, azar.choice(self.ids), marca))
            except DualTareasError:
                continue
            self.reconocidas.append(marca)
        dual.close()

    def _editada(self, dual: DualTareaRepository, azar: random.Random, id: UUID, marca: str) -> Tarea:
        base = dual.get(id, eliminadas=True)
        if base is None:
            return Tarea(id=id, titulo="t", descripcion=marca)
        return replace(base, descripcion=base.descripcion + marca, eliminada=azar.random() < 0.1)

    def replicar(self, numero: int) -> None:
        motor = MotorReplicacion(self.vistas(random.Random(self.semilla - numero)), ahora_ms=ahora_ms, lote=2)
        while not self.fin.wait(0.003):
            for origen in NombreAlmacen:
                try:
                    motor.drenar(origen)
                except AlmacenError:
                    continue

    def sanar(self) -> None:
        motor = MotorReplicacion(self.almacenes, ahora_ms=ahora_ms)
        for origen in (SQL, MONGO, SQL, MONGO):
            motor.drenar(origen)

    def guardado(self) -> str:
        filas = [fila for almacen in self.almacenes.values() for fila in almacen.filas.values()]
        perdedoras = [
            uno.perdedora for almacen in self.almacenes.values() for uno in almacen.conflictos.values()
        ]
        return "".join(fila.descripcion for fila in (*filas, *perdedoras))


@pytest.mark.errores_esperados("no confirmado", "Ninguna base de datos")
@pytest.mark.parametrize("semilla", range(12))
def test_nada_reconocido_se_pierde_y_los_almacenes_acaban_iguales(semilla: int) -> None:
    mundo = Mundo(semilla)
    with ThreadPoolExecutor(OPERADORES + 2) as ejecutor:
        operadores = [ejecutor.submit(mundo.operar, numero) for numero in range(OPERADORES)]
        replicadores = [ejecutor.submit(mundo.replicar, numero) for numero in range(2)]
        try:
            for operador in operadores:
                operador.result(60)
        finally:
            mundo.fin.set()
        for replicador in replicadores:
            replicador.result(60)
    mundo.sanar()
    guardado = mundo.guardado()
    assert [marca for marca in mundo.reconocidas if marca not in guardado] == []
    sql, mongo = (almacen.filas for almacen in mundo.almacenes.values())
    assert sql == mongo
    assert not any(fila.pendiente for fila in sql.values())
    assert len(mundo.reconocidas) > OPERACIONES  # most of it went through, or nothing was tested
