"""The judge: from the history and from what the databases hold, with no line of the program, to a verdict.

Each write names the version that it was made from, so that the writes of a tarea are a graph. What an
acknowledged write said is safe iff its version is reached, from base to base, from the row that is there in
the end or from a value kept in `conflictos`: then whoever replaced it had seen it, or it can be looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.torture.crudo import FilaCruda, Volcado, difieren, pendientes
from tests.torture.historia import ACEPTADAS, Fin, Llamada

Clave = tuple[str, int]
"""Tarea and version: what names a write."""
MUESTRA = 5
"""Most examples of one evil that are shown."""


@dataclass(slots=True)
class Escrita:
    """All attempts of one write together.

    Attributes:
        llamada: the first attempt.
        fines: how each attempt ended.
    """

    llamada: Llamada
    fines: set[Fin] = field(default_factory=set)

    @property
    def aceptada(self) -> bool:
        """Whether some attempt was acknowledged."""
        return bool(self.fines & ACEPTADAS)

    @property
    def solo(self) -> Fin | None:
        """How it ended, if all attempts ended the same."""
        return next(iter(self.fines)) if len(self.fines) == 1 else None


@dataclass(frozen=True, slots=True)
class Purgada:
    """A tombstone that was deleted for good when both held it; `cuando_s` as in `Llamada.inicio_s`."""

    id: str
    version: int
    cuando_s: float


@dataclass(slots=True)
class Pruebas:
    """What the judge is shown.

    Attributes:
        historia: every call.
        sql, mongo: the databases after all has become quiet.
        purgadas: tombstones that are rightly gone.
        retrocesos: where a watcher saw a version go back, or a row vanish.
        segunda: what a second drain wrote.
        secretos: log lines that show a password.
        trazas: log lines in which a traceback begins: a bug, even if the program went on.
        otros: what went wrong with the run itself.
    """

    historia: Sequence[Llamada]
    sql: Volcado
    mongo: Volcado
    purgadas: Sequence[Purgada] = ()
    retrocesos: Sequence[str] = ()
    segunda: Sequence[str] = ()
    secretos: Sequence[str] = ()
    trazas: Sequence[str] = ()
    otros: Sequence[str] = ()


Veredicto = dict[str, list[str]]
"""Evils by the name of the check; an empty list is a pass."""


def juzgar(pruebas: Pruebas) -> Veredicto:
    """Every check, in the order in which they matter."""
    escritas = _juntar(pruebas.historia)
    a_salvo = _a_salvo(escritas, pruebas)
    return {
        "escrituras confirmadas perdidas": _perdidas(escritas, a_salvo),
        "filas que difieren entre las dos bases": difieren(pruebas.sql, pruebas.mongo),
        "tareas resucitadas": _resucitadas(escritas, a_salvo, pruebas),
        "pendientes sin resolver": pendientes(pruebas.sql, pruebas.mongo),
        "rastros de escrituras fallidas": _rastros(escritas, pruebas),
        "contenido que nadie escribió": _ajeno(escritas, pruebas),
        "versiones repetidas": _repetidas(pruebas.historia),
        "escrituras inciertas vistas y perdidas": _vistas_perdidas(escritas, a_salvo, pruebas.historia),
        "perdedoras avisadas que ganaron": _ganaron(escritas, pruebas),
        "versiones que retroceden": list(pruebas.retrocesos),
        "lecturas atrasadas sin decirlo": _lecturas_atrasadas(pruebas),
        "escrituras de una segunda pasada": list(pruebas.segunda),
        "errores internos": [*_internos(pruebas.historia), *pruebas.trazas],
        "secretos en el registro": list(pruebas.secretos),
        "la propia prueba": list(pruebas.otros),
    }


def culpable(veredicto: Veredicto) -> bool:
    """Whether any check failed."""
    return any(veredicto.values())


def _juntar(historia: Iterable[Llamada]) -> dict[Clave, Escrita]:
    escritas: dict[Clave, Escrita] = {}
    for llamada in historia:
        if llamada.muta:
            escritas.setdefault((llamada.id, llamada.version), Escrita(llamada)).fines.add(llamada.fin)
    return escritas


def _finales(pruebas: Pruebas) -> dict[str, list[FilaCruda]]:
    finales: defaultdict[str, list[FilaCruda]] = defaultdict(list)
    for volcado in (pruebas.sql, pruebas.mongo):
        for id, fila in volcado.filas.items():
            finales[id].append(fila)
    return finales


def _todas(pruebas: Pruebas) -> list[FilaCruda]:
    """Every row of both databases, those kept as losers too."""
    return [
        fila
        for volcado in (pruebas.sql, pruebas.mongo)
        for fila in (*volcado.filas.values(), *volcado.conflictos.values())
    ]


def _a_salvo(escritas: Mapping[Clave, Escrita], pruebas: Pruebas) -> set[Clave]:
    """The versions that are there, or that whoever replaced them had seen."""
    por_mirar = [(fila.id, fila.version) for fila in _todas(pruebas)]
    por_mirar += [(purgada.id, purgada.version) for purgada in pruebas.purgadas]
    return _antepasadas(escritas, por_mirar)


def _antepasadas(escritas: Mapping[Clave, Escrita], claves: Iterable[Clave]) -> set[Clave]:
    """Those writes and all that they were made from."""
    por_mirar = [*claves]
    a_salvo: set[Clave] = set()
    while por_mirar:
        clave = por_mirar.pop()
        if clave[1] and clave not in a_salvo:
            a_salvo.add(clave)
            if clave in escritas:
                por_mirar.append((clave[0], escritas[clave].llamada.base))
    return a_salvo


def _perdidas_de(
    escritas: Mapping[Clave, Escrita], a_salvo: set[Clave], cuales: Iterable[Clave]
) -> list[Llamada]:
    """Those of the versions that are gone without their value being anywhere else.

    Two writes that say the same (two operators delete the same tarea) are one value.
    """
    dichos = {(clave[0], escritas[clave].llamada.visible) for clave in a_salvo if clave in escritas}
    perdidas = (escritas[clave].llamada for clave in cuales if clave not in a_salvo)
    return [uno for uno in perdidas if (uno.id, uno.visible) not in dichos]


def _perdidas(escritas: Mapping[Clave, Escrita], a_salvo: set[Clave]) -> list[str]:
    aceptadas = (clave for clave, escrita in escritas.items() if escrita.aceptada)
    return [_contar(uno) for uno in _perdidas_de(escritas, a_salvo, aceptadas)]


def _resucitadas(escritas: Mapping[Clave, Escrita], a_salvo: set[Clave], pruebas: Pruebas) -> list[str]:
    lapidas = (clave for clave, escrita in escritas.items() if escrita.aceptada and escrita.llamada.eliminada)
    finales = _finales(pruebas)
    resucitadas = [
        _contar(uno)
        for uno in _perdidas_de(escritas, a_salvo, lapidas)
        if any(not fila.contenido.eliminada for fila in finales.get(uno.id, ()))
    ]
    for purgada in pruebas.purgadas:
        hay = _antepasadas(escritas, ((fila.id, fila.version) for fila in finales.get(purgada.id, ())))
        de_antes = [uno for uno in hay if uno in escritas and _empezo_antes(escritas[uno], purgada)]
        if de_antes and (purgada.id, purgada.version) not in hay:
            resucitadas.append(f"{purgada.id}, purgada en {purgada.version}, ha vuelto: {max(de_antes)[1]}")
    return resucitadas


def _empezo_antes(escrita: Escrita, purgada: Purgada) -> bool:
    return escrita.llamada.inicio_s < purgada.cuando_s


def _rastros(escritas: Mapping[Clave, Escrita], pruebas: Pruebas) -> list[str]:
    fallidas = {clave for clave, escrita in escritas.items() if escrita.solo is Fin.FALLIDA}
    rastros = [
        f"{fila.id} versión {fila.version} está en una base"
        for fila in _todas(pruebas)
        if (fila.id, fila.version) in fallidas
    ]
    for llamada in pruebas.historia:
        vistas = {*llamada.vistas.items(), (llamada.id, llamada.base)} & fallidas
        rastros += [f"{llamada.autor} vio la versión {version} de {id}" for id, version in vistas]
    return rastros


def _ajeno(escritas: Mapping[Clave, Escrita], pruebas: Pruebas) -> list[str]:
    """Rows that nobody wrote as they are: half of a write, or two mixed."""
    males = []
    for fila in _todas(pruebas):
        escrita = escritas.get((fila.id, fila.version))
        if escrita is None:
            males.append(f"{fila.id} versión {fila.version}: no la escribió nadie")
        elif escrita.llamada.huella != fila.contenido.huella:
            males.append(f"{fila.id} versión {fila.version}: otro contenido que el escrito")
    return males


def _repetidas(historia: Iterable[Llamada]) -> list[str]:
    """One version for two writes of a tarea: no store could tell them apart."""
    dichos: defaultdict[Clave, set[str]] = defaultdict(set)
    for llamada in historia:
        if llamada.muta:
            dichos[llamada.id, llamada.version].add(llamada.huella)
    return [f"{id} versión {version}" for (id, version), huellas in dichos.items() if len(huellas) > 1]


def _vistas_perdidas(
    escritas: Mapping[Clave, Escrita], a_salvo: set[Clave], historia: Sequence[Llamada]
) -> list[str]:
    vistas = {clave for uno in historia for clave in (*uno.vistas.items(), (uno.id, uno.base))}
    inciertas = (
        clave
        for clave in vistas
        if clave in escritas and escritas[clave].fines <= {Fin.DESCONOCIDA, Fin.SIN_FIN}
    )
    return [_contar(uno) for uno in _perdidas_de(escritas, a_salvo, inciertas)]


def _ganaron(escritas: Mapping[Clave, Escrita], pruebas: Pruebas) -> list[str]:
    """Writers that were told that somebody else's value stands, and whose own stands in the end."""
    finales = {(fila.id, fila.version) for filas in _finales(pruebas).values() for fila in filas}
    return [
        _contar(escritas[clave].llamada)
        for clave in finales
        if clave in escritas and escritas[clave].solo is Fin.CONFLICTO
    ]


def _lecturas_atrasadas(pruebas: Pruebas) -> list[str]:
    """Reads that showed an operator less than what it had been told was saved, without a word."""
    por_autor: defaultdict[str, list[Llamada]] = defaultdict(list)
    purgadas = {(una.id, una.version): una.cuando_s for una in pruebas.purgadas}
    for llamada in pruebas.historia:
        por_autor[llamada.autor].append(llamada)
    return [mal for llamadas in por_autor.values() for mal in _atrasadas_de(llamadas, purgadas)]


def _atrasadas_de(llamadas: Sequence[Llamada], purgadas: Mapping[tuple[str, int], float]) -> list[str]:
    """In the order of the lines: what had ended before a read began is what that read has to show."""
    sucesos = [(uno.orden, uno) for uno in llamadas if not uno.muta and not uno.aviso and uno.vistas]
    sucesos += [(uno.orden_fin, uno) for uno in llamadas if uno.muta and uno.fin in ACEPTADAS]
    aceptadas: dict[str, int] = {}
    males = []
    for _, uno in sorted(sucesos, key=lambda suceso: suceso[0]):
        if uno.muta:
            aceptadas[uno.id] = max(uno.version, aceptadas.get(uno.id, 0))
            continue
        males += [
            f"{uno.autor} leyó {id} de {uno.almacen} ({uno.op}): {vista}; tenía guardada {aceptadas[id]}"
            for id, vista in uno.vistas.items()
            if vista < aceptadas.get(id, 0)
            and not (vista == 0 and _purgada_antes(id, aceptadas[id], uno, purgadas))
        ]
    return males


def _purgada_antes(
    id: str, guardada: int, lectura: Llamada, purgadas: Mapping[tuple[str, int], float]
) -> bool:
    """Whether what was saved, or what came of it, had rightly been deleted for good when this read began."""
    return any(
        uno == id and version >= guardada and cuando_s <= lectura.inicio_s
        for (uno, version), cuando_s in purgadas.items()
    )


def _internos(historia: Sequence[Llamada]) -> list[str]:
    return [f"{uno.autor}: {uno.error}" for uno in historia if uno.error.startswith("interno")]


def _contar(llamada: Llamada) -> str:
    return (
        f"{llamada.op} de {llamada.id} por {llamada.autor}: versión {llamada.version} sobre {llamada.base}, "
        f"{llamada.fin} (sql {llamada.sql or '-'}, mongo {llamada.mongo or '-'})"
    )
