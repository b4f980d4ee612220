"""Every error an operator or a caller can meet, in one tree.

The message is a Spanish sentence that says what happened; `que_hacer` says what to do next. Drivers'
errors are translated into these, once for each driver; what cannot be translated is a bug and rises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.domain.models.almacen import NombreAlmacen, ResultadoEscritura
    from core.domain.models.tarea import Tarea


class DualTareasError(Exception):
    """Base of all: the world's fault or the user's, never ours."""

    que_hacer: str = ""


class ConfiguracionInvalida(DualTareasError):
    """A setting has a value that cannot be used; the message names it."""


_ETIQUETAS = {
    "titulo": "Título",
    "descripcion": "Descripción",
    "estado": "Estado",
    "creada_en": "Fecha de creación",
    "actualizada_en": "Fecha de actualización",
}


class TareaInvalida(DualTareasError, ValueError):
    """A field holds what cannot be stored.

    Attributes:
        campo: the field's name.
        motivo: why, to be read after the field's name.
    """

    def __init__(self, campo: str, motivo: str) -> None:
        super().__init__(f"{_ETIQUETAS.get(campo, campo)}: {motivo}.")
        self.campo = campo
        self.motivo = motivo


class VersionAgotada(DualTareasError):
    """A tarea carries a version above which there is no other: no write of ours ever made it."""

    que_hacer = (
        "Corrija a mano la columna «version» de esa tarea en la base de datos: ponga la que tiene en la otra."
    )

    def __init__(self) -> None:
        super().__init__("La versión de esta tarea se cambió a mano y no deja guardar nada sobre ella.")


class RelojDesajustado(DualTareasError):
    """This machine's clock and a server's differ by too much to write: versions begin with the clock.

    Attributes:
        desfases_ms: of each server that disagrees, its clock minus ours, milliseconds.
    """

    que_hacer = (
        "Sincronice por NTP la hora de este equipo y la de los servidores: en cuanto concuerden se podrá "
        "escribir, sin reiniciar nada. Leer se puede igual."
    )

    def __init__(self, desfases_ms: Mapping[NombreAlmacen, float]) -> None:
        relojes = " y ".join(
            f"el de {nombre.etiqueta} va {_tiempo(abs(ms))} por {'delante' if ms > 0 else 'detrás'}"
            for nombre, ms in desfases_ms.items()
        )
        super().__init__(f"No se escribe nada: comparado con el reloj de este equipo, {relojes}.")
        self.desfases_ms = dict(desfases_ms)


def _tiempo(ms: float) -> str:
    minutos = round(ms / 60_000)
    if minutos < 120:
        return f"{round(ms / 1000)} s" if minutos < 2 else f"{minutos} min"
    return f"{round(ms / 3_600_000)} h" if minutos < 2880 else f"{round(ms / 86_400_000)} días"


class TareaNoEncontrada(DualTareasError):
    """No store that answered has this tarea, or it was deleted."""

    def __init__(self, entidad_id: object) -> None:
        super().__init__(f"La tarea {entidad_id} no existe o fue eliminada.")
        self.entidad_id = entidad_id


class TareaPurgada(TareaNoEncontrada):
    """No store has anything of a tarea that was there when its edit began: it was deleted and purged."""

    que_hacer = "Guárdela como una tarea nueva, o descarte los cambios."

    def __init__(self, entidad_id: object) -> None:
        DualTareasError.__init__(self, "Esta tarea ya no existe: se eliminó hace tiempo y se purgó.")
        self.entidad_id = entidad_id


class ConflictoNoEncontrado(DualTareasError):
    """No store that answered keeps this conflict as an open one."""

    que_hacer = "Vuelva a cargar la lista de conflictos."

    def __init__(self, entidad_id: object) -> None:
        super().__init__(f"No hay ningún conflicto abierto de la tarea {entidad_id}.")
        self.entidad_id = entidad_id


class ConflictoSinAnotar(DualTareasError):
    """The tarea was written, but no store could note that the conflict is resolved."""

    que_hacer = "Resuélvalo otra vez igual cuando la base de datos responda: no se escribirá nada más."

    def __init__(self, motivo: str) -> None:
        super().__init__(f"La tarea se ha guardado, pero el conflicto sigue abierto: {motivo}")


class ConflictoDeVersion(DualTareasError):
    """The store holds something that this writer never saw; nothing of it was overwritten.

    Attributes:
        actual: what is there now.
        propuesta: what was to be written.
    """

    que_hacer = "Compare ambas versiones y elija cuál conservar."

    def __init__(self, actual: Tarea, propuesta: Tarea) -> None:
        super().__init__("Otra persona cambió esta tarea mientras usted la editaba.")
        self.actual = actual
        self.propuesta = propuesta


class AlmacenError(DualTareasError):
    """Something went wrong in one store.

    Attributes:
        almacen: which.
    """

    def __init__(self, almacen: NombreAlmacen, mensaje: str) -> None:
        super().__init__(mensaje)
        self.almacen = almacen


class GanaLaVaciada(DualTareasError):
    """A repair would let a store win that was emptied, or is another one: nobody means that who knows of it.

    Attributes:
        almacen: which.
    """

    def __init__(self, almacen: NombreAlmacen) -> None:
        otra = almacen.otro.etiqueta
        super().__init__(
            f"{almacen.etiqueta} se vació o es otra base de datos: si gana, lo que le falta se eliminaría "
            f"en {otra}."
        )
        self.almacen = almacen
        self.que_hacer = f"Copie antes en ella lo que tiene {otra}, o deje que gane {otra}."


class EsOtraBase(GanaLaVaciada):
    """A repair would write to a database of which nobody has said that it is the other one's pair."""

    def __init__(self, almacen: NombreAlmacen) -> None:
        DualTareasError.__init__(
            self,
            f"{almacen.etiqueta} no es la base de datos que había antes: lo que se reparase en ella se daría "
            "por copiado, y a la de antes no le llegaría.",
        )
        self.almacen = almacen
        self.que_hacer = (
            f"Corrija la dirección; si es la que debe ser, copie antes en ella lo que tiene "
            f"{almacen.otro.etiqueta}."
        )


class AlmacenNoDisponible(AlmacenError):
    """The store could not be reached: nothing was sent."""


class OperacionFallida(AlmacenError):
    """The store answered that it did not carry the operation out.

    Attributes:
        del_dato: known to be for what the row itself says.
    """

    del_dato: bool = False


class AlmacenSoloLectura(OperacionFallida):
    """The store answers but refuses writes (a standby, a read-only file)."""


class FaltaLaClave(AlmacenSoloLectura):
    """Two of its rows could have the same id: nothing is written there, or it would be written twice."""


class EsquemaSinAdoptar(OperacionFallida):
    """A `tareas` table or collection exists without the columns that replication needs.

    It is the user's data: nothing is changed before they ask for it.

    Attributes:
        que_hay: what was found, without the advice how to go on.
    """

    def __init__(self, almacen: NombreAlmacen, que_hay: str, remedio: str = "") -> None:
        super().__init__(almacen, f"{que_hay} {remedio}".rstrip())
        self.que_hay = que_hay


class ResultadoDesconocido(AlmacenError):
    """The request was sent and its answer never came: it may have been applied, or land later."""


class EscrituraSinConfirmar(DualTareasError):
    """No store acknowledged the write.

    Attributes:
        resultado: what each store said; `resultado.tarea` is the row that was sent.
    """

    def __init__(self, mensaje: str, resultado: ResultadoEscritura) -> None:
        super().__init__(mensaje)
        self.resultado = resultado


class NingunAlmacenDisponible(EscrituraSinConfirmar):
    """Neither store answers; nothing was sent to any."""

    que_hacer = "Compruebe que las bases de datos están en marcha y vuelva a intentarlo."


class EscrituraRechazada(EscrituraSinConfirmar):
    """Every store that was asked refused; nothing was applied."""

    que_hacer = "Corrija la causa y vuelva a intentarlo; nada se ha guardado."


class EscrituraIncierta(EscrituraSinConfirmar):
    """No store acknowledged, and at least one may have applied it.

    Saving again with `version=resultado.tarea.version` repeats the same write and is harmless.
    """

    que_hacer = "Vuelva a guardar cuando la base de datos responda: se repetirá la misma escritura."


class LecturaImposible(DualTareasError):
    """No store could answer a read."""

    que_hacer = "Compruebe que las bases de datos están en marcha y vuelva a intentarlo."


class LecturaRehusada(LecturaImposible):
    """Every store answered, and none of them could read: they are up, and something else is wrong."""

    que_hacer = "Corrija lo que dice cada base de datos y vuelva a intentarlo."


class CursorCaducado(DualTareasError):
    """The next page belongs to a store that no longer answers: start again from the first page."""

    que_hacer = "Vuelva a cargar la lista desde el principio."


class ArchivoInvalido(DualTareasError):
    """A file of tareas cannot be read or written as asked; the message names it and says why."""
