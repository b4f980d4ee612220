"""What is said of adopting the tareas of another program. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from core.domain.models.almacen import NombreAlmacen
from gui.widgets.formato import cuenta

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True, kw_only=True)
class Hallazgo:
    """A store whose `tareas` another program made.

    Attributes:
        almacen: which.
        motivo: what the store says of it, a sentence.
        filas: how many rows it has; None when they could not be counted.
        otro: the store that gets a copy; None when there is no other.
        espera_la_otra: the other store's wait to be adopted as well.
    """

    almacen: NombreAlmacen
    motivo: str
    filas: int | None
    otro: NombreAlmacen | None
    espera_la_otra: bool = False

    @property
    def cuantas(self) -> str:
        """«12.000 tareas», «1 tarea», «las tareas» when nobody could count them."""
        if self.filas is None:
            return translate("Adopcion", "las tareas")
        if self.filas == 1:
            return translate("Adopcion", "1 tarea")
        return translate("Adopcion", "{n} tareas").format(n=cuenta(self.filas))

    @property
    def cuantas_hay(self) -> str:
        """The same after «hay»: without an article."""
        return self.cuantas if self.filas is not None else translate("Adopcion", "tareas")

    @property
    def donde(self) -> str:
        """«la tabla «tareas» de SQL»."""
        if self.almacen is NombreAlmacen.SQL:
            return translate("Adopcion", "la tabla «tareas» de SQL")
        return translate("Adopcion", "la colección «tareas» de MongoDB")


def se_hara(hallazgo: Hallazgo) -> tuple[str, ...]:
    """What adopting does, a sentence each."""
    sql = hallazgo.almacen is NombreAlmacen.SQL
    frases = [
        translate("Adopcion", "Se añaden a {donde} las columnas que faltan para llevar versiones y copias.")
        if sql
        else translate("Adopcion", "Se añaden a los documentos los campos que faltan para llevar versiones."),
        translate("Adopcion", "Se crean índices y, al lado, lo que el programa necesita para sí."),
    ]
    if hallazgo.otro is not None:
        frases.append(f"{translate('Adopcion', 'Todas quedan por copiar.')} {ya_adoptadas(hallazgo)}")
    return tuple(frase.format(donde=hallazgo.donde) for frase in frases)


def ya_adoptadas(hallazgo: Hallazgo) -> str:
    """What comes of them once they are adopted."""
    if hallazgo.otro is None:
        plantilla = translate("Adopcion", "Ya se puede leer y guardar en {almacen}.")
    elif hallazgo.espera_la_otra:
        plantilla = translate("Adopcion", "Se copiarán a {otro} cuando se adopten también las suyas.")
    else:
        plantilla = translate("Adopcion", "Se copian a {otro} en segundo plano.")
    return plantilla.format(
        almacen=hallazgo.almacen.etiqueta, otro=hallazgo.otro.etiqueta if hallazgo.otro is not None else ""
    )


def no_se_hara(hallazgo: Hallazgo) -> tuple[str, ...]:
    """What it never does, a sentence each."""
    frases = [
        translate("Adopcion", "No se borra ninguna tarea, ni se cambia su título, descripción o estado."),
        translate("Adopcion", "No se quitan las columnas ni los campos que otros programas hayan puesto."),
    ]
    if hallazgo.almacen is NombreAlmacen.SQL:
        frases.append(
            translate("Adopcion", "Si no pudiera conservar todas las filas, deja la tabla como estaba.")
        )
    return tuple(frases)


def por_adoptar(hallazgo: Hallazgo) -> str:
    """What the list says where it would be empty."""
    return translate("Adopcion", "Hay {cuantas} de otro programa por adoptar en {almacen}").format(
        cuantas=hallazgo.cuantas_hay, almacen=hallazgo.almacen.etiqueta
    )


def en_la_lista(hallazgo: Hallazgo) -> str:
    """What the list says above the rows that it has meanwhile."""
    dicho = por_adoptar(hallazgo)
    if hallazgo.otro is None:
        return f"{dicho}."
    return translate("Adopcion", "{dicho}: hasta entonces se ven solo las de {otro}.").format(
        dicho=dicho, otro=hallazgo.otro.etiqueta
    )


def sin_adoptar(hallazgo: Hallazgo) -> str:
    """What it means to leave things as they are."""
    if hallazgo.espera_la_otra:
        return translate(
            "Adopcion",
            "También las de {otro} esperan: hasta que se adopten unas no se puede leer ni guardar.",
        ).format(otro=hallazgo.almacen.otro.etiqueta)
    if hallazgo.otro is None:
        return translate("Adopcion", "Hasta entonces no se puede leer ni guardar nada en {almacen}.").format(
            almacen=hallazgo.almacen.etiqueta
        )
    return translate(
        "Adopcion", "Hasta que se adopten, {almacen} queda como está y se trabaja solo con {otro}."
    ).format(almacen=hallazgo.almacen.etiqueta, otro=hallazgo.otro.etiqueta)


def rechazada(hallazgo: Hallazgo) -> str:
    """What holds after the operator said no."""
    if hallazgo.otro is None or hallazgo.espera_la_otra:
        plantilla = translate("Adopcion", "{almacen} queda como estaba, y no se puede trabajar con ella.")
    else:
        plantilla = translate("Adopcion", "{almacen} queda como estaba; se trabaja solo con {otro}.")
    otro = hallazgo.otro.etiqueta if hallazgo.otro is not None else ""
    dicho = plantilla.format(almacen=hallazgo.almacen.etiqueta, otro=otro)
    return f"{dicho} {translate('Adopcion', 'Puede adoptarlas cuando quiera.')}"
