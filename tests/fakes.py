"""A store in memory: what unit tests run the dual repository on, kept honest by the contract suite.

It fails on demand. `fallar_con` fails every method; `fallos["escribir"]` fails one of them before it does
anything, `respuestas_perdidas["escribir"]` after it did it, as a lost answer would. `antes` is called with
the method's name first, and may block on an event. `llamadas` remembers the names, in order.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

from adapters.repositorio_base import RepositorioDeUnAlmacen
from core.domain.models.almacen import Conflicto, Escrito, Escritura, NombreAlmacen, Pong
from core.domain.models.conflicto import ClaveConflicto, ConflictoGuardado, LugarConflicto
from core.domain.models.consulta import Consulta, Cursor, Filtro, Pagina
from core.domain.models.tarea import Tarea
from core.domain.models.version import RelojHibrido


class RelojDePrueba:
    """A wall clock that a test moves by hand; it goes on by itself only if `paso_ms` says so."""

    def __init__(self, ahora_ms: int = 1_750_000_000_000, *, paso_ms: int = 0) -> None:
        self.ahora_ms = ahora_ms
        self.paso_ms = paso_ms

    def __call__(self) -> int:
        self.ahora_ms += self.paso_ms
        return self.ahora_ms


def reloj_de_prueba(nodo: int = 1) -> RelojHibrido:
    """A hybrid clock over a hand-moved wall clock."""
    return RelojHibrido(nodo=nodo, ahora_ms=RelojDePrueba())


class AlmacenEnMemoria(RepositorioDeUnAlmacen):
    """`Almacen` and `TareaRepository` on a dict behind one lock."""

    def __init__(self, nombre: NombreAlmacen, *, reloj: RelojHibrido | None = None) -> None:
        super().__init__(reloj or reloj_de_prueba())
        self.nombre = nombre
        self.filas: dict[UUID, Tarea] = {}
        self.conflictos: dict[ClaveConflicto, Conflicto] = {}
        self.resueltos: dict[ClaveConflicto, tuple[int, str]] = {}
        self.pong = Pong(latencia_ms=0.1, version_servidor="Memoria 1", rol="memoria", desfase_ms=0.0)
        self.fallar_con: Exception | None = None
        self.fallos: dict[str, Exception] = {}
        self.respuestas_perdidas: dict[str, Exception] = {}
        self.antes: Callable[[str], object] | None = None
        self.llamadas: list[str] = []
        self.cerrado = False
        self._lock = threading.RLock()

    def __repr__(self) -> str:
        return f"AlmacenEnMemoria({self.nombre}, {len(self.filas)} filas)"

    @contextmanager
    def _operacion(self, metodo: str) -> Iterator[None]:
        self.llamadas.append(metodo)
        if self.antes is not None:
            self.antes(metodo)  # outside of the lock: a blocked operation must not block a ping
        if error := self.fallos.get(metodo) or self.fallar_con:
            raise error
        with self._lock:
            yield
        if perdida := self.respuestas_perdidas.get(metodo):
            raise perdida

    def ping(self, timeout_s: float) -> Pong:
        with self._operacion("ping"):
            return self.pong

    def preparar(self, *, adoptar: bool = False) -> None:
        with self._operacion("preparar"):
            return

    def leer(self, id: UUID) -> Tarea | None:
        with self._operacion("leer"):
            return self.filas.get(id)

    def leer_lote(self, ids: Sequence[UUID]) -> dict[UUID, Tarea]:
        with self._operacion("leer_lote"):
            return {id: self.filas[id] for id in ids if id in self.filas}

    def listar(self, consulta: Consulta) -> Pagina:
        with self._operacion("listar"):
            filas = sorted(
                (fila for fila in self.filas.values() if _pasa(fila, consulta.filtro)),
                key=lambda fila: _clave(fila, consulta),
                reverse=consulta.descendente,
            )
        if consulta.tras is not None:
            tras = (consulta.tras.valor, str(consulta.tras.id))
            filas = [
                fila
                for fila in filas
                if (_clave(fila, consulta) < tras if consulta.descendente else _clave(fila, consulta) > tras)
            ]
        pagina = tuple(filas[: consulta.limite])
        hay_mas = len(filas) > consulta.limite
        siguiente = (
            Cursor(consulta.columna.valor_de(pagina[-1]), pagina[-1].id, self.nombre) if hay_mas else None
        )
        return Pagina(tareas=pagina, siguiente=siguiente, almacen=self.nombre)

    def contar(self, filtro: Filtro | None = None) -> int:
        with self._operacion("contar"):
            return sum(_pasa(fila, filtro or Filtro()) for fila in self.filas.values())

    def escribir(self, escritura: Escritura) -> Escrito:
        with self._operacion("escribir"):
            return self._aplicar(escritura)

    def escribir_lote(self, escrituras: Sequence[Escritura]) -> Sequence[Escrito]:
        with self._operacion("escribir_lote"):
            return [self._aplicar(escritura) for escritura in escrituras]

    def _aplicar(self, escritura: Escritura) -> Escrito:
        actual = self.filas.get(escritura.fila.id)
        if actual is None or escritura.se_aplica_a(actual):
            self.filas[escritura.fila.id] = escritura.asentada(actual)
            return Escrito(True)
        return Escrito(True) if escritura.es(actual) else Escrito(False, actual)

    def reemplazar(self, fila: Tarea, vista: int | None) -> bool:
        with self._operacion("reemplazar"):
            actual = self.filas.get(fila.id)
            if (None if actual is None else actual.version) != vista:
                return False
            self.filas[fila.id] = fila
            return True

    def confirmar(self, pares: Sequence[tuple[UUID, int]]) -> None:
        with self._operacion("confirmar"):
            for id, version in pares:
                fila = self.filas.get(id)
                if fila is not None:
                    comun = max(fila.version_comun, version)
                    self.filas[id] = replace(fila, version_comun=comun, pendiente=fila.version > comun)

    def pendientes(self, *, tras: tuple[int, UUID] | None, limite: int) -> Sequence[Tarea]:
        with self._operacion("pendientes"):
            filas = sorted((f for f in self.filas.values() if f.pendiente), key=lambda f: (f.version, f.id))
            return [fila for fila in filas if tras is None or (fila.version, fila.id) > tras][:limite]

    def pendientes_ilegibles(self, *, limite: int) -> Sequence[Tarea]:
        with self._operacion("pendientes_ilegibles"):
            return []

    def guardar_conflicto(self, conflicto: Conflicto) -> None:
        with self._operacion("guardar_conflicto"):
            self.conflictos.setdefault((conflicto.perdedora.id, conflicto.perdedora.version), conflicto)

    def contar_conflictos(self) -> int:
        with self._operacion("contar_conflictos"):
            return len(self.conflictos.keys() - self.resueltos.keys())

    def listar_conflictos(
        self, *, tras: LugarConflicto | None, limite: int, resueltos: bool = False
    ) -> Sequence[ConflictoGuardado]:
        with self._operacion("listar_conflictos"):
            pedidos = [
                uno for clave in self.conflictos if (uno := self._guardado(clave)).abierto != resueltos
            ]
            pedidos.sort(key=lambda uno: uno.lugar, reverse=True)
            return [uno for uno in pedidos if tras is None or uno.lugar < tras][:limite]

    def leer_conflictos(self, claves: Sequence[ClaveConflicto]) -> Sequence[ConflictoGuardado]:
        with self._operacion("leer_conflictos"):
            return [self._guardado(clave) for clave in claves if clave in self.conflictos]

    def resolver_conflicto(self, id: UUID, version: int, resolucion: str, cuando_ms: int) -> bool:
        with self._operacion("resolver_conflicto"):
            if (id, version) in self.conflictos:
                self.resueltos.setdefault((id, version), (cuando_ms, resolucion))
            return (id, version) in self.conflictos

    def reabrir_conflicto(self, id: UUID, version: int) -> bool:
        with self._operacion("reabrir_conflicto"):
            self.resueltos.pop((id, version), None)
            return (id, version) in self.conflictos

    def _guardado(self, clave: ClaveConflicto) -> ConflictoGuardado:
        cuando_ms, resolucion = self.resueltos.get(clave, (None, ""))
        return ConflictoGuardado(
            conflicto=self.conflictos[clave], resuelta_en_ms=cuando_ms, resolucion=resolucion
        )

    def direccion(self) -> str:
        return "memoria"

    def interrumpir(self) -> None:
        """Nothing here waits for a server."""

    def close(self) -> None:
        self.cerrado = True


def _pasa(fila: Tarea, filtro: Filtro) -> bool:
    if not (filtro.eliminadas if fila.eliminada else filtro.vivas):
        return False
    if filtro.solo_pendientes and not fila.pendiente:
        return False
    if filtro.estado is not None and fila.estado is not filtro.estado:
        return False
    aguja = unicodedata.normalize("NFC", filtro.texto).lower()
    return aguja in fila.titulo.lower() or aguja in fila.descripcion.lower()


def _clave(fila: Tarea, consulta: Consulta) -> tuple[object, str]:
    return (consulta.columna.valor_de(fila), str(fila.id))
