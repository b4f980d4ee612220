"""What differs between the two stores. Pure rules: an ordered merge of two streams, and a name for each pair.

Rows come as whoever reads them found them, not as `Tarea`s: the verifier shares no mapping with the writers,
or it would not see what that mapping hides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple, cast

from core.domain.models.tarea import DESCRIPCION_MAX, TITULO_MAX, EstadoTarea
from core.domain.models.version import descomponer
from core.instantes import Valor as Valor
from core.instantes import instante_us
from core.textos import a_la_vista, es_texto

CAMPOS: Final = ("titulo", "descripcion", "estado", "creada_en", "actualizada_en")
"""The content, in the order of `FilaVista.contenido`."""
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

ANO_1_MS: Final = -62_135_596_800_000
ANO_9999_MS: Final = 253_402_300_799_999
"""First and last instant that both stores can hold, milliseconds since the epoch."""
_ESTADOS: Final = frozenset(EstadoTarea)
NOMBRE_MAX: Final = 60
"""Of the name of an unknown field no more is told, characters."""


class TipoDiferencia(StrEnum):
    """How two stores differ about one id. LAPIDA: deleted in one and not in the other."""

    SOLO_SQL = "solo_sql"
    SOLO_MONGO = "solo_mongo"
    CONTENIDO = "contenido"
    LAPIDA = "lapida"
    MALFORMADA = "malformada"


class Subtipo(StrEnum):
    """More of a CONTENIDO (the first two) or of a MALFORMADA (the rest, the gravest first).

    MISMA_VERSION: somebody edited a row by hand, past every program.
    """

    OTRA_VERSION = "otra_version"
    MISMA_VERSION = "misma_version"
    ID = "id"
    TIPO = "tipo"
    CAMPO_DESCONOCIDO = "campo_desconocido"
    LIMITES = "limites"


_GRAVEDAD: Final = tuple(Subtipo)


class Cubo(NamedTuple):
    """All rows whose id begins alike, added up by their store.

    Attributes:
        suma: of the low 32 bits of the digests of the rows that are as they should be, modulo 2**32.
        dudosas: rows that are not, of which there may be more: they have no digest, and are looked at one by
            one.
    """

    filas: int
    suma: int
    dudosas: int

    def igual_a(self, otro: Cubo | None) -> bool:
        """Whether both hold the same, and nothing that has to be looked at."""
        return self == otro and not self.dudosas


@dataclass(frozen=True, slots=True)
class FilaVista:
    """A row as it was found.

    Attributes:
        contenido: the values of CAMPOS.
        defectos: fields whose value no write of ours leaves there.
        clase: the gravest kind of these defects.
        resto: tells apart rows with defects that `contenido` does not: by the values of unknown fields, say.
    """

    id: str
    version: int
    eliminada: bool
    pendiente: bool
    contenido: tuple[Valor, ...]
    defectos: tuple[str, ...] = ()
    clase: Subtipo | None = None
    resto: str = ""

    @property
    def lapida_confirmada(self) -> bool:
        """A tombstone that both stores are known to have held."""
        return self.eliminada and not self.pendiente and not self.defectos

    @property
    def escrita_us(self) -> int:
        """When it was written, at the latest of what it says, microseconds since the epoch.

        Not the version alone: that of an adopted or imported row is older than its tarea.
        """
        actualizada = instante_us(self.contenido[CAMPOS.index("actualizada_en")])
        return max(descomponer(self.version).ms * 1_000, actualizada or 0)

    @property
    def escrita_ms(self) -> int:
        """The same in milliseconds."""
        return self.escrita_us // 1_000


@dataclass(frozen=True, slots=True)
class Pareja:
    """What each store holds of one id; None for nothing."""

    id: str
    sql: FilaVista | None
    mongo: FilaVista | None


@dataclass(frozen=True, slots=True)
class Diferencia:
    """One id about which the stores do not agree.

    Attributes:
        campos: what differs, or what is malformed; `version` and `eliminada` among them.
        subtipo: more of it; empty for the kinds that need no more.
        edad_s: since the last write of either row, as far as the rows tell, seconds.
    """

    id: str
    tipo: TipoDiferencia
    campos: tuple[str, ...] = ()
    version_sql: int | None = None
    version_mongo: int | None = None
    subtipo: Subtipo | None = None
    edad_s: float = 0.0


def fila_vista(
    id: str,
    valores: Mapping[str, object],
    *,
    de_otro_tipo: Collection[str] = (),
    desconocidos: Collection[str] = (),
) -> FilaVista:
    """The row of what was read; a value of the wrong kind is noted and shown as a text.

    Args:
        de_otro_tipo: fields of which the reader saw a type that `valores` no longer tells.
        desconocidos: fields that are none of ours.
    """
    hallados = [(clase, campo) for campo, regla in _REGLAS.items() if (clase := regla(valores.get(campo)))]
    if not _UUID.fullmatch(id):
        hallados.append((Subtipo.ID, "id"))
    hallados += [(Subtipo.TIPO, campo) for campo in de_otro_tipo]
    hallados += [(Subtipo.CAMPO_DESCONOCIDO, a_la_vista(campo[:NOMBRE_MAX])) for campo in desconocidos]
    hallados.sort(key=_gravedad)
    version = valores.get("version")
    return FilaVista(
        id,
        int(cast(int, version)) if _de_version(version) is None else 0,
        valores.get("eliminada") == 1,
        valores.get("pendiente") != 0,
        tuple(_mostrable(valores.get(campo)) for campo in CAMPOS),
        tuple(dict.fromkeys(campo for _, campo in hallados)),
        hallados[0][0] if hallados else None,
    )


def doble(fila: FilaVista) -> FilaVista:
    """One of several rows that have the same id, where nothing forbids that."""
    return replace(fila, defectos=tuple(dict.fromkeys(("id", *fila.defectos))), clase=Subtipo.ID)


def _gravedad(hallado: tuple[Subtipo, str]) -> int:
    return _GRAVEDAD.index(hallado[0])


def _de_texto(valor: object, minimo: int, maximo: int) -> Subtipo | None:
    if not es_texto(valor):
        return Subtipo.TIPO
    return None if minimo <= len(cast(str, valor)) <= maximo else Subtipo.LIMITES


def _de_estado(valor: object) -> Subtipo | None:
    if not es_texto(valor):
        return Subtipo.TIPO
    return None if valor in _ESTADOS else Subtipo.LIMITES


def _de_instante(valor: object) -> Subtipo | None:
    # A text is what is no whole number of milliseconds: of a type, if of another than ours, its reader tells.
    if type(valor) is not int:
        return None if es_texto(valor) else Subtipo.TIPO
    return None if ANO_1_MS <= valor <= ANO_9999_MS else Subtipo.LIMITES


def _de_version(valor: object) -> Subtipo | None:
    # A driver's own kind of whole number is one too; to Python, a boolean is as well.
    buena = isinstance(valor, int) and not isinstance(valor, bool) and valor >= 0
    return None if buena else Subtipo.TIPO


def _de_marca(valor: object) -> Subtipo | None:
    return None if valor in (0, 1) else Subtipo.TIPO


_REGLAS: Final[dict[str, Callable[[object], Subtipo | None]]] = {
    "titulo": lambda valor: _de_texto(valor, 1, TITULO_MAX),
    "descripcion": lambda valor: _de_texto(valor, 0, DESCRIPCION_MAX),
    "estado": _de_estado,
    "creada_en": _de_instante,
    "actualizada_en": _de_instante,
    "version": _de_version,
    "eliminada": _de_marca,
    "pendiente": _de_marca,
}
"""What is wrong with a value of each field; None for nothing."""


def _mostrable(valor: object) -> Valor:
    # Of exactly these types: a driver's own kinds of text cannot be hashed, or are no text at all.
    if type(valor) is int:
        return valor
    return a_la_vista(valor if type(valor) is str else repr(valor))


def emparejar(sql: Iterable[FilaVista], mongo: Iterable[FilaVista]) -> Iterator[Pareja]:
    """Merge two streams that ascend by id; holds one row of each.

    Raises ValueError for a stream that does not ascend: what follows would be taken for missing.
    """
    de_sql, de_mongo = _ascendente(sql), _ascendente(mongo)
    una, otra = next(de_sql, None), next(de_mongo, None)
    while una is not None or otra is not None:
        if otra is None or (una is not None and una.id < otra.id):
            assert una is not None
            yield Pareja(una.id, una, None)
            una = next(de_sql, None)
        elif una is None or otra.id < una.id:
            yield Pareja(otra.id, None, otra)
            otra = next(de_mongo, None)
        else:
            yield Pareja(una.id, una, otra)
            una, otra = next(de_sql, None), next(de_mongo, None)


def _ascendente(filas: Iterable[FilaVista]) -> Iterator[FilaVista]:
    anterior: str | None = None
    for fila in filas:
        if anterior is not None and fila.id <= anterior:
            raise ValueError(f"ids out of order: {fila.id!r} after {anterior!r}")
        anterior = fila.id
        yield fila


def diferencia_de(pareja: Pareja) -> Diferencia | None:
    """What the stores do not agree about; None if they do.

    A confirmed tombstone that faces nothing is agreement: both say that there is no such tarea. It is what a
    purge that was interrupted leaves, and what the next one ends.
    """
    sql, mongo = pareja.sql, pareja.mongo
    presentes = [fila for fila in (sql, mongo) if fila is not None]
    defectos = tuple(dict.fromkeys(campo for fila in presentes for campo in fila.defectos))
    if defectos:
        clases = {fila.clase for fila in presentes} - {None}
        gravedad = next((clase for clase in Subtipo if clase in clases), None)
        return _nombrar(pareja, TipoDiferencia.MALFORMADA, defectos, gravedad)
    if sql is None or mongo is None:
        if all(fila.lapida_confirmada for fila in presentes):
            return None
        return _nombrar(pareja, TipoDiferencia.SOLO_MONGO if sql is None else TipoDiferencia.SOLO_SQL, ())
    campos = [
        campo for campo, uno, otro in zip(CAMPOS, sql.contenido, mongo.contenido, strict=True) if uno != otro
    ]
    subtipo = Subtipo.MISMA_VERSION
    if sql.version != mongo.version:
        campos.append("version")
        subtipo = Subtipo.OTRA_VERSION
    if sql.eliminada != mongo.eliminada:
        return _nombrar(pareja, TipoDiferencia.LAPIDA, ("eliminada", *campos))
    return _nombrar(pareja, TipoDiferencia.CONTENIDO, tuple(campos), subtipo) if campos else None


def _nombrar(
    pareja: Pareja, tipo: TipoDiferencia, campos: tuple[str, ...], subtipo: Subtipo | None = None
) -> Diferencia:
    return Diferencia(
        pareja.id,
        tipo,
        campos,
        pareja.sql.version if pareja.sql else None,
        pareja.mongo.version if pareja.mongo else None,
        subtipo,
    )
