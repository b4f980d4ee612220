"""A network that can be made to fail: a TCP proxy between a client and its server.

It runs an event loop in a thread of its own; every method may be called from any thread and has taken
effect when it returns.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, TypeVar

T = TypeVar("T")
_TROZO = 65_536
_VUELTAS_FINALES = 3
_COLA = 100
_RST_AL_CERRAR = struct.pack("hh" if hasattr(socket, "SO_EXCLUSIVEADDRUSE") else "ii", 1, 0)


@dataclass(eq=False, slots=True)
class _Conexion:
    """One client's connection, and ours to the server for it."""

    cliente: asyncio.StreamWriter
    servidor: asyncio.StreamWriter
    respuesta_a_tirar: threading.Event | None = None

    def abortar(self) -> None:
        """Reset both sides: what was buffered is lost, as in a crash."""
        for lado in (self.cliente, self.servidor):
            enchufe = lado.get_extra_info("socket")
            if not lado.transport.is_closing():
                enchufe.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST_AL_CERRAR)
            lado.transport.abort()


@dataclass(slots=True)
class _Trampa:
    """Waits for the first request for which `elige` holds, to drop its answer or to hold it back."""

    elige: Callable[[bytes], bool]
    atasca: bool
    hecho: threading.Event = field(default_factory=threading.Event)


class ProxyTCP:
    """Listens on a free port of the loopback interface and passes everything on to `destino`.

    Args:
        destino: host and port of the server.
    """

    def __init__(self, destino: tuple[str, int]) -> None:
        self.destino = destino
        self.puerto = 0
        self._retardo_s = 0.0
        self._conexiones: set[_Conexion] = set()
        self._trampas: list[_Trampa] = []
        self._atendiendo: set[asyncio.Task[None]] = set()
        self._escucha: socket.socket | None = None
        self._bucle = asyncio.new_event_loop()
        self._abierto = asyncio.Event()
        self._abierto.set()
        self._hilo = threading.Thread(target=self._bucle.run_forever, name="ProxyTCP", daemon=True)
        self._hilo.start()
        self.pasar()

    def pasar(self) -> None:
        """Be a good network again: listen, and forget every fault that was asked for."""
        self._en_bucle(self._pasar())

    def cortar(self) -> None:
        """Reset every connection and refuse new ones, as a host whose server is gone."""
        self._en_bucle(self._cortar(escuchar=False))

    def reiniciar(self) -> None:
        """Reset every connection once; new ones get through."""
        self._en_bucle(self._cortar(escuchar=True))

    def atascar(self) -> None:
        """Accept and pass nothing on, either way, as a host that is frozen."""
        self._en_bucle(self._atascar())

    def soltar(self) -> None:
        """End `atascar`: what was held back arrives now, late."""
        self._en_bucle(self._soltar())

    def tirar_respuesta(self, elige: Callable[[bytes], bool] = lambda _peticion: True) -> threading.Event:
        """Let the next request through, then drop its answer and reset that connection.

        Args:
            elige: which request: gets the bytes of each that passes (a driver's heartbeats too).

        Returns: an event that is set once the server has answered and the answer is gone.
        """
        return self._en_bucle(self._poner(_Trampa(elige, atasca=False)))

    def atascar_al_pasar(self, elige: Callable[[bytes], bool]) -> threading.Event:
        """`atascar` at the next request that is chosen, before the server has seen it.

        `soltar` delivers it late, even if its client has given up meanwhile.
        Returns: an event that is set once the request is held back.
        """
        return self._en_bucle(self._poner(_Trampa(elige, atasca=True)))

    def retardar(self, ms: float) -> None:
        """Hold every piece of data for `ms` milliseconds, each way."""
        self._retardo_s = ms / 1000

    def close(self) -> None:
        """Reset everything and end the thread; idempotent."""
        if self._bucle.is_closed():
            return
        self._en_bucle(self._terminar())
        self._bucle.call_soon_threadsafe(self._bucle.stop)
        self._hilo.join(timeout=5)
        self._bucle.close()

    def __enter__(self) -> ProxyTCP:
        return self

    def __exit__(
        self, tipo: type[BaseException] | None, error: BaseException | None, traza: TracebackType | None
    ) -> None:
        self.close()

    def _en_bucle(self, tarea: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(tarea, self._bucle).result(timeout=10)

    async def _pasar(self) -> None:
        self._retardo_s = 0.0
        self._trampas.clear()
        self._abierto.set()
        if self._escucha is None:
            # Our own listening, not `asyncio.start_server`: that loses a socket accepted while it closes.
            self._escucha = socket.create_server(("127.0.0.1", self.puerto), backlog=_COLA)
            self._escucha.setblocking(False)
            self.puerto = self._escucha.getsockname()[1]
            self._bucle.add_reader(self._escucha, self._aceptar, self._escucha)

    def _aceptar(self, escucha: socket.socket) -> None:
        with contextlib.suppress(OSError):  # gone again, or taken back by the system: nobody to serve
            cliente, _ = escucha.accept()
            cliente.setblocking(False)
            tarea = self._bucle.create_task(self._atender(cliente))
            self._atendiendo.add(tarea)
            tarea.add_done_callback(self._atendiendo.discard)

    async def _cortar(self, *, escuchar: bool) -> None:
        if not escuchar and self._escucha is not None:
            self._bucle.remove_reader(self._escucha)
            self._escucha.close()
            self._escucha = None
        for conexion in tuple(self._conexiones):
            conexion.abortar()

    async def _atascar(self) -> None:
        self._abierto.clear()

    async def _soltar(self) -> None:
        self._abierto.set()

    async def _poner(self, trampa: _Trampa) -> threading.Event:
        self._trampas.append(trampa)
        return trampa.hecho

    async def _terminar(self) -> None:
        await self._cortar(escuchar=False)
        self._abierto.set()
        await asyncio.sleep(0)  # a task that is cancelled before it has begun would drop its socket unclosed
        for tarea in tuple(self._atendiendo):
            tarea.cancel()
        if self._atendiendo:
            await asyncio.wait(self._atendiendo)
        for _ in range(_VUELTAS_FINALES):  # an aborted socket is closed a turn of the loop later
            await asyncio.sleep(0)

    async def _atender(self, enchufe: socket.socket) -> None:
        try:
            lector, escritor = await asyncio.open_connection(sock=enchufe)
        except (OSError, asyncio.CancelledError):
            enchufe.close()
            return
        try:
            del_servidor, al_servidor = await asyncio.open_connection(*self.destino)
        except (OSError, asyncio.CancelledError):
            escritor.transport.abort()
            return
        conexion = _Conexion(escritor, al_servidor)
        self._conexiones.add(conexion)
        try:
            await asyncio.gather(self._ida(lector, conexion), self._vuelta(del_servidor, conexion))
        except (OSError, asyncio.CancelledError):  # the task's top: cancelling ends here (see `_terminar`)
            conexion.abortar()
        finally:
            self._conexiones.discard(conexion)
            conexion.cliente.close()
            conexion.servidor.close()

    async def _ida(self, lector: asyncio.StreamReader, conexion: _Conexion) -> None:
        while datos := await self._siguiente(lector):
            trampa = next((una for una in self._trampas if una.elige(datos)), None)
            if trampa is not None:
                self._trampas.remove(trampa)
                if trampa.atasca:
                    self._abierto.clear()
                    trampa.hecho.set()
                    await self._abierto.wait()
                else:
                    conexion.respuesta_a_tirar = trampa.hecho
            conexion.servidor.write(datos)
            await conexion.servidor.drain()
        conexion.servidor.close()

    async def _vuelta(self, lector: asyncio.StreamReader, conexion: _Conexion) -> None:
        while datos := await self._siguiente(lector):
            if conexion.respuesta_a_tirar is not None:
                conexion.abortar()
                conexion.respuesta_a_tirar.set()
                return
            conexion.cliente.write(datos)
            await conexion.cliente.drain()
        conexion.cliente.close()

    async def _siguiente(self, lector: asyncio.StreamReader) -> bytes:
        datos = await lector.read(_TROZO)
        if datos and self._retardo_s:
            await asyncio.sleep(self._retardo_s)
        await self._abierto.wait()
        return datos
