"""`dual-tareas verificar` and `reparar` on real databases: what they do, ask and say, and how they end."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest

from adapters.cli import verificar as orden_verificar
from adapters.cli.reparar import leer_ids
from adapters.container import Contenedor
from adapters.settings import Ajustes
from core.domain.errors import ArchivoInvalido
from core.domain.models.tarea import Tarea
from tests.integration.revision import MONGO, SQL, Par, de_hace

Correr = Callable[..., tuple[int, str, str]]


def en_ambos(par: Par, fila: Tarea) -> list[tuple[str, bool]]:
    leidas = [par.almacenes[nombre].leer(fila.id) for nombre in (SQL, MONGO)]
    return [(una.titulo, una.eliminada) for una in leidas]


def distintas(par: Par) -> tuple[Tarea, Tarea]:
    """One that only SQL has, and one that is another in each."""
    sola, fila = de_hace(4, "<b>sola</b>"), de_hace(3, "en SQL")
    par.poner([sola, fila], SQL)
    par.poner([de_hace(2, "en MongoDB", id=fila.id)], MONGO)
    return sola, fila


def test_verificar_dice_si_son_iguales_y_termina_con_0(par: Par, correr: Correr) -> None:
    par.poner([de_hace(1, contador=n) for n in range(12)])
    codigo, out, _ = correr("verificar")
    assert codigo == 0
    assert out.startswith("✓ Ambas contienen lo mismo: 12 filas en SQL y 12 en MongoDB (método resumen")
    codigo, out, _ = correr("verificar", "--json")
    dicho = json.loads(out)
    assert (codigo, dicho["iguales"], dicho["filas_sql"], dicho["diferencias"]) == (0, True, 12, [])


def test_verificar_nombra_lo_que_difiere_y_termina_con_1(par: Par, correr: Correr) -> None:
    sola, fila = distintas(par)
    par.poner([de_hace(4, contador=n) for n in range(25)], MONGO)
    codigo, out, _ = correr("verificar")
    assert codigo == 1
    assert out.splitlines()[0].startswith("✗ Difieren en 27 tareas: 2 filas en SQL y 26 en MongoDB")
    assert "25  Solo en MongoDB" in out
    assert out.splitlines()[-1] == "  … y 7 más."
    codigo, out, _ = correr("verificar", "--json")
    dicho = json.loads(out)
    por_id = {una["id"]: una for una in dicho["diferencias"]}
    assert (codigo, dicho["iguales"], len(por_id)) == (1, False, 27)
    assert por_id[str(sola.id)]["tipo"] == "solo_sql"
    assert por_id[str(fila.id)]["campos"] == ["titulo", "creada_en", "actualizada_en", "version"]
    assert por_id[str(sola.id)]["edad_s"] == pytest.approx(4 * 86400, abs=60)


def test_si_una_no_responde_no_se_sabe_y_termina_con_2(
    par: Par, correr: Correr, monkeypatch: pytest.MonkeyPatch
) -> None:
    par.poner([de_hace(1)])
    monkeypatch.setenv("MONGO_URL", "mongodb://127.0.0.1:1/x")
    codigo, out, err = correr("verificar", "--json")
    assert (codigo, out) == (2, "")
    assert "No se sabe si son iguales." in err
    assert correr("reparar", "--gana", "sql", "--si")[0] == 2
    monkeypatch.setenv("ORM", "peewee")
    assert correr("verificar")[0] == correr("reparar", "--gana", "sql")[0] == 2


def test_el_informe_lleva_la_huella_del_json_y_no_pisa_otro(par: Par, correr: Correr, tmp_path: Path) -> None:
    distintas(par)
    base = tmp_path / "acta"
    assert correr("verificar", "--informe", str(base))[0] == 1
    crudo, pagina = (tmp_path / "acta.json").read_bytes(), (tmp_path / "acta.html").read_text("utf-8")
    assert hashlib.sha256(crudo).hexdigest() in pagina
    assert "resumen: cada servidor sumó todo su contenido" in pagina
    assert "<td>4 días 0 h</td>" in pagina
    assert "No es una firma electrónica." in pagina
    dicho = json.loads(crudo)
    assert (dicho["resultado"], dicho["filas_sql"], len(dicho["diferencias"])) == ("diferentes", 2, 2)
    assert dicho["almacenes"]["sql"].endswith("tareas.sqlite3")
    assert dicho["firmado_por"]["puesto"]
    codigo, out, err = correr("verificar", "--informe", str(base))
    assert (codigo, out) == (2, "")
    assert "--sobrescribir" in err
    assert (tmp_path / "acta.json").read_bytes() == crudo
    assert correr("verificar", "--informe", f"{base}.json", "--sobrescribir")[0] == 1
    assert (tmp_path / "acta.json").read_bytes() != crudo


def test_reparar_simula_pregunta_repara_y_deshace(
    par: Par, correr: Correr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sola, fila = distintas(par)
    codigo, out, _ = correr("reparar", "--gana", "sql", "--simular", "--json")
    dicho = json.loads(out)
    assert (codigo, dicho["simulada"], dicho["reparadas"]) == (0, True, 0)
    assert dicho["plan"] == {"contenido": {"sustituir": 1}, "solo_sql": {"copiar": 1}}
    monkeypatch.setattr(sys, "stdin", StringIO(""))
    codigo, _, err = correr("reparar", "--gana", "sql")
    assert codigo == 2
    assert "--si" in err
    terminal = StringIO("n\n")
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stdin", terminal)
    codigo, _, err = correr("reparar", "--gana", "sql")
    assert codigo == 1
    assert "Se reemplaza 1 contenido de MongoDB: se guarda antes y se puede devolver." in err
    assert "No se ha cambiado nada." in err
    codigo, out, _ = correr("reparar", "--gana", "sql", "--si", "--json")
    dicho = json.loads(out)
    assert (codigo, dicho["reparadas"], dicho["sobrescritas"]) == (0, 2, 1)
    assert en_ambos(par, fila) == [("en SQL", False)] * 2
    assert en_ambos(par, sola) == [("<b>sola</b>", False)] * 2
    assert correr("verificar")[0] == 0
    codigo, out, err = correr("reparar", "--gana", "sql", "--si")
    assert (codigo, out) == (0, "")
    codigo, out, _ = correr("reparar", "--deshacer", dicho["recibo"], "--si")
    assert (codigo, out) == (0, "           1 tarea devuelta.\n")
    assert en_ambos(par, fila) == [("en MongoDB", False)] * 2
    assert correr("reparar", "--deshacer", str(tmp_path / "tareas.sqlite3"), "--si")[0] == 1


def test_reparar_solo_las_de_la_lista_y_dice_lo_que_no_puede(
    par: Par, correr: Correr, tmp_path: Path
) -> None:
    sola, fila = distintas(par)
    lista = tmp_path / "ids.txt"
    lista.write_text(f"# estas\n\n{str(sola.id).upper()}\n{de_hace(1).id}\n", "utf-8")
    codigo, _, err = correr("reparar", "--gana", "mongo", "--ids", str(lista), "--si")
    assert codigo == 0
    assert "1 id de la lista no difiere." in err
    assert en_ambos(par, sola) == [("<b>sola</b>", True)] * 2  # MongoDB, which held none, has won
    assert en_ambos(par, fila) == [("en SQL", False), ("en MongoDB", False)]
    assert correr("reparar", "--si")[0] == correr("reparar", "--gana", "nadie")[0] == 2


@pytest.mark.parametrize("texto", ["", "# nada\n", "no-es-un-id\n", "\x00\n", "x" * 5_000_001])
def test_una_lista_de_ids_que_no_sirve_se_rehusa(tmp_path: Path, texto: str) -> None:
    lista = tmp_path / "ids.txt"
    lista.write_text(texto, "utf-8")
    with pytest.raises(ArchivoInvalido):
        leer_ids(lista)


def test_el_programa_verifica_solo_si_se_le_dice_cada_cuanto(
    par: Par, tmp_path: Path, mongo_url: str
) -> None:
    par.poner([de_hace(1)])
    for cada_min, hay in ((0, False), (1, True)):
        ajustes = Ajustes(
            datos=tmp_path,
            mongo_url=mongo_url,  # type: ignore[arg-type]
            verificar_cada_min=cada_min,
        )
        with Contenedor(ajustes) as contenedor:
            hilos = [uno for uno in threading.enumerate() if uno.name == "DualRepo-verificacion"]
            assert bool(hilos) is hay
            assert contenedor.pulso()[0] == contenedor.pulso()[1]
        for hilo in hilos:
            hilo.join(5)
            assert not hilo.is_alive()


def test_continuo_no_compara_otra_vez_si_nada_ha_cambiado(
    par: Par, correr: Correr, monkeypatch: pytest.MonkeyPatch
) -> None:
    par.poner([de_hace(1)])
    vueltas = 0

    class Espera(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            nonlocal vueltas
            if timeout != 120.0:  # a second look of the comparison itself
                return super().wait(timeout)
            vueltas += 1
            if vueltas == 2:
                par.poner([de_hace(0)], SQL)
            if vueltas == 3:
                self.set()
            return self.is_set()

    monkeypatch.setattr("adapters.cli.verificar.Parada", Espera)
    codigo, out, err = correr("verificar", "--continuo", "2", "--json")
    assert codigo == 1
    assert [json.loads(linea)["iguales"] for linea in out.splitlines()] == [True, False]
    assert err.count("Ningún programa ha escrito") == 1
    assert correr("verificar", "2")[0] == 2


def test_continuo_ve_lo_cambiado_a_mano_aunque_ningun_programa_haya_escrito(
    par: Par, correr: Correr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the count nor the versions tell of it: after a while both are compared in full."""
    par.poner([de_hace(1)])
    vueltas = 0

    class Espera(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            nonlocal vueltas
            if timeout != 60.0:  # a second look of the comparison itself
                return super().wait(timeout)
            vueltas += 1
            if vueltas == 1:
                with closing(sqlite3.connect(tmp_path / "tareas.sqlite3")) as archivo, archivo:
                    archivo.execute("UPDATE tareas SET titulo = 'a mano'")
                monkeypatch.setattr("adapters.verificacion.continua.COMPLETA_CADA_S", 0.0)
            if vueltas == 2:
                self.set()
            return self.is_set()

    monkeypatch.setattr("adapters.cli.verificar.Parada", Espera)
    codigo, out, err = correr("verificar", "--continuo", "1", "--json")
    assert [json.loads(linea)["iguales"] for linea in out.splitlines()] == [True, False]
    assert (codigo, "Ningún programa ha escrito" in err) == (1, False)


def test_si_el_informe_no_se_puede_escribir_no_se_dice_que_difieren(
    par: Par, correr: Correr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fills up while they are compared."""
    par.poner([de_hace(1)])

    def sin_sitio(*_argumentos: object, **_opciones: object) -> None:
        raise ArchivoInvalido("No se puede escribir: no queda sitio en el disco.")

    monkeypatch.setattr(orden_verificar, "guardar_informe", sin_sitio)
    codigo, out, err = correr("verificar", "--informe", str(tmp_path / "i"))
    assert codigo == 2
    assert "Ambas contienen lo mismo" in out
    assert "no queda sitio en el disco. No hay informe." in err
