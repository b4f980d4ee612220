"""What a repair does about one tarea, once it is decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from core.diferencias import FilaVista, Pareja
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.conflicto import ClaveConflicto
from core.domain.models.reparacion import Reparada
from core.domain.models.tarea import Tarea
from core.domain.ports.reparacion import Cambio
from core.reparacion import Accion, Decision, huella_de_contenido, vista_de


@dataclass(slots=True, kw_only=True)
class Obra:
    """What is to be done about one tarea.

    Attributes:
        final: what both stores are to hold; its version is given when the batch begins.
        pierde: the store that is written first: what it holds is replaced by another content.
        guardar: the row that is to be kept before; None where no content is lost.
        exacta: `conflictos` keeps it as it was.
        devolvible: what `conflictos` keeps of it can be put back.
        comun: the version that both stores are known to hold; 0 where nothing is known.
        abierta: the same value is kept already, and nobody has decided about it.
        movida: the second store held something else by the time of its write.
    """

    pareja: Pareja
    accion: Accion
    final: Tarea
    pierde: NombreAlmacen
    guardar: FilaVista | None
    exacta: bool = True
    devolvible: bool = True
    comun: int = 0
    abierta: bool = False
    movida: bool = False

    @classmethod
    def de(cls, pareja: Pareja, decision: Decision, *, comun: int = 0) -> Self:
        """Of a decision that writes."""
        assert decision.ganador is not None, "a decision that writes has a winner"
        assert decision.final is not None, "and says what to write"
        pierde = decision.ganador.otro
        guardar = vista_de(pareja, pierde) if decision.accion.sobrescribe else None
        return cls(
            pareja=pareja,
            accion=decision.accion,
            final=decision.final,
            pierde=pierde,
            guardar=guardar,
            comun=comun,
        )

    @property
    def id(self) -> str:
        """Of the tarea, as the stores hold it."""
        return self.pareja.id

    @property
    def clave(self) -> ClaveConflicto | None:
        """Under which `conflictos` keeps what is replaced."""
        return None if self.guardar is None else (self.final.id, int(self.guardar.version))

    def cambio(self, almacen: NombreAlmacen) -> Cambio:
        """The write in that store."""
        return Cambio(vista_de(self.pareja, almacen), self.final)

    def reparada(self) -> Reparada:
        """What undoing it needs to know."""
        return Reparada(
            id=self.id,
            accion=self.accion,
            version=self.final.version,
            clave=self.clave,
            guardada_en=self.pierde if self.clave else None,
            exacta=self.exacta,
            devolvible=self.devolvible,
            contenido=huella_de_contenido(self.final),
        )
