"""What undoing a repair comes to, tarea by tarea. Pure rules."""

from __future__ import annotations

from core.application.obra import Obra
from core.diferencias import FilaVista, Pareja
from core.domain.models.almacen import NombreAlmacen
from core.domain.models.reparacion import Reparada, Suerte
from core.domain.models.tarea import Tarea
from core.reparacion import Accion, Decision, huella_de_contenido, tal_cual, vista_de


def vuelta_de(una: Reparada, pareja: Pareja, antes: Tarea | None) -> Obra | Suerte:
    """What is to be done: a write, or nothing.

    IGUALES: it is back already. CAMBIO: somebody changed it since, in either store, be it by hand. FALLIDA:
    what it was is not kept in a form that can be written.

    Args:
        pareja: what the stores hold now.
        antes: what was kept of it.
    """
    devueltas = [uno for uno in NombreAlmacen if _es_la_vuelta(vista_de(pareja, uno), una, antes)]
    if len(devueltas) == len(NombreAlmacen):
        return Suerte.IGUALES
    comun = 0
    ganador = NombreAlmacen.MONGO  # of two that hold the same, it does not matter which
    if devueltas:
        # An undo that was cut short between its two writes: this one ends it.
        (ganador,) = devueltas
        falta = vista_de(pareja, ganador.otro)
        if falta is None or not (falta.version == una.version or _es_lo_que_dejo(una, falta)):
            return Suerte.CAMBIO
    elif not _sigue_ahi(una, pareja):
        return Suerte.CAMBIO
    elif pareja.sql is not None and pareja.mongo is not None and pareja.sql.version == pareja.mongo.version:
        # So that what is cut short here leaves no conflict with what both held.
        comun = int(pareja.sql.version)
    if antes is None or not una.devolvible:
        return Suerte.FALLIDA
    accion = Accion.ELIMINAR if antes.eliminada else Accion.SUSTITUIR
    return Obra.de(pareja, Decision(accion=accion, ganador=ganador, final=antes), comun=comun)


def _es_la_vuelta(vista: FilaVista | None, una: Reparada, antes: Tarea | None) -> bool:
    """Whether it is what undoing that repair writes: no edit leaves the instant of the change as it was."""
    esta = None if vista is None else tal_cual(vista)
    return (
        esta is not None
        and antes is not None
        and esta.version > una.version
        and esta.actualizada_en == antes.actualizada_en
        and esta.mismo_contenido(antes)
    )


def _sigue_ahi(una: Reparada, pareja: Pareja) -> bool:
    """Whether both hold what the repair left there, or one of them still waits for it.

    The version alone does not tell: a hand that reaches into a database leaves it as it was, and a repair
    that ends what another one left half done gives the same content a version of its own.
    """
    sql, mongo = pareja.sql, pareja.mongo
    if sql is None or mongo is None or sql.defectos or mongo.defectos:
        return False
    iguales = sql.contenido == mongo.contenido and sql.eliminada == mongo.eliminada
    version = max(sql.version, mongo.version)
    return iguales and (version == una.version or (version > una.version and _es_lo_que_dejo(una, sql)))


def _es_lo_que_dejo(una: Reparada, vista: FilaVista) -> bool:
    esta = tal_cual(vista)
    return esta is not None and bool(una.contenido) and huella_de_contenido(esta) == una.contenido
