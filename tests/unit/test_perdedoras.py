"""Losers of conflicts, kept in both stores, and one decision about each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import inf
from typing import Any
from uuid import uuid4

import pytest

from adapters.health.registro import RegistroSalud
from adapters.nodo import ahora_ms
from adapters.replicacion.motor import MotorReplicacion
from adapters.replicacion.perdedoras import (
    ESPERA_S,
    PAGINA,
    REPASO_S,
    TRAS_FALLO_S,
    Perdedoras,
    copiar_perdedoras,
)
from adapters.replicacion.replicador import Replicador
from core.domain.errors import AlmacenNoDisponible, OperacionFallida, ResultadoDesconocido
from core.domain.events import SaludObservada
from core.domain.models.almacen import Conflicto, NombreAlmacen, Pong
from core.domain.models.conflicto import ConflictoGuardado
from core.health import EstadoSalud, PingRespondido
from tests.contract.datos import fila
from tests.fakes import AlmacenEnMemoria
from tests.servidores import esperar

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO


class Banco:
    def __init__(self) -> None:
        self.sql, self.mongo = AlmacenEnMemoria(SQL), AlmacenEnMemoria(MONGO)
        self.ahora_s = 1_000.0
        self.perdedoras = Perdedoras(
            {SQL: self.sql, MONGO: self.mongo}, ahora_ms=lambda: 5, ahora_s=lambda: self.ahora_s
        )

    def mirar(self, **opciones: Any) -> None:
        opciones = {"parar": lambda: False, "tramo_s": inf, **opciones}
        self.perdedoras.igualar(**opciones)

    def igualar(self) -> None:
        """Two looks."""
        self.mirar()
        self.ahora_s += ESPERA_S
        self.mirar()

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


def test_de_dos_decisiones_a_la_vez_queda_la_misma_en_ambas(banco: Banco) -> None:
    uno = banco.guardar(banco.sql, banco.mongo)
    banco.sql.resolver_conflicto(uno.perdedora.id, 5, "perdedora", 70)
    banco.mongo.resolver_conflicto(uno.perdedora.id, 5, "ganadora", 70)
    banco.igualar()
    assert [guardado.resolucion for lista in banco.todo() for guardado in lista] == ["ganadora"] * 2


def test_se_mira_al_principio_cuando_se_pide_y_de_vez_en_cuando(banco: Banco) -> None:
    banco.mirar()
    banco.guardar(banco.mongo)
    banco.ahora_s += REPASO_S - 1
    banco.mirar()
    assert not banco.sql.conflictos
    banco.perdedoras.mirar_pronto()
    banco.mirar()
    assert len(banco.sql.conflictos) == 1
    banco.guardar(banco.sql)  # by a program that did not reach the other one, and has ended
    banco.ahora_s += REPASO_S
    banco.mirar()
    assert len(banco.mongo.conflictos) == 2


def test_quien_se_reabre_en_ese_momento_queda_abierto(banco: Banco) -> None:
    """It is taken back in one store after the other, and a look may fall in between."""
    uno = banco.guardar(banco.sql, banco.mongo)
    for almacen in (banco.sql, banco.mongo):
        almacen.resolver_conflicto(uno.perdedora.id, 5, "ganadora", 70)
    banco.sql.reabrir_conflicto(uno.perdedora.id, 5)
    banco.mirar()
    banco.perdedoras.mirar_pronto()  # does not hurry what is to be waited for
    banco.mirar()
    banco.mongo.reabrir_conflicto(uno.perdedora.id, 5)
    banco.ahora_s += ESPERA_S
    banco.mirar()
    assert [guardado.abierto for lista in banco.todo() for guardado in lista] == [True, True]


def test_una_mirada_larga_se_hace_por_partes_y_sigue_donde_estaba(
    banco: Banco, monkeypatch: pytest.MonkeyPatch
) -> None:
    for numero in range(PAGINA + 50):
        banco.guardar(banco.sql, cuando_ms=numero)
    guardar = banco.mongo.guardar_conflicto

    def guardar_despacio(conflicto: Conflicto) -> None:
        banco.ahora_s += 0.01
        guardar(conflicto)

    monkeypatch.setattr(banco.mongo, "guardar_conflicto", guardar_despacio)
    cuantas = []
    while not banco.perdedoras.falta_s:
        banco.mirar(tramo_s=1.0)
        cuantas.append(len(banco.mongo.conflictos))
    assert cuantas[0] in (100, 101)
    assert cuantas[-1] == PAGINA + 50
    assert banco.sql.llamadas.count("listar_conflictos") == 3  # no page twice


def test_lo_que_se_pide_durante_una_mirada_vale_para_otra(banco: Banco) -> None:
    banco.guardar(banco.sql)
    banco.mirar(tramo_s=0.0)
    banco.perdedoras.mirar_pronto()
    banco.mirar()
    assert 0 < banco.perdedoras.falta_s <= ESPERA_S


def test_lo_que_falla_durante_una_mirada_se_mira_otra_vez(banco: Banco) -> None:
    banco.guardar(banco.sql)
    banco.mirar(tramo_s=0.0)
    banco.mongo.fallos["guardar_conflicto"] = AlmacenNoDisponible(MONGO, "se cayó")
    banco.perdedoras.conservar(fila(version=50), 99, banco.sql, banco.mongo)
    del banco.mongo.fallos["guardar_conflicto"]
    banco.igualar()
    sql, mongo = banco.todo()
    assert sql == mongo
    assert len(mongo) == 2


def test_al_rellenar_no_se_reabre_lo_que_alli_se_decidio(banco: Banco) -> None:
    uno, otro = banco.guardar(banco.sql, banco.mongo), banco.guardar(banco.sql, banco.mongo)
    banco.mongo.resolver_conflicto(uno.perdedora.id, 5, "ganadora", 70)
    banco.sql.resolver_conflicto(otro.perdedora.id, 5, "mezcla", 80)
    assert copiar_perdedoras(banco.sql, banco.mongo, parar=lambda: False)
    decididas = {guardado.conflicto: guardado.resolucion for guardado in banco.todo()[1]}
    assert decididas == {uno: "ganadora", otro: "mezcla"}


def test_lo_que_cambia_mientras_se_mira_no_se_pisa(banco: Banco, monkeypatch: pytest.MonkeyPatch) -> None:
    uno = banco.guardar(banco.sql, banco.mongo)
    banco.sql.resolver_conflicto(uno.perdedora.id, 5, "ganadora", 70)
    banco.mirar()
    banco.ahora_s += ESPERA_S
    listar = banco.sql.listar_conflictos

    def listar_y_reabrir(**args: Any) -> Any:
        listados = listar(**args)
        banco.sql.reabrir_conflicto(uno.perdedora.id, 5)
        return listados

    monkeypatch.setattr(banco.sql, "listar_conflictos", listar_y_reabrir)
    banco.mirar()
    assert [guardado.abierto for lista in banco.todo() for guardado in lista] == [True, True]


def test_se_puede_parar_en_medio(banco: Banco) -> None:
    for numero in range(9):
        banco.guardar(banco.sql, cuando_ms=numero)
    veces = iter([False] * 3 + [True])
    banco.mirar(parar=lambda: next(veces))
    assert len(banco.mongo.conflictos) == 3


def test_una_tabla_bloqueada_cuesta_un_plazo_y_no_uno_por_valor(
    banco: Banco, monkeypatch: pytest.MonkeyPatch
) -> None:
    for numero in range(9):
        banco.guardar(banco.sql, cuando_ms=numero)
    intentos = []

    def esperar_en_vano(conflicto: Conflicto) -> None:
        intentos.append(conflicto)
        banco.ahora_s += 2.7
        raise OperacionFallida(MONGO, "otra sesión la mantiene bloqueada")

    with monkeypatch.context() as parche:
        parche.setattr(banco.mongo, "guardar_conflicto", esperar_en_vano)
        banco.mirar()
        banco.mirar()
    assert len(intentos) == 1
    banco.ahora_s += TRAS_FALLO_S
    banco.mirar()
    assert len(banco.mongo.conflictos) == 9


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


class Programa:
    """Two stores that keep different losers, and whoever replicates between them."""

    def __init__(self, banco: Banco) -> None:
        self.banco = banco
        self.registro = RegistroSalud(replicada=True)
        for nombre in NombreAlmacen:
            self.registro.observar(nombre, PingRespondido(Pong(latencia_ms=1)))
        motor = MotorReplicacion({SQL: banco.sql, MONGO: banco.mongo}, ahora_ms=ahora_ms)
        self.replicador = Replicador(motor, self.registro, publicar=lambda _evento: None, intervalo_s=0.02)

    def iguales(self) -> bool:
        sql, mongo = self.banco.todo()
        return sql == mongo


@pytest.fixture
def programa(banco: Banco) -> Iterator[Programa]:
    programa = Programa(banco)
    yield programa
    programa.replicador.close(5)


def test_quien_empieza_las_iguala_y_tambien_cuando_una_base_vuelve(programa: Programa) -> None:
    programa.banco.guardar(programa.banco.sql)
    programa.replicador.start()
    esperar(programa.iguales)
    programa.banco.guardar(programa.banco.mongo)
    esperar(lambda: programa.banco.mongo.llamadas.count("pendientes") > 5)
    assert not programa.iguales()  # nothing has happened that would be a reason to look
    antes = programa.registro.instantanea(MONGO)
    caida = replace(antes, estado=EstadoSalud.CAIDA)
    programa.replicador.oir(SaludObservada(caida, antes))
    esperar(programa.iguales)


def test_al_sincronizar_se_iguala_todo_tambien_lo_decidido(programa: Programa) -> None:
    banco = programa.banco
    uno = banco.guardar(banco.sql, banco.mongo)
    programa.replicador.sincronizar()
    banco.sql.resolver_conflicto(uno.perdedora.id, 5, "ganadora", 70)
    banco.guardar(banco.mongo)
    programa.replicador.sincronizar()
    assert programa.iguales()
