"""A look at the servers' ports, for when the driver knows of none that answers.

The driver looks by itself every two seconds, or after half a second when asked, and keeps of an error no more
than its text. Knocking at the door takes a millisecond, and tells a refusal from silence.
"""

from __future__ import annotations

import socket

from pymongo.topology_description import TopologyDescription

from adapters.mongo.errores import motivo
from adapters.nombres import BUSCADOR

_TOQUE_S = 0.3


def ninguno_a_la_vista(topologia: TopologyDescription) -> bool:
    """Whether the driver knows of no server that answers, be it that it has not looked yet."""
    servidores = topologia.server_descriptions().values()
    return bool(servidores) and not any(servidor.is_server_type_known for servidor in servidores)


def todos_fallaron(topologia: TopologyDescription) -> bool:
    """Whether the driver's last look at each server failed."""
    servidores = topologia.server_descriptions().values()
    return bool(servidores) and all(
        servidor.error is not None and not servidor.is_server_type_known for servidor in servidores
    )


def rechazo(topologia: TopologyDescription) -> str:
    """Why no server can be connected to, if all of them say so at once; empty if one may still answer."""
    porque = ""
    for anfitrion, puerto in topologia.server_descriptions():
        porque = _toque(anfitrion, puerto)
        if not porque:
            return ""
    return porque


def _toque(anfitrion: str, puerto: int | None) -> str:
    if puerto is None:  # a Unix socket
        return ""
    try:
        direcciones = BUSCADOR.buscar(anfitrion).result(timeout=_TOQUE_S)
    except socket.gaierror as error:
        return motivo([error])
    except (OSError, UnicodeError):  # no answer in time; no name
        return ""
    porque = ""
    for direccion in direcciones:
        try:
            socket.create_connection((direccion, puerto), timeout=_TOQUE_S).close()
        except TimeoutError:
            return ""
        except OSError as error:  # one of its addresses may be of a network that is not here
            porque = motivo([error]) or porque
        else:
            return ""
    return porque
