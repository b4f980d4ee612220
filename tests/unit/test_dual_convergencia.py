"""What is said of a write that met another one, to the word: what was kept, where, and what is not known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from adapters.dual import DualTareaRepository
from adapters.health.registro import RegistroSalud
from adapters.replicacion.motor import MotorReplicacion
from core.domain.errors import (
    AlmacenNoDisponible,
    ConflictoDeVersion,
    OperacionFallida,
    ResultadoDesconocido,
)
from core.domain.events import EscrituraTerminada, Evento
from core.domain.models.almacen import Desenlace, Escrito, Escritura, NombreAlmacen, ResultadoEscritura
from core.domain.models.importacion import SuerteFila
from core.domain.models.tarea import Tarea
from core.domain.models.version import RelojHibrido
from tests.fakes import AlmacenEnMemoria, RelojDePrueba

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO
AHORA_MS = 1_750_000_000_000


@dataclass
class Banco:
    """Both stores in memory and what the dual repository over them published."""

    sql: AlmacenEnMemoria = field(default_factory=lambda: AlmacenEnMemoria(SQL))
    mongo: AlmacenEnMemoria = field(default_factory=lambda: AlmacenEnMemoria(MONGO))
    eventos: list[Evento] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.registro = RegistroSalud(replicada=True)
        self.dual = DualTareaRepository(
            sql_repository=self.sql,
            mongo_repository=self.mongo,
            registro=self.registro,
            reloj=RelojHibrido(nodo=1, ahora_ms=RelojDePrueba(AHORA_MS, paso_ms=1)),
            publicar=self.eventos.append,
        )

    @property
    def ultimo(self) -> ResultadoEscritura:
        return next(uno.resultado for uno in reversed(self.eventos) if isinstance(uno, EscrituraTerminada))

    def base_y_otra_en_mongo(self, *, adelanto_ms: int) -> Tarea:
        """A tarea in both; somebody who sees MongoDB alone has written there since."""
        base = replace(self.dual.save(Tarea(titulo="base")), pendiente=False)
        self.sql.filas[base.id] = base
        reloj = RelojHibrido(nodo=2, ahora_ms=lambda: AHORA_MS + adelanto_ms)
        self.mongo.filas[base.id] = replace(
            base,
            titulo="de la otra",
            version=reloj.siguiente(base.version),
            version_comun=base.version,
            pendiente=True,
        )
        return base


@pytest.fixture
def banco() -> Iterator[Banco]:
    banco = Banco()
    yield banco
    banco.dual.close()


def test_si_se_pierde_la_respuesta_al_poner_la_mia_encima_es_desconocida_y_no_fallida(banco: Banco) -> None:
    base = banco.base_y_otra_en_mongo(adelanto_ms=0)
    banco.mongo.respuestas_perdidas["reemplazar"] = ResultadoDesconocido(MONGO, "se cortó")
    banco.dual.save(replace(base, titulo="mía"))
    assert banco.ultimo.mongo.desenlace is Desenlace.DESCONOCIDA
    assert banco.registro.atrasada(MONGO)


def test_lo_que_no_llego_y_aun_puede_llegar_se_dice_asi_junto_al_conflicto(banco: Banco) -> None:
    base = banco.base_y_otra_en_mongo(adelanto_ms=60_000)
    banco.sql.fallos["escribir"] = ResultadoDesconocido(SQL, "se cortó")
    with pytest.raises(ConflictoDeVersion) as excepcion:
        banco.dual.save(replace(base, titulo="mía"))
    assert excepcion.value.actual.titulo == "de la otra"
    assert banco.ultimo.sql.desenlace is Desenlace.DESCONOCIDA


def test_que_se_conserva_se_dice_solo_de_lo_conservado(
    banco: Banco, caplog: pytest.LogCaptureFixture
) -> None:
    base = banco.base_y_otra_en_mongo(adelanto_ms=60_000)
    banco.mongo.fallos["guardar_conflicto"] = AlmacenNoDisponible(MONGO, "se cayó")
    with pytest.raises(ConflictoDeVersion):
        banco.dual.save(replace(base, titulo="mía"))
    assert "queda en SQL hasta que se pueda guardar en Conflictos" in banco.ultimo.sql.error
    assert banco.sql.filas[base.id].titulo == "mía"
    assert "⚠️ MongoDB: la convergencia queda para más tarde: se cayó" in caplog.messages


def test_de_una_que_no_pierde_nada_no_se_dice_que_se_conserva(banco: Banco) -> None:
    base = banco.base_y_otra_en_mongo(adelanto_ms=60_000)
    with pytest.raises(ConflictoDeVersion):
        banco.dual.save(replace(base, titulo="de la otra"))  # the very same words
    assert banco.ultimo.sql.error == "otra escritura más reciente ganó"
    assert not banco.mongo.conflictos


def test_quien_trabaja_solo_no_encuentra_en_conflictos_lo_que_el_mismo_cambio(banco: Banco) -> None:
    """His form is older than the confirmation, and the other store is away when he saves it."""
    abierta = replace(banco.dual.save(Tarea(titulo="una")), version_comun=0, pendiente=True)
    for almacen in (banco.sql, banco.mongo):
        almacen.confirmar([(abierta.id, abierta.version)])
    banco.mongo.fallar_con = AlmacenNoDisponible(MONGO, "se cayó")
    banco.dual.save(replace(abierta, titulo="otra"))
    banco.mongo.fallar_con = None
    MotorReplicacion({SQL: banco.sql, MONGO: banco.mongo}, ahora_ms=lambda: AHORA_MS).drenar(SQL)
    assert banco.mongo.filas[abierta.id].titulo == "otra"
    assert banco.sql.conflictos == banco.mongo.conflictos == {}


class AlmacenQueDescarta(AlmacenEnMemoria):
    """A trigger of its own throws every row away without a word."""

    def escribir(self, escritura: Escritura) -> Escrito:
        return Escrito(False, self.filas.get(escritura.fila.id))

    def escribir_lote(self, escrituras: Sequence[Escritura]) -> Sequence[Escrito]:
        return [self.escribir(escritura) for escritura in escrituras]


@pytest.mark.parametrize("existe", [False, True])
def test_lo_que_se_descarta_sin_decir_por_que_no_es_un_conflicto_con_uno_mismo(existe: bool) -> None:
    almacen, tarea = AlmacenQueDescarta(SQL), Tarea(titulo="una", version=7)
    if existe:
        almacen.filas[tarea.id] = tarea
    with pytest.raises(OperacionFallida, match="SQL descarta la fila sin decir por qué"):
        almacen.save(replace(tarea, titulo="otra"))


def test_una_fila_importada_que_se_descarta_no_se_da_por_igual() -> None:
    (resultado,) = AlmacenQueDescarta(SQL).importar_lote([Tarea(titulo="una")])
    assert resultado.suerte is SuerteFila.RECHAZADA
    assert "descarta la fila" in resultado.motivo
