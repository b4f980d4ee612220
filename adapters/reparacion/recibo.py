"""A repair on paper: what `deshacer` needs of it, in a file, for when the program that made it has ended.

It is written before each batch, with what that batch is about to replace: a program that is killed at any
point, or meets a full disk, leaves nothing replaced that its receipt does not name.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from adapters.archivos.destino import abrir_destino
from core.domain.errores_sistema import motivo_del_sistema
from core.domain.errors import ArchivoInvalido
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.reparacion import InformeReparacion, Reparada
from core.reparacion import Accion

TAMANO_MAX = 50_000_000
"""Of a receipt that is read, bytes; one of ours stays far below."""
_QUE_ES = "reparación de tareas"


def guardar_recibo(informe: InformeReparacion, carpeta: Path, ahora_ms: int) -> Path | None:
    """Write it, over the one that this repair has left before; where.

    None where nothing was replaced, and nothing can be undone. Raises ArchivoInvalido.
    """
    if not informe.con_vuelta:
        return None
    ruta = Path(informe.recibo or carpeta / f"reparacion-{ahora_ms}.json")
    bases = json.dumps({str(nombre): identidad for nombre, identidad in informe.bases.items()})
    tareas = ",\n ".join(json.dumps(_a_dict(una)) for una in informe.con_vuelta)
    with abrir_destino(ruta, sobrescribir=bool(informe.recibo)) as destino:
        destino.write(f'{{"recibo": "{_QUE_ES}",\n"bases": {bases},\n"tareas": [\n {tareas}\n]}}\n')
    return ruta


def leer_recibo(ruta: Path) -> InformeReparacion:
    """The repair, as far as undoing it goes. Raises ArchivoInvalido."""
    try:
        if ruta.stat().st_size > TAMANO_MAX:
            raise ArchivoInvalido(f"{ruta} es demasiado grande para ser el recibo de una reparación.")
        leido = json.loads(ruta.read_text("utf-8"))
        if leido["recibo"] != _QUE_ES:
            raise ValueError
        return InformeReparacion(
            reparadas=[_de_dict(uno) for uno in leido["tareas"]],
            bases={NombreAlmacen(nombre): str(una) for nombre, una in leido.get("bases", {}).items()},
        )
    except OSError as error:
        raise ArchivoInvalido(f"No se puede leer {ruta}: {motivo_del_sistema(error)}.") from error
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ArchivoInvalido(
            f"{ruta} no es el recibo de una reparación, un archivo «reparacion-….json» que «reparar» nombra."
        ) from None


def _a_dict(una: Reparada) -> dict[str, Any]:
    return {
        "id": una.id,
        "accion": str(una.accion),
        "version": una.version,
        "version_reemplazada": una.clave[1] if una.clave else None,
        "guardada_en": str(una.guardada_en),
        "exacta": una.exacta,
        "devolvible": una.devolvible,
        "contenido": una.contenido,
    }


def _de_dict(uno: dict[str, Any]) -> Reparada:
    return Reparada(
        id=str(UUID(uno["id"])),
        accion=Accion(uno["accion"]),
        version=int(uno["version"]),
        clave=(UUID(uno["id"]), int(uno["version_reemplazada"])),
        guardada_en=NombreAlmacen(uno["guardada_en"]),
        exacta=uno["exacta"] is True,
        devolvible=uno.get("devolvible", uno["exacta"]) is True,
        contenido=str(uno.get("contenido", "")),
    )
