"""What whoever types what the README says meets: foreign tables, odd arguments, odd characters."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from adapters.cli import main
from adapters.cli.ping import _sobre_el_reloj
from adapters.cli.salida import dato, texto_json, visible
from adapters.container import Contenedor
from adapters.reparacion.recibo import guardar_recibo
from adapters.settings import cargar_ajustes
from core.application.reparar_diferencias import RepararDiferenciasUseCase
from core.domain.errors import ArchivoInvalido, EsquemaSinAdoptar
from core.domain.models.almacen import Pong
from core.domain.models.reparacion import InformeReparacion
from tests.integration.revision import MONGO, SQL, AMano, Par, de_hace

Correr = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ajena(tmp_path: Path, mongo_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An SQLite file with a table of another program, beside an empty MongoDB."""
    monkeypatch.setenv("DUAL_TAREAS_DATOS", str(tmp_path))
    monkeypatch.setenv("MONGO_URL", mongo_url)
    ruta = tmp_path / "tareas.sqlite3"
    with closing(sqlite3.connect(ruta)) as archivo, archivo:
        archivo.execute("CREATE TABLE tareas (id integer PRIMARY KEY, titulo text)")
        archivo.execute("INSERT INTO tareas VALUES (42, 'ajena')")
    return ruta


@pytest.fixture
def mano(par: Par, tmp_path: Path, mongo_url: str) -> AMano:
    mano = AMano()
    mano.sql_url, mano.mongo_url = f"sqlite:///{tmp_path / 'tareas.sqlite3'}", mongo_url
    return mano


def test_de_una_tabla_ajena_lo_dice_cada_verbo_y_nadie_la_toca(ajena: Path, correr: Correr) -> None:
    for orden in (["verificar"], ["reparar", "--gana", "sql", "--si"]):
        codigo, out, err = correr(*orden)
        assert (codigo, out) == (2, "")
        assert err.count("Ya existe una tabla «tareas» en SQL") == 1
        assert "«dual-tareas preparar» la prepara" in err
    codigo, out, err = correr("sincronizar")
    assert codigo == 2
    assert "«dual-tareas preparar»" in err
    assert "no responde" not in err
    codigo, out, _ = correr("ping", "--json")
    dicho = json.loads(out)
    assert (codigo, dicho["sql"]["adoptada"], dicho["mongo"]["adoptada"]) == (0, False, True)
    assert "Ya existe una tabla «tareas»" in dicho["sql"]["avisos"][0]
    with Contenedor(cargar_ajustes()) as contenedor, pytest.raises(EsquemaSinAdoptar):
        contenedor.verificar()  # the window, too
    codigo, out, err = correr("preparar", "--adoptar")
    assert codigo == 1
    assert "el id «42» no es un UUID. Cámbiele el nombre a la tabla" in err
    with closing(sqlite3.connect(ajena)) as archivo:
        assert archivo.execute("SELECT * FROM tareas").fetchall() == [(42, "ajena")]


def test_una_tabla_borrada_se_vuelve_a_crear_solo_si_se_pide(par: Par, mano: AMano, correr: Correr) -> None:
    par.poner([de_hace(3)])
    mano.en_sql("DROP TABLE tareas")
    codigo, out, _ = correr("verificar")
    assert (codigo, "No existe la tabla «tareas» de SQL." in out) == (1, True)
    codigo, _, err = correr("preparar")
    assert codigo == 1
    assert "En SQL falta la tabla «tareas»" in err
    codigo, out, _ = correr("preparar", "--adoptar")
    assert (codigo, "«dual-tareas rellenar sql»" in out) == (0, True)
    assert correr("rellenar", "sql", "--si")[0] == correr("verificar")[0] == 0


@pytest.mark.parametrize(
    ("ms", "dicho"),
    [
        (600.0, "va 0,6 s por delante del de este equipo: con un minuto o más no se guardaría nada"),
        (-70_000.0, "va 70,0 s por detrás del de este equipo: hasta que concuerden no se guarda nada"),
    ],
)
def test_ping_dice_que_los_relojes_no_concuerdan(ms: float, dicho: str) -> None:
    assert dicho in _sobre_el_reloj(SQL, Pong(latencia_ms=1.0, desfase_ms=ms))
    assert _sobre_el_reloj(SQL, Pong(latencia_ms=1.0, desfase_ms=400.0)) == ""
    assert _sobre_el_reloj(SQL, Pong(latencia_ms=1.0)) == ""


@pytest.mark.parametrize(
    ("orden", "dicho"),
    [
        (["verificar", "--sobrescribir"], "--sobrescribir solo se dice con --informe."),
        (["reparar", "--deshacer", "r.json", "--ids", "i.txt"], "--ids no va con --deshacer"),
        (["conflictos", "resolver", "x", "--gana", "ganadora"], "El valor de ID no sirve: debe ser un UUID"),
    ],
)
def test_lo_que_no_se_puede_querer_decir_se_rehusa(
    orden: list[str], dicho: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(orden) == 2
    assert dicho in capsys.readouterr().err


def test_lo_que_no_se_ve_se_escribe_en_la_terminal() -> None:
    assert visible("a\u202eb\u200b\x1b[31m") == "a⟨U+202E⟩b⟨U+200B⟩\\x1b[31m"
    assert dato("dos\nlíneas\u2028y\ttres") == "dos líneas⟨U+2028⟩y tres"
    assert visible("ñ 👩 é") == "ñ 👩 é"
    crudo = {"a": "\u202e\x85\U000e0041\ud800ñ"}
    assert texto_json(crudo) == '{"a": "\\u202e\\u0085\\udb40\\udc41\\ud800ñ"}'
    assert json.loads(texto_json(crudo)) == crudo


def test_verificar_dice_lo_que_solo_espera_a_copiarse(par: Par, correr: Correr) -> None:
    par.poner([de_hace(2, pendiente=True, contador=n) for n in range(3)], SQL)
    codigo, out, _ = correr("verificar")
    assert codigo == 1
    assert "De las que difieren, 3 tareas esperan en SQL a copiarse a MongoDB." in out
    assert "«dual-tareas sincronizar»" in out
    assert json.loads(correr("verificar", "--json")[1])["por_copiar"] == {"sql": 3}
    assert correr("sincronizar")[0] == 0
    assert "esperan" not in correr("verificar")[1]


def test_una_simulacion_de_lo_imposible_acaba_con_1_y_dice_que_hacer(
    par: Par, mano: AMano, correr: Correr
) -> None:
    fila = de_hace(3)
    par.poner([fila])
    mano.en_sql("UPDATE tareas SET titulo = ''")
    mano.en_mongo(str(fila.id), {"$set": {"titulo": ""}})
    codigo, _, err = correr("reparar", "--gana", "reciente", "--simular")
    assert (codigo, err.count("las dos tienen lo mismo")) == (1, 1)
    codigo, _, err = correr("reparar", "--gana", "sql", "--si")
    assert (codigo, err.count("las dos tienen lo mismo")) == (1, 1)


def test_un_problema_que_ya_dijo_el_plan_no_se_repite(par: Par, mano: AMano, correr: Correr) -> None:
    mala, buena = de_hace(3, "a"), de_hace(3, "b", contador=1)
    par.poner([mala, buena])
    mano.en_sql("UPDATE tareas SET titulo = 'otra'")
    mano.en_mongo(str(mala.id), {"$set": {"titulo": "x" * 300}})
    codigo, out, err = correr("reparar", "--gana", "mongo", "--si")
    assert (codigo, err.count("300 caracteres")) == (1, 1)
    assert "1 tarea reparada." in out
    assert "1 no se pudo reparar." in out
    assert "lo reemplazó una reparación" in correr("conflictos", "--resueltos")[1]


def test_lo_que_no_se_podra_devolver_se_dice_antes_y_al_simular_la_vuelta(
    par: Par, mano: AMano, correr: Correr, tmp_path: Path
) -> None:
    mala, buena = de_hace(3, "a"), de_hace(3, "b", contador=1)
    par.poner([mala, buena])
    mano.en_mongo(str(mala.id), {"$set": {"titulo": 7}})
    mano.en_mongo(str(buena.id), {"$set": {"titulo": "otra"}})
    _, _, err = correr("reparar", "--gana", "sql", "--simular")
    assert "1 no se podrá devolver con --deshacer" in err
    assert str(tmp_path / "reparaciones.jsonl") in err
    recibo = json.loads(correr("reparar", "--gana", "sql", "--si", "--json")[1])["recibo"]
    codigo, out, err = correr("reparar", "--deshacer", recibo, "--simular")
    assert codigo == 1
    assert "1 tarea se devolvería." in out
    assert "1 no se puede devolver." in out
    assert err.count(str(tmp_path / "reparaciones.jsonl")) == 1
    assert par.almacenes[MONGO].leer(buena.id).titulo == "b", "solo se simuló"


@pytest.mark.parametrize("fallo", [KeyboardInterrupt(), ArchivoInvalido("El disco está lleno.")])
def test_una_segunda_parada_o_un_disco_lleno_dicen_como_se_deshace(
    par: Par, mano: AMano, correr: Correr, monkeypatch: pytest.MonkeyPatch, fallo: BaseException
) -> None:
    """In the second batch: the first one is repaired, and its receipt was there before it."""
    filas = [de_hace(3, contador=n) for n in range(3)]
    par.poner(filas)
    mano.en_sql("UPDATE tareas SET titulo = 'a mano'")
    recibos: list[Path] = []

    def guardar(informe: InformeReparacion, carpeta: Path, ahora_ms: int) -> Path | None:
        if recibos:
            raise fallo
        recibos.append(guardar_recibo(informe, carpeta, ahora_ms) or Path())
        return recibos[0]

    monkeypatch.setattr("adapters.reparacion.control.guardar_recibo", guardar)
    de_una_en_una = partial(RepararDiferenciasUseCase, lote=1)
    monkeypatch.setattr("adapters.reparacion.control.RepararDiferenciasUseCase", de_una_en_una)
    codigo, _, err = correr("reparar", "--gana", "mongo", "--si")
    assert codigo == (130 if isinstance(fallo, KeyboardInterrupt) else 1)
    assert "Hasta entonces: 1 tarea reparada." in err
    assert f"dual-tareas reparar --deshacer {recibos[0]}" in err
    monkeypatch.undo()
    titulos = [par.almacenes[SQL].leer(fila.id).titulo for fila in filas]
    assert titulos.count("a mano") == 2
    monkeypatch.setenv("DUAL_TAREAS_DATOS", str(recibos[0].parent))
    monkeypatch.setenv("MONGO_URL", mano.mongo_url)
    assert correr("reparar", "--deshacer", recibos[0], "--si")[0] == 0
    assert [par.almacenes[MONGO].leer(fila.id).titulo for fila in filas].count("a mano") == 1


def test_lo_que_se_cortara_en_el_primer_lote_tambien_se_puede_deshacer(
    par: Par, mano: AMano, correr: Correr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    par.poner([de_hace(3)])
    mano.en_sql("UPDATE tareas SET titulo = 'a mano'")

    def cortar(_self: object, _cambios: object) -> set[str]:
        raise KeyboardInterrupt

    monkeypatch.setattr("adapters.mongo.reparacion.ReparacionMongo.sustituir", cortar)
    codigo, _, err = correr("reparar", "--gana", "mongo", "--si")
    (recibo,) = tmp_path.glob("reparacion-*.json")
    assert (codigo, f"--deshacer {recibo}" in err) == (130, True)


def test_de_los_ids_que_no_caben_en_la_lista_se_mira_cada_uno(
    par: Par, correr: Correr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.verificacion.mirada.LIMITE", 3)
    filas = sorted((de_hace(3, contador=n) for n in range(6)), key=lambda fila: fila.id)
    par.poner(filas, SQL)
    lista = tmp_path / "ids.txt"
    lista.write_text(f"{filas[0].id}\n{filas[-1].id}\n{de_hace(1).id}\n", "utf-8")
    codigo, out, err = correr("reparar", "--gana", "sql", "--ids", lista, "--si")
    assert (codigo, "2 tareas reparadas." in out) == (0, True)
    assert "1 id de la lista no difiere." in err
    assert [par.almacenes[MONGO].leer(fila.id) is not None for fila in filas].count(True) == 2


def test_sincronizar_dice_una_vez_cada_tarea_que_no_se_puede_copiar(
    par: Par, mano: AMano, correr: Correr
) -> None:
    filas = [de_hace(2, pendiente=True, contador=n) for n in range(3)]
    par.poner(filas, MONGO)
    mano.en_sql("CREATE TRIGGER no BEFORE INSERT ON tareas BEGIN SELECT RAISE(ABORT, 'no'); END")
    codigo, _, err = correr("sincronizar")
    assert codigo == 1
    assert [err.count(str(fila.id)) for fila in filas] == [1, 1, 1]
