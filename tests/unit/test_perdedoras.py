"""Losers of conflicts, kept in both stores, and one decision about each."""

from __future__ import annotations

from uuid import uuid4

import pytest

from adapters.replicacion.perdedoras import (
    IGUALAR_CADA_S,
    PAGINA,
    TRAS_FALLO_S,
    Perdedoras,
    copiar_perdedoras,
)
from core.domain.errors import AlmacenNoDisponible, OperacionFallida, ResultadoDesconocido
from core.domain.models.almacen import Conflicto, NombreAlmacen
from core.domain.models.conflicto import ConflictoGuardado
from tests.contract.datos import fila
from tests.fakes import AlmacenEnMemoria

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO


class Banco:
    def __init__(self) -> None:
        self.sql, self.mongo = AlmacenEnMemoria(SQL), AlmacenEnMemoria(MONGO)
        self.ahora_s = 1_000.0
        self.perdedoras = Perdedoras(ahora_ms=lambda: 5, ahora_s=lambda: self.ahora_s)

    def igualar(self) -> None:
        self.perdedoras.igualar({SQL: self.sql, MONGO: self.mongo}, parar=lambda: False)

    def todo(self) -> list[list[ConflictoGuardado]]:
        return [
            sorted(almacen.leer_conflictos(list(almacen.conflictos)), key=lambda uno: uno.lugar)
            for almacen in (self.sql, self.mongo)
        ]

    def guardar(self, *almacenes: AlmacenEnMemoria, cuando_ms: int = 1) -> Conflicto:
        conflicto = Conflicto(perdedora=fila(id=uuid4(), version=5), version_ganadora=9, cuando_ms=cuando_ms)
        for almacen in almacenes:
            almacen.guardar_conflicto(conflicto)
        return conflicto


@pytest.fixture
def banco() -> Banco:
    return Banco()


def test_lo_que_uno_no_tomo_lo_recibe_despues(banco: Banco) -> None:
    banco.mongo.fallos["guardar_conflicto"] = AlmacenNoDisponible(MONGO, "se cayó")
    banco.perdedoras.conservar(fila(version=5), 9, banco.sql, banco.mongo)
    assert [len(uno) for uno in banco.todo()] == [1, 0]
    del banco.mongo.fallos["guardar_conflicto"]
    banco.igualar()
    sql, mongo = banco.todo()
    assert sql == mongo
    assert len(mongo) == 1


def test_a_quien_no_tomo_su_copia_no_se_le_vuelve_a_pedir_enseguida(banco: Banco) -> None:
    """Each try at a table that somebody keeps locked costs a deadline."""
    banco.mongo.fallos["guardar_conflicto"] = ResultadoDesconocido(MONGO, "agotó su plazo")
    for numero in range(5):
        banco.perdedoras.conservar(fila(id=uuid4(), version=5 + numero), 99, banco.sql, banco.mongo)
    assert banco.mongo.llamadas.count("guardar_conflicto") == 1
    banco.ahora_s += TRAS_FALLO_S
    banco.perdedoras.conservar(fila(version=50), 99, banco.sql, banco.mongo)
    assert banco.mongo.llamadas.count("guardar_conflicto") == 2
    assert len(banco.sql.conflictos) == 6


def test_lo_que_no_toma_el_primero_no_se_da_por_conservado(banco: Banco) -> None:
    banco.sql.fallos["guardar_conflicto"] = OperacionFallida(SQL, "no")
    with pytest.raises(OperacionFallida):
        banco.perdedoras.conservar(fila(version=5), 9, banco.sql, banco.mongo)
    assert not banco.mongo.conflictos


def test_lo_decidido_sin_uno_llega_a_el_con_su_fecha(banco: Banco) -> None:
    uno, otro = banco.guardar(banco.sql, banco.mongo), banco.guardar(banco.sql)
    for conflicto in (uno, otro):
        banco.sql.resolver_conflicto(conflicto.perdedora.id, 5, "ganadora", 77)
    banco.igualar()
    sql, mongo = banco.todo()
    assert sql == mongo
    assert [(guardado.resolucion, guardado.resuelta_en_ms) for guardado in mongo] == [("ganadora", 77)] * 2


@pytest.mark.parametrize("primero_sql", [True, False])
def test_de_dos_decisiones_queda_la_primera_en_ambas(banco: Banco, primero_sql: bool) -> None:
    uno = banco.guardar(banco.sql, banco.mongo)
    banco.sql.resolver_conflicto(uno.perdedora.id, 5, "ganadora", 70 if primero_sql else 90)
    banco.mongo.resolver_conflicto(uno.perdedora.id, 5, "perdedora", 80)
    banco.igualar()
    sql, mongo = banco.todo()
    assert sql == mongo
    assert sql[0].resolucion == ("ganadora" if primero_sql else "perdedora")


def test_se_mira_de_vez_en_cuando_y_cuando_se_pide(banco: Banco) -> None:
    banco.igualar()
    banco.guardar(banco.mongo)
    banco.igualar()
    assert not banco.sql.conflictos
    banco.perdedoras.mirar_pronto()
    banco.igualar()
    assert len(banco.sql.conflictos) == 1
    banco.guardar(banco.sql)
    banco.ahora_s += IGUALAR_CADA_S
    banco.igualar()
    assert len(banco.mongo.conflictos) == 2


def test_muchas_paginas_y_una_que_se_rehusa(banco: Banco, monkeypatch: pytest.MonkeyPatch) -> None:
    for numero in range(2 * PAGINA + 7):
        banco.guardar(banco.sql, cuando_ms=numero)
    guardar, mala = banco.mongo.guardar_conflicto, banco.guardar(banco.sql, cuando_ms=PAGINA)

    def rehusar(conflicto: Conflicto) -> None:
        if conflicto == mala:
            raise OperacionFallida(MONGO, "un validador la rehúsa")
        guardar(conflicto)

    monkeypatch.setattr(banco.mongo, "guardar_conflicto", rehusar)
    assert copiar_perdedoras(banco.sql, banco.mongo, parar=lambda: False)
    assert banco.sql.conflictos.keys() - banco.mongo.conflictos.keys() == {(mala.perdedora.id, 5)}


def test_se_puede_parar_entre_dos_paginas(banco: Banco) -> None:
    for numero in range(2 * PAGINA):
        banco.guardar(banco.sql, cuando_ms=numero)
    veces = iter((False, True))
    assert not copiar_perdedoras(banco.sql, banco.mongo, parar=lambda: next(veces))
    assert len(banco.mongo.conflictos) == PAGINA


def test_si_uno_no_contesta_queda_para_la_proxima(banco: Banco) -> None:
    banco.guardar(banco.sql)
    banco.mongo.fallos["leer_conflictos"] = AlmacenNoDisponible(MONGO, "se cayó")
    banco.igualar()  # it is no reason to end a round of replication
    del banco.mongo.fallos["leer_conflictos"]
    banco.perdedoras.mirar_pronto()
    banco.igualar()
    assert len(banco.mongo.conflictos) == 1


def test_lo_que_se_reabre_en_uno_y_sigue_resuelto_en_otro_queda_resuelto(banco: Banco) -> None:
    """That is how a reopening ends that reached one store alone: it was told as failed."""
    uno = banco.guardar(banco.sql, banco.mongo)
    for almacen in (banco.sql, banco.mongo):
        almacen.resolver_conflicto(uno.perdedora.id, 5, "mezcla", 70)
    banco.sql.reabrir_conflicto(uno.perdedora.id, 5)
    banco.igualar()
    assert [guardado.resolucion for lista in banco.todo() for guardado in lista] == ["mezcla"] * 2
