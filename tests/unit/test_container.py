"""Closing the container: everything is let go, whatever fails on the way."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.container import Contenedor
from adapters.settings import Ajustes
from core.domain.models.almacen import NombreAlmacen


@pytest.mark.parametrize("falla", ["monitor", "repositorio", "carriles", "almacen"])
def test_lo_que_falla_al_cerrar_no_deja_lo_demas_abierto(
    falla: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contenedor = Contenedor(Ajustes(datos=tmp_path, orm="peewee")).iniciar(replicar=False)
    cerrados: list[str] = []
    contenedor._carriles = SimpleNamespace(close=contenedor._carriles.close)  # type: ignore[assignment]
    partes: dict[str, Any] = {
        "monitor": contenedor._monitor,
        "repositorio": contenedor._repositorio,
        "carriles": contenedor._carriles,
        "almacen": contenedor._stores[NombreAlmacen.SQL],
    }
    for nombre, parte in partes.items():
        monkeypatch.setattr(parte, "close", _cierre(nombre, parte.close, cerrados, falla=nombre == falla))
    contenedor._embebido = SimpleNamespace(detener=lambda: cerrados.append("embebido"))  # type: ignore[assignment]

    with pytest.raises(RuntimeError, match=falla):
        contenedor.close()

    assert cerrados == [*partes, "embebido"]


def _cierre(nombre: str, cerrar: Any, cerrados: list[str], *, falla: bool) -> Any:
    def cierre(*argumentos: float) -> None:
        cerrar(*argumentos)
        cerrados.append(nombre)
        if falla:
            raise RuntimeError(f"{nombre} no se deja cerrar")

    return cierre
