"""The inbox over two stores: each loser once, resolved everywhere, nothing overwritten unseen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest

from adapters.conflictos import TRAS_CALLAR_S, ConflictosDeAlmacenes
from adapters.dual import DualTareaRepository
from adapters.health.registro import RegistroSalud
from core.application.listar_conflictos import ContarConflictosUseCase, ListarConflictosUseCase
from core.application.resolver_conflicto import ResolverConflictoCommand, ResolverConflictoUseCase
from core.conflictos import Campo
from core.domain.errors import (
    AlmacenNoDisponible,
    ConflictoDeVersion,
    ConflictoNoEncontrado,
    ConflictoSinAnotar,
    LecturaImposible,
    OperacionFallida,
    ResultadoDesconocido,
)
from core.domain.models.almacen import Conflicto, NombreAlmacen
from core.domain.models.conflicto import ConflictoVisto, Resolucion
from core.domain.models.tarea import EstadoTarea, Tarea
from core.health import OperacionRespondida
from tests.contract.datos import fila
from tests.fakes import AlmacenEnMemoria, reloj_de_prueba

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO
CAIDA = {nombre: AlmacenNoDisponible(nombre, "no responde") for nombre in NombreAlmacen}


class Banco:
    """Two stores in memory, the dual repository, and the use cases on both."""

    def __init__(self) -> None:
        self.sql, self.mongo = AlmacenEnMemoria(SQL), AlmacenEnMemoria(MONGO)
        self.registro = RegistroSalud()
        self.repositorio = DualTareaRepository(
            sql_repository=self.sql,
            mongo_repository=self.mongo,
            registro=self.registro,
            reloj=reloj_de_prueba(),
        )
        self.conflictos = ConflictosDeAlmacenes(
            {SQL: self.sql, MONGO: self.mongo}, self.registro, ahora_ms=lambda: 99
        )
        self.listar = ListarConflictosUseCase(self.conflictos, self.repositorio)
        self.contar = ContarConflictosUseCase(self.conflictos)
        self.resolver = ResolverConflictoUseCase(self.conflictos, self.repositorio)

    def poner(self, tarea: Tarea) -> None:
        self.sql.filas[tarea.id] = self.mongo.filas[tarea.id] = tarea

    def perder(self, perdedora: Tarea, *almacenes: AlmacenEnMemoria, cuando_ms: int = 7) -> None:
        for almacen in almacenes or (self.sql,):
            almacen.guardar_conflicto(
                Conflicto(perdedora=perdedora, version_ganadora=900, cuando_ms=cuando_ms)
            )

    def en_conflicto(self, *, actual: Tarea | None = None, **perdida: object) -> ConflictoVisto:
        """One conflict: what is there says «ganó», the loser what the arguments say."""
        actual = actual or fila("ganó", descripcion="de la ganadora", version=900, comun=900)
        self.poner(actual)
        cambios = {"titulo": "perdió", "version": 800, "version_comun": 0, **perdida}
        self.perder(replace(actual, **cambios))  # type: ignore[arg-type]
        return self.unico()

    def unico(self) -> ConflictoVisto:
        (visto,) = self.listar.execute().conflictos
        return visto

    def resolver_con(self, visto: ConflictoVisto, resolucion: Resolucion, *campos: Campo) -> Tarea | None:
        orden = ResolverConflictoCommand(
            visto=visto, resolucion=resolucion, de_la_perdedora=frozenset(campos)
        )
        return self.resolver.execute(orden)

    def en_ambos(self, tarea: Tarea) -> Tarea:
        """The row, which must be the same write in both stores."""
        assert self.sql.filas[tarea.id].misma_escritura(self.mongo.filas[tarea.id])
        return self.sql.filas[tarea.id]


@pytest.fixture
def banco() -> Iterator[Banco]:
    banco = Banco()
    yield banco
    banco.repositorio.close()


# --- one list of two stores ---


def test_lo_que_guardan_ambos_se_muestra_una_vez(banco: Banco) -> None:
    ambos, solo_sql, solo_mongo = (fila(f"{n}", version=100 + n) for n in range(3))
    banco.perder(ambos, banco.sql, cuando_ms=5)
    banco.perder(ambos, banco.mongo, cuando_ms=9)
    banco.perder(solo_sql, banco.sql, cuando_ms=7)
    banco.perder(solo_mongo, banco.mongo, cuando_ms=6)
    vistos = banco.listar.execute().conflictos
    assert [uno.perdedora for uno in vistos] == [ambos, solo_sql, solo_mongo]
    assert banco.contar.execute().abiertos == 3


@pytest.mark.parametrize("limite", [1, 2, 3, 100])
def test_las_paginas_de_dos_almacenes_no_saltan_ni_repiten(banco: Banco, limite: int) -> None:
    perdidas = [fila(f"{n}", version=100 + n) for n in range(20)]
    for n, perdida in enumerate(perdidas):
        if n % 3 != 0:
            banco.perder(perdida, banco.sql, cuando_ms=n * 7 % 10)
        if n % 3 != 1:
            banco.perder(perdida, banco.mongo, cuando_ms=n * 3 % 11)
    hallados, tras = [], None
    while True:
        pagina = banco.listar.execute(tras=tras, limite=limite)
        assert len(pagina.conflictos) <= limite
        hallados += [uno.perdedora for uno in pagina.conflictos]
        tras = pagina.siguiente
        if tras is None:
            break
    assert sorted(hallados, key=lambda una: una.version) == perdidas


def test_contar_para_en_el_tope(banco: Banco) -> None:
    for n in range(7):
        banco.perder(fila(version=100 + n), banco.sql, banco.mongo)
    recuento = banco.contar.execute(tope=5)
    assert (recuento.abiertos, recuento.hay_mas) == (5, True)
    assert banco.contar.execute(tope=7).hay_mas is False


def test_lo_resuelto_mientras_un_almacen_faltaba_queda_resuelto_en_ambos(banco: Banco) -> None:
    perdida = fila("perdida")
    banco.perder(perdida, banco.sql, banco.mongo)
    banco.mongo.fallar_con = CAIDA[MONGO]
    banco.resolver_con(banco.unico(), Resolucion.GANADORA)
    assert banco.mongo.resueltos == {}
    banco.mongo.fallar_con = None
    banco.registro.observar(MONGO, OperacionRespondida())
    assert banco.listar.execute().conflictos == ()
    assert banco.mongo.resueltos == banco.sql.resueltos == {(perdida.id, perdida.version): (99, "ganadora")}
    (resuelto,) = banco.listar.execute(resueltos=True).conflictos
    assert (resuelto.perdedora, resuelto.guardado.resolucion) == (perdida, "ganadora")


def test_con_un_almacen_caido_se_listan_los_del_otro_y_se_dice(banco: Banco) -> None:
    banco.perder(fila("en sql"), banco.sql)
    banco.perder(fila("en mongo"), banco.mongo)
    banco.mongo.fallar_con = CAIDA[MONGO]
    pagina = banco.listar.execute()
    assert [uno.perdedora.titulo for uno in pagina.conflictos] == ["en sql"]
    assert pagina.aviso == "MongoDB no se ha podido leer (no responde): puede guardar otros conflictos."
    assert banco.contar.execute().aviso == pagina.aviso


def test_sin_ningun_almacen_no_se_dice_que_no_hay_conflictos(banco: Banco) -> None:
    banco.sql.fallar_con, banco.mongo.fallar_con = CAIDA[SQL], CAIDA[MONGO]
    for pregunta in (banco.listar.execute, banco.contar.execute):
        with pytest.raises(LecturaImposible, match="SQL: no responde; MongoDB: no responde"):
            pregunta()


def test_dos_almacenes_que_callan_no_es_que_rehusen_y_la_siguiente_vez_no_se_les_espera(banco: Banco) -> None:
    for almacen in (banco.sql, banco.mongo):
        almacen.fallar_con = ResultadoDesconocido(almacen.nombre, "no respondió a tiempo")
    for _ in range(3):
        with pytest.raises(LecturaImposible, match="no respondió a tiempo"):
            banco.listar.execute()
    assert banco.sql.llamadas.count("listar_conflictos") < 3


# --- deciding ---


def test_conservar_la_ganadora_no_escribe_la_tarea(banco: Banco) -> None:
    visto = banco.en_conflicto()
    assert banco.resolver_con(visto, Resolucion.GANADORA) == visto.actual
    assert "escribir" not in banco.sql.llamadas
    assert banco.contar.execute().abiertos == 0


def test_restaurar_la_perdedora_es_una_escritura_nueva_en_ambos(banco: Banco) -> None:
    visto = banco.en_conflicto(descripcion="de la perdedora", estado=EstadoTarea.COMPLETADA)
    banco.resolver_con(visto, Resolucion.PERDEDORA)
    final = banco.en_ambos(visto.perdedora)
    assert (final.titulo, final.descripcion, final.estado) == (
        "perdió",
        "de la perdedora",
        EstadoTarea.COMPLETADA,
    )
    assert final.version > 900
    assert banco.contar.execute().abiertos == 0


def test_mezclar_toma_de_cada_una_lo_elegido(banco: Banco) -> None:
    visto = banco.en_conflicto(descripcion="de la perdedora", estado=EstadoTarea.COMPLETADA)
    banco.resolver_con(visto, Resolucion.MEZCLA, Campo.DESCRIPCION)
    final = banco.en_ambos(visto.perdedora)
    assert (final.titulo, final.descripcion, final.estado) == (
        "ganó",
        "de la perdedora",
        EstadoTarea.PENDIENTE,
    )


@pytest.mark.errores_esperados("no aplicado")
@pytest.mark.parametrize("resolucion", list(Resolucion))
def test_un_cambio_posterior_no_se_pisa_y_el_conflicto_sigue_abierto(
    banco: Banco, resolucion: Resolucion
) -> None:
    visto = banco.en_conflicto()
    posterior = replace(visto.perdedora, titulo="posterior", version=950, version_comun=950)
    banco.poner(posterior)
    with pytest.raises(ConflictoDeVersion) as fallo:
        banco.resolver_con(visto, resolucion, Campo.TITULO)
    assert fallo.value.actual == posterior
    assert banco.en_ambos(posterior) == posterior
    assert banco.contar.execute().abiertos == 1
    assert not banco.listar.execute(resueltos=True).conflictos, "nada se reemplazó"


def test_restaurar_una_edicion_que_perdio_contra_un_borrado(banco: Banco) -> None:
    lapida = fila("ganó", version=900, comun=900, eliminada=True)
    visto = banco.en_conflicto(actual=lapida, eliminada=False)
    banco.resolver_con(visto, Resolucion.PERDEDORA)
    final = banco.en_ambos(lapida)
    assert (final.titulo, final.eliminada) == ("perdió", False)


def test_restaurar_un_borrado_que_perdio_contra_una_edicion(banco: Banco) -> None:
    visto = banco.en_conflicto(eliminada=True)
    banco.resolver_con(visto, Resolucion.PERDEDORA)
    assert banco.en_ambos(visto.perdedora).eliminada


def test_un_borrado_que_perdio_contra_otro_borrado_no_escribe_nada(banco: Banco) -> None:
    lapida = fila("ganó", version=900, comun=900, eliminada=True)
    visto = banco.en_conflicto(actual=lapida)
    assert banco.resolver_con(visto, Resolucion.PERDEDORA) == lapida
    assert "escribir" not in banco.sql.llamadas


def test_lo_perdido_de_una_tarea_que_ya_no_esta_se_crea_de_nuevo(banco: Banco) -> None:
    perdida = fila("perdió", version=800)
    banco.perder(perdida)
    visto = banco.unico()
    assert visto.actual is None
    banco.resolver_con(visto, Resolucion.PERDEDORA)
    assert banco.en_ambos(perdida).titulo == "perdió"


@pytest.mark.errores_esperados("no aplicado")
def test_la_misma_decision_de_otro_no_es_un_conflicto(banco: Banco) -> None:
    """Also our own write whose answer was lost."""
    visto = banco.en_conflicto()
    banco.resolver_con(visto, Resolucion.PERDEDORA)
    restaurada = banco.en_ambos(visto.perdedora)
    assert banco.resolver_con(visto, Resolucion.PERDEDORA) == restaurada


def test_se_resuelve_con_un_almacen_caido(banco: Banco) -> None:
    visto = banco.en_conflicto()
    banco.mongo.fallar_con = CAIDA[MONGO]
    banco.resolver_con(visto, Resolucion.PERDEDORA)
    assert banco.sql.filas[visto.perdedora.id].titulo == "perdió"
    assert banco.contar.execute().abiertos == 0


def test_si_no_se_puede_anotar_se_dice_y_repetirlo_no_escribe_mas(banco: Banco) -> None:
    visto = banco.en_conflicto()
    banco.sql.fallos["resolver_conflicto"] = CAIDA[SQL]
    with pytest.raises(ConflictoSinAnotar, match="La tarea se ha guardado, pero"):
        banco.resolver_con(visto, Resolucion.PERDEDORA)
    banco.sql.fallos.clear()
    for _ in range(2):  # it is back
        banco.registro.observar(SQL, OperacionRespondida())
    escrituras = banco.sql.llamadas.count("escribir")
    banco.resolver_con(banco.unico(), Resolucion.PERDEDORA)
    assert banco.sql.llamadas.count("escribir") == escrituras
    assert banco.contar.execute().abiertos == 0


def test_resolver_lo_que_ningun_almacen_guarda_lo_dice(banco: Banco) -> None:
    with pytest.raises(ConflictoNoEncontrado):
        banco.conflictos.resolver((uuid4(), 1), Resolucion.GANADORA)


def test_deshacer_devuelve_lo_que_habia(banco: Banco) -> None:
    visto = banco.en_conflicto()
    escrita = banco.resolver_con(visto, Resolucion.PERDEDORA)
    assert escrita is not None
    banco.resolver.deshacer(visto.actual, escrita)
    final = banco.en_ambos(visto.perdedora)
    assert (final.titulo, final.descripcion) == ("ganó", "de la ganadora")
    assert final.version > escrita.version


def test_deshacer_un_borrado_lo_devuelve_a_la_vida(banco: Banco) -> None:
    visto = banco.en_conflicto(eliminada=True)
    lapida = banco.resolver_con(visto, Resolucion.PERDEDORA)
    assert lapida is not None
    banco.resolver.deshacer(visto.actual, lapida)
    assert not banco.en_ambos(visto.perdedora).eliminada


@pytest.mark.parametrize("resolucion", [Resolucion.PERDEDORA, Resolucion.MEZCLA])
def test_lo_que_se_reemplaza_se_conserva_y_se_puede_volver_a_ello(
    banco: Banco, resolucion: Resolucion
) -> None:
    visto = banco.en_conflicto(estado=EstadoTarea.COMPLETADA)
    banco.resolver_con(visto, resolucion, Campo.TITULO)
    assert banco.contar.execute().abiertos == 0
    for almacen in (banco.sql, banco.mongo):
        assert almacen.conflictos[(visto.perdedora.id, 900)].perdedora.titulo == "ganó"
    (conservada,) = (
        uno for uno in banco.listar.execute(resueltos=True).conflictos if uno.perdedora.version == 900
    )
    banco.resolver_con(conservada, Resolucion.PERDEDORA)
    assert banco.en_ambos(visto.perdedora).titulo == "ganó"


def test_una_decision_que_no_escribio_nada_se_retira(banco: Banco) -> None:
    visto = banco.en_conflicto()
    banco.perder(visto.perdedora, banco.mongo)
    banco.resolver_con(visto, Resolucion.GANADORA)
    banco.resolver.reabrir(visto)
    assert banco.unico() == visto
    assert banco.mongo.resueltos == banco.sql.resueltos == {}


def test_una_decision_no_se_retira_donde_no_se_puede_en_todas(banco: Banco) -> None:
    """The store that was away would bring the decision back with it."""
    visto = banco.en_conflicto()
    banco.perder(visto.perdedora, banco.mongo)
    banco.resolver_con(visto, Resolucion.GANADORA)
    banco.mongo.fallar_con = CAIDA[MONGO]
    with pytest.raises(AlmacenNoDisponible):
        banco.resolver.reabrir(visto)
    banco.mongo.fallar_con = None
    assert banco.listar.execute().conflictos == ()
    assert banco.contar.execute().abiertos == 0


def test_reabrir_lo_que_ningun_almacen_guarda_lo_dice(banco: Banco) -> None:
    with pytest.raises(ConflictoNoEncontrado):
        banco.conflictos.reabrir((uuid4(), 1))


def test_una_tabla_bloqueada_cuesta_un_plazo_y_no_uno_por_pagina(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sql, mongo, ahora_s = AlmacenEnMemoria(SQL), AlmacenEnMemoria(MONGO), [1_000.0]
    for n in range(5):
        mongo.guardar_conflicto(
            Conflicto(perdedora=fila(id=uuid4(), version=5), version_ganadora=9, cuando_ms=n)
        )
    registro = RegistroSalud(ahora_s=lambda: ahora_s[0])
    conflictos = ConflictosDeAlmacenes({SQL: sql, MONGO: mongo}, registro, ahora_ms=lambda: 5)

    def bloqueada(**_args: object) -> None:
        ahora_s[0] += 2.7
        sql.llamadas.append("bloqueada")
        raise OperacionFallida(SQL, "otra sesión la mantiene bloqueada")

    with monkeypatch.context() as parche:
        parche.setattr(sql, "listar_conflictos", bloqueada)
        vistos, tras = 0, None
        while True:
            pagina = conflictos.pagina(tras=tras, limite=2, resueltos=False)
            vistos += len(pagina.conflictos)
            assert "SQL no se ha podido leer" in pagina.aviso
            tras = pagina.siguiente
            if tras is None:
                break
    assert vistos == 5
    assert sql.llamadas.count("bloqueada") == 1
    assert "leer_conflictos" not in sql.llamadas
    ahora_s[0] += TRAS_CALLAR_S
    assert conflictos.pagina(tras=None, limite=9, resueltos=False).aviso == ""
