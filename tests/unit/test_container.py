"""Closing the container: everything is let go, whatever fails on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from adapters import container as modulo
from adapters.container import Contenedor, contenedor_del_proceso
from adapters.settings import Ajustes
from core.domain.errors import ConfiguracionInvalida
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


def test_dos_hilos_a_la_vez_tienen_el_mismo_contenedor_y_se_cierra_aunque_no_arranque(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    creados: list[Any] = []
    al_salir: list[Callable[[], None]] = []
    tic = threading.Event()

    class Lento:
        def __init__(self, _ajustes: object) -> None:
            creados.append(self)
            tic.wait(0.05)  # time enough for the others to make one of their own

        def iniciar(self) -> Lento:
            if len(creados) == 1:
                raise ConfiguracionInvalida("falta algo")
            return self

        def close(self) -> None: ...

    monkeypatch.setattr(modulo, "Contenedor", Lento)
    monkeypatch.setattr(modulo, "_del_proceso", [])
    monkeypatch.setattr("atexit.register", al_salir.append)
    with pytest.raises(ConfiguracionInvalida):
        contenedor_del_proceso()
    assert al_salir == [creados[0].close]
    with ThreadPoolExecutor(4) as ejecutor:
        iguales = {id(uno) for uno in ejecutor.map(lambda _: contenedor_del_proceso(), range(4))}
    assert iguales == {id(creados[1])}
    assert len(creados) == 2


def _cierre(nombre: str, cerrar: Any, cerrados: list[str], *, falla: bool) -> Any:
    def cierre(*argumentos: float) -> None:
        cerrar(*argumentos)
        cerrados.append(nombre)
        if falla:
            raise RuntimeError(f"{nombre} no se deja cerrar")

    return cierre
