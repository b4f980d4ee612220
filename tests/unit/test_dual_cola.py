"""Writes of several people at once: the same order in both stores, and one deadline for all that queue."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from adapters.dual import DualTareaRepository
from adapters.dual.carriles import Carriles
from adapters.health.registro import RegistroSalud
from core.domain.events import EscrituraTerminada, Evento
from core.domain.models.almacen import Desenlace, NombreAlmacen
from core.domain.models.tarea import Tarea
from core.domain.models.version import RelojHibrido
from tests.fakes import AlmacenEnMemoria, RelojDePrueba
from tests.servidores import esperar

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO
PLAZO_S = 5.0
ADELANTO_S = 0.25
"""What the second writer is given to overtake the first, seconds."""


class _Carril(Executor):
    """A lane that tells each arrival before it lets it in."""

    def __init__(self, al_llegar: Callable[[], None]) -> None:
        self._hilo = ThreadPoolExecutor(1)
        self._al_llegar = al_llegar

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self._al_llegar()
        return self._hilo.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._hilo.shutdown(wait=wait, cancel_futures=cancel_futures)


def test_dos_que_escriben_a_la_vez_se_encuentran_en_el_mismo_orden_en_ambas() -> None:
    """The first is held up between its two halves, for as long as the second needs to put both of its own."""
    primera_a_medias, segunda_puesta = threading.Event(), threading.Event()

    def al_llegar() -> None:
        if not primera_a_medias.is_set():
            primera_a_medias.set()
            segunda_puesta.wait(ADELANTO_S)
        else:
            segunda_puesta.set()

    carriles = Carriles.crear()
    carriles = replace(carriles, operacion={SQL: carriles.operacion[SQL], MONGO: _Carril(al_llegar)})
    reloj = RelojHibrido(nodo=1, ahora_ms=RelojDePrueba(paso_ms=1))
    sql, mongo = AlmacenEnMemoria(SQL, reloj=reloj), AlmacenEnMemoria(MONGO, reloj=reloj)
    dual = DualTareaRepository(sql_repository=sql, mongo_repository=mongo, executor=carriles, reloj=reloj)
    with ThreadPoolExecutor(2) as ejecutor:
        una = ejecutor.submit(dual.save, Tarea(titulo="una"))
        assert primera_a_medias.wait(PLAZO_S)
        otra = ejecutor.submit(dual.save, Tarea(titulo="otra"))
        guardadas = [una.result(PLAZO_S).id, otra.result(PLAZO_S).id]
    dual.close()
    carriles.close()
    assert [*sql.filas] == [*mongo.filas] == guardadas


def test_los_que_esperan_tras_una_escritura_colgada_no_pagan_cada_uno_su_plazo() -> None:
    """They have sent nothing yet, say so at their turn, and teach nothing new about the store."""
    suelta, eventos = threading.Event(), list[Evento]()
    reloj = RelojHibrido(nodo=1, ahora_ms=RelojDePrueba(paso_ms=1))
    sql, mongo = AlmacenEnMemoria(SQL, reloj=reloj), AlmacenEnMemoria(MONGO, reloj=reloj)
    registro = RegistroSalud(frescura_s=60)
    dual = DualTareaRepository(
        sql_repository=sql,
        mongo_repository=mongo,
        reloj=reloj,
        registro=registro,
        publicar=eventos.append,
        operacion_timeout_s=0.3,
    )
    mongo.antes = lambda metodo: suelta.wait(PLAZO_S) if metodo == "escribir" else None
    try:
        with ThreadPoolExecutor(3) as ejecutor:
            hechas = [ejecutor.submit(dual.save, Tarea(titulo=f"t{n}")) for n in range(3)]
            esperar(lambda: registro.conocida_caida(MONGO), que="la primera agota su plazo")
            fallos = registro.instantanea(MONGO).fallos_seguidos
            suelta.set()
            assert all(hecha.result(PLAZO_S).id in sql.filas for hecha in hechas)
    finally:
        suelta.set()
        dual.close()
    assert mongo.llamadas.count("escribir") == 1
    desenlaces = [uno.resultado.mongo.desenlace for uno in eventos if isinstance(uno, EscrituraTerminada)]
    assert sorted(desenlaces) == sorted([Desenlace.DESCONOCIDA, *[Desenlace.NO_DISPONIBLE] * 2])
    assert registro.instantanea(MONGO).fallos_seguidos == fallos
