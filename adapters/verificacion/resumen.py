"""Comparison of both stores by what their servers say of their rows, added up ("resumen").

Each server digests its rows and adds them up by the beginning of their ids, both at the same time; no row
moves. Only where the sums differ are ids and digests fetched, and only rows whose digests differ are read.
What changes while the servers work makes sums differ that are equal by now: that costs a look at the rows
around it, once, however long it goes on changing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

from adapters.verificacion.base import Verificador
from adapters.verificacion.manos import Manos
from adapters.verificacion.mirada import Mirada
from core.diferencias import Cubo
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.verificacion import InformeVerificacion

LARGO = 3
"""Characters by which ids are told apart at first: 4,096 sums, of 250 rows each in a million."""
FILAS_MAX = 20_000
"""Rows of which ids and digests are fetched at a time; a sum of more is split first."""
PREFIJOS_MAX = 500
"""Sums looked into at a time."""
LARGO_MAX = 36
_NINGUNO = Cubo(0, 0, 0)

Cubos = Mapping[str, Cubo]


class VerificadorResumen(Verificador):
    """Compares both stores by sums of digests."""

    metodo = "resumen"

    def _comparar(
        self, informe: InformeVerificacion, manos: Manos, mirada: Mirada, avisar: Callable[[], None]
    ) -> None:
        sumas = manos.en_ambos(lambda almacen: almacen.resumir("", LARGO), con_latido=True)
        sql, mongo = (sumas[nombre] for nombre in NombreAlmacen)
        informe.filas_sql = sum(cubo.filas for cubo in sql.values())
        informe.filas_mongo = sum(cubo.filas for cubo in mongo.values())
        informe.fraccion = 0.9
        for prefijos, filas in _tandas(self._distintos(sql, mongo, LARGO, manos)):
            if mirada.agotada:
                informe.sin_revisar += filas
                continue
            for pareja in mirada.releer(self._ids_distintos(prefijos, manos)):
                mirada.anotar(pareja)
                avisar()

    def _fraccion(self, informe: InformeVerificacion) -> float:
        # Nobody knows how far a server is: what is told only ever grows.
        return max(informe.fraccion, 0.9 * (1 - math.exp(-informe.duracion_s / 3)))

    def _distintos(
        self, sql: Cubos, mongo: Cubos, largo: int, manos: Manos
    ) -> Iterator[tuple[str, int, int]]:
        """Beginnings of ids whose rows differ, with how many rows there are and how many differ at least."""
        for prefijo in sorted(sql.keys() | mongo.keys()):
            uno, otro = sql.get(prefijo, _NINGUNO), mongo.get(prefijo, _NINGUNO)
            if uno.igual_a(otro):
                continue
            filas = max(uno.filas, otro.filas)
            if filas <= FILAS_MAX or len(prefijo) < largo or largo >= LARGO_MAX:
                yield prefijo, filas, max(1, abs(uno.filas - otro.filas))
                continue
            mas = largo + LARGO
            partes = manos.en_ambos(
                lambda almacen, prefijo=prefijo, mas=mas: almacen.resumir(prefijo, mas),  # type: ignore[misc]
                con_latido=True,
            )
            sql_, mongo_ = (partes[nombre] for nombre in NombreAlmacen)
            yield from self._distintos(sql_, mongo_, mas, manos)

    def _ids_distintos(self, prefijos: Sequence[str], manos: Manos) -> list[str]:
        # A beginning that is shorter than the others is a whole id; nothing begins like the empty one.
        enteros = [prefijo for prefijo in prefijos if len(prefijo) < LARGO]
        largos = [prefijo for prefijo in prefijos if len(prefijo) >= LARGO]
        huellas = manos.en_ambos(lambda almacen: almacen.huellas(largos), con_latido=True)
        sql, mongo = ({**dict.fromkeys(enteros, ""), **huellas[nombre]} for nombre in NombreAlmacen)
        # An empty digest is no digest: the row's form is in doubt.
        return sorted(
            id for id in sql.keys() | mongo.keys() if not sql.get(id) or sql.get(id) != mongo.get(id)
        )


def _tandas(distintos: Iterator[tuple[str, int, int]]) -> Iterator[tuple[list[str], int]]:
    """As many beginnings as can be looked into at a time, with how many of their rows differ at least."""
    prefijos: list[str] = []
    filas = diferentes = 0
    for prefijo, cuantas, distintas in distintos:
        if prefijos and (filas + cuantas > FILAS_MAX or len(prefijos) >= PREFIJOS_MAX):
            yield prefijos, diferentes
            prefijos, filas, diferentes = [], 0, 0
        prefijos.append(prefijo)
        filas, diferentes = filas + cuantas, diferentes + distintas
    if prefijos:
        yield prefijos, diferentes
