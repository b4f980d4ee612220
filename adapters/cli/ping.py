"""`ping`: do the databases answer?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from adapters.cli.adoptadas import responde_y_es_ajena
from adapters.cli.entorno import contenedor_abierto, preparar
from adapters.cli.salida import Codigo, decir, decir_json
from adapters.container import Contenedor
from adapters.settings import Ajustes
from core.domain.errors import AlmacenError, ConfiguracionInvalida
from core.domain.models.almacen import NombreAlmacen, Pong
from core.health import EstadoSalud, PoliticaSalud
from core.relojes import DESFASE_AVISO_MS, DESFASE_MAX_MS, desfase_cierto_ms

Informes = dict[NombreAlmacen, dict[str, Any]]

_SIGNOS = {
    EstadoSalud.OK: ("✓", "responde"),
    EstadoSalud.LENTA: ("◷", "responde, lenta"),
    EstadoSalud.SOLO_LECTURA: ("◐", "solo lectura"),
    EstadoSalud.CAIDA: ("✗", "no responde"),
}


def hacer_ping(*, en_json: bool) -> Codigo:
    """Ping what the settings name, in parallel, and print what each one said."""
    ajustes = preparar()
    falta = archivo_que_falta(ajustes)
    informes = _preguntar(ajustes) if falta is None else _preguntar_sin_sql(ajustes, falta)
    ordenados = {nombre: informes[nombre] for nombre in NombreAlmacen if nombre in informes}
    if en_json:
        decir_json(ordenados)
    else:
        for nombre, informe in ordenados.items():
            decir(_linea(nombre, informe))
            for aviso in informe["avisos"]:
                decir(f"  {aviso}")
    return _codigo([bool(informe["responde"]) for informe in ordenados.values()])


def archivo_que_falta(ajustes: Ajustes) -> Path | None:
    """The SQLite file that `SQL_URL` names and nobody has made yet. The default one comes by itself."""
    nombre = ajustes.sql_url.get_secret_value().removeprefix("sqlite:///")
    if ajustes.orm == "mongo" or "sql_url" not in ajustes.model_fields_set or "://" in nombre:
        return None
    ruta = Path(nombre).absolute()
    return None if not nombre or nombre.startswith(":memory:") or ruta.exists() else ruta


def _preguntar(ajustes: Ajustes) -> Informes:
    with contenedor_abierto(ajustes, replicar=False, decir_ausencia=False) as contenedor:
        respuestas = dict(contenedor.ping_ambos())
        informes = {nombre: _informe(contenedor, nombre, r) for nombre, r in respuestas.items()}
        if ajustes.orm == "dual":  # both are wanted; one that could not even be set up is a missing one
            for nombre in NombreAlmacen:
                informes.setdefault(nombre, _ausente(contenedor.problema_embebido))
    return informes


def _preguntar_sin_sql(ajustes: Ajustes, falta: Path) -> Informes:
    """Opening SQL would make the file, which whoever mistyped its name does not want."""
    motivo = "Ese archivo no existe todavía. Si el nombre es el que quería, «dual-tareas preparar» lo crea."
    informes: Informes = {NombreAlmacen.SQL: _ausente(motivo, str(falta))}
    if ajustes.orm == "dual":
        try:
            informes |= _preguntar(ajustes.model_copy(update={"orm": "mongo"}))
        except ConfiguracionInvalida as error:
            informes[NombreAlmacen.MONGO] = _ausente(str(error))
    return informes


def _codigo(responden: list[bool]) -> Codigo:
    if all(responden):
        return Codigo.HECHO
    return Codigo.EN_PARTE if any(responden) else Codigo.MAL_PEDIDO


def _informe(contenedor: Contenedor, nombre: NombreAlmacen, respuesta: Pong | AlmacenError) -> dict[str, Any]:
    direccion = contenedor.direccion(nombre)
    if isinstance(respuesta, AlmacenError):
        return _ausente(str(respuesta), direccion)
    ajena = responde_y_es_ajena(contenedor, nombre)
    return {
        "responde": True,
        "estado": _estado(respuesta),
        "latencia_ms": round(respuesta.latencia_ms, 3),
        "version_servidor": respuesta.version_servidor,
        "rol": respuesta.rol,
        "direccion": direccion,
        "error": None,
        "adoptada": not ajena,
        "desfase_ms": None if respuesta.desfase_ms is None else round(respuesta.desfase_ms, 1),
        "avisos": [aviso for aviso in (ajena, _sobre_el_reloj(nombre, respuesta)) if aviso],
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
        "adoptada": None,
        "desfase_ms": None,
        "avisos": [],
    }


def _sobre_el_reloj(nombre: NombreAlmacen, pong: Pong) -> str:
    """That its clock and ours differ, and what that means; empty where they go together."""
    ms = desfase_cierto_ms(pong)
    if abs(ms) < DESFASE_AVISO_MS:
        return ""
    cuanto = f"{abs(ms) / 1000:.1f} s".replace(".", ",")
    que = (
        "hasta que concuerden no se guarda nada en ninguna de las dos bases"
        if abs(ms) >= DESFASE_MAX_MS
        else "con un minuto o más no se guardaría nada"
    )
    return (
        f"El reloj de {nombre.etiqueta} va {cuanto} por {'delante' if ms > 0 else 'detrás'} del de este "
        f"equipo: {que}. Sincronice la hora de todos (NTP)."
    )


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
