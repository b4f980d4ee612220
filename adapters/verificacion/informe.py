"""The result of a verification as a document: JSON for programs, printable HTML for people, both signed off.

The HTML carries the SHA-256 of the JSON, so that a print tells which file it belongs to and whether that was
changed since. Data is escaped and shown as plain text. No address carries a secret.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from adapters.archivos.destino import abrir_destino, comprobar_destino
from adapters.invisibles import Escritos, con_su_codigo
from adapters.nodo import ahora_ms
from adapters.verificacion.letra import como, cuanto, fecha_y_hora
from core.diferencias import Diferencia
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.verificacion import InformeVerificacion
from core.health import SaludAlmacen

NOMBRES_DE_TIPO: Mapping[str, str] = {
    "solo_sql": "Solo en SQL",
    "solo_mongo": "Solo en MongoDB",
    "contenido": "Contenido distinto",
    "lapida": "Eliminada en una y no en la otra",
    "malformada": "Malformada",
}


class Firmante(Protocol):
    """What a signature tells of the program that made the report."""

    @property
    def almacenes(self) -> tuple[NombreAlmacen, ...]:
        """The stores that were compared."""
        ...

    @property
    def nodo(self) -> str:
        """The number of this installation."""
        ...

    def salud(self, nombre: NombreAlmacen) -> SaludAlmacen:
        """The last that was heard of a store."""
        ...

    def direccion(self, nombre: NombreAlmacen) -> str:
        """Where it is, without secrets."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Firma:
    """Who signs the report off, and what it is about.

    Attributes:
        almacenes: for each store, what it is and where, without secrets.
        nombre: of the operator.
        nodo: of the installation, as tareas carry it.
    """

    almacenes: Mapping[NombreAlmacen, str]
    nombre: str
    nodo: str
    firmado_ms: int
    programa: str


def operador() -> str:
    """The name under which the operator works on this machine; empty where the system tells none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def firma_de(quien: Firmante) -> Firma:
    """Of a report that is made now, by whoever runs this program."""
    return Firma(
        almacenes={
            nombre: f"{pong.version_servidor} en {quien.direccion(nombre)}"
            if (pong := quien.salud(nombre).pong) is not None
            else quien.direccion(nombre)
            for nombre in quien.almacenes
        },
        nombre=operador(),
        nodo=quien.nodo,
        firmado_ms=ahora_ms(),
        programa=f"dual-tareas {version('dual-tareas')}",
    )


def archivos_de(base: Path) -> tuple[Path, Path]:
    """The JSON and the HTML of that base name; one of their endings on it does no harm."""
    if base.suffix.lower() in (".json", ".html"):
        base = base.with_suffix("")
    return base.with_name(f"{base.name}.json"), base.with_name(f"{base.name}.html")


def informes_que_hay(base: Path) -> list[Path]:
    """Those of its two files that are there."""
    return [archivo for archivo in archivos_de(base) if os.path.lexists(archivo)]


def comprobar_informe(base: Path, *, sobrescribir: bool) -> None:
    """Raise ArchivoInvalido, before any work is done, where the report may not or cannot be written."""
    for archivo in archivos_de(base):
        comprobar_destino(archivo, sobrescribir=sobrescribir)


def guardar_informe(
    informe: InformeVerificacion, firma: Firma, base: Path, *, sobrescribir: bool = False
) -> tuple[Path, Path]:
    """Write BASE.json and BASE.html, each whole or not at all; where they are. Raises ArchivoInvalido."""
    en_json, en_html = archivos_de(base)
    texto = json.dumps(como_dict(informe, firma), ensure_ascii=False, indent=1) + "\n"
    resumen = hashlib.sha256(texto.encode("utf-8", "surrogateescape")).hexdigest()
    with (
        abrir_destino(en_json, sobrescribir=sobrescribir) as de_json,
        abrir_destino(en_html, sobrescribir=sobrescribir) as de_html,
    ):
        de_json.write(texto)
        de_html.write(_html(informe, firma, en_json.name, resumen))
    return en_json, en_html


def resultado(informe: InformeVerificacion) -> str:
    """In one word for programs: iguales, diferentes, desconocido."""
    if informe.iguales:
        return "iguales"
    return "diferentes" if informe.hay_diferencias or informe.sin_revisar else "desconocido"


def diferencia_como_dict(diferencia: Diferencia) -> dict[str, Any]:
    """One difference for programs."""
    return {
        "id": diferencia.id,
        "tipo": str(diferencia.tipo),
        "subtipo": str(diferencia.subtipo or ""),
        "campos": list(diferencia.campos),
        "edad_s": round(diferencia.edad_s, 1),
    }


def resumen_como_dict(informe: InformeVerificacion) -> dict[str, Any]:
    """All of a result but the single differences."""
    return {
        "iguales": informe.iguales,
        "filas_sql": informe.filas_sql,
        "filas_mongo": informe.filas_mongo,
        "metodo": informe.metodo,
        "motivo_metodo": informe.motivo_metodo,
        "duracion_s": round(informe.duracion_s, 3),
        "cuentas": {str(tipo): n for tipo, n in informe.cuentas.items() if n},
        "en_vuelo": informe.en_vuelo,
        "sin_revisar": informe.sin_revisar,
        "diferencias_sin_listar": informe.sin_listar,
        "columnas_que_no_se_comparan": list(informe.columnas_ajenas),
        "sin_anotar": informe.sin_anotar,
    }


def como_dict(informe: InformeVerificacion, firma: Firma) -> dict[str, Any]:
    """The whole report."""
    return {
        "informe": "verificación de tareas",
        "programa": firma.programa,
        "firmado_por": {"operador": firma.nombre, "puesto": firma.nodo},
        "firmado_en": _instante(firma.firmado_ms),
        "almacenes": {str(nombre): donde for nombre, donde in firma.almacenes.items()},
        "empezada_en": _instante(informe.empezada_ms),
        "resultado": resultado(informe),
        **resumen_como_dict(informe),
        "diferencias": [diferencia_como_dict(una) for una in informe.diferencias],
    }


def _instante(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")


_TITULARES = {
    "iguales": "Ambas bases de datos contienen lo mismo",
    "diferentes": "Las bases de datos difieren",
    "desconocido": "No se pudo saber si son iguales",
}
_A_LA_VISTA = Escritos(con_su_codigo, todos=True)
_ESTILO = """
body{font:11pt/1.45 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1b1f24}
h1{font-size:1.4rem}table{border-collapse:collapse;width:100%;margin:1rem 0}
th,td{border:1px solid #dde2e8;padding:.3rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{background:#f6f7f9}code{font:9.5pt monospace;overflow-wrap:anywhere}thead{display:table-header-group}
tr{break-inside:avoid}.firma{border-top:1px solid #1b1f24;margin-top:2rem;padding-top:.5rem}
@page{margin:15mm}@media print{body{margin:0;max-width:none;padding:0}.firma{break-inside:avoid}}
"""


def _html(informe: InformeVerificacion, firma: Firma, archivo_json: str, resumen: str) -> str:
    datos = como_dict(informe, firma)
    titular = _TITULARES[datos["resultado"]]
    hechos = [
        *((f"Base de datos {nombre.etiqueta}", donde) for nombre, donde in firma.almacenes.items()),
        ("Comenzó", fecha_y_hora(informe.empezada_ms)),
        ("Duró", cuanto(informe.duracion_s)),
        ("Método", ". ".join(filter(None, (como(informe.metodo), informe.motivo_metodo)))),
        ("Filas en SQL", datos["filas_sql"]),
        ("Filas en MongoDB", datos["filas_mongo"]),
        *((NOMBRES_DE_TIPO.get(tipo, tipo), n) for tipo, n in datos["cuentas"].items()),
        ("Cambiaban sin parar", datos["en_vuelo"]),
        ("Diferencias que no se listan", datos["diferencias_sin_listar"]),
        *(("Columna de SQL que no se compara", nombre) for nombre in datos["columnas_que_no_se_comparan"]),
        *([("Aviso", datos["sin_anotar"])] if datos["sin_anotar"] else []),
    ]
    return "".join(
        (
            '<!doctype html>\n<html lang="es"><head><meta charset="utf-8">',
            f"<title>{escape(titular)}</title><style>{_ESTILO}</style></head><body>\n",
            f"<h1>{escape(titular)}</h1>\n",
            _tabla(("Qué", "Valor"), hechos),
            _diferencias(datos["diferencias"]),
            '<div class="firma">',
            f"<p>Firmado por {escape(firma.nombre or 'un operador sin nombre')} ",
            f"(puesto {escape(firma.nodo)}), ",
            f"{fecha_y_hora(firma.firmado_ms)}, con {escape(firma.programa)}: lo guardó esa cuenta del ",
            "sistema a esa hora. No es una firma electrónica.</p>\n",
            f"<p>SHA-256 de <code>{escape(archivo_json)}</code>:<br><code>{resumen}</code></p>\n",
            "<p>Para comprobar que ese archivo es el de esta hoja y nadie lo ha cambiado: ",
            f"<code>sha256sum {escape(archivo_json)}</code>, o en Windows ",
            f"<code>certutil -hashfile {escape(archivo_json)} SHA256</code>; ",
            "debe salir el mismo número.</p></div>\n</body></html>\n",
        )
    )


def _diferencias(diferencias: list[dict[str, Any]]) -> str:
    if not diferencias:
        return "<p>No hay ninguna diferencia que listar.</p>\n"
    filas = (
        (
            una["id"],
            NOMBRES_DE_TIPO.get(una["tipo"], una["tipo"]),
            ", ".join(una["campos"]),
            cuanto(una["edad_s"]) if una["edad_s"] else "no se sabe",
        )
        for una in diferencias
    )
    return _tabla(("Tarea", "Diferencia", "Campos", "Escrita hace"), filas)


def _texto(valor: object) -> str:
    """Data as the page shows it: nothing in it turns or hides what whoever signs reads."""
    return escape(str(valor).translate(_A_LA_VISTA))


def _tabla(cabeza: tuple[str, ...], filas: Any) -> str:
    celdas = "".join(f"<th>{escape(titulo)}</th>" for titulo in cabeza)
    lineas = "".join(f"<tr>{''.join(f'<td>{_texto(valor)}</td>' for valor in fila)}</tr>\n" for fila in filas)
    return f"<table><thead><tr>{celdas}</tr></thead><tbody>\n{lineas}</tbody></table>\n"
