"""Rows of a backfill as they are put: confirmed, and for COPY as a line of text."""

from __future__ import annotations

from core.domain.ports.relleno import VERSION, FilaRelleno


def confirmada(fila: FilaRelleno) -> FilaRelleno:
    """The row as it is once both stores have it."""
    version = fila[VERSION]
    return (*fila[:VERSION], version, version, False, *fila[9:])


def linea(fila: FilaRelleno) -> str:
    """The row, confirmed, as COPY reads it."""
    id, titulo, descripcion, estado, creada, actualizada, version, _comun, _pendiente, nodo, eliminada = fila
    return (
        f"{id}\t{_texto(titulo)}\t{_texto(descripcion)}\t{_texto(estado)}\t{creada.isoformat()}"
        f"\t{actualizada.isoformat()}\t{version}\t{version}\tf\t{_texto(nodo)}\t{'t' if eliminada else 'f'}\n"
    )


def _texto(texto: str) -> str:
    # The test is several times faster than the replacements, which few texts need.
    if texto.isprintable() and "\\" not in texto:
        return texto
    return texto.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
