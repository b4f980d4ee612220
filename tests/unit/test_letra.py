"""What a printed report says of instants, durations and methods."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from adapters.verificacion.letra import como, cuanto, fecha_y_hora


@pytest.fixture(
    params=[
        ("UTC0", "14:02:17 (UTC)"),
        ("CET-1", "15:02:17 (UTC+01:00)"),
        ("XXX3:30", "10:32:17 (UTC-03:30)"),
    ]
)
def hora(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    zona, hora = request.param
    if not hasattr(time, "tzset"):
        pytest.skip("a system whose zone no process can choose")
    with monkeypatch.context() as entorno:
        entorno.setenv("TZ", zona)
        time.tzset()
        yield hora
    time.tzset()


def test_una_fecha_lleva_su_zona(hora: str) -> None:
    assert fecha_y_hora(1_795_528_937_448) == f"24 de noviembre de 2026, {hora}"


@pytest.mark.parametrize(
    ("s", "dicho"),
    [
        (0.021, "21 ms"),
        (2.44, "2,4 s"),
        (185.2, "3 min 5 s"),
        (7_260.0, "2 h 1 min"),
        (86_400.0 + 7_200, "1 día 2 h"),
        (4 * 86_400.0, "4 días 0 h"),
    ],
)
def test_una_duracion_se_dice_en_lo_que_se_entiende(s: float, dicho: str) -> None:
    assert cuanto(s) == dicho


def test_de_cada_metodo_se_dice_que_hizo() -> None:
    assert como("resumen").startswith("resumen: cada servidor sumó")
    assert como("flujo").startswith("flujo: se leyeron todas")
    assert como("otro") == "otro"
