"""Two real stores and the use case that repairs them, with hands that reach in past the program."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from pymongo import MongoClient

from adapters.nodo import ahora_ms
from adapters.reparacion.almacenes import reparables
from adapters.reparacion.diario import Diario
from adapters.replicacion.motor import MotorReplicacion
from core.application.reparar_diferencias import RepararDiferenciasUseCase
from core.diferencias import Diferencia, FilaVista
from core.domain.models.almacen import Conflicto, NombreAlmacen
from core.domain.models.conflicto import ClaveConflicto
from core.domain.models.reparacion import PlanReparacion
from core.domain.models.tarea import Tarea
from core.domain.models.version import RelojHibrido
from core.domain.ports.reparacion import AlmacenReparable, Cambio
from core.reparacion import Gana
from tests.integration.revision import MONGO, SQL, AMano, Par


@dataclass
class Espia:
    """A store as repair sees it; `antes` is called before tareas are written, `antes_de_todo` before all."""

    de_verdad: AlmacenReparable
    antes: Callable[[], None] = lambda: None
    antes_de_todo: Callable[[], None] = lambda: None
    error: Exception | None = None

    def leer(self, ids: Sequence[str]) -> Mapping[str, FilaVista]:
        return self.de_verdad.leer(ids)

    def crudos(self, ids: Sequence[str]) -> Mapping[str, str]:
        return self.de_verdad.crudos(ids)

    def guardar_perdedoras(self, conflictos: Sequence[Conflicto], resolucion: str) -> None:
        self.antes_de_todo()
        self.de_verdad.guardar_perdedoras(conflictos, resolucion)

    def anotar_resueltas(self, claves: Sequence[ClaveConflicto], resolucion: str, cuando_ms: int) -> None:
        self.antes_de_todo()
        self.de_verdad.anotar_resueltas(claves, resolucion, cuando_ms)

    def sustituir(self, cambios: Sequence[Cambio]) -> set[str]:
        self.antes()
        self.antes_de_todo()
        if self.error is not None:
            raise self.error
        return self.de_verdad.sustituir(cambios)


@dataclass(slots=True)
class Taller(AMano):
    """Both stores, and all that a repair needs."""

    par: Par
    sql_url: str
    mongo_url: str
    carpeta: Path
    espias: dict[NombreAlmacen, Espia] = field(default_factory=dict)

    def caso(self, *, lote: int = 3) -> RepararDiferenciasUseCase:
        """The use case, over stores that can be spied on."""
        if not self.espias:
            self.espias = {uno: Espia(crudo) for uno, crudo in reparables(self.par.almacenes).items()}
        return RepararDiferenciasUseCase(
            self.par.almacenes,
            self.espias,
            version_nueva=RelojHibrido(nodo=5, ahora_ms=ahora_ms).siguiente,
            nodo=lambda: "0005",
            ahora_ms=ahora_ms,
            comprobar=lambda: None,
            apuntar=Diario(self.carpeta).apuntar,
            lote=lote,
        )

    def antes_de_escribir(self, avisar: Callable[[], None]) -> None:
        """`avisar` is called before each write of a repair from now on, of whichever kind and to whom."""

        def avisando(confirmar: Callable[[Sequence[tuple[UUID, int]]], None]) -> Any:
            def confirmar_avisando(pares: Sequence[tuple[UUID, int]]) -> None:
                avisar()
                confirmar(pares)

            return confirmar_avisando

        self.caso()
        for nombre, espia in self.espias.items():
            espia.antes_de_todo = avisar
            almacen: Any = self.par.almacenes[nombre]
            almacen.confirmar = avisando(type(almacen).confirmar.__get__(almacen))

    def abiertos(self) -> int:
        """Conflicts that wait for people, in both."""
        return sum(almacen.contar_conflictos() for almacen in self.par.almacenes.values())

    def diferencias(self) -> list[Diferencia]:
        """What a verification finds now."""
        return self.par.verificar().diferencias

    def plan(self, gana: Gana) -> PlanReparacion:
        """To repair all of it."""
        return self.caso().planear((una, gana) for una in self.diferencias())

    def en_ambos(self, id: object) -> tuple[Tarea | None, Tarea | None]:
        """The row in SQL and in MongoDB, as the program reads it."""
        sql, mongo = (self.par.almacenes[uno].leer(id) for uno in (SQL, MONGO))  # type: ignore[arg-type]
        return sql, mongo

    def replicar(self) -> None:
        """One pass of replication each way."""
        motor = MotorReplicacion(self.par.almacenes, ahora_ms=ahora_ms)
        for origen in NombreAlmacen:
            motor.drenar(origen)

    def documento(self, id: object) -> dict[str, Any]:
        """A document as it lies."""
        cliente: MongoClient[dict[str, Any]]
        with MongoClient(self.mongo_url) as cliente:
            return cliente.get_default_database()["tareas"].find_one({"_id": id}) or {}
