"""`conflictos`: the values that lost, page by page, and a decision about one of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any
from uuid import UUID

from adapters.cli.entorno import contenedor_abierto, preparar
from adapters.cli.salida import ArgumentoInvalido, Codigo, avisar, contar, dato, decir, numero, texto_json
from core.application.listar_conflictos import ListarConflictosUseCase
from core.application.resolver_conflicto import ResolverConflictoCommand
from core.conflictos import Campo, campos_distintos
from core.domain.errors import AlmacenError, LecturaImposible
from core.domain.models.conflicto import ConflictoVisto, RecuentoConflictos, Resolucion
from core.domain.models.tarea import Tarea
from core.health import EstadoSalud

PAGINA = 200
_NOMBRES = {Campo.TITULO: "título", Campo.DESCRIPCION: "descripción", Campo.ESTADO: "estado"}
_RESUELTOS = {
    Resolucion.GANADORA: "se conservó lo que había",
    Resolucion.PERDEDORA: "se restauró",
    Resolucion.MEZCLA: "se tomó algo de cada uno",
    Resolucion.REPARACION: "lo reemplazó una reparación",
    Resolucion.REEMPLAZADA: "lo reemplazó lo que se decidió de otro",
}


def mostrar_conflictos(*, resueltos: bool, en_json: bool) -> Codigo:
    """Print them as they are read, and how many are open."""
    with contenedor_abierto(preparar(), replicar=False) as contenedor:
        hojas = _Hojas(contenedor.listar_conflictos, resueltos=resueltos)
        try:
            mostrados = _escribir_json(hojas) if en_json else _escribir_lineas(hojas)
            recuento = contenedor.contar_conflictos.execute()
        except (LecturaImposible, AlmacenError) as error:
            avisar(f"{error} {error.que_hacer}".rstrip())
            return Codigo.MAL_PEDIDO
    if not en_json:
        _resumir(mostrados, recuento, resueltos=resueltos)
    if recuento.aviso:
        avisar(recuento.aviso)
    if recuento.abiertos and not resueltos:
        return Codigo.EN_PARTE
    return Codigo.MAL_PEDIDO if recuento.aviso else Codigo.HECHO


def resolver_conflicto(id: UUID, *, gana: str, version: int | None) -> Codigo:
    """Decide about one; other errors rise."""
    resolucion = Resolucion(gana)
    with contenedor_abierto(preparar()) as contenedor:
        visto = _buscar(contenedor.listar_conflictos, id, version)
        final = contenedor.resolver_conflicto.execute(
            ResolverConflictoCommand(visto=visto, resolucion=resolucion)
        )
        callan = [uno for uno in contenedor.almacenes if contenedor.estado_salud(uno) is EstadoSalud.CAIDA]
    que = "se conserva lo que hay" if resolucion is Resolucion.GANADORA else "se restauró lo que se perdió"
    como = "eliminada" if final is None or final.eliminada else f"«{_corto(final.titulo)}»"
    decir(f"✓ Conflicto resuelto: {que}. La tarea queda así: {como}.")
    for nombre in callan:
        avisar(f"{nombre.etiqueta} no responde: quedó guardado solo en {nombre.otro.etiqueta}, y se copiará.")
    _decir_la_vuelta(visto, resolucion, final)
    return Codigo.HECHO


class _Hojas:
    """All conflicts of a kind, read as they are asked for.

    Attributes:
        aviso: what has to be said of those that were read: that a store did not answer.
    """

    def __init__(self, listar: ListarConflictosUseCase, *, resueltos: bool) -> None:
        self._listar = listar
        self._resueltos = resueltos
        self.aviso = ""

    def __iter__(self) -> Iterator[ConflictoVisto]:
        tras = None
        while True:
            pagina = self._listar.execute(tras=tras, limite=PAGINA, resueltos=self._resueltos)
            self.aviso = self.aviso or pagina.aviso
            yield from pagina.conflictos
            tras = pagina.siguiente
            if tras is None:
                return


def _decir_la_vuelta(visto: ConflictoVisto, resolucion: Resolucion, final: Tarea | None) -> None:
    """How to get the other value back, which is kept."""
    otra, que = visto.perdedora, "Lo que se perdió"
    if resolucion is Resolucion.PERDEDORA:
        if visto.actual is None or (final is not None and final.version == visto.actual.version):
            return  # nothing was replaced
        otra, que = visto.actual, "Lo que había"
    avisar(
        f"{que} se conserva; para volver a ello: dual-tareas conflictos resolver {otra.id} "
        f"--gana perdedora --version-perdida {otra.version}"
    )


def _buscar(listar: ListarConflictosUseCase, id: UUID, version: int | None) -> ConflictoVisto:
    """The open one of that tarea; with its version also one that was decided, to go back to it."""
    hojas = _Hojas(listar, resueltos=False)
    abiertos = [uno for uno in hojas if uno.perdedora.id == id]
    if version is not None:
        return _de_version(abiertos, _Hojas(listar, resueltos=True), id, version)
    if not abiertos:
        raise ArgumentoInvalido(_no_hay(f"ningún conflicto abierto de la tarea {id}", hojas.aviso))
    if len(abiertos) > 1:
        raise ArgumentoInvalido(
            f"La tarea {id} tiene {numero(len(abiertos))} conflictos abiertos: "
            f"elija uno con --version-perdida ({_versiones(abiertos)})."
        )
    return abiertos[0]


def _de_version(
    abiertos: Sequence[ConflictoVisto], resueltos: _Hojas, id: UUID, version: int
) -> ConflictoVisto:
    for visto in chain(abiertos, resueltos):
        if (visto.perdedora.id, visto.perdedora.version) == (id, version):
            return visto
    hay = f" Abiertos tiene: {_versiones(abiertos)}." if abiertos else ""
    que = f"ningún conflicto de la tarea {id} cuya versión perdida sea {version}"
    raise ArgumentoInvalido(_no_hay(que, resueltos.aviso) + hay)


def _no_hay(que: str, aviso: str) -> str:
    """That there is none, or that only one store could be asked."""
    return f"No se ve {que}, y no se sabe si lo hay. {aviso}" if aviso else f"No hay {que}."


def _versiones(vistos: Sequence[ConflictoVisto]) -> str:
    return ", ".join(str(uno.perdedora.version) for uno in vistos)


def _escribir_lineas(hojas: _Hojas) -> int:
    return _escribir(hojas, lambda _n, uno: decir(_linea(uno)))


def _escribir_json(hojas: _Hojas) -> int:
    """One object a line inside of one list: a reader may take it line by line or whole."""

    def elemento(n: int, uno: ConflictoVisto) -> None:
        sys.stdout.write((",\n " if n else "\n ") + texto_json(_como_json(uno)))

    sys.stdout.write("[")
    try:
        return _escribir(hojas, elemento)
    finally:
        sys.stdout.write("\n]\n")


def _escribir(hojas: _Hojas, uno_mas: Callable[[int, ConflictoVisto], None]) -> int:
    cuantos = 0
    for visto in hojas:
        uno_mas(cuantos, visto)
        cuantos += 1
    return cuantos


def _resumir(mostrados: int, recuento: RecuentoConflictos, *, resueltos: bool) -> None:
    if resueltos:
        avisar(contar(mostrados, "conflicto resuelto", "conflictos resueltos") + ".")
    elif recuento.abiertos:
        mas = " o más" if recuento.hay_mas else ""
        cuantos = contar(recuento.abiertos, "conflicto abierto", "conflictos abiertos")
        verbo = "Resuélvalo" if recuento.abiertos == 1 and not mas else "Resuélvalos"
        avisar(f"{cuantos}{mas}. {verbo} en la ventana o con «dual-tareas conflictos resolver».")
    elif not recuento.aviso:
        avisar("No hay ningún conflicto abierto.")


def _linea(uno: ConflictoVisto) -> str:
    perdedora = uno.perdedora
    partes = [
        _instante(uno.guardado.conflicto.cuando_ms).astimezone().strftime("%Y-%m-%d %H:%M"),
        str(perdedora.id),
        f"«{_corto(perdedora.titulo)}»",
        f"versión {perdedora.version}",
        f"puesto {perdedora.nodo}" if perdedora.nodo else "",
        _diferencia(uno),
        _ahora(uno),
    ]
    if uno.guardado.resolucion in set(Resolucion):
        partes.append(_RESUELTOS[Resolucion(uno.guardado.resolucion)])
    return " · ".join(parte for parte in partes if parte)


def _ahora(uno: ConflictoVisto) -> str:
    actual = uno.actual
    if actual is None or actual.eliminada or actual.titulo == uno.perdedora.titulo:
        return ""
    return f"ahora «{_corto(actual.titulo)}»"


def _diferencia(uno: ConflictoVisto) -> str:
    """In words: what is there now against what was lost."""
    actual, perdedora = uno.actual, uno.perdedora
    if actual is None:
        return "la tarea ya no existe"
    if perdedora.eliminada != actual.eliminada and uno.guardado.resolucion == Resolucion.REPARACION:
        return "estaba eliminada" if perdedora.eliminada else "ahora está eliminada"
    if perdedora.eliminada != actual.eliminada:
        return "se perdió un borrado" if perdedora.eliminada else "se perdió una edición: está eliminada"
    campos = [_NOMBRES[campo] for campo in campos_distintos(perdedora, actual)]
    return f"difiere en {', '.join(campos)}" if campos else "ya dice lo mismo"


def _como_json(uno: ConflictoVisto) -> dict[str, Any]:
    guardado, actual = uno.guardado, uno.actual
    return {
        "id": str(uno.perdedora.id),
        "version_perdida": uno.perdedora.version,
        "version_ganadora": guardado.conflicto.version_ganadora,
        "cuando": _instante(guardado.conflicto.cuando_ms).isoformat(timespec="milliseconds"),
        "campos": [] if actual is None else [str(c) for c in campos_distintos(uno.perdedora, actual)],
        "perdedora": _tarea(uno.perdedora),
        "actual": None if actual is None else _tarea(actual),
        "resuelta_en": None
        if guardado.resuelta_en_ms is None
        else _instante(guardado.resuelta_en_ms).isoformat(timespec="milliseconds"),
        "resolucion": guardado.resolucion or None,
    }


def _tarea(tarea: Tarea) -> dict[str, Any]:
    return {
        "titulo": tarea.titulo,
        "descripcion": tarea.descripcion,
        "estado": str(tarea.estado),
        "eliminada": tarea.eliminada,
        "nodo": tarea.nodo,
        "actualizada_en": tarea.actualizada_en.isoformat(timespec="milliseconds"),
    }


def _instante(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _corto(titulo: str) -> str:
    linea = dato(titulo)
    return linea if len(linea) <= 60 else f"{linea[:59]}…"
