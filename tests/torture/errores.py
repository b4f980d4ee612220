"""Bugs that lose data, to be put into an operator: the judge must notice each, or a verdict means nothing."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pymongo
from pymongo.errors import PyMongoError

import adapters.dual.despacho
from adapters import logs
from adapters.health.registro import RegistroSalud
from adapters.mongo import MongoTareaRepository
from adapters.peewee import PeeweeTareaRepository
from core.domain.models.almacen import Conflicto, Desenlace, Escrito, Escritura, ResultadoEscritura

_ALMACENES: tuple[Any, ...] = (PeeweeTareaRepository, MongoTareaRepository)


def _sustituir(objeto: Any, nombre: str, valor: object) -> None:
    assert hasattr(objeto, nombre), f"{objeto!r} ya no tiene {nombre}: el error sembrado no haría nada"
    setattr(objeto, nombre, valor)


def confirmar_a_ciegas() -> None:
    """Confirms whatever the row holds by now, not the version that both stores acknowledged."""
    for clase in _ALMACENES:
        original = clase.confirmar

        def confirmar(
            self: Any, pares: Sequence[tuple[UUID, int]], original: Callable[..., None] = original
        ) -> None:
            hay = self.leer_lote([id for id, _ in pares])
            original(self, [(id, hay[id].version if id in hay else version) for id, version in pares])

        _sustituir(clase, "confirmar", confirmar)


def sin_comparar() -> None:
    """Writes over whatever is there."""
    for clase in _ALMACENES:

        def escribir(self: Any, escritura: Escritura) -> Escrito:
            actual = self.leer(escritura.fila.id)
            return Escrito(bool(self.reemplazar(escritura.fila, actual.version if actual else None)))

        _sustituir(clase, "escribir", escribir)


def comparar_con_menor() -> None:
    """Applies wherever the store's version is not above the base: looks right, and loses writes."""
    for clase in _ALMACENES:
        original = clase.escribir

        def escribir(self: Any, escritura: Escritura, original: Callable[..., Escrito] = original) -> Escrito:
            actual = self.leer(escritura.fila.id)
            if actual is not None and actual.version <= escritura.base:
                return original(self, replace(escritura, base=actual.version))
            return original(self, escritura)

        _sustituir(clase, "escribir", escribir)


def leer_de_la_atrasada() -> None:
    """Reads the principal although it lacks what the other store has."""
    _sustituir(RegistroSalud, "atrasada", lambda _self, _nombre: False)


def perdida_es_fallo() -> None:
    """Calls a write whose answer was lost a failure, and says that nothing was saved."""
    original: Callable[[Any], Desenlace] = getattr(adapters.dual.despacho, "desenlace_de")  # noqa: B009  not exported

    def desenlace_de(error: Any) -> Desenlace:
        desenlace = original(error)
        return Desenlace.FALLIDA if desenlace is Desenlace.DESCONOCIDA else desenlace

    _sustituir(adapters.dual.despacho, "desenlace_de", desenlace_de)


def olvidar_a_la_perdedora() -> None:
    """Replaces a concurrent value without keeping it."""

    def guardar_conflicto(_self: Any, _conflicto: Conflicto) -> None:
        return

    for clase in _ALMACENES:
        _sustituir(clase, "guardar_conflicto", guardar_conflicto)


def confirmar_con_una() -> None:
    """Takes one store's word for both: what the other lacks is marked as common and never copied."""
    _sustituir(ResultadoEscritura, "en_ambos", property(lambda self: not self.en_ninguno))


def purgar_por_edad(url_sql: str, url_mongo: str) -> None:
    """Deletes tombstones that are a second old, wherever it sees them, confirmed or not."""

    def en_sql() -> None:
        with contextlib.suppress(psycopg.Error), psycopg.connect(url_sql, connect_timeout=2) as conexion:
            conexion.execute("SET statement_timeout = 1000")
            conexion.execute("DELETE FROM tareas WHERE eliminada AND actualizada_en < now() - interval '1 s'")

    def en_mongo() -> None:
        with (
            contextlib.suppress(PyMongoError),
            pymongo.MongoClient[dict[str, Any]](url_mongo, timeoutMS=1000) as cliente,
        ):
            hace_un_segundo = {"$dateSubtract": {"startDate": "$$NOW", "unit": "second", "amount": 1}}
            cliente.get_default_database()["tareas"].delete_many(
                {"eliminada": True, "$expr": {"$lt": ["$actualizada_en", hace_un_segundo]}}
            )

    def bucle() -> None:
        reloj = threading.Event()
        while not reloj.wait(0.5):
            en_sql()
            en_mongo()

    threading.Thread(target=bucle, name="purga-por-edad", daemon=True).start()


def contar_la_direccion(url_sql: str) -> None:
    """Writes an address into the log as it is, password and all."""
    _sustituir(logs, "ocultar_secretos", lambda texto: texto)
    logging.getLogger("adapters.dual").info("Conectando con %s", url_sql)


ERRORES: dict[str, Callable[[], None]] = {
    "confirmar-a-ciegas": confirmar_a_ciegas,
    "sin-comparar": sin_comparar,
    "comparar-con-menor": comparar_con_menor,
    "leer-de-la-atrasada": leer_de_la_atrasada,
    "perdida-es-fallo": perdida_es_fallo,
    "olvidar-a-la-perdedora": olvidar_a_la_perdedora,
    "confirmar-con-una": confirmar_con_una,
}
PURGAR_POR_EDAD = "purgar-por-edad"
CONTAR_LA_DIRECCION = "contar-la-direccion"
NOMBRES = (*ERRORES, PURGAR_POR_EDAD, CONTAR_LA_DIRECCION)


def sembrar(nombre: str, url_sql: str, url_mongo: str) -> None:
    """Put that bug into this process."""
    if nombre == PURGAR_POR_EDAD:
        purgar_por_edad(url_sql, url_mongo)
    elif nombre == CONTAR_LA_DIRECCION:
        contar_la_direccion(url_sql)
    elif nombre:
        ERRORES[nombre]()
