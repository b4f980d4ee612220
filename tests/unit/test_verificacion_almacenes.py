"""Purging wants both stores in order: answering, taking writes, with clocks that go with ours."""

from __future__ import annotations

import pytest

from adapters.verificacion.almacenes import comprobar_escribibles, revisables
from core.domain.errors import AlmacenError, AlmacenNoDisponible, AlmacenSoloLectura, RelojDesajustado
from core.domain.models.almacen import NombreAlmacen, Pong
from core.domain.models.verificacion import empezada_ms_de
from tests.fakes import AlmacenEnMemoria

SQL, MONGO = NombreAlmacen.SQL, NombreAlmacen.MONGO
BIEN = Pong(latencia_ms=1.0, desfase_ms=2.0)


def test_dos_que_responden_y_escriben_a_su_hora_valen() -> None:
    comprobar_escribibles({SQL: BIEN, MONGO: BIEN})


@pytest.mark.parametrize(
    ("respuesta", "error"),
    [
        (AlmacenNoDisponible(MONGO, "apagado"), AlmacenNoDisponible),
        (Pong(latencia_ms=1.0, solo_lectura=True), AlmacenSoloLectura),
        (Pong(latencia_ms=1.0, desfase_ms=90_000.0), RelojDesajustado),
    ],
)
def test_cualquier_otra_cosa_lo_impide(respuesta: Pong | AlmacenError, error: type[Exception]) -> None:
    with pytest.raises(error):
        comprobar_escribibles({SQL: BIEN, MONGO: respuesta})


def test_un_almacen_de_otra_clase_no_se_puede_revisar() -> None:
    with pytest.raises(TypeError, match="AlmacenEnMemoria"):
        revisables({SQL: AlmacenEnMemoria(SQL)})


@pytest.mark.parametrize(
    ("nota", "empezada_ms"),
    [(None, None), ("", None), ("{}", None), ("[1]", None), ("no", None), ('{"empezada_ms": 5}', 5),
     ('{"empezada_ms": "5"}', None)],
)  # fmt: skip
def test_una_nota_que_no_es_nuestra_es_como_ninguna(nota: str | None, empezada_ms: int | None) -> None:
    assert empezada_ms_de(nota) == empezada_ms
