"""What the banners say of the stores' health: rules alone, on a clock moved by hand."""

from __future__ import annotations

import math
from uuid import uuid4

import pytest

from core.domain.events import (
    CuarentenaCambiada,
    EscriturasConfirmadas,
    EscrituraTerminada,
    ReplicacionDetenida,
    ReplicacionTerminada,
)
from core.domain.models.almacen import (
    Desenlace,
    NombreAlmacen,
    Pong,
    ResultadoAlmacen,
    ResultadoEscritura,
)
from core.domain.models.apartada import Apartada
from core.domain.models.consulta import Resumen
from core.domain.models.tarea import Tarea
from core.health import EstadoSalud
from gui.avisos.aviso import Aviso, Nivel
from gui.salud.avisos_salud import AccionesSalud, PresentadorSalud
from gui.salud.noticias import BUENA_NOTICIA_S
from gui.salud.palabras import aspecto
from gui.widgets.formato import hora
from tests.gui.fuente_falsa import INICIO, MONGO, SQL, FuenteFalsa, RelojFalso

E = EstadoSalud


class Mesa:
    """A presenter, its source, its clock, and what its buttons did."""

    def __init__(self, *almacenes: NombreAlmacen) -> None:
        self.fuente = FuenteFalsa(*almacenes)
        self.reloj = RelojFalso()
        self.reintentos: list[NombreAlmacen | None] = []
        self.vistas: list[str] = []
        acciones = AccionesSalud(self.reintentos.append, lambda: self.vistas.append("pendientes"))
        self.presentador = PresentadorSalud(
            self.fuente, acciones, ahora_s=self.reloj.ahora_s, ahora=self.reloj.ahora
        )

    def estan(self, **estados: EstadoSalud) -> dict[str, Aviso]:
        for nombre, estado in estados.items():
            self.fuente.poner(NombreAlmacen(nombre), estado, desde_s=self.reloj.s, proximo_s=self.reloj.s + 3)
        return self.presentador.vigentes()

    def escribir(
        self, sql: Desenlace, mongo: Desenlace, *, id: str = "", lote: bool = False, error: str = ""
    ) -> None:
        resultado = ResultadoEscritura(
            operacion="importar" if lote else "save",
            entidad_id=id or str(uuid4()),
            sql=ResultadoAlmacen(almacen=SQL, desenlace=sql, error=error),
            mongo=ResultadoAlmacen(almacen=MONGO, desenlace=mongo, error=error),
            tarea=None if lote else Tarea(titulo="Una"),
        )
        self.presentador.observar(EscrituraTerminada(resultado))


OK, NO = Desenlace.CONFIRMADA, Desenlace.NO_DISPONIBLE


@pytest.fixture
def mesa() -> Mesa:
    return Mesa()


def test_con_todo_bien_no_hay_nada_que_decir(mesa: Mesa) -> None:
    assert mesa.estan(sql=E.OK, mongo=E.OK) == {}


def test_al_arrancar_no_saber_no_es_un_aviso(mesa: Mesa) -> None:
    assert mesa.presentador.vigentes() == {}


def test_una_caida_dice_desde_cuando_y_cuanto_lleva(mesa: Mesa) -> None:
    mesa.estan(sql=E.OK, mongo=E.CAIDA)
    mesa.reloj.s += 72
    mesa.fuente.poner(MONGO, E.CAIDA, proximo_s=mesa.reloj.s + 3)
    aviso = mesa.presentador.vigentes()["salud-mongo"]
    assert aviso.nivel is Nivel.AVISO
    assert aviso.titulo == f"MongoDB no responde desde las {hora(INICIO)} (1 min 12 s)"
    assert aviso.detalle == "Lo que guarde irá SOLO a SQL y se copiará cuando vuelva. Próximo intento en 3 s."
    assert [accion.texto for accion in aviso.acciones] == ["Reintentar ahora", "Ver lo que falta"]
    for accion in aviso.acciones:
        accion.hacer()
    assert (mesa.reintentos, mesa.vistas) == ([MONGO], ["pendientes"])


def test_cuenta_las_tareas_que_fueron_a_un_solo_almacen(mesa: Mesa) -> None:
    mesa.estan(sql=E.OK, mongo=E.CAIDA)
    mesa.escribir(OK, NO, id="a")
    assert "1 tarea guardada SOLO en SQL; se copiará cuando vuelva." in _detalle(mesa, "salud-mongo")
    mesa.escribir(OK, NO, id="a")
    mesa.escribir(OK, Desenlace.DESCONOCIDA, id="b")
    assert "2 tareas guardadas SOLO en SQL; se copiarán cuando vuelva." in _detalle(mesa, "salud-mongo")


def test_un_lote_no_cuenta_como_una_tarea(mesa: Mesa) -> None:
    mesa.estan(sql=E.OK, mongo=E.CAIDA)
    mesa.escribir(OK, NO, id="1000 tareas", lote=True)
    assert "1 tarea" not in _detalle(mesa, "salud-mongo")
    mesa.presentador.pendientes.resumir(Resumen(total=12_000, pendientes={SQL: 12_000, MONGO: None}))
    assert "12.000 tareas guardadas SOLO en SQL" in _detalle(mesa, "salud-mongo")


def test_lo_confirmado_en_ambos_no_cuenta(mesa: Mesa) -> None:
    mesa.estan(sql=E.OK, mongo=E.CAIDA)
    mesa.escribir(OK, OK)
    mesa.escribir(OK, NO, id="a")
    mesa.presentador.observar(EscriturasConfirmadas((("a", 1),)))
    assert mesa.presentador.pendientes.solo_en(SQL) == 0


def test_la_cuenta_de_los_almacenes_vale_mas_que_la_nuestra(mesa: Mesa) -> None:
    mesa.escribir(OK, NO)
    mesa.presentador.pendientes.preguntar()
    mesa.presentador.pendientes.resumir(Resumen(total=9, pendientes={SQL: 12_000, MONGO: None}))
    assert mesa.presentador.pendientes.solo_en(SQL) == 12_000
    mesa.presentador.pendientes.resumir(Resumen(total=9, pendientes={SQL: 0, MONGO: 0}))
    assert mesa.presentador.pendientes.solo_en(SQL) == 0


def test_la_vuelta_dice_lo_que_se_copio(mesa: Mesa) -> None:
    mesa.estan(sql=E.OK, mongo=E.CAIDA)
    mesa.escribir(OK, NO)
    mesa.estan(mongo=E.OK)
    mesa.presentador.observar(
        ReplicacionTerminada(origen=SQL, copiadas=3, conflictos=0, apartadas=0, duracion_s=0.21)
    )
    aviso = mesa.presentador.vigentes()["salud-mongo"]
    assert aviso.nivel is Nivel.EXITO
    assert aviso.titulo == "MongoDB vuelve a responder"
    assert aviso.detalle == "3 tareas copiadas en 0,2 s. Ambas bases de datos están al día."


def test_una_copia_de_rutina_no_es_noticia(mesa: Mesa) -> None:
    mesa.estan(sql=E.OK, mongo=E.OK)
    mesa.presentador.observar(
        ReplicacionTerminada(origen=SQL, copiadas=1, conflictos=0, apartadas=0, duracion_s=0.1)
    )
    assert mesa.presentador.vigentes() == {}


def test_ambas_caidas_es_un_solo_error(mesa: Mesa) -> None:
    mesa.estan(sql=E.OK, mongo=E.CAIDA)
    avisos = mesa.estan(sql=E.CAIDA)
    assert list(avisos) == ["salud-ninguna"]
    assert avisos["salud-ninguna"].nivel is Nivel.ERROR
    assert avisos["salud-ninguna"].titulo == "Ninguna base de datos responde"
    assert "sus textos se conservan" in avisos["salud-ninguna"].detalle
    avisos["salud-ninguna"].acciones[0].hacer()
    assert mesa.reintentos == [None]


def test_cuando_vuelve_una_de_las_dos_la_otra_sigue_avisada(mesa: Mesa) -> None:
    mesa.estan(sql=E.CAIDA, mongo=E.CAIDA)
    avisos = mesa.estan(sql=E.OK)
    assert {clave: a.nivel for clave, a in avisos.items()} == {
        "salud-sql": Nivel.EXITO,
        "salud-mongo": Nivel.AVISO,
    }


def test_la_vuelta_es_una_buena_noticia_con_lo_que_falta_y_caduca(mesa: Mesa) -> None:
    mesa.estan(sql=E.OK, mongo=E.CAIDA)
    mesa.escribir(OK, NO)
    mesa.escribir(OK, NO)
    aviso = mesa.estan(mongo=E.OK)["salud-mongo"]
    assert (aviso.nivel, aviso.titulo) == (Nivel.EXITO, "MongoDB vuelve a responder")
    assert aviso.detalle == "Quedan 2 tareas por copiar desde SQL."
    mesa.reloj.s += BUENA_NOTICIA_S + 0.1
    assert mesa.presentador.vigentes() == {}


def test_una_nueva_caida_quita_la_buena_noticia(mesa: Mesa) -> None:
    mesa.estan(sql=E.OK, mongo=E.CAIDA)
    mesa.estan(mongo=E.OK)
    assert mesa.estan(mongo=E.CAIDA)["salud-mongo"].nivel is Nivel.AVISO


@pytest.mark.parametrize(
    ("estado", "titulo"),
    [
        (E.SOLO_LECTURA, "SQL está en solo lectura"),
        (E.LENTA, "SQL responde despacio"),
        (E.PONIENDOSE_AL_DIA, "SQL se está poniendo al día"),
    ],
)
def test_cada_estado_se_dice_con_sus_palabras(mesa: Mesa, estado: EstadoSalud, titulo: str) -> None:
    assert mesa.estan(sql=estado, mongo=E.OK)["salud-sql"].titulo == titulo


def test_un_estado_que_caduca_deja_de_creerse(mesa: Mesa) -> None:
    mesa.estan(sql=E.OK, mongo=E.OK)
    mesa.reloj.s += 15
    aviso = mesa.estan(sql=E.DESCONOCIDA)["salud-sql"]
    assert aviso.titulo == "No se sabe nada de SQL desde hace 15 s"


@pytest.mark.parametrize(
    ("desfase_ms", "nivel"),
    [(499.0, None), (-499.0, None), (500.0, Nivel.AVISO), (-1200.0, Nivel.AVISO), (60_000.0, Nivel.ERROR)],
)
def test_los_relojes_que_no_concuerdan_se_avisan(mesa: Mesa, desfase_ms: float, nivel: Nivel | None) -> None:
    mesa.fuente.poner(MONGO, E.OK, pong=Pong(latencia_ms=0.0, desfase_ms=desfase_ms))
    aviso = mesa.presentador.vigentes().get("reloj-mongo")
    assert (aviso.nivel if aviso else None) is nivel
    if desfase_ms == -1200.0:
        assert aviso is not None
        assert aviso.titulo == "El reloj de MongoDB va 1,2 s por detrás del de este equipo"
    if nivel is Nivel.ERROR:
        assert aviso is not None
        assert aviso.titulo == (
            "El reloj de MongoDB va 1 min 0 s por delante del de este equipo: no se guarda nada"
        )


def test_el_reloj_de_un_almacen_lento_o_caido_no_alarma(mesa: Mesa) -> None:
    mesa.fuente.poner(MONGO, E.LENTA, pong=Pong(latencia_ms=3000.0, desfase_ms=1500.0))
    mesa.fuente.poner(SQL, E.CAIDA, pong=Pong(latencia_ms=1.0, desfase_ms=3_600_000.0))
    assert not {"reloj-mongo", "reloj-sql"} & mesa.presentador.vigentes().keys()


def test_con_un_solo_almacen_no_se_promete_copiar_nada() -> None:
    mesa = Mesa(SQL)
    aviso = mesa.estan(sql=E.CAIDA)["salud-ninguna"]
    assert aviso.titulo.startswith("SQL no responde desde las")
    assert "copiar" not in aviso.detalle
    assert mesa.estan(sql=E.OK)["salud-sql"].detalle == ""
    assert "MongoDB" not in mesa.estan(sql=E.SOLO_LECTURA)["salud-sql"].detalle


def test_cada_estado_tiene_palabra_icono_y_color_propios() -> None:
    aspectos = [aspecto(estado) for estado in EstadoSalud]
    assert len({a.palabra for a in aspectos}) == len({a.icono for a in aspectos}) == len(EstadoSalud)
    assert {a.palabra for a in aspectos} >= {"OK", "LENTA", "CAÍDA", "PONIÉNDOSE AL DÍA", "SOLO LECTURA"}


def test_lo_nunca_visto_no_tiene_edad(mesa: Mesa) -> None:
    assert mesa.fuente.salud(SQL).visto_s == -math.inf
    assert mesa.presentador.vigentes() == {}


def _detalle(mesa: Mesa, clave: str) -> str:
    return mesa.presentador.vigentes()[clave].detalle


def test_una_cuenta_pedida_antes_de_una_escritura_no_la_olvida(mesa: Mesa) -> None:
    mesa.estan(sql=E.OK, mongo=E.CAIDA)
    pendientes = mesa.presentador.pendientes
    pendientes.preguntar()
    mesa.escribir(OK, NO)
    pendientes.resumir(Resumen(total=9, pendientes={SQL: 0, MONGO: None}))
    assert "1 tarea guardada SOLO en SQL" in _detalle(mesa, "salud-mongo")
    assert mesa.presentador.replicacion.por_copiar() == 1
    pendientes.preguntar()
    pendientes.resumir(Resumen(total=9, pendientes={SQL: 1, MONGO: None}))
    assert mesa.presentador.replicacion.por_copiar() == 1


def test_si_ninguna_contesta_no_se_dice_que_no_falta_nada(mesa: Mesa) -> None:
    pendientes, replicacion = mesa.presentador.pendientes, mesa.presentador.replicacion
    pendientes.resumir(Resumen(total=9, pendientes={SQL: None, MONGO: None}))
    assert replicacion.por_copiar() is None
    pendientes.resumir(Resumen(total=9, pendientes={SQL: 0, MONGO: None}))
    assert replicacion.por_copiar() == 0


FALLO = Desenlace.FALLIDA


def test_un_almacen_que_responde_pero_no_guarda_se_dice(mesa: Mesa) -> None:
    mesa.estan(sql=E.OK, mongo=E.OK)
    mesa.escribir(FALLO, OK, error="el disco está lleno")
    aviso = mesa.presentador.vigentes()["salud-sql"]
    assert (aviso.nivel, aviso.titulo) == (Nivel.AVISO, "SQL no está guardando: el disco está lleno")
    assert aviso.detalle == "1 tarea guardada SOLO en MongoDB; se copiará cuando se resuelva."
    mesa.escribir(OK, OK)
    assert mesa.presentador.vigentes()["salud-sql"].titulo == "SQL vuelve a guardar"


def test_lo_copiado_es_la_buena_noticia_del_que_no_guardaba(mesa: Mesa) -> None:
    mesa.estan(sql=E.OK, mongo=E.OK)
    mesa.escribir(Desenlace.DESCONOCIDA, OK, error="no contestó")
    pasada = ReplicacionTerminada(origen=MONGO, copiadas=1, conflictos=0, apartadas=0, duracion_s=0.2)
    mesa.presentador.observar(pasada)
    aviso = mesa.presentador.vigentes()["salud-sql"]
    assert aviso.titulo == "SQL vuelve a guardar"
    assert "1 tarea copiada" in aviso.detalle


def test_lo_que_no_se_pudo_copiar_no_es_buena_noticia(mesa: Mesa) -> None:
    mesa.estan(sql=E.OK, mongo=E.OK)
    mesa.escribir(FALLO, OK, error="la tabla está bloqueada")
    mesa.presentador.observar(
        ReplicacionTerminada(origen=MONGO, copiadas=0, conflictos=0, apartadas=1, duracion_s=0.2)
    )
    assert mesa.presentador.vigentes()["salud-sql"].titulo == "SQL no está guardando: la tabla está bloqueada"


def test_si_ninguno_guarda_no_se_promete_copiar(mesa: Mesa) -> None:
    mesa.estan(sql=E.OK, mongo=E.OK)
    mesa.escribir(FALLO, FALLO, error="sin espacio")
    for clave in ("salud-sql", "salud-mongo"):
        assert _detalle(mesa, clave) == "Tampoco guarda el otro; sus textos se conservan."


def test_una_caida_vale_mas_que_una_escritura_rechazada_y_la_borra(mesa: Mesa) -> None:
    mesa.estan(sql=E.OK, mongo=E.OK)
    mesa.escribir(Desenlace.DESCONOCIDA, OK, error="no contestó")
    assert "no responde" in mesa.estan(sql=E.CAIDA)["salud-sql"].titulo
    assert mesa.estan(sql=E.OK)["salud-sql"].titulo == "SQL vuelve a responder"


def copia(mesa: Mesa, copiadas: int, duracion_s: float) -> None:
    mesa.presentador.observar(
        ReplicacionTerminada(origen=SQL, copiadas=copiadas, conflictos=0, apartadas=0, duracion_s=duracion_s)
    )


def test_el_aviso_de_una_caida_sigue_hasta_que_esta_al_dia_y_entonces_dice_lo_copiado(mesa: Mesa) -> None:
    mesa.estan(sql=E.OK, mongo=E.CAIDA)
    aviso = mesa.estan(mongo=E.PONIENDOSE_AL_DIA)["salud-mongo"]
    assert (aviso.nivel, aviso.titulo) == (
        Nivel.AVISO,
        "MongoDB vuelve a responder y se está poniendo al día",
    )
    copia(mesa, 1_500, 1.5)
    assert mesa.presentador.vigentes()["salud-mongo"].nivel is Nivel.AVISO
    copia(mesa, 500, 0.5)
    aviso = mesa.estan(mongo=E.OK)["salud-mongo"]
    assert (aviso.nivel, aviso.titulo) == (Nivel.EXITO, "MongoDB está al día")
    assert aviso.detalle == "2000 tareas copiadas en 2,0 s. Ambas bases de datos están al día."
    copia(mesa, 1, 0.1)
    assert _detalle(mesa, "salud-mongo").startswith("2001 tareas copiadas en 2,1 s.")


def test_lo_copiado_en_una_vuelta_no_se_suma_a_la_siguiente(mesa: Mesa) -> None:
    for copiadas in (5, 3):
        mesa.estan(sql=E.OK, mongo=E.CAIDA)
        mesa.estan(mongo=E.PONIENDOSE_AL_DIA)
        copia(mesa, copiadas, 0.2)
        assert mesa.estan(mongo=E.OK)["salud-mongo"].detalle.startswith(f"{copiadas} tareas copiadas")


def test_quien_se_pone_al_dia_sin_haber_caido_no_alarma(mesa: Mesa) -> None:
    mesa.estan(sql=E.OK, mongo=E.OK)
    mesa.presentador.pendientes.resumir(Resumen(total=9, pendientes={SQL: 12, MONGO: 0}))
    aviso = mesa.estan(mongo=E.PONIENDOSE_AL_DIA)["salud-mongo"]
    assert (aviso.nivel, aviso.titulo) == (Nivel.INFO, "MongoDB se está poniendo al día")
    assert aviso.detalle.startswith("12 pendientes. Mientras tanto, lo que guarde va a SQL")


def test_una_escritura_aplazada_no_es_un_rechazo(mesa: Mesa) -> None:
    mesa.estan(sql=E.OK, mongo=E.OK)
    mesa.escribir(OK, Desenlace.APLAZADA, error="se está poniendo al día")
    assert mesa.presentador.vigentes() == {}
    assert mesa.presentador.pendientes.solo_en(SQL) == 1


def test_al_dia_no_se_contradice_con_una_cuenta_mas_vieja(mesa: Mesa) -> None:
    mesa.estan(sql=E.OK, mongo=E.CAIDA)
    mesa.presentador.pendientes.resumir(Resumen(total=9, pendientes={SQL: 3460, MONGO: 0}))
    mesa.estan(mongo=E.PONIENDOSE_AL_DIA)
    aviso = mesa.estan(mongo=E.OK)["salud-mongo"]
    assert (aviso.titulo, aviso.detalle) == ("MongoDB está al día", "Ambas bases de datos están al día.")


APARTADA = Apartada(
    id=uuid4(), origen=SQL, version=1, titulo="rara", motivo="no", desde_ms=0, intentos=1, proximo_ms=0
)


def test_con_algo_en_cuarentena_nadie_esta_al_dia(mesa: Mesa) -> None:
    mesa.estan(sql=E.OK, mongo=E.PONIENDOSE_AL_DIA)
    mesa.presentador.observar(CuarentenaCambiada((APARTADA,)))
    mesa.presentador.observar(
        ReplicacionTerminada(origen=SQL, copiadas=7, conflictos=0, apartadas=0, duracion_s=0.2)
    )
    aviso = mesa.estan(mongo=E.OK)["salud-mongo"]
    assert aviso.titulo == "MongoDB tiene todo lo que se podía copiar"
    assert "al día" not in aviso.detalle


def test_lo_que_se_aparta_despues_calla_que_este_al_dia(mesa: Mesa) -> None:
    mesa.estan(sql=E.OK, mongo=E.PONIENDOSE_AL_DIA)
    assert "al día" in mesa.estan(mongo=E.OK)["salud-mongo"].titulo
    mesa.presentador.observar(CuarentenaCambiada((APARTADA,)))
    assert mesa.presentador.vigentes() == {}


def test_mientras_a_la_otra_le_falta_algo_no_se_dice_que_ambas_estan_al_dia(mesa: Mesa) -> None:
    mesa.estan(sql=E.PONIENDOSE_AL_DIA, mongo=E.PONIENDOSE_AL_DIA)
    aviso = mesa.estan(sql=E.OK)["salud-sql"]
    assert (aviso.titulo, aviso.detalle) == (
        "SQL está al día",
        "A MongoDB aún le faltan tareas: se copian ahora.",
    )
    assert mesa.estan(mongo=E.OK)["salud-mongo"].detalle == "Ambas bases de datos están al día."
    assert "Ambas" not in " ".join(uno.detalle for uno in mesa.estan(sql=E.PONIENDOSE_AL_DIA).values())


def test_si_ninguna_copia_pasa_se_dice_por_que_hasta_que_pase(mesa: Mesa) -> None:
    motivo = "A la tabla «tareas» de SQL le falta la clave única de «id»."
    mesa.presentador.observar(ReplicacionDetenida(SQL, motivo))
    aviso = mesa.estan(sql=E.OK, mongo=E.PONIENDOSE_AL_DIA)["salud-replicacion"]
    assert (aviso.nivel, aviso.detalle) == (Nivel.AVISO, f"{motivo} Cuando se resuelva, la copia sigue sola.")
    assert "salud-replicacion" not in mesa.estan(sql=E.SOLO_LECTURA)  # its state says so
    assert "salud-replicacion" in mesa.estan(sql=E.OK)
    mesa.presentador.observar(ReplicacionDetenida(SQL, ""))
    assert "salud-replicacion" not in mesa.presentador.vigentes()
