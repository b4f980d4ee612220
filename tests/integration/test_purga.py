"""Tombstones go for good only when nothing can need them, on real databases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from adapters.peewee.revision import RevisionSql
from core.application.purgar_lapidas import MARGEN_MS, PurgarLapidasCommand, SuerteLapida
from core.domain.errors import AlmacenNoDisponible, RelojDesajustado
from core.domain.models.verificacion import InformeVerificacion
from tests.integration.revision import MONGO, SQL, Par, abrir_par, de_hace, url_sqlite

PURGAR = PurgarLapidasCommand(dias=30)
SIMULAR = PurgarLapidasCommand(dias=30, simular=True)


@pytest.fixture(params=["sqlite", "postgres"])
def par(request: pytest.FixtureRequest, tmp_path: Path, mongo_url: str) -> Iterator[Par]:
    sql_url = url_sqlite(tmp_path) if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    with abrir_par(sql_url, mongo_url) as par:
        yield par


def ids(par: Par) -> tuple[set[str], set[str]]:
    """The ids in each store, in pages of another size than any other code's."""
    sql, mongo = (
        {fila.id for fila in par.crudos[nombre].pagina(tras="", limite=1000)} for nombre in (SQL, MONGO)
    )
    return sql, mongo


def test_se_van_las_viejas_confirmadas_y_verificadas_y_ninguna_otra(par: Par) -> None:
    viejas = [de_hace(40 + n, eliminada=True) for n in range(20)]
    vivas = [de_hace(400), de_hace(1)]
    reciente = de_hace(29, eliminada=True)
    par.poner([*viejas, *vivas, reciente])
    assert par.verificar().iguales
    informe = par.purga().execute(PURGAR)
    assert informe.purgadas == 20
    assert informe.cuentas == {SuerteLapida.PURGABLE: 20, SuerteLapida.RECIENTE: 1}
    quedan = {str(fila.id) for fila in (*vivas, reciente)}
    assert ids(par) == (quedan, quedan)
    assert par.verificar().iguales


def test_la_edad_sola_nunca_basta(par: Par) -> None:
    par.poner([de_hace(400, eliminada=True)])
    assert par.purga().falta_verificar(PURGAR)
    informe = par.purga().execute(PURGAR)
    assert informe.purgadas == 0
    assert informe.cuentas == {SuerteLapida.SIN_VERIFICAR: 1}


def test_la_que_no_esta_confirmada_en_las_dos_se_queda(par: Par) -> None:
    confirmada = de_hace(40, eliminada=True)
    par.poner([confirmada], SQL)
    par.poner([de_hace(40, eliminada=True, id=confirmada.id, pendiente=True)], MONGO)
    par.poner([de_hace(50, "viva")])
    par.verificar()
    informe = par.purga().execute(PURGAR)
    assert (informe.purgadas, informe.cuentas) == (0, {SuerteLapida.SIN_CONFIRMAR: 1})


def test_la_que_esta_viva_en_la_otra_se_queda(par: Par) -> None:
    viva = de_hace(50)
    par.poner([viva], MONGO)
    par.poner([de_hace(40, eliminada=True, id=viva.id)], SQL)
    assert not par.verificar().iguales
    par.crudos[SQL].anotar("verificacion_limpia", par.crudos[SQL].nota("verificacion") or "")
    par.crudos[MONGO].anotar("verificacion_limpia", par.crudos[MONGO].nota("verificacion") or "")
    informe = par.purga().execute(PURGAR)
    assert (informe.purgadas, informe.cuentas) == (0, {SuerteLapida.DISTINTA: 1})


def test_simular_cuenta_y_no_cambia_nada(par: Par) -> None:
    par.poner([de_hace(40, eliminada=True) for _ in range(9)])
    assert par.verificar().iguales
    antes = ids(par)
    informe = par.purga().execute(SIMULAR)
    assert (informe.purgadas, informe.cuentas) == (0, {SuerteLapida.PURGABLE: 9})
    assert ids(par) == antes


def test_una_verificacion_anotada_en_un_solo_almacen_no_vale(par: Par) -> None:
    par.poner([de_hace(40, eliminada=True)])
    assert par.verificar().iguales
    par.crudos[MONGO].anotar("verificacion_limpia", "{}")  # as a backup from before it would have it
    assert par.purga().limpia_ms() is None
    assert par.purga().execute(PURGAR).purgadas == 0


def test_la_que_se_restaura_entre_la_mirada_y_el_borrado_se_queda(par: Par) -> None:
    vieja = de_hace(40, eliminada=True)
    par.poner([vieja])
    assert par.verificar().iguales
    restaurada = de_hace(0, id=vieja.id, pendiente=True)
    assert par.crudos[SQL].purgar([(str(vieja.id), vieja.version + 1)]) == set()
    for nombre in (SQL, MONGO):
        assert par.almacenes[nombre].reemplazar(restaurada, vieja.version)
        assert par.crudos[nombre].purgar([(str(vieja.id), vieja.version)]) == set()
        assert par.almacenes[nombre].leer(vieja.id) == restaurada


def test_lo_que_dejo_una_purga_a_medias_no_vuelve_y_la_siguiente_lo_acaba(par: Par) -> None:
    viejas = [de_hace(40, eliminada=True) for _ in range(3)]
    par.poner([*viejas, de_hace(3, "viva")])
    assert par.verificar().iguales
    assert par.crudos[SQL].purgar([(str(uno.id), uno.version) for uno in viejas]) == {
        str(uno.id) for uno in viejas
    }
    a_medias = par.verificar()
    assert (a_medias.iguales, a_medias.lapidas_sueltas) == (True, 3)
    assert par.almacenes[MONGO].pendientes(tras=None, limite=10) == []  # nothing for replication to copy
    assert par.purga().execute(PURGAR).purgadas == 3
    sql, mongo = ids(par)
    assert sql == mongo
    assert len(sql) == 1


def test_si_un_almacen_no_responde_no_se_purga_nada(par: Par) -> None:
    par.poner([de_hace(40, eliminada=True)])
    assert par.verificar().iguales
    par.almacenes[MONGO].close()
    with pytest.raises(AlmacenNoDisponible):
        par.purga().execute(PURGAR)
    assert len(par.crudos[SQL].pagina(tras="", limite=10)) == 1


def test_una_verificacion_solo_vale_para_lo_escrito_mas_de_dos_minutos_antes_que_ella(par: Par) -> None:
    par.poner([de_hace(40, eliminada=True)])
    lapida_ms = par.crudos[SQL].pagina(tras="", limite=1)[0].escrita_ms
    for desde_ms, purgadas in ((MARGEN_MS, 0), (MARGEN_MS + 1, 1)):
        nota = InformeVerificacion(metodo="flujo", empezada_ms=lapida_ms + desde_ms).nota()
        for crudo in par.crudos.values():
            crudo.anotar("verificacion_limpia", nota)
        assert par.purga().execute(PURGAR).purgadas == purgadas


def test_si_los_almacenes_no_estan_en_condiciones_no_se_mira_nada(par: Par) -> None:
    par.poner([de_hace(40, eliminada=True)])
    assert par.verificar().iguales

    def comprobar() -> None:
        raise RelojDesajustado({SQL: 61_000.0})

    with pytest.raises(RelojDesajustado):
        par.purga(comprobar=comprobar).execute(PURGAR)
    assert len(par.crudos[SQL].pagina(tras="", limite=10)) == 1


def test_cancelar_deja_lo_que_falta_para_la_siguiente(par: Par) -> None:
    par.poner([de_hace(40, eliminada=True) for _ in range(20)])
    assert par.verificar().iguales
    vueltas = iter([False, True])
    informe = par.purga().execute(PURGAR, cancelar=lambda: next(vueltas))
    assert (informe.cancelada, informe.purgadas) == (True, 7)
    assert par.purga().execute(PURGAR).purgadas == 13


def test_ningun_almacen_borra_mas_que_una_lapida_confirmada_de_esa_version(par: Par) -> None:
    viva, sin_confirmar = de_hace(40), de_hace(40, eliminada=True, pendiente=True)
    lapida = de_hace(40, eliminada=True)
    par.poner([viva, sin_confirmar, lapida])
    for crudo in par.crudos.values():
        for fila in (viva, sin_confirmar):
            assert crudo.purgar([(str(fila.id), fila.version)]) == set()
        for otra in (lapida.version - 1, lapida.version + 1):
            assert crudo.purgar([(str(lapida.id), otra)]) == set()
        todas = [(str(fila.id), fila.version) for fila in (viva, sin_confirmar, lapida)]
        assert crudo.purgar(todas) == {str(lapida.id)}
        assert crudo.purgar([]) == set()
    assert len(ids(par)[0]) == len(ids(par)[1]) == 2


def test_la_que_cambia_en_el_primero_justo_antes_de_borrarla_se_queda_tambien_en_el_segundo(
    par: Par, monkeypatch: pytest.MonkeyPatch
) -> None:
    lapida = de_hace(40, eliminada=True)
    par.poner([lapida, de_hace(40, eliminada=True)])
    assert par.verificar().iguales
    restaurada = de_hace(0, id=lapida.id, pendiente=True)
    original = RevisionSql.purgar

    def justo_antes(self: RevisionSql, lapidas: Sequence[tuple[str, int]]) -> set[str]:
        assert par.almacenes[SQL].reemplazar(restaurada, lapida.version)
        return original(self, lapidas)

    monkeypatch.setattr(RevisionSql, "purgar", justo_antes)
    assert par.purga().execute(PURGAR).purgadas == 1
    assert par.almacenes[SQL].leer(lapida.id) == restaurada
    assert par.almacenes[MONGO].leer(lapida.id) == lapida
