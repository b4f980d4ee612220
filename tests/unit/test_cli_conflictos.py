"""What `conflictos resolver` says of a conflict that it does not find."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from adapters.cli.conflictos import _buscar
from adapters.cli.salida import ArgumentoInvalido
from core.application.listar_conflictos import PaginaVista

AVISO = "MongoDB no se ha podido leer (no responde): puede guardar otros conflictos."


class SinNinguno:
    """A use case whose stores hold none, as far as they answer."""

    def __init__(self, aviso: str) -> None:
        self._aviso = aviso

    def execute(self, **_: Any) -> PaginaVista:
        return PaginaVista(conflictos=(), aviso=self._aviso)


@pytest.mark.parametrize("version", [None, 7])
def test_de_lo_que_no_se_pudo_mirar_no_se_dice_que_no_lo_hay(version: int | None) -> None:
    with pytest.raises(ArgumentoInvalido) as hallado:
        _buscar(SinNinguno(AVISO), uuid4(), version)  # type: ignore[arg-type]
    assert "no se sabe si lo hay" in str(hallado.value)
    assert AVISO in str(hallado.value)


@pytest.mark.parametrize("version", [None, 7])
def test_donde_contestan_las_dos_se_dice_que_no_hay(version: int | None) -> None:
    with pytest.raises(ArgumentoInvalido, match=r"^No hay ningún conflicto"):
        _buscar(SinNinguno(""), uuid4(), version)  # type: ignore[arg-type]
