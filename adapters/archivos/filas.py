"""What one record of a file means: which tarea it is, or why it is none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from core.application.importar_tareas import FilaLeida
from core.domain.errors import TareaInvalida
from core.domain.models.tarea import EstadoTarea, Tarea, cortar_a_ms

ESPACIO_IDS = UUID("6f7c3a52-51a8-5d0b-9a8e-6d7a3b0c9e41")
"""Namespace of the ids that rows without one get. Never change it: importing again would duplicate."""


_BYTE_SUELTO = re.compile("[\udc80-\udcff]")
"""What "surrogateescape" makes of bytes that are no UTF-8."""


@dataclass(frozen=True, slots=True)
class Interprete:
    """Turns records of one file into rows.

    Attributes:
        huella: the file's fingerprint, from which rows without id get theirs.
        creada_por_defecto: for rows without creada_en. Taken from the file, not from the clock: importing
            it again must give the same tareas.
    """

    huella: str
    creada_por_defecto: datetime

    def fila(self, linea: int, clave: int, registro: Mapping[str, object]) -> FilaLeida:
        """The row that starts at `linea`; `clave` tells it from all others of the file."""
        try:
            return FilaLeida(linea, self._tarea(clave, registro))
        except TareaInvalida as error:
            return FilaLeida(linea, None, str(error).rstrip("."), registro)

    def _tarea(self, clave: int, registro: Mapping[str, object]) -> Tarea:
        creada = _instante(registro, "creada_en") or self.creada_por_defecto
        return Tarea(
            id=_id(registro) or uuid5(ESPACIO_IDS, f"{self.huella}:{clave}"),
            titulo=_texto(registro, "titulo"),
            descripcion=_texto(registro, "descripcion"),
            # An unknown estado is told by `validada`.
            estado=_texto(registro, "estado") or EstadoTarea.PENDIENTE,  # type: ignore[arg-type]
            creada_en=creada,
            actualizada_en=_instante(registro, "actualizada_en") or creada,
        ).validada()


def _texto(registro: Mapping[str, object], campo: str) -> str:
    valor = registro.get(campo)
    if valor is None:
        return ""
    if not isinstance(valor, str):
        raise TareaInvalida(campo, "debe ser un texto")
    if not valor.isascii() and _BYTE_SUELTO.search(valor):
        raise TareaInvalida(campo, "contiene bytes que no son UTF-8: guarde el archivo como UTF-8")
    return valor


def _id(registro: Mapping[str, object]) -> UUID | None:
    texto = _texto(registro, "id").strip()
    try:
        return UUID(texto) if texto else None
    except ValueError:
        raise TareaInvalida("id", f"«{recortado(texto)}» no es un UUID") from None


def _instante(registro: Mapping[str, object], campo: str) -> datetime | None:
    texto = _texto(registro, campo).strip()
    if not texto:
        return None
    try:
        instante = datetime.fromisoformat(texto)
    except ValueError:
        raise TareaInvalida(campo, f"«{recortado(texto)}» no es una fecha ISO 8601") from None
    if instante.tzinfo is None:
        raise TareaInvalida(campo, "debe llevar zona horaria, como en 2026-08-06T12:49:09+00:00")
    try:
        return cortar_a_ms(instante)
    except ValueError:
        raise TareaInvalida(campo, "debe caer entre los años 1 y 9999") from None


def recortado(texto: str, maximo: int = 40) -> str:
    """`texto`, short enough for a message and printable."""
    corto = texto if len(texto) <= maximo else texto[: maximo - 1] + "…"
    return corto.encode("utf-8", "replace").decode()
