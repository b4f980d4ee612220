"""An operator's process as the bench sees it: start it, give it orders, see how it ended."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
from pathlib import Path

import psutil

from tests.torture.operador import EN_PAUSA, LISTO, PURGADO, Encargo

RAIZ = Path(__file__).parents[2]
ARRANQUE_S = 40.0


class OperadorNoObedece(Exception):
    """It did not answer an order in time, or ended by itself; the message carries the end of its output."""


class ProcesoOperador:
    """One incarnation of one operator."""

    def __init__(self, encargo: Encargo, salida: Path) -> None:
        self.encargo = encargo
        self._salida = salida
        self._respuestas: queue.Queue[str] = queue.Queue()
        with salida.open("ab") as errores:
            # What it prints may not end in ours; a session of its own keeps Ctrl+C for the bench.
            self._proceso = subprocess.Popen(
                [sys.executable, "-m", "tests.torture.operador"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errores,
                cwd=RAIZ,
                text=True,
                encoding="utf-8",
                start_new_session=True,
            )
        threading.Thread(target=self._oir, daemon=True).start()
        self.decir(encargo.linea().rstrip("\n"))

    @property
    def vivo(self) -> bool:
        """Whether it runs."""
        return self._proceso.poll() is None

    @property
    def codigo(self) -> int | None:
        """How it ended: 0, an error, or minus a signal's number; None while it runs."""
        return self._proceso.poll()

    def decir(self, orden: str) -> None:
        """Give it an order; one that is dead does not hear it."""
        assert self._proceso.stdin is not None
        try:
            self._proceso.stdin.write(orden + "\n")
            self._proceso.stdin.flush()
        except (BrokenPipeError, ValueError):
            return

    def esperar_listo(self) -> bool:
        """Wait until it can work; False if it died on the way."""
        return self._esperar(LISTO, ARRANQUE_S)

    def esperar_pausa(self, plazo_s: float) -> bool:
        """Wait until none of its calls is under way; False if it died."""
        return self._esperar(EN_PAUSA, plazo_s)

    def purgar(self, *, matar: bool, plazo_s: float = 30.0) -> bool:
        """Have it purge; whether it lived to tell."""
        self.decir("purga matar" if matar else "purga")
        return self._esperar(PURGADO, plazo_s)

    def matar(self) -> None:
        """SIGKILL."""
        self._proceso.kill()
        self._proceso.wait(timeout=10)

    def terminar(self, plazo_s: float) -> int:
        """Have it close the program and end; its exit code. Raises OperadorNoObedece."""
        self.decir("fin")
        try:
            return self._proceso.wait(plazo_s)
        except subprocess.TimeoutExpired:
            self.matar()
            raise OperadorNoObedece(f"{self.encargo.autor} no termina") from None

    def close(self) -> None:
        """Leave nothing behind."""
        if self.vivo:
            for hijo in psutil.Process(self._proceso.pid).children(recursive=True):
                hijo.kill()
            self.matar()
        for tubo in (self._proceso.stdin, self._proceso.stdout):
            if tubo is not None and not tubo.closed:
                try:
                    tubo.close()
                except BrokenPipeError:
                    continue

    def _esperar(self, palabra: str, plazo_s: float) -> bool:
        try:
            while (linea := self._respuestas.get(timeout=plazo_s)) != palabra:
                if linea == "":
                    return False
        except queue.Empty:
            final = self._salida.read_text(encoding="utf-8", errors="replace")[-1500:]
            raise OperadorNoObedece(
                f"{self.encargo.autor} no dice «{palabra}» en {plazo_s:g} s. {final}"
            ) from None
        return True

    def _oir(self) -> None:
        assert self._proceso.stdout is not None
        for linea in self._proceso.stdout:
            self._respuestas.put(linea.strip())
        self._respuestas.put("")
