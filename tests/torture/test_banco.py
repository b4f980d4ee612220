"""The bench itself: its clocks, what a run must not lack, and the control runs of the judge."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.nodo import ahora_ms
from core.domain.models.tarea import ahora_utc
from tests.torture.autocomprobar import juzgar_al_juez
from tests.torture.errores import NOMBRES
from tests.torture.historia import Fin, Llamada
from tests.torture.minimos import escasez
from tests.torture.operador import RelojMovido
from tests.torture.plan import Plan, Resultado
from tests.torture.plantilla import Trato

PLAN = Plan(segundos=60.0, semilla=1, trato=Trato(semilla=1))
ESCRITA = Llamada(autor="a.1", n=1, orden=1, op="editar", version=7, fin=Fin.OK)
LEIDA = Llamada(autor="a.1", n=2, orden=2, op="leer", fin=Fin.OK, vistas={"x": 7})


def corrida() -> Resultado:
    return Resultado(
        plan=PLAN,
        historia=[ESCRITA, LEIDA] * 100,
        faltas=Counter({"SIGKILL": 12}),
        muertes=Counter({"en cualquier momento": 1}),
        purgadas=0,
        calmas_s=[1.0],
        veredicto={},
    )


def test_un_reloj_movido_lo_esta_para_todo_el_programa(monkeypatch: pytest.MonkeyPatch) -> None:
    for nombre in ("time", "time_ns"):
        monkeypatch.setattr(time, nombre, getattr(time, nombre))  # put back at the end
    reloj = RelojMovido(3_600_000)
    de_verdad = datetime.now(UTC).timestamp()
    for ahora_s in (ahora_ms() / 1000, time.time(), ahora_utc().timestamp()):
        assert ahora_s - de_verdad == pytest.approx(3_600, abs=5)
    reloj.desfase_ms = -3_600_000
    assert ahora_utc().timestamp() - de_verdad == pytest.approx(-3_600, abs=5)


def test_de_una_corrida_en_la_que_paso_de_todo_se_puede_juzgar() -> None:
    assert [*escasez(corrida())] == []


@pytest.mark.parametrize(
    ("sin", "dicho"),
    [
        ({"historia": []}, "solo 0 operaciones"),
        ({"historia": [LEIDA] * 200}, "ninguna escritura confirmada"),
        ({"historia": [ESCRITA] * 200}, "ninguna lectura"),
        ({"historia": [replace(ESCRITA, fin=Fin.FALLIDA), LEIDA] * 100}, "ninguna escritura confirmada"),
        ({"faltas": Counter()}, "solo 0 faltas"),
        ({"muertes": Counter()}, "ningún operador matado"),
        ({"calmas_s": []}, "ninguna cura"),
    ],
)
def test_de_una_corrida_en_la_que_apenas_paso_nada_no_se_juzga(sin: dict[str, object], dicho: str) -> None:
    males = [*escasez(replace(corrida(), **sin))]  # type: ignore[arg-type]
    assert any(dicho in mal for mal in males), males


def test_un_juez_que_ve_males_donde_no_los_hay_no_vale(capsys: pytest.CaptureFixture[str]) -> None:
    def siempre_mal(_plan: Plan) -> Resultado:
        return replace(corrida(), veredicto={"escrituras confirmadas perdidas": ["una"]})

    assert juzgar_al_juez(siempre_mal, 1, NOMBRES, segundos=1.0) == 1
    assert "NULA" in capsys.readouterr().out


def test_un_juez_que_no_ve_nada_deja_escapar_los_errores(capsys: pytest.CaptureFixture[str]) -> None:
    assert juzgar_al_juez(lambda _plan: corrida(), 1, NOMBRES, segundos=1.0) == 1
    assert f"0 de {len(NOMBRES)} errores delatados" in capsys.readouterr().out


def test_cada_error_tiene_su_control_y_luego_se_siembra(capsys: pytest.CaptureFixture[str]) -> None:
    planes: list[Plan] = []

    def correr(plan: Plan) -> Resultado:
        planes.append(plan)
        return replace(
            corrida(), veredicto={"escrituras confirmadas perdidas": ["una"][: bool(plan.trato.error)]}
        )

    assert juzgar_al_juez(correr, 1, ["sin-comparar", "confirmar-a-ciegas"], segundos=1.0) == 0
    assert [plan.trato.error for plan in planes[-2:]] == ["sin-comparar", "confirmar-a-ciegas"]
    assert {plan.solo for plan in planes if not plan.trato.error} == {plan.solo for plan in planes}
    assert "2 de 2 errores delatados" in capsys.readouterr().out
