"""The judge on made-up evidence: each evil is named, and what is right is let go."""

from __future__ import annotations

from pathlib import Path

from tests.torture.comprobador import Pruebas, Purgada, Veredicto, culpable, juzgar
from tests.torture.contenido import Contenido
from tests.torture.crudo import FilaCruda, Volcado
from tests.torture.historia import Cuaderno, Fin, Llamada, leer_historia

VACIO = Volcado(filas={}, conflictos={})
_n = iter(range(1, 1_000_000))


def contenido(titulo: str, *, eliminada: bool = False) -> Contenido:
    return Contenido(
        titulo=titulo,
        descripcion="",
        estado="PENDIENTE",
        creada_ms=1,
        actualizada_ms=2,
        eliminada=eliminada,
    )


def escrita(
    version: int, base: int, fin: Fin = Fin.OK, *, titulo: str = "", eliminada: bool = False, op: str = ""
) -> Llamada:
    dicho = contenido(titulo or f"v{version}", eliminada=eliminada)
    orden = next(_n)
    return Llamada(
        autor="a.1",
        n=orden,
        orden=orden,
        orden_fin=next(_n),
        op=op or ("eliminar" if eliminada else "editar"),
        id="x",
        version=version,
        base=base,
        huella=dicho.huella,
        visible=dicho.huella_visible,
        eliminada=eliminada,
        fin=fin,
    )


def leida(version: int, aviso: str = "") -> Llamada:
    orden = next(_n)
    return Llamada(
        autor="a.1",
        n=orden,
        orden=orden,
        orden_fin=next(_n),
        op="leer",
        id="x",
        fin=Fin.OK,
        vistas={"x": version},
        almacen="sql",
        aviso=aviso,
    )


def fila(version: int, titulo: str = "", *, eliminada: bool = False, pendiente: bool = False) -> FilaCruda:
    return FilaCruda(
        id="x",
        version=version,
        comun=0 if pendiente else version,
        pendiente=pendiente,
        contenido=contenido(titulo or f"v{version}", eliminada=eliminada),
    )


def volcado(una: FilaCruda | None = None, *conflictos: FilaCruda) -> Volcado:
    return Volcado(
        filas={} if una is None else {"x": una},
        conflictos={("x", otra.version): otra for otra in conflictos},
    )


def males(historia: list[Llamada], sql: Volcado, mongo: Volcado | None = None) -> set[str]:
    veredicto = juzgar(Pruebas(historia=historia, sql=sql, mongo=sql if mongo is None else mongo))
    return {nombre for nombre, hay in veredicto.items() if hay}


def test_lo_que_su_sucesora_vio_no_se_ha_perdido() -> None:
    assert males([escrita(1, 0), escrita(2, 1), escrita(3, 2)], volcado(fila(3))) == set()


def test_lo_confirmado_que_nadie_vio_ni_guardo_se_ha_perdido() -> None:
    historia = [escrita(1, 0), escrita(2, 1), escrita(3, 1)]
    assert males(historia, volcado(fila(3))) == {"escrituras confirmadas perdidas"}
    assert males(historia, volcado(fila(3), fila(2))) == set()


def test_lo_que_solo_confirmo_una_base_tambien_cuenta() -> None:
    historia = [escrita(1, 0, Fin.DEGRADADA), escrita(2, 0, Fin.DEGRADADA)]
    assert males(historia, volcado(fila(2))) == {"escrituras confirmadas perdidas"}


def test_una_repeticion_aceptada_de_una_incierta_es_una_escritura_aceptada() -> None:
    historia = [escrita(1, 0), escrita(2, 0, Fin.DESCONOCIDA), escrita(2, 0, Fin.OK)]
    assert "escrituras confirmadas perdidas" in males(historia, volcado(fila(1)))


def test_dos_borrados_iguales_son_uno() -> None:
    historia = [
        escrita(1, 0, titulo="t"),
        escrita(2, 1, titulo="t", eliminada=True),
        escrita(3, 1, titulo="t", eliminada=True),
    ]
    assert males(historia, volcado(fila(3, "t", eliminada=True))) == set()


def test_un_borrado_confirmado_bajo_una_fila_viva_que_no_lo_vio_es_una_resurreccion() -> None:
    historia = [escrita(1, 0, titulo="t"), escrita(2, 1, titulo="t", eliminada=True)]
    assert "tareas resucitadas" in males(historia, volcado(fila(1, "t")))
    assert males([*historia, escrita(3, 2, op="restaurar")], volcado(fila(3))) == set()


def test_lo_purgado_se_fue_con_razon_y_no_vuelve() -> None:
    historia = [escrita(1, 0, titulo="t"), escrita(2, 1, titulo="t", eliminada=True)]
    purgadas = [Purgada("x", 2, cuando_s=historia[-1].inicio_s + 1)]

    def veredicto(sql: Volcado, *mas: Llamada) -> set[str]:
        pruebas = Pruebas(historia=[*historia, *mas], sql=sql, mongo=sql, purgadas=purgadas)
        return {nombre for nombre, hay in juzgar(pruebas).items() if hay}

    lectura = leida(0)
    assert veredicto(VACIO, lectura) == {"lecturas atrasadas sin decirlo"}
    lectura.inicio_s = purgadas[0].cuando_s + 1
    assert veredicto(VACIO, lectura) == set()
    nueva = escrita(3, 0, op="crear")
    nueva.inicio_s = purgadas[0].cuando_s + 1
    tardia = escrita(4, 1)
    assert veredicto(VACIO) == set()
    assert veredicto(volcado(fila(3)), nueva) == set()
    assert veredicto(volcado(fila(1, "t"))) == {"tareas resucitadas"}
    assert veredicto(volcado(fila(4)), tardia) == {"tareas resucitadas"}


def test_toda_diferencia_y_toda_marca_se_nombran() -> None:
    historia = [escrita(1, 0), escrita(2, 1)]
    assert "filas que difieren entre las dos bases" in males(historia, volcado(fila(2)), volcado(fila(1)))
    assert "filas que difieren entre las dos bases" in males(historia, volcado(fila(2)), VACIO)
    assert "pendientes sin resolver" in males(historia, volcado(fila(2, pendiente=True)), volcado(fila(2)))


def test_una_lapida_a_un_lado_y_viva_al_otro_es_una_diferencia() -> None:
    historia = [escrita(1, 0)]
    otro = volcado(fila(1, eliminada=True))
    assert "filas que difieren entre las dos bases" in males(historia, volcado(fila(1)), otro)


def test_una_fallida_no_deja_rastro_ni_como_base_de_otra() -> None:
    historia = [escrita(1, 0), escrita(2, 1, Fin.FALLIDA)]
    assert males(historia, volcado(fila(1))) == set()
    assert "rastros de escrituras fallidas" in males(historia, volcado(fila(2)))
    assert "rastros de escrituras fallidas" in males(historia, volcado(fila(1), fila(2)))
    assert "rastros de escrituras fallidas" in males([*historia, escrita(3, 2)], volcado(fila(3)))


def test_una_incierta_puede_estar_o_no_pero_entera() -> None:
    historia = [escrita(1, 0), escrita(2, 1, Fin.DESCONOCIDA)]
    assert males(historia, volcado(fila(1))) == set()
    assert males(historia, volcado(fila(2))) == set()
    assert "contenido que nadie escribió" in males(historia, volcado(fila(2, "a medias")))


def test_la_misma_version_para_dos_escrituras_de_una_tarea_se_nombra() -> None:
    historia = [escrita(1, 0), escrita(1, 0, titulo="otra")]
    assert "versiones repetidas" in males(historia, volcado(fila(1)))
    ajena = escrita(1, 0, titulo="otra")
    ajena.id = "y"
    assert "versiones repetidas" not in males([historia[0], ajena], volcado(fila(1)))


def test_una_incierta_que_alguien_vio_ya_no_puede_desaparecer() -> None:
    historia = [escrita(1, 0), escrita(2, 1, Fin.SIN_FIN), leida(2)]
    assert males(historia, volcado(fila(1))) == {"escrituras inciertas vistas y perdidas"}


def test_a_quien_se_le_dijo_que_perdio_no_gana() -> None:
    historia = [escrita(1, 0), escrita(2, 1, Fin.CONFLICTO)]
    assert "perdedoras avisadas que ganaron" in males(historia, volcado(fila(2)))
    assert males(historia, volcado(fila(1), fila(2))) == set()


def test_leer_menos_de_lo_guardado_hay_que_decirlo() -> None:
    historia = [escrita(1, 0), escrita(2, 1), leida(1)]
    assert males(historia, volcado(fila(2))) == {"lecturas atrasadas sin decirlo"}
    assert males([*historia[:2], leida(1, "puede faltar algo")], volcado(fila(2))) == set()
    assert males([historia[0], leida(1), historia[1]], volcado(fila(2))) == {"lecturas atrasadas sin decirlo"}


def test_lo_leido_antes_de_guardar_es_lo_de_antes() -> None:
    primera = escrita(1, 0)
    lectura = leida(1)
    assert males([primera, lectura, escrita(2, 1)], volcado(fila(2))) == set()


def test_un_veredicto_con_cualquier_mal_es_culpable() -> None:
    limpio: Veredicto = juzgar(Pruebas(historia=[], sql=VACIO, mongo=VACIO))
    assert not culpable(limpio)
    for campo in ("retrocesos", "segunda", "secretos", "trazas", "otros"):
        malas = Pruebas(historia=[], sql=VACIO, mongo=VACIO)
        setattr(malas, campo, ["mal"])
        assert culpable(juzgar(malas)), campo


def test_la_historia_de_un_proceso_matado_se_lee_hasta_donde_llego(tmp_path: Path) -> None:
    ruta = tmp_path / "a.1.jsonl"
    cuaderno = Cuaderno(ruta)
    n = cuaderno.empieza("editar", id="x", version=7, base=3)
    cuaderno.termina(n, Fin.OK, sql="confirmada")
    cuaderno.empieza("eliminar", id="x", version=8, base=7, eliminada=True)
    with ruta.open("ab") as archivo:
        archivo.write(b'{"n": 3, "op": "edi')
    una, otra = leer_historia(tmp_path)
    assert (una.fin, una.version, una.sql, una.orden, una.orden_fin) == (Fin.OK, 7, "confirmada", 1, 2)
    assert (otra.fin, otra.eliminada) == (Fin.SIN_FIN, True)
