"""A store that refuses rows for good: whence what it lacks is read, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from adapters.dual import DualTareaRepository
from adapters.health.registro import RegistroSalud
from adapters.nodo import ahora_ms
from adapters.replicacion.motor import MotorReplicacion
from adapters.replicacion.replicador import Replicador
from core.domain.errors import AlmacenNoDisponible, OperacionFallida
from core.domain.events import EscrituraTerminada, Evento, SaludObservada
from core.domain.models.almacen import Escrito, Escritura, NombreAlmacen
from core.domain.models.importacion import SuerteFila
from core.domain.models.tarea import Tarea
from core.domain.models.version import RelojHibrido, componer
from tests.fakes import AlmacenEnMemoria

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO
UNA_HORA = componer(3_600_000, 0, 0)


class AlmacenQuisquilloso(AlmacenEnMemoria):
    """A database with a rule of its own: it refuses the rows of which `rehusa` says so."""

    rehusa: Callable[[Tarea], bool] = staticmethod(lambda fila: "€" in fila.titulo)

    def escribir(self, escritura: Escritura) -> Escrito:
        self._mirar(escritura.fila)
        return super().escribir(escritura)

    def escribir_lote(self, escrituras: Sequence[Escritura]) -> Sequence[Escrito]:
        malas = [type(self).rehusa(escritura.fila) for escritura in escrituras]
        buenas = iter(
            super().escribir_lote([e for e, mala in zip(escrituras, malas, strict=True) if not mala])
        )
        return [Escrito(False, error="no cabe") if mala else next(buenas) for mala in malas]

    def reemplazar(self, fila: Tarea, vista: int | None) -> bool:
        self._mirar(fila)
        return super().reemplazar(fila, vista)

    def _mirar(self, fila: Tarea) -> None:
        if type(self).rehusa(fila):
            raise OperacionFallida(self.nombre, "no cabe")


@dataclass
class Mundo:
    """A picky SQL, MongoDB, and a program over both with its engine in hand."""

    sql: AlmacenEnMemoria = field(default_factory=lambda: AlmacenQuisquilloso(SQL))
    mongo: AlmacenEnMemoria = field(default_factory=lambda: AlmacenEnMemoria(MONGO))
    eventos: list[Evento] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.arrancar()

    def arrancar(self) -> None:
        """A program that knows nothing of what the one before it knew."""
        self.registro = RegistroSalud(replicada=True, publicar=self.eventos.append)
        self.dual = DualTareaRepository(
            sql_repository=self.sql,
            mongo_repository=self.mongo,
            registro=self.registro,
            reloj=RelojHibrido(nodo=1, ahora_ms=ahora_ms),
            publicar=self.eventos.append,
        )
        motor = MotorReplicacion({SQL: self.sql, MONGO: self.mongo}, ahora_ms=ahora_ms)
        self.replicador = Replicador(motor, self.registro, publicar=self.eventos.append)

    def en_ambas(self, titulo: str) -> Tarea:
        tarea = self.dual.save(Tarea(titulo=titulo))
        self.replicador.sincronizar()
        return tarea

    def titulo(self, tarea: Tarea) -> str | None:
        leida = self.dual.get(tarea.id)
        return leida.titulo if leida is not None else None

    def titulos(self) -> set[str]:
        return {tarea.titulo for tarea in self.dual.list().tareas}


@pytest.fixture
def mundo() -> Iterator[Mundo]:
    mundo = Mundo()
    yield mundo
    mundo.dual.close()


def test_un_cambio_que_sql_no_admite_se_sigue_viendo_y_se_dice_por_que(mundo: Mundo) -> None:
    vieja = mundo.en_ambas("vieja")
    assert mundo.dual.save(replace(vieja, titulo="cuesta 5 €")).pendiente
    for _ in range(3):  # before the first pass, after it, and after those that try it again
        assert mundo.titulo(vieja) == "cuesta 5 €"
        assert mundo.titulos() == {"cuesta 5 €"}
        mundo.replicador.reintentar_apartadas()
        mundo.replicador.sincronizar()
    assert not mundo.registro.atrasada(SQL)
    assert mundo.dual.list().aviso == (
        "A SQL le falta el último cambio de 1 tarea, que no admite: leído de MongoDB."
    )


def test_lo_eliminado_no_vuelve_aunque_sql_no_admita_la_lapida(
    mundo: Mundo, monkeypatch: pytest.MonkeyPatch
) -> None:
    zeta = mundo.en_ambas("zeta")
    monkeypatch.setattr(AlmacenQuisquilloso, "rehusa", staticmethod(lambda fila: fila.eliminada))
    mundo.dual.eliminar(zeta.id)
    mundo.replicador.sincronizar()
    assert mundo.titulos() == set()
    assert mundo.titulo(zeta) is None
    assert mundo.sql.filas[zeta.id].eliminada is False


def test_lo_apartado_no_le_quita_las_escrituras_ni_le_hace_ir_atrasado(mundo: Mundo) -> None:
    mundo.dual.save(replace(mundo.en_ambas("vieja"), titulo="5 €"))
    mundo.replicador.sincronizar()
    mundo.eventos.clear()
    for _ in range(3):
        mundo.replicador.reintentar_apartadas()
        mundo.replicador.sincronizar()
    assert not any(isinstance(evento, SaludObservada) for evento in mundo.eventos)
    nueva = mundo.dual.save(Tarea(titulo="nueva"))
    assert nueva.id in mundo.sql.filas


def test_un_programa_que_arranca_tampoco_lee_lo_viejo(mundo: Mundo) -> None:
    vieja = mundo.en_ambas("vieja")
    mundo.dual.save(replace(vieja, titulo="5 €"))
    for almacen in (mundo.sql, mundo.mongo):  # as if it had been long ago
        fila = almacen.filas[vieja.id]
        hace_tiempo = (fila.version - UNA_HORA, fila.version_comun - UNA_HORA)
        almacen.filas[vieja.id] = replace(fila, version=hace_tiempo[0], version_comun=hace_tiempo[1])
    mundo.arrancar()
    for _ in range(2):
        assert mundo.titulo(vieja) == "5 €"
        mundo.replicador.sincronizar()


def test_cuando_se_admite_vuelve_a_leerse_de_sql_sin_aviso(
    mundo: Mundo, monkeypatch: pytest.MonkeyPatch
) -> None:
    vieja = mundo.en_ambas("vieja")
    mundo.dual.save(replace(vieja, titulo="5 €"))
    mundo.replicador.sincronizar()
    monkeypatch.setattr(AlmacenQuisquilloso, "rehusa", staticmethod(lambda _fila: False))
    mundo.replicador.reintentar_apartadas()
    mundo.replicador.sincronizar()
    pagina = mundo.dual.list()
    assert (pagina.almacen, pagina.aviso) == (SQL, "")
    assert mundo.sql.filas[vieja.id].titulo == "5 €"


def test_si_mongo_no_responde_se_lee_de_sql_y_se_dice_que_le_falta_algo(mundo: Mundo) -> None:
    vieja = mundo.en_ambas("vieja")
    mundo.dual.save(replace(vieja, titulo="5 €"))
    mundo.dual.save(replace(mundo.en_ambas("otra"), titulo="6 €"))
    mundo.replicador.sincronizar()
    assert mundo.titulos() == {"5 €", "6 €"}
    mundo.mongo.fallar_con = AlmacenNoDisponible(MONGO, "se cayó")
    pagina = mundo.dual.list()
    assert pagina.almacen is SQL
    assert pagina.aviso == (
        "A SQL le faltan los últimos cambios de 2 tareas, que no admite; MongoDB no responde (se cayó)."
    )


def test_si_a_cada_una_le_falta_algo_cada_tarea_se_lee_de_quien_la_tiene_entera(mundo: Mundo) -> None:
    de_mongo, de_sql = mundo.en_ambas("una"), mundo.en_ambas("otra")
    mundo.dual.save(replace(de_mongo, titulo="5 €"))
    nueva = replace(de_sql, titulo="solo en sql", version=de_sql.version + 1, pendiente=True)
    mundo.sql.filas[de_sql.id] = nueva
    mundo.mongo.fallos["reemplazar"] = OperacionFallida(MONGO, "no")
    mundo.mongo.fallos["escribir_lote"] = OperacionFallida(MONGO, "no")
    mundo.replicador.sincronizar()
    assert mundo.registro.faltan_en(MONGO) == {de_sql.id}
    assert (mundo.titulo(de_mongo), mundo.titulo(de_sql)) == ("5 €", "solo en sql")
    assert "A MongoDB le falta" in mundo.dual.list().aviso


def test_una_pasada_que_se_corta_no_olvida_lo_que_faltaba() -> None:
    registro = RegistroSalud(replicada=True)
    una, otra = Tarea(titulo="una").id, Tarea(titulo="otra").id
    registro.anotar_faltas(SQL, [una], son_todas=True)
    registro.anotar_faltas(SQL, [otra], son_todas=False)
    assert registro.faltan_en(SQL) == {una, otra}
    registro.anotar_faltas(SQL, [otra], son_todas=True)
    assert registro.faltan_en(SQL) == {otra}


def test_lo_que_sql_descarta_en_silencio_se_aparta_y_no_va_y_viene(
    mundo: Mundo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trigger that returns NULL: nothing is refused, and nothing changes."""
    vieja = mundo.en_ambas("vieja")
    monkeypatch.setattr(mundo.sql, "escribir", lambda e: Escrito(False, mundo.sql.filas.get(e.fila.id)))
    monkeypatch.setattr(mundo.sql, "escribir_lote", lambda es: [mundo.sql.escribir(e) for e in es])
    mundo.dual.save(replace(vieja, titulo="nueva"))
    mundo.replicador.sincronizar()
    (apartada,) = mundo.replicador.cuarentena()
    assert "descarta la fila sin decir por qué" in apartada.motivo
    mundo.eventos.clear()
    mundo.replicador.reintentar_apartadas()
    mundo.replicador.sincronizar()
    assert not any(isinstance(evento, SaludObservada) for evento in mundo.eventos)
    assert mundo.titulo(vieja) == "nueva"


def test_de_un_lote_del_que_sql_no_admite_una_fila_se_dice_cual_donde_y_por_que(mundo: Mundo) -> None:
    assert mundo.titulos() == set()
    buena, mala = Tarea(titulo="buena"), Tarea(titulo="5 €")
    resultados = mundo.dual.importar_lote([buena, mala])
    assert [(uno.suerte, uno.motivo) for uno in resultados] == [
        (SuerteFila.NUEVA, ""),
        (SuerteFila.NUEVA, "SQL: no cabe"),
    ]
    terminada = next(uno for uno in mundo.eventos if isinstance(uno, EscrituraTerminada))
    assert terminada.resultado.sql.error == "no admite 1 de 2 filas; la primera: no cabe"
    assert terminada.resultado.mongo.error == ""
    assert mundo.titulos() == {"buena", "5 €"}


def test_lo_que_ninguna_admite_es_rechazado_y_no_le_falta_a_nadie(
    mundo: Mundo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mundo, "mongo", AlmacenQuisquilloso(MONGO))
    mundo.arrancar()
    resultados = mundo.dual.importar_lote([Tarea(titulo="buena"), Tarea(titulo="5 €")])
    assert [uno.suerte for uno in resultados] == [SuerteFila.NUEVA, SuerteFila.RECHAZADA]
    assert not any(mundo.registro.atrasada(nombre) for nombre in NombreAlmacen)


def test_lo_que_rehusa_la_que_tiene_lo_viejo_le_falta_a_ella_y_no_a_la_otra(mundo: Mundo) -> None:
    """Both changed the tarea without seeing each other, and SQL does not admit the newer value of MongoDB."""
    base = mundo.en_ambas("de ambas")
    for almacen, titulo, mas in ((mundo.sql, "vieja", UNA_HORA), (mundo.mongo, "5 €", 2 * UNA_HORA)):
        almacen.filas[base.id] = replace(
            base, titulo=titulo, version=base.version + mas, version_comun=base.version, pendiente=True
        )
    mundo.replicador.sincronizar()
    assert mundo.registro.faltan_en(SQL) == {base.id}
    assert mundo.registro.faltan_en(MONGO) == set()
    assert mundo.titulo(base) == "5 €"
    (apartada,) = mundo.replicador.cuarentena()
    assert (apartada.origen, apartada.titulo) == (MONGO, "5 €")


@pytest.mark.parametrize("principal", [SQL, MONGO])
def test_con_ambas_atrasadas_se_lee_de_la_que_tiene_mas(mundo: Mundo, principal: NombreAlmacen) -> None:
    """MongoDB was away and lacks much; then SQL hiccuped, and may lack a little."""
    tarea = mundo.en_ambas("vieja")
    mundo.sql.filas[tarea.id] = replace(tarea, titulo="nueva", version=tarea.version + 1, pendiente=True)
    for _ in range(3):
        mundo.sql.save(Tarea(titulo="solo en sql"))
    mundo.mongo.save(Tarea(titulo="solo en mongo"))
    for nombre in (MONGO, SQL):
        mundo.registro.marcar_atrasada(nombre)
    mundo.dual._lector.principal = principal
    assert mundo.titulo(tarea) == "nueva"
    assert len(mundo.titulos()) == 2
    assert mundo.dual.list().aviso
