"""Looks at both databases while the operators work."""

from __future__ import annotations

import threading
from collections.abc import Callable

import psycopg
from pymongo.errors import PyMongoError

from tests.torture.crudo import Crudo


class Vigilante:
    """Looks at both databases all the time: no version may go back, no row may vanish."""

    def __init__(self, crudo: Crudo) -> None:
        self.retrocesos: list[str] = []
        self.fallos: list[str] = []
        self.purgables: set[str] = set()
        self._basta = threading.Event()
        self._hilos = [
            threading.Thread(target=self._mirar, args=(nombre, leer), daemon=True)
            for nombre, leer in (("SQL", crudo.versiones_sql), ("MongoDB", crudo.versiones_mongo))
        ]
        for hilo in self._hilos:
            hilo.start()

    def close(self) -> None:
        """Look no more."""
        self._basta.set()
        for hilo in self._hilos:
            hilo.join(10)

    def _mirar(self, nombre: str, leer: Callable[[], dict[str, int]]) -> None:
        try:
            if not self._mirar_siempre(nombre, leer):
                self.fallos.append(f"el vigilante no vio {nombre} ni una vez")
        except Exception as error:  # noqa: BLE001  a watcher that died has proved nothing
            self.fallos.append(f"el vigilante de {nombre} murió: {error!r}")

    def _mirar_siempre(self, nombre: str, leer: Callable[[], dict[str, int]]) -> int:
        """How often it was seen."""
        antes: dict[str, int] = {}
        vistas = 0
        while not self._basta.wait(0.25):
            try:
                ahora = leer()
            except (psycopg.Error, PyMongoError):
                continue  # it is down just now
            for id, version in antes.items():
                if id in self.purgables and id not in ahora:
                    continue
                if ahora.get(id, 0) < version:
                    self.retrocesos.append(f"{nombre} {id}: de {version} a {ahora.get(id, 'nada')}")
            antes = ahora
            vistas += 1
        return vistas
