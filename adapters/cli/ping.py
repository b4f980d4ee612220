"""`ping`: do the databases answer?"""

from __future__ import annotations

from typing import Any

from adapters.cli.entorno import contenedor_abierto, preparar
from adapters.cli.salida import Codigo, decir, decir_json
from adapters.container import Contenedor
from core.domain.errors import AlmacenError
from core.domain.models.almacen import NombreAlmacen, Pong
from core.health import EstadoSalud, PoliticaSalud

_SIGNOS = {
    EstadoSalud.OK: ("✓", "responde"),
    EstadoSalud.LENTA: ("◷", "responde, lenta"),
    EstadoSalud.SOLO_LECTURA: ("◐", "solo lectura"),
    EstadoSalud.CAIDA: ("✗", "no responde"),
}


def hacer_ping(*, en_json: bool) -> Codigo:
    """Ping what the settings name, in parallel, and print what each one said."""
    ajustes = preparar()
    with contenedor_abierto(ajustes, replicar=False, decir_ausencia=False) as contenedor:
        respuestas = dict(contenedor.ping_ambos())
        informes = {nombre: _informe(contenedor, nombre, r) for nombre, r in respuestas.items()}
        if ajustes.orm == "dual":  # both are wanted; one that could not even be set up is a missing one
            for nombre in NombreAlmacen:
                informes.setdefault(nombre, _ausente(contenedor.problema_embebido))
    ordenados = {nombre: informes[nombre] for nombre in NombreAlmacen if nombre in informes}
    if en_json:
        decir_json(ordenados)
    else:
        for nombre, informe in ordenados.items():
            decir(_linea(nombre, informe))
    return _codigo([bool(informe["responde"]) for informe in ordenados.values()])


def _codigo(responden: list[bool]) -> Codigo:
    if all(responden):
        return Codigo.HECHO
    return Codigo.EN_PARTE if any(responden) else Codigo.MAL_PEDIDO


def _informe(contenedor: Contenedor, nombre: NombreAlmacen, respuesta: Pong | AlmacenError) -> dict[str, Any]:
    direccion = contenedor.direccion(nombre)
    if isinstance(respuesta, AlmacenError):
        return _ausente(str(respuesta), direccion)
    return {
        "responde": True,
        "estado": _estado(respuesta),
        "latencia_ms": round(respuesta.latencia_ms, 3),
        "version_servidor": respuesta.version_servidor,
        "rol": respuesta.rol,
        "direccion": direccion,
        "error": None,
    }


def _ausente(error: str, direccion: str | None = None) -> dict[str, Any]:
    return {
        "responde": False,
        "estado": EstadoSalud.CAIDA,
        "latencia_ms": None,
        "version_servidor": None,
        "rol": None,
        "direccion": direccion,
        "error": error,
    }


def _estado(pong: Pong) -> EstadoSalud:
    """What one answer tells by itself; the window's states come of many."""
    if pong.solo_lectura:
        return EstadoSalud.SOLO_LECTURA
    return EstadoSalud.LENTA if pong.latencia_ms > PoliticaSalud().lenta_ms else EstadoSalud.OK


def _linea(nombre: NombreAlmacen, informe: dict[str, Any]) -> str:
    signo, palabra = _SIGNOS[informe["estado"]]
    if informe["responde"]:
        latencia = f"{informe['latencia_ms']:.1f} ms".replace(".", ",")
        detalles = [latencia, informe["version_servidor"], informe["rol"], informe["direccion"]]
    else:
        detalles = [informe["direccion"], informe["error"]]
    return f"{signo} {nombre.etiqueta:<8} {palabra:<15} " + " · ".join(d for d in detalles if d)
