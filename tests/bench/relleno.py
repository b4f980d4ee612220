"""Backfill of many rows between PostgreSQL and MongoDB, beside bare loops of the drivers, in one run.

`python -m tests.bench relleno [--filas N] [--direccion sql-mongo|mongo-sql]`. Each direction is measured with
rows that were confirmed (a target that was wiped) and with pendientes (a target that never was), of which the
origin is told. The bare loops write under the same indexes with the same durability, and tell nobody. Then an
operator saves fifty times a second, alone and beside a backfill.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count, islice
from typing import Any

import psutil
import psycopg
import pymongo
from bson.int64 import Int64
from pymongo.write_concern import WriteConcern

from adapters.dual import DualTareaRepository
from adapters.health.compuerta import Compuerta
from adapters.mongo import MongoTareaRepository
from adapters.nodo import ahora_ms
from adapters.peewee import PeeweeTareaRepository
from adapters.replicacion.informe import InformePasada
from adapters.replicacion.motor import Control
from adapters.replicacion.rellenables import rellenables
from adapters.replicacion.relleno import Relleno
from adapters.repositorio_base import RepositorioDeUnAlmacen
from adapters.verificacion.almacenes import con_fichas, revisables
from adapters.verificacion.resumen import VerificadorResumen
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.consulta import Filtro
from core.domain.models.tarea import Tarea
from core.health import percentil
from tests.bench.verificar import CAMPOS, LOTE, filas
from tests.servidores import BancoDePruebas

DIRECCIONES = {"sql-mongo": NombreAlmacen.SQL, "mongo-sql": NombreAlmacen.MONGO}
OPERADOR_S = 10.0
"""How long the operator works, alone and then beside the backfill, seconds."""
CADA_S = 0.02
"""Between the beginnings of two saves of the operator, seconds."""
CACHE = "cache_size=2GB"
"""Of MongoDB, which takes half of the memory of a machine for it unless told otherwise. The servers of the
tests are told 256 MB, and there it is the eviction of changed pages that is measured, ours and the loop's."""
_COLUMNAS = ", ".join(("id", *CAMPOS))
_UPSERT = f"""
INSERT INTO tareas SELECT * FROM lote ON CONFLICT (id) DO UPDATE SET
({", ".join(CAMPOS)}) = ({", ".join(f"excluded.{campo}" for campo in CAMPOS)})
WHERE tareas.version < excluded.version"""

Documento = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Urls:
    """One database in each server."""

    sql: str
    mongo: str


def filas_de(cuantas: int, *, pendientes: bool) -> Iterator[tuple[Any, ...]]:
    """The rows in the order of the columns."""
    for fila in filas(cuantas):
        yield (*fila[:7], 0, True, *fila[9:]) if pendientes else fila


def en_lotes(todas: Iterator[Any]) -> Iterator[list[Any]]:
    """As lists of `LOTE`."""
    while lote := list(islice(todas, LOTE)):
        yield lote


def a_documento(fila: tuple[Any, ...]) -> Documento:
    """A row as a document."""
    documento = {"_id": str(fila[0]), **dict(zip(CAMPOS, fila[1:], strict=True))}
    documento["version"], documento["version_comun"] = Int64(fila[6]), Int64(fila[7])
    return documento


def cargar(urls: Urls, origen: NombreAlmacen, cuantas: int, *, pendientes: bool) -> None:
    """Fill the origin."""
    todas = filas_de(cuantas, pendientes=pendientes)
    if origen is NombreAlmacen.SQL:
        with psycopg.connect(urls.sql) as conexion, conexion.cursor().copy("COPY tareas FROM STDIN") as copia:
            for fila in todas:
                copia.write_row(fila)
        with psycopg.connect(urls.sql, autocommit=True) as conexion:
            conexion.execute("VACUUM ANALYZE tareas")
        return
    cliente: pymongo.MongoClient[Documento]
    with pymongo.MongoClient(urls.mongo, w=1) as cliente:
        for lote in en_lotes(map(a_documento, todas)):
            cliente.get_default_database()["tareas"].insert_many(lote, ordered=False)


def a_pelo_a_mongo(desde: Urls, hasta: Urls) -> None:
    """Read with a cursor of the server, insert batch after batch."""
    cliente: pymongo.MongoClient[Documento]
    with psycopg.connect(desde.sql) as conexion, pymongo.MongoClient(hasta.mongo) as cliente:
        tareas = cliente.get_default_database().get_collection(
            "tareas", write_concern=WriteConcern(w="majority", j=True)
        )
        cursor = conexion.cursor("todas")
        cursor.itersize = LOTE
        cursor.execute(f"SELECT {_COLUMNAS} FROM tareas".encode())
        for lote in en_lotes(iter(cursor)):
            tareas.insert_many([a_documento(fila) for fila in lote], ordered=False)


def a_pelo_a_postgres(desde: Urls, hasta: Urls) -> None:
    """Read with a cursor, COPY into a temporary table and upsert from there, batch after batch."""
    cliente: pymongo.MongoClient[Documento]
    with psycopg.connect(hasta.sql) as conexion, pymongo.MongoClient(desde.mongo, tz_aware=True) as cliente:
        conexion.execute("CREATE TEMP TABLE lote (LIKE tareas) ON COMMIT DELETE ROWS")
        for lote in en_lotes(iter(cliente.get_default_database()["tareas"].find(batch_size=LOTE))):
            with conexion.cursor() as cursor:
                with cursor.copy(f"COPY lote ({_COLUMNAS}) FROM STDIN".encode()) as copia:
                    for documento in lote:
                        copia.write_row((documento["_id"], *(documento[campo] for campo in CAMPOS)))
                cursor.execute(_UPSERT.encode())
            conexion.commit()


@contextmanager
def abiertos(urls: Urls) -> Iterator[Mapping[NombreAlmacen, RepositorioDeUnAlmacen]]:
    """Both stores, prepared."""
    with ExitStack() as pila:
        almacenes: dict[NombreAlmacen, RepositorioDeUnAlmacen] = {
            NombreAlmacen.SQL: pila.enter_context(closing(PeeweeTareaRepository(urls.sql))),
            NombreAlmacen.MONGO: pila.enter_context(closing(MongoTareaRepository(urls.mongo))),
        }
        for almacen in almacenes.values():
            almacen.preparar()
        yield almacenes


def relleno_de(
    almacenes: Mapping[NombreAlmacen, RepositorioDeUnAlmacen], compuerta: Compuerta | None = None
) -> Relleno:
    """Ours."""
    return Relleno(
        almacenes,
        rellenables(almacenes),
        revisables(almacenes),
        con_fichas(almacenes),
        compuerta or Compuerta(),
    )


@dataclass(slots=True)
class Memoria:
    """What this process holds, as the backfill goes on.

    Attributes:
        tercio_mib: the most during the first third of the rows.
        resto_mib: the most after it.
    """

    filas: int
    tercio_mib: float = 0.0
    resto_mib: float = 0.0
    _proceso: psutil.Process = field(default_factory=psutil.Process)

    def mirar(self, informe: InformePasada) -> None:
        """After a page."""
        ahora_mib = self._proceso.memory_info().rss / 2**20
        if informe.miradas <= self.filas / 3:
            self.tercio_mib = max(self.tercio_mib, ahora_mib)
        else:
            self.resto_mib = max(self.resto_mib, ahora_mib)


def nuestro(urls: Urls, origen: NombreAlmacen, cuantas: int) -> None:
    """Backfill, and look at what came of it."""
    with abiertos(urls) as almacenes:
        memoria = Memoria(cuantas)
        informe = relleno_de(almacenes).rellenar(origen, Control(progreso=memoria.mirar))
        assert informe.copiadas == cuantas, informe
        assert not informe.apartadas, informe.apartadas
    print(f"  memoria: {memoria.tercio_mib:.0f} MiB en el primer tercio, {memoria.resto_mib:.0f} después")


def exigir_iguales(urls: Urls, cuantas: int) -> None:
    """Both hold the same and nothing waits."""
    with abiertos(urls) as almacenes:
        informe = VerificadorResumen(revisables(almacenes), ahora_ms=ahora_ms).verificar()
        assert informe.iguales, informe
        assert informe.filas_sql == cuantas, informe
        for almacen in almacenes.values():
            assert not almacen.contar(Filtro(solo_pendientes=True, eliminadas=True)), almacen


def medir(nombre: str, hacer: Callable[[], object], cuantas: int) -> float:
    """Rows a second, printed."""
    inicio_s = time.perf_counter()
    hacer()
    duracion_s = time.perf_counter() - inicio_s
    carga = psutil.getloadavg()[0]
    print(
        f"{nombre:<50} {cuantas / duracion_s:9,.0f} filas/s {duracion_s:8.2f} s  (carga {carga:.1f})",
        flush=True,
    )
    return cuantas / duracion_s


class Operador(threading.Thread):
    """Saves a new tarea, then an edit of it, fifty times a second."""

    def __init__(self, dual: DualTareaRepository) -> None:
        super().__init__(name="operador", daemon=True)
        self._dual = dual
        self.fin = threading.Event()
        self.tiempos_ms: list[float] = []

    def run(self) -> None:
        """Until `fin`."""
        siguiente_s, tarea = time.perf_counter(), Tarea(titulo="nueva")
        for n in count():
            siguiente_s = max(siguiente_s + CADA_S, time.perf_counter() - CADA_S)
            if self.fin.wait(max(0.0, siguiente_s - time.perf_counter())):
                return
            inicio_s = time.perf_counter()
            tarea = self._dual.save(tarea if n % 2 else Tarea(titulo=f"nueva {n}"))
            self.tiempos_ms.append((time.perf_counter() - inicio_s) * 1000)

    def p95_ms(self) -> float:
        """Of the saves so far."""
        return percentil(self.tiempos_ms, 95) or 0.0


@contextmanager
def operando(dual: DualTareaRepository) -> Iterator[Operador]:
    """An operator at work."""
    operador = Operador(dual)
    operador.start()
    try:
        yield operador
    finally:
        operador.fin.set()
        operador.join(10)


def con_operador(urls: Urls, origen: NombreAlmacen) -> None:
    """The operator's saves, alone and beside the backfill."""
    with abiertos(urls) as almacenes, ExitStack() as pila:
        dual = DualTareaRepository(
            sql_repository=almacenes[NombreAlmacen.SQL], mongo_repository=almacenes[NombreAlmacen.MONGO]
        )
        pila.callback(dual.close)
        with operando(dual):  # connections are opened, caches filled
            threading.Event().wait(OPERADOR_S / 5)
        with operando(dual) as solo:
            threading.Event().wait(OPERADOR_S)
        with operando(dual) as acompanado:
            inicio_s = time.monotonic()
            control = Control(
                cancelar=lambda: time.monotonic() - inicio_s > OPERADOR_S,
                esperar=partial(threading.Event().wait),
            )
            informe = relleno_de(almacenes, dual.registro.compuerta).rellenar(origen, control)
            duracion_s = time.monotonic() - inicio_s
    print(
        f"un operador: p95 {solo.p95_ms():.2f} ms solo ({len(solo.tiempos_ms)}), "
        f"{acompanado.p95_ms():.2f} con el relleno ({len(acompanado.tiempos_ms)}), "
        f"{informe.miradas / duracion_s:,.0f} filas/s   proporción: "
        f"{acompanado.p95_ms() / solo.p95_ms():.2f} (hasta 1.5)",
        flush=True,
    )


def relleno(cuantas: int, direccion: str | None) -> None:
    """Print the table and the ratios."""
    with BancoDePruebas() as banco:
        postgres, mongo = banco.postgres(), banco.mongo()
        with mongo.cliente() as cliente:
            cliente.admin.command({"setParameter": 1, "wiredTigerEngineRuntimeConfig": CACHE})
        bases = (f"relleno_{n}" for n in count())

        def nuevas() -> Urls:
            base = next(bases)
            urls = Urls(postgres.crear_base(base), mongo.url(base))
            with abiertos(urls):
                return urls

        for nombre, origen in DIRECCIONES.items():
            if direccion in (None, nombre):
                for clase in ("confirmadas", "pendientes"):
                    una(nombre, origen, clase, cuantas, nuevas)
                operado = nuevas()
                cargar(operado, origen, cuantas, pendientes=True)
                con_operador(operado, origen)


def una(nombre: str, origen: NombreAlmacen, clase: str, cuantas: int, nuevas: Callable[[], Urls]) -> None:
    """One direction with one kind of rows."""
    print(f"\n{nombre}, {cuantas:,} filas {clase}", flush=True)
    urls, aparte = nuevas(), nuevas()
    cargar(urls, origen, cuantas, pendientes=clase == "pendientes")
    if origen is NombreAlmacen.SQL:
        pelo = medir("leer e insert_many, a pelo", partial(a_pelo_a_mongo, urls, aparte), cuantas)
        debe = 0.6
    else:
        pelo = medir("leer, COPY y upsert, a pelo", partial(a_pelo_a_postgres, urls, aparte), cuantas)
        debe = 0.5
    nuestra = medir("el relleno", partial(nuestro, urls, origen, cuantas), cuantas)
    exigir_iguales(urls, cuantas)
    print(f"relleno / a pelo: {nuestra / pelo:.2f} (desde {debe})", flush=True)
