"""The confirmations: batched, told when both know, and never ended by an error."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

import pytest

from adapters.dual.confirmador import Confirmador
from core.domain.errors import AlmacenNoDisponible, OperacionFallida
from core.domain.events import EscriturasConfirmadas, Evento
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.tarea import Tarea
from tests.fakes import AlmacenEnMemoria

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO
PLAZO_S = 5.0


class Banco:
    def __init__(self) -> None:
        self.almacenes = {nombre: AlmacenEnMemoria(nombre) for nombre in NombreAlmacen}
        self.eventos: list[Evento] = []
        self.confirmador = Confirmador(
            self.almacenes,
            publicar=self.eventos.append,
            disponible=lambda _nombre: True,
        )

    def en_ambos(self) -> Tarea:
        tarea = self.almacenes[SQL].save(Tarea(titulo="una"))
        self.almacenes[MONGO].filas[tarea.id] = tarea
        return tarea

    def hasta(self, condicion: Callable[[], bool]) -> None:
        limite, tic = time.monotonic() + PLAZO_S, threading.Event()
        while not condicion():
            assert time.monotonic() < limite, "la condición no se cumplió a tiempo"
            tic.wait(0.005)


@pytest.fixture
def banco() -> Iterator[Banco]:
    banco = Banco()
    yield banco
    banco.confirmador.close(PLAZO_S)


def test_se_publica_cuando_ambos_lo_saben_y_no_antes(banco: Banco) -> None:
    mongo = banco.almacenes[MONGO]
    mongo.fallos["confirmar"] = AlmacenNoDisponible(MONGO, "ahora no")
    tarea = banco.en_ambos()
    banco.confirmador.anotar({tarea.id: tarea.version})
    banco.hasta(lambda: "confirmar" in mongo.llamadas and not banco.almacenes[SQL].filas[tarea.id].pendiente)
    assert banco.eventos == []
    mongo.fallos.clear()
    banco.hasta(lambda: bool(banco.eventos))
    assert banco.eventos == [EscriturasConfirmadas(((str(tarea.id), tarea.version),))]


@pytest.mark.errores_esperados("Error interno al confirmar")
def test_un_error_interno_no_acaba_con_las_confirmaciones(banco: Banco) -> None:
    sql = banco.almacenes[SQL]
    sql.fallos["confirmar"] = ZeroDivisionError()
    tarea = banco.en_ambos()
    banco.confirmador.anotar({tarea.id: tarea.version})
    banco.hasta(lambda: "confirmar" in sql.llamadas)
    sql.fallos.clear()
    banco.hasta(lambda: not sql.filas[tarea.id].pendiente)


def test_una_rafaga_se_confirma_en_pocos_viajes(banco: Banco) -> None:
    tareas = [banco.en_ambos() for _ in range(300)]
    for tarea in tareas:
        banco.confirmador.anotar({tarea.id: tarea.version})
    banco.hasta(lambda: not any(fila.pendiente for fila in banco.almacenes[MONGO].filas.values()))
    assert banco.almacenes[MONGO].llamadas.count("confirmar") < 10


@pytest.mark.parametrize("terco", NombreAlmacen)
def test_una_fila_que_no_se_deja_confirmar_no_retiene_a_las_demas(
    banco: Banco, terco: NombreAlmacen, monkeypatch: pytest.MonkeyPatch
) -> None:
    tareas = [banco.en_ambos() for _ in range(5)]
    mala, almacen = tareas[0], banco.almacenes[terco]
    confirmar = almacen.confirmar

    def rehusar(pares: Sequence[tuple[UUID, int]]) -> None:
        if any(id == mala.id for id, _ in pares):
            raise OperacionFallida(terco, "una regla lo impide")
        confirmar(pares)

    monkeypatch.setattr(almacen, "confirmar", rehusar)
    banco.confirmador.anotar({tarea.id: tarea.version for tarea in tareas})
    banco.hasta(lambda: sum(fila.pendiente for fila in almacen.filas.values()) == 1)
    banco.hasta(lambda: bool(banco.eventos))
    dichas = {
        id for evento in banco.eventos if isinstance(evento, EscriturasConfirmadas) for id, _ in evento.pares
    }
    assert dichas == {str(tarea.id) for tarea in tareas[1:]}
