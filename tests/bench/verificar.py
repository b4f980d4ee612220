"""Verification of many equal rows in PostgreSQL and MongoDB, beside other ways to compare them, in one run.

`python -m tests.bench verificar [--filas N] [--veces N]`. The same rows lie in two databases of a PostgreSQL
server and in MongoDB. Measured on them:

- ours, PostgreSQL against MongoDB: by digests, in order ("flujo"), and what each server takes alone;
- a bare loop that reads both in order with the drivers and compares values, for the same pair;
- `reladiff`, where that program and psycopg2 are installed, PostgreSQL against PostgreSQL, which it is for:
  all columns of the content, two threads, as many as there are stores; the start of its process counts;
- ours for that very pair: the same two tables, by digests, with everything that a verification does.

Two ratios to reladiff are printed, each named: like with like, and our harder task with its easier one; by
the clock and by processor time, which other programs on the machine lengthen less. Then 100 documents are
changed by hand, and named.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import psutil
import psycopg
import pymongo
from bson.int64 import Int64

from adapters.mongo import MongoTareaRepository
from adapters.nodo import ahora_ms
from adapters.peewee import PeeweeTareaRepository
from adapters.repositorio_base import RepositorioDeUnAlmacen
from adapters.verificacion.almacenes import revisables
from adapters.verificacion.base import Verificador
from adapters.verificacion.flujo import VerificadorFlujo
from adapters.verificacion.resumen import LARGO, VerificadorResumen
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.version import componer
from tests.servidores import BancoDePruebas

LOTE = 10_000
DISTINTAS = 100
INICIO = datetime(2024, 1, 1, tzinfo=UTC)
CAMPOS = (
    *("titulo", "descripcion", "estado", "creada_en", "actualizada_en"),
    *("version", "version_comun", "pendiente", "nodo", "eliminada"),
)


def filas(cuantas: int) -> Iterator[tuple[Any, ...]]:
    """Rows of random ids, of some 250 bytes each."""
    azar = Random(4)
    for n in range(cuantas):
        version = componer(1_704_067_200_000 + n, 0, 9)
        yield (
            UUID(int=azar.getrandbits(128), version=4),
            f"Revisar el expediente número {n}",
            "Llamar a la oficina y pedir la copia que falta. " * (n % 5),
            ("PENDIENTE", "EN_PROGRESO", "COMPLETADA")[n % 3],
            INICIO + timedelta(milliseconds=1_001 * n),
            INICIO + timedelta(milliseconds=1_003 * n),
            *(version, version, False, "0009", n % 50 == 0),
        )


def cargar(sql: Sequence[str], mongo: str, cuantas: int) -> None:
    """The same rows into all."""
    for url in sql:
        with psycopg.connect(url) as conexion, conexion.cursor().copy("COPY tareas FROM STDIN") as copia:
            for fila in filas(cuantas):
                copia.write_row(fila)
        with psycopg.connect(url, autocommit=True) as conexion:
            conexion.execute("VACUUM ANALYZE")
    cliente: pymongo.MongoClient[dict[str, Any]]
    with pymongo.MongoClient(mongo, w="majority") as cliente:
        tareas, lote = cliente.get_default_database()["tareas"], []
        for fila in filas(cuantas):
            documento = {"_id": str(fila[0]), **dict(zip(CAMPOS, fila[1:], strict=True))}
            documento["version"] = documento["version_comun"] = Int64(fila[6])
            lote.append(documento)
            if len(lote) == LOTE:
                tareas.insert_many(lote, ordered=False)
                lote = []
        if lote:
            tareas.insert_many(lote, ordered=False)


def a_pelo(sql: str, mongo: str) -> None:
    """Read both in order and compare the values: nothing is checked, counted or bounded."""
    with ExitStack() as pila:
        conexion = pila.enter_context(psycopg.connect(sql))
        cliente: pymongo.MongoClient[dict[str, Any]] = pila.enter_context(
            pymongo.MongoClient(mongo, tz_aware=True)
        )
        cursor = pila.enter_context(conexion.cursor("todo"))
        cursor.itersize = LOTE
        cursor.execute(f"SELECT id::text, {', '.join(CAMPOS)} FROM tareas ORDER BY id")  # type: ignore[arg-type]
        documentos = cliente.get_default_database()["tareas"].find(sort=[("_id", 1)], batch_size=LOTE)
        for fila, documento in zip(cursor, documentos, strict=True):
            assert fila == (documento["_id"], *(documento[campo] for campo in CAMPOS))


def con_reladiff(programa: str, sql: str, copia: str, cuantas: int) -> str:
    """The same rows in two tables of PostgreSQL, all columns of the content; its complaints, if any."""
    columnas = [parte for campo in (*CAMPOS[:6], "eliminada") for parte in ("-c", campo)]
    orden = [programa, sql, "tareas", copia, "tareas", "-k", "id", *columnas, "-j", "2", "-s"]
    hecho = subprocess.run(orden, capture_output=True, text=True, timeout=600, check=False)
    # It ends well without its driver, too: what it says that it compared is what counts.
    return "" if f"{cuantas} rows unchanged" in hecho.stdout else f"{hecho.stdout}{hecho.stderr}"[-500:]


def gastada_s() -> float:
    """Processor time of this program, of what it ran and of the servers, which are its children, seconds."""
    total_s = 0.0
    for proceso in (yo := psutil.Process(), *yo.children(recursive=True)):
        try:
            tiempos = proceso.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total_s += tiempos.user + tiempos.system + tiempos.children_user + tiempos.children_system
    return total_s


class Medida(NamedTuple):
    """Medians: of the clock, which a busy machine makes longer, and of all processors."""

    reloj_s: float
    cpu_s: float

    def frente_a(self, otra: Medida) -> str:
        """How many times the other one this is."""
        return f"{self.reloj_s / otra.reloj_s:.1f} (en procesador {self.cpu_s / otra.cpu_s:.1f})"


def medir(nombre: str, hacer: Callable[[], object], veces: int = 1) -> Medida:
    """What it takes, printed with the lowest."""
    tiempos, gastos = [], []
    for _ in range(veces):
        inicio_s, antes_s = time.perf_counter(), gastada_s()
        hacer()
        tiempos.append(time.perf_counter() - inicio_s)
        gastos.append(gastada_s() - antes_s)
    medida = Medida(statistics.median(tiempos), statistics.median(gastos))
    print(
        f"{nombre:<64} {medida.reloj_s:7.2f} s  (mejor {min(tiempos):.2f}, procesador {medida.cpu_s:.2f})",
        flush=True,
    )
    return medida


class Pareja(NamedTuple):
    """Two stores, to be compared."""

    almacenes: Mapping[NombreAlmacen, RepositorioDeUnAlmacen]
    filas: int

    def comparar(self, metodo: type[Verificador], distintas: int = 0) -> None:
        """Compare them; fails unless it finds that many differences."""
        informe = metodo(revisables(self.almacenes), ahora_ms=ahora_ms).verificar()
        assert informe.filas_sql == informe.filas_mongo == self.filas, informe
        assert informe.cuentas.total() == len(informe.diferencias) == distintas, informe.cuentas

    def sumar(self) -> None:
        """Print what the sums of each take alone."""
        for crudo in revisables(self.almacenes).values():
            medir(f"  las sumas de {crudo.nombre.etiqueta} solo", partial(crudo.resumir, "", LARGO))
            crudo.soltar()


def verificar(cuantas: int, veces: int) -> None:
    """Print the table and the ratios."""
    with BancoDePruebas() as banco, ExitStack() as pila:
        sql, copia = (banco.postgres().crear_base(nombre) for nombre in ("verificar", "copia"))
        mongo = banco.mongo().url("verificar")
        uno, gemelo = (pila.enter_context(closing(PeeweeTareaRepository(url))) for url in (sql, copia))
        otro = pila.enter_context(closing(MongoTareaRepository(mongo)))
        for almacen in (uno, gemelo, otro):
            almacen.preparar()
        medir(f"cargar {cuantas:,} filas en las tres", lambda: cargar((sql, copia), mongo, cuantas))
        pareja = Pareja({NombreAlmacen.SQL: uno, NombreAlmacen.MONGO: otro}, cuantas)
        gemelas = Pareja({NombreAlmacen.SQL: uno, NombreAlmacen.MONGO: gemelo}, cuantas)

        proceso = psutil.Process()
        antes_mib = proceso.memory_info().rss / 2**20
        pareja.comparar(VerificadorResumen)
        nuestra = medir("PostgreSQL-MongoDB: por resumen", lambda: pareja.comparar(VerificadorResumen), veces)
        memoria_mib = proceso.memory_info().rss / 2**20 - antes_mib
        pareja.sumar()
        flujo = medir("PostgreSQL-MongoDB: en flujo", lambda: pareja.comparar(VerificadorFlujo))
        pelo = medir("PostgreSQL-MongoDB: a pelo y en orden", lambda: a_pelo(sql, mongo))
        print(f"en flujo / por resumen: {flujo.frente_a(nuestra)}")
        print(f"a pelo / por resumen: {pelo.frente_a(nuestra)}")
        frente_a_reladiff(gemelas, (sql, copia), nuestra, veces)
        estropear(mongo, cuantas)
        halladas = medir(
            f"PostgreSQL-MongoDB: por resumen, y nombrar {DISTINTAS} distintas",
            lambda: pareja.comparar(VerificadorResumen, DISTINTAS),
            veces,
        )
        print(
            f"por nombrarlas: {halladas.reloj_s - nuestra.reloj_s:+.2f} s   memoria: {memoria_mib:+.0f} MiB"
        )


def frente_a_reladiff(gemelas: Pareja, sql: tuple[str, str], con_mongo: Medida, veces: int) -> None:
    """Print what both take for two tables of PostgreSQL, and the ratios."""
    nuestra = medir("PostgreSQL-PostgreSQL: por resumen", lambda: gemelas.comparar(VerificadorResumen), veces)
    programa = shutil.which("reladiff")
    if programa is None:
        print("reladiff: no está instalado en el PATH")
        return
    quejas: list[str] = []
    suya = medir(
        "PostgreSQL-PostgreSQL: reladiff",
        lambda: quejas.append(con_reladiff(programa, *sql, gemelas.filas)),
    )
    if quejas[-1]:
        print(f"reladiff no las comparó: {quejas[-1]}")
        return
    print(f"reladiff / nuestra, las dos PostgreSQL-PostgreSQL: {suya.frente_a(nuestra)}")
    print(f"reladiff PostgreSQL-PostgreSQL / nuestra PostgreSQL-MongoDB: {suya.frente_a(con_mongo)}")


def estropear(mongo: str, cuantas: int) -> None:
    """Change scattered documents by hand."""
    azar = Random(5)
    elegidas = set(azar.sample(range(cuantas), DISTINTAS))
    cliente: pymongo.MongoClient[dict[str, Any]]
    with pymongo.MongoClient(mongo) as cliente:
        tareas = cliente.get_default_database()["tareas"]
        for n, fila in enumerate(filas(cuantas)):
            if n in elegidas:
                tareas.update_one({"_id": str(fila[0])}, {"$set": {"titulo": "a mano"}})
