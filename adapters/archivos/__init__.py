"""Files of tareas, CSV and JSON: read lazily, written whole or not at all.

What a row means is in `filas`, what a file is in `fuente` and `destino`; `lectura` and `escritura` join
them. No repository enters here: readers give `FilaLeida`, writers take `Tarea`.
"""

from adapters.archivos.destino import SALIDA, comprobar_destino
from adapters.archivos.escritura import escribir_tareas
from adapters.archivos.formato import Formato
from adapters.archivos.lectura import Lectura, leer_archivo, leer_tareas
from adapters.archivos.rechazadas import abrir_rechazadas

__all__ = [
    "SALIDA",
    "Formato",
    "Lectura",
    "abrir_rechazadas",
    "comprobar_destino",
    "escribir_tareas",
    "leer_archivo",
    "leer_tareas",
]
