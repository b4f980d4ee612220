"""What a repair replaced and `conflictos` could not keep exactly, one JSON object a line, on this machine.

It is written, and on the disk, before anything is replaced.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.domain.errores_sistema import motivo_del_sistema
from core.domain.errors import ArchivoInvalido


class Diario:
    """A file of the data folder; made when there is something to write.

    Args:
        carpeta: the program's data folder.
    """

    def __init__(self, carpeta: Path) -> None:
        self.ruta = carpeta / "reparaciones.jsonl"

    def apuntar(self, apuntes: Sequence[dict[str, Any]]) -> str:
        """Add these; where they are. Raises ArchivoInvalido: what cannot be kept must not be replaced."""
        lineas = "".join(json.dumps(uno, ensure_ascii=False) + "\n" for uno in apuntes)
        try:
            # 0600: it holds tareas, which are nobody else's business.
            descriptor = os.open(self.ruta, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "a", encoding="utf-8", errors="surrogatepass", newline="") as archivo:
                archivo.write(lineas)
                archivo.flush()
                os.fsync(archivo.fileno())
        except OSError as error:
            raise ArchivoInvalido(
                f"No se puede escribir {self.ruta} ({motivo_del_sistema(error)}): sin guardar antes lo que "
                "se va a reemplazar no se repara nada."
            ) from error
        return str(self.ruta)
