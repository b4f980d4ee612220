"""Two contents under one version: rows that were adopted in both stores, or a hand in the database.

Compare-and-set goes by versions, so whoever edits from that version would replace both contents and keep
neither. That is why they are told apart as soon as they are met, and not left for people to find.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from adapters.replicacion.perdedoras import Conservar
from core.conflictos import desempatada, gana_a_su_gemela, son_gemelas
from core.domain.models.almacen import Escritura, NombreAlmacen
from core.domain.models.tarea import Tarea
from core.domain.ports.almacen import Almacen


def desempatar_antes(
    escritura: Escritura,
    almacenes: Mapping[NombreAlmacen, Almacen],
    *,
    leer: Callable[[NombreAlmacen], Tarea | None],
    conservar: Conservar,
) -> None:
    """Before a row is edited that no pass has met yet: tell it from its twin, if it has one.

    Both stores would take the edit, the one whose content its writer never saw as well. Once they are told
    apart, it is refused like any that is made from an old version. A base that is known to be in both stores
    has no twin, so that it is the rare write that pays for these two reads.

    Args:
        leer: the row as that store holds it. Raises AlmacenError.
        conservar: keeps the loser.

    Raises AlmacenError.
    """
    if not escritura.fila.version_comun < escritura.base:
        return
    una, otra = (leer(nombre) for nombre in NombreAlmacen)
    if una is not None and otra is not None and son_gemelas(una, otra):
        desempatar(una, otra, NombreAlmacen.SQL, almacenes, conservar=conservar)


def desempatar(
    fila: Tarea,
    otra: Tarea,
    origen: NombreAlmacen,
    almacenes: Mapping[NombreAlmacen, Almacen],
    *,
    conservar: Conservar,
) -> tuple[Tarea | None, bool]:
    """Make both stores hold the winner under a version of its own, the loser being kept first.

    That the swaps are conditional on the version alone is enough: nothing puts a row over another one of the
    same version (a compare-and-set excludes it, a swap always raises it), so as long as a store holds that
    version, it holds the content that was read there.

    Args:
        fila: the row of `origen`.
        otra: that of the other store.
        conservar: keeps the loser.

    Returns: the row that both stores hold now, None if one of them moved (the next pass meets an ordinary
    conflict); and whether a value was kept in `conflictos`. Raises AlmacenError.
    """
    donde_gana, ganadora, perdedora = (
        (origen, fila, otra) if gana_a_su_gemela(fila, otra) else (origen.otro, otra, fila)
    )
    nueva = desempatada(ganadora, perdedora)
    # Where it is replaced: one store keeps one value under a version, and the winner's is gone from it.
    se_guarda = not perdedora.mismo_contenido(ganadora)
    if se_guarda:
        conservar(perdedora, nueva.version, almacenes[donde_gana.otro], almacenes[donde_gana])
    # Each on its own: the first one alone already keeps edits of the old version from replacing both.
    puestas = [almacenes[uno].reemplazar(nueva, fila.version) for uno in (donde_gana, donde_gana.otro)]
    return (nueva if all(puestas) else None), se_guarda
