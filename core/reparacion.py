"""What repairing a difference means. Pure rules: who wins, what both stores are to hold, what is overwritten.

The winner's content becomes a new version in both stores. A store that holds nothing can win, too: the tarea
then becomes a tombstone in both, never a hole, or the other store's row would come back.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, cast
from uuid import UUID

from core.diferencias import CAMPOS, FilaVista, Pareja, Subtipo, diferencia_de
from core.domain.errors import TareaInvalida
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.tarea import EstadoTarea, Tarea
from core.domain.models.version import SIN_FECHA
from core.instantes import EPOCA, Valor, fecha_de, instante_us

_DE_SERVICIO: Final = frozenset({"version", "version_comun", "pendiente", "nodo"})
"""Fields that each write of ours sets anew: what they said before is nobody's content."""
_NADA: Final = repr(None)
"""How a value that is not there is told in `FilaVista.contenido`."""
SIN_TITULO: Final = "(sin título)"
"""Titulo of a tombstone whose row had none that can be stored."""


class Gana(StrEnum):
    """Whose content both stores are to hold."""

    SQL = "sql"
    MONGO = "mongo"
    RECIENTE = "reciente"


class Accion(StrEnum):
    """What a repair does about one id.

    COPIAR: to the store that holds nothing. SUSTITUIR: over another content, which is kept. ELIMINAR: over a
    living tarea, which is kept. RENOVAR: the content is equal, both get one version. The others write
    nothing: NADA, the stores agree by now; CAMBIO, it is no longer what was seen; IMPOSIBLE, for the reason
    given.
    """

    COPIAR = "copiar"
    SUSTITUIR = "sustituir"
    ELIMINAR = "eliminar"
    RENOVAR = "renovar"
    NADA = "nada"
    CAMBIO = "cambio"
    IMPOSIBLE = "imposible"

    @property
    def escribe(self) -> bool:
        """Whether it changes the stores."""
        return self not in (Accion.NADA, Accion.CAMBIO, Accion.IMPOSIBLE)

    @property
    def sobrescribe(self) -> bool:
        """Whether it replaces a content by another one."""
        return self in (Accion.SUSTITUIR, Accion.ELIMINAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is to be done about one id.

    Attributes:
        ganador: whose content wins; None where nothing is written.
        final: what both stores are to hold, still without a version of its own.
        motivo: why it cannot be done, and what to do instead, for people.
    """

    accion: Accion
    ganador: NombreAlmacen | None = None
    final: Tarea | None = None
    motivo: str = ""


def vista_de(pareja: Pareja, almacen: NombreAlmacen) -> FilaVista | None:
    """What that store holds."""
    return pareja.sql if almacen is NombreAlmacen.SQL else pareja.mongo


def huella(vista: FilaVista | None) -> str:
    """Tells whether a row is still the one that was seen; its mark pendiente, which comes and goes, apart."""
    if vista is None:
        return ""
    visto = repr((vista.id, int(vista.version), vista.eliminada, vista.contenido, vista.defectos))
    visto += vista.resto
    return hashlib.sha256(visto.encode("utf-8", "surrogatepass")).hexdigest()


def huella_de_contenido(tarea: Tarea) -> str:
    """Of what an operator would see of it, and the instant of the change, whatever its version."""
    visto = (tarea.titulo, tarea.descripcion, str(tarea.estado), tarea.eliminada)
    instantes = (tarea.creada_en.isoformat(), tarea.actualizada_en.isoformat())
    return hashlib.sha256(repr((*visto, *instantes)).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def mas_reciente(pareja: Pareja) -> NombreAlmacen | None:
    """Which store holds the newer value; None when nothing tells.

    A row is newer than none. Versions tell, unless one is no instant (adopted, imported) or both are the
    same: then the date of the change does.
    """
    sql, mongo = pareja.sql, pareja.mongo
    if sql is None or mongo is None:
        return NombreAlmacen.SQL if sql is not None else NombreAlmacen.MONGO if mongo is not None else None
    if sql.version != mongo.version and min(sql.version, mongo.version) >= SIN_FECHA:
        edades = (sql.version, mongo.version)
    else:
        edades = (sql.escrita_us, mongo.escrita_us)
    if edades[0] == edades[1]:
        return None
    return NombreAlmacen.SQL if edades[0] > edades[1] else NombreAlmacen.MONGO


def decidir(pareja: Pareja, gana: Gana) -> Decision:
    """What is to be done about that pair."""
    if diferencia_de(pareja) is None:
        return Decision(accion=Accion.NADA)
    if any(uno is not None and "id" in uno.defectos for uno in (pareja.sql, pareja.mongo)):
        return _imposible(_sobre_el_id(pareja))
    ganador = _ganador(pareja, gana)
    if ganador is None and pareja.sql and pareja.mongo and not _es_valida(pareja.sql):
        ganador = NombreAlmacen.SQL  # neither is any good: why is what helps
    if ganador is None:
        return _imposible("nada dice cuál de las dos es más reciente: elija usted SQL o MongoDB")
    mia, otra = vista_de(pareja, ganador), vista_de(pareja, ganador.otro)
    if mia is None:
        assert otra is not None, "a pair of nothing is no difference"
        accion = Accion.COPIAR if otra.eliminada else Accion.ELIMINAR
        return Decision(accion=accion, ganador=ganador, final=lapida_de(otra))
    try:
        final = contenido_de(mia)
    except TareaInvalida as error:
        return _imposible(_sobre_lo_que_no_vale(mia, otra, ganador, str(error).rstrip(".")))
    return Decision(accion=_accion(mia, otra), ganador=ganador, final=final)


def _accion(mia: FilaVista, otra: FilaVista | None) -> Accion:
    if otra is None:
        return Accion.COPIAR
    if mia.eliminada and not otra.eliminada:
        return Accion.ELIMINAR
    iguales = mia.contenido == otra.contenido and mia.eliminada == otra.eliminada
    return Accion.RENOVAR if iguales and not otra.defectos else Accion.SUSTITUIR


def _ganador(pareja: Pareja, gana: Gana) -> NombreAlmacen | None:
    if gana is not Gana.RECIENTE:
        return NombreAlmacen(gana)
    # A malformed row is no candidate as long as the other one can be written.
    buenas = [uno for uno in NombreAlmacen if (vista := vista_de(pareja, uno)) and _es_valida(vista)]
    return buenas[0] if len(buenas) == 1 else mas_reciente(pareja)


def _es_valida(vista: FilaVista) -> bool:
    try:
        contenido_de(vista)
    except TareaInvalida:
        return False
    return True


def _imposible(motivo: str) -> Decision:
    return Decision(accion=Accion.IMPOSIBLE, motivo=motivo)


def _sobre_el_id(pareja: Pareja) -> str:
    donde = NombreAlmacen.SQL if pareja.sql is not None else NombreAlmacen.MONGO
    return (
        f"el id «{pareja.id}» de {donde.etiqueta} no es un UUID en minúsculas y con guiones, y el programa "
        f"no alcanza esa fila: cópiela a una tarea nueva si la necesita y bórrela a mano en {donde.etiqueta}"
    )


def _sobre_lo_que_no_vale(mia: FilaVista, otra: FilaVista | None, ganador: NombreAlmacen, motivo: str) -> str:
    """Why that row cannot win, and what can be done: choosing the other one helps only if that is better."""
    remedio = "corríjala a mano"
    if mia.clase is Subtipo.LIMITES and (otra is None or otra.clase in (None, Subtipo.LIMITES)):
        remedio = "edítela en la ventana y guárdela"
    no_vale = f"la fila de {ganador.etiqueta} no se puede escribir tal cual ({motivo})"
    if otra is None:
        return f"{no_vale}: {remedio}; si gana {ganador.otro.etiqueta}, que no la tiene, se elimina"
    if (mia.contenido, mia.eliminada) == (otra.contenido, otra.eliminada):
        return f"las dos tienen lo mismo, y no es algo que el programa escriba ({motivo}): {remedio}"
    if not _es_valida(otra):
        return f"{no_vale}, y la de {ganador.otro.etiqueta} tampoco: {remedio}"
    return f"{no_vale}: elija la de {ganador.otro.etiqueta} o {remedio}"


def es_devolvible(vista: FilaVista) -> bool:
    """Whether what is kept of a row can be written again: all of its content, dates cut to milliseconds."""
    return _es_valida(vista)


def es_del_todo_devolvible(vista: FilaVista) -> bool:
    """Whether nothing is gone for good: a field that is none of ours is not written again."""
    return es_devolvible(vista) and set(vista.defectos) <= _DE_SERVICIO


def contenido_de(vista: FilaVista) -> Tarea:
    """The row as a tarea that may be written, without a version. Raises TareaInvalida."""
    tarea = tolerante(vista, estricta=True).validada()  # says best what is wrong
    for campo in (*CAMPOS, "eliminada"):
        if campo in vista.defectos:
            raise TareaInvalida(campo, "tiene un valor que el programa no escribe")
    return tarea


def tal_cual(vista: FilaVista) -> Tarea | None:
    """The row as `conflictos` can keep it, if it can without changing anything of it."""
    if vista.defectos or not all(isinstance(valor, int) for valor in vista.contenido[3:]):
        return None
    try:
        return tolerante(vista, estricta=True)
    except TareaInvalida:
        return None


def lapida_de(vista: FilaVista) -> Tarea:
    """A tombstone of that row; what of it cannot be stored is left out."""
    fila = replace(tolerante(vista), eliminada=True)
    for campo, sustituto in (
        ("titulo", SIN_TITULO),
        ("descripcion", ""),
        ("estado", EstadoTarea.PENDIENTE),
    ):
        try:
            return fila.validada()
        except TareaInvalida as error:
            if error.campo != campo:
                continue
            fila = replace(fila, **{campo: sustituto})  # type: ignore[arg-type]
    return fila.validada()


def tolerante(vista: FilaVista, *, estricta: bool = False) -> Tarea:
    """The tarea that can be made of a row, with its version; raises TareaInvalida if `estricta` and a date is
    none."""
    titulo, descripcion, estado, creada, actualizada = vista.contenido
    return Tarea(
        id=UUID(vista.id),
        titulo=str(titulo),
        descripcion=str(descripcion),
        estado=cast(EstadoTarea, str(estado)),
        creada_en=_instante("creada_en", creada, estricta=estricta),
        actualizada_en=_instante("actualizada_en", actualizada, estricta=estricta),
        version=int(vista.version),
        pendiente=True,
        eliminada=vista.eliminada,
    )


def _instante(campo: str, valor: Valor, *, estricta: bool) -> datetime:
    """Of milliseconds, or of what a database gives of an instant with microseconds: those are cut."""
    us = instante_us(valor)
    instante = None if us is None else fecha_de(us // 1_000 * 1_000)
    if instante is None and estricta:
        que = "no hay ninguna que sea una fecha" if valor == _NADA else f"«{valor}» no es una fecha"
        raise TareaInvalida(campo, f"{que} entre los años 1 y 9999")
    return instante or EPOCA


def textos_de(vista: FilaVista) -> dict[str, str]:
    """What the row says, field by field, as plain text."""
    titulo, descripcion, estado, creada, actualizada = vista.contenido
    return {
        "titulo": str(titulo),
        "descripcion": str(descripcion),
        "estado": str(estado),
        "creada_en": _fecha(creada),
        "actualizada_en": _fecha(actualizada),
        "version": str(int(vista.version)),
        "eliminada": "sí" if vista.eliminada else "no",
    }


def _fecha(valor: Valor) -> str:
    us = instante_us(valor)
    fecha = None if us is None else fecha_de(us)
    if us is None or fecha is None:
        return f"{valor} ms desde 1970" if isinstance(valor, int) else valor
    return fecha.isoformat(sep=" ", timespec="microseconds" if us % 1_000 else "milliseconds")
