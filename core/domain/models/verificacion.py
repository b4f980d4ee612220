"""What a verification found, and the note that it leaves in both stores."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field

from core.diferencias import Diferencia, TipoDiferencia
from core.domain.models.almacen import NombreAlmacen

NOTA_ULTIMA = "verificacion"
"""Key, in `dual_tareas_meta`, of the last verification, whatever it found."""
NOTA_LIMPIA = "verificacion_limpia"
"""Key of the last one that found both stores equal."""


@dataclass(slots=True, kw_only=True)
class InformeVerificacion:
    """The result of comparing both stores.

    Attributes:
        metodo: "resumen" (each server added its rows up, and what differed was read) or "flujo" (both were
            read in order and merged).
        motivo_metodo: why not by "resumen", one sentence; empty where it was.
        fraccion: how far it is, 0 to 1; estimated while the servers add up.
        empezada_ms: wall clock at the start, ms since the epoch; what was written later is not meant.
        duracion_s: seconds it took.
        diferencias: that survived the second looks; at most `LIMITE` of them, the counts are complete.
        cuentas: differences by kind.
        en_vuelo: rows that changed at every look: nobody can say yet whether they are equal.
        sin_revisar: differences beyond those that could be looked at twice.
        lapidas_sueltas: confirmed tombstones of which the other store has nothing: no difference.
        ausentes: stores without any `tareas`: all that the other one holds is a difference.
        columnas_ajenas: columns of the SQL table that are none of ours; nothing is compared with them.
        sin_anotar: which stores did not take the note of it, in sentences; empty where all did.
        cancelada: it was stopped before the end.
    """

    metodo: str
    empezada_ms: int
    motivo_metodo: str = ""
    fraccion: float = 0.0
    duracion_s: float = 0.0
    filas_sql: int = 0
    filas_mongo: int = 0
    diferencias: list[Diferencia] = field(default_factory=list)
    cuentas: Counter[TipoDiferencia] = field(default_factory=Counter)
    en_vuelo: int = 0
    sin_revisar: int = 0
    lapidas_sueltas: int = 0
    ausentes: tuple[NombreAlmacen, ...] = ()
    columnas_ajenas: tuple[str, ...] = ()
    sin_anotar: str = ""
    cancelada: bool = False

    @property
    def vacia(self) -> bool:
        """There was nothing to compare in either store: that proves nothing."""
        return not self.filas_sql and not self.filas_mongo

    @property
    def hay_diferencias(self) -> bool:
        """Whether some are certain."""
        return self.cuentas.total() > 0 or bool(self.ausentes)

    @property
    def sin_listar(self) -> int:
        """Differences, at least, that are not in `diferencias`."""
        return max(0, self.cuentas.total() - len(self.diferencias)) + self.sin_revisar

    @property
    def iguales(self) -> bool:
        """Whether both were seen to hold the same, all of it."""
        dudas = self.en_vuelo or self.sin_revisar or self.cancelada or self.vacia
        return not dudas and not self.hay_diferencias

    def nota(self) -> str:
        """What is kept of it in the stores."""
        return json.dumps(
            {
                "empezada_ms": self.empezada_ms,
                "duracion_s": round(self.duracion_s, 3),
                "iguales": self.iguales,
                "metodo": self.metodo,
                "filas_sql": self.filas_sql,
                "filas_mongo": self.filas_mongo,
                "diferencias": self.cuentas.total(),
            }
        )


def empezada_ms_de(nota: str | None) -> int | None:
    """When the verification of that note began; None for none, or for one that is no note of ours."""
    empezada_ms = _leer(nota).get("empezada_ms")
    return empezada_ms if isinstance(empezada_ms, int) else None


def dice_iguales(nota: str | None) -> bool:
    """Whether that verification found both equal."""
    return _leer(nota).get("iguales") is True


def _leer(nota: str | None) -> dict[str, object]:
    try:
        leida = json.loads(nota or "{}")
    except ValueError:
        return {}
    return leida if isinstance(leida, dict) else {}
