"""Several operators of one migration, all that may happen to them, and what must hold in the end.

Each method of `Mundo` is an instruction of a program. None of them is ever wrong: what makes no sense at the
moment does nothing, so that a program stays one when a part of it is left out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import count
from uuid import UUID

from adapters.vuelo import Vuelo
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.tarea import Tarea
from core.domain.models.version import RelojHibrido, Reserva
from tests.fakes import RelojDePrueba
from tests.maquina.almacen import AlmacenVigilado, Red, Vista
from tests.maquina.operador import Operador
from tests.maquina.planificador import Falla, Planificador, vuelo_por_pasos

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO
ALMACENES = (SQL, MONGO)
IDS = (UUID(int=1), UUID(int=2))
DESFASES_MS = (0, 40, -300)
"""How far each operator's clock is from the right one."""
PASOS_MAX = 20_000
"""No work takes as many steps to come to an end: what does goes round in circles."""
NACIMIENTO = datetime(2025, 1, 1, tzinfo=UTC)


class Mundo:
    """Two stores, the operators who share them, and a clock that goes when it is told to."""

    def __init__(self) -> None:
        self.planificador = Planificador()
        self.reloj_mundial = RelojDePrueba()
        escritas: dict[tuple[UUID, int], str] = {}
        self.almacenes = {nombre: AlmacenVigilado(nombre, escritas) for nombre in ALMACENES}
        self.redes = {nombre: Red() for nombre in ALMACENES}
        self.reconocidas: list[str] = []
        self.rechazadas: list[str] = []
        self.comunes: dict[UUID, str] = {}
        self.vuelo: type[Vuelo[object]] = vuelo_por_pasos(self.planificador)
        self._monotono_ms = 0
        self._reservas = [Reserva()] * len(DESFASES_MS)
        self._marcas = count(1)
        self._operadores = [self._nuevo(numero) for numero in range(len(DESFASES_MS))]

    def _nuevo(self, numero: int) -> Operador:
        vistas = {
            nombre: Vista(almacen, self.redes[nombre], self.planificador)
            for nombre, almacen in self.almacenes.items()
        }
        return Operador(
            vistas,
            self.planificador,
            # Whoever starts again has the number that he had, and what he reserved on disk.
            reloj=RelojHibrido(
                nodo=numero + 1,
                ahora_ms=lambda: self.reloj_mundial() + DESFASES_MS[numero],
                reservado=self._reservas[numero],
                reservar=partial(self._reservas.__setitem__, numero),
            ),
            ahora_ms=lambda: self.reloj_mundial() + DESFASES_MS[numero],
            ahora_s=lambda: self._monotono_ms / 1000,
            reconocer=self.reconocidas.append,
            rechazar=self.rechazadas.append,
        )

    # -- instructions -------------------------------------------------------------------------------

    def guardar(self, quien: int, cual: int, antiguedad: int, eliminar: int) -> None:
        """An operator saves, or deletes, what he reads now (0), or has in a form that he opened before."""
        id, marca = IDS[cual], f"[{next(self._marcas)}]"
        nueva = Tarea(id=id, titulo="t", creada_en=NACIMIENTO, actualizada_en=NACIMIENTO)
        self._operadores[quien].guardar(nueva, marca, antiguedad, eliminar=bool(eliminar))

    def importar(self, quien: int, cual: int) -> None:
        """An operator imports a file of the days before the migration."""
        marca = f"[archivo {cual}]"
        fila = Tarea(
            id=IDS[cual], titulo="t", descripcion=marca, creada_en=NACIMIENTO, actualizada_en=NACIMIENTO
        )
        self._operadores[quien].importar(fila, marca)

    def repetir(self, quien: int) -> None:
        """An operator sends once more what he does not know the outcome of."""
        self._operadores[quien].repetir()

    def drenar(self, quien: int, origen: int) -> None:
        """A program's replication begins a pass."""
        self._operadores[quien].drenar(ALMACENES[origen])

    def confirmar(self, quien: int) -> None:
        """A program tells what it knows to be in both stores."""
        self._operadores[quien].confirmar()

    def avanzar(self, cual: int, falla: int) -> None:
        """One call to a store by whoever's turn it is."""
        self.planificador.avanzar(cual, Falla(falla))
        self._mirar_comunes()

    def morir(self, quien: int) -> None:
        """A program is killed where it stands; its operator starts another one."""
        self.planificador.matar(self._operadores[quien])
        self._operadores[quien] = self._nuevo(quien)

    def cortar(self, almacen: int, como: int) -> None:
        """A store is well again (0), goes away (1), or takes no writes (2)."""
        red = self.redes[ALMACENES[almacen]]
        red.fuera, red.solo_lectura = como == 1, como == 2

    def entregar(self, almacen: int, cual: int) -> None:
        """A call that was given up long ago arrives."""
        self.redes[ALMACENES[almacen]].entregar(cual)

    def esperar(self, ms: int) -> None:
        """Time goes by; with less than nothing, the clocks are set back, all but the monotonic ones."""
        self._monotono_ms += abs(ms)
        self.reloj_mundial.ahora_ms += ms

    def apagar(self) -> None:
        """Nothing that is still under way goes on."""
        for operador in {hilo.dueno for hilo in self.planificador.hilos}:
            self.planificador.matar(operador)

    # -- the end ------------------------------------------------------------------------------------

    def _mirar_comunes(self) -> None:
        sql, mongo = (self.almacenes[nombre].filas for nombre in ALMACENES)
        for id, fila in sql.items():
            otra = mongo.get(id)
            if otra is not None and not (fila.pendiente or otra.pendiente) and fila.version == otra.version:
                self.comunes[id] = fila.descripcion

    def sanar(self) -> None:
        """Everything works again: what is under way comes to its end, late calls arrive, all is copied."""
        for cual in range(2):
            self.cortar(cual, 0)
        limite = self.planificador.pasos + PASOS_MAX
        while self.planificador.hilos and self.planificador.pasos < limite:
            if not self.planificador.avanzar(self.planificador.pasos * 7, Falla.NINGUNA):
                break
            self._mirar_comunes()
        assert not self.planificador.hilos, "hay trabajo que no acaba nunca"
        for red in self.redes.values():
            while red.tarde:
                red.entregar(0)
        sanador = self._nuevo(0)
        sanador.drenar_todo(self.almacenes)
        for almacen in self.almacenes.values():
            almacen.llamadas.clear()
        sanador.drenar_todo(self.almacenes)

    def comprobar(self) -> None:
        """Heal, and look at all that must hold. Raises AssertionError."""
        self.sanar()
        sql, mongo = (self.almacenes[nombre] for nombre in ALMACENES)
        # Who wrote it, for people to read, may differ: two who import one row of a file make the same write.
        anonimas = [{id: replace(fila, nodo="") for id, fila in uno.filas.items()} for uno in (sql, mongo)]
        assert anonimas[0] == anonimas[1], "los almacenes acaban distintos"
        assert not any(fila.pendiente for fila in sql.filas.values()), "queda algo pendiente"
        llamadas = {*sql.llamadas, *mongo.llamadas}
        assert llamadas <= {"pendientes", "pendientes_ilegibles"}, f"la segunda pasada escribe: {llamadas}"
        assert not sql.retrocesos + mongo.retrocesos, "una versión retrocede"
        assert not sql.repetidas + mongo.repetidas, "una versión dice dos cosas"
        perdedoras = [uno.perdedora for almacen in (sql, mongo) for uno in almacen.conflictos.values()]
        guardado = "".join(fila.descripcion for fila in (*sql.filas.values(), *perdedoras))
        perdidas = [marca for marca in self.reconocidas if marca not in guardado]
        assert not perdidas, f"escrituras reconocidas y perdidas: {perdidas}"
        mentiras = [marca for marca in self.rechazadas if marca in guardado]
        assert not mentiras, f"se dijo que no se había guardado: {mentiras}"
        for id, descripcion in self.comunes.items():
            final = sql.filas[id].descripcion
            assert final.startswith(descripcion), f"lo que ambos tenían se deshace: {descripcion} -> {final}"
