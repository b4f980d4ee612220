"""`conflictos` and its options; what it does is in `conflictos.py`, loaded when it runs."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from adapters.cli.ayuda import Grupo, Orden

ordenes = typer.Typer(
    cls=Grupo,
    invoke_without_command=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Gana(StrEnum):
    """Whose value is to be there."""

    GANADORA = "ganadora"
    PERDEDORA = "perdedora"


@ordenes.callback()
def conflictos(
    ctx: typer.Context,
    resueltos: Annotated[
        bool, typer.Option("--resueltos", help="Muestra los que ya se resolvieron.")
    ] = False,
    en_json: Annotated[bool, typer.Option("--json", help="Escribe el resultado en JSON.")] = False,
) -> None:
    """Muestra los cambios que perdieron contra otro y esperan una decisión.

    Cuando dos personas cambian la misma tarea sin ver una el cambio de la otra, gana el más reciente
    y el otro se conserva entero. Termina con 0 si no queda ninguno abierto (con --resueltos, siempre
    que se puedan leer), con 1 si queda alguno y con 2 si no se puede saber.
    """
    if ctx.invoked_subcommand is None:
        from adapters.cli.conflictos import mostrar_conflictos

        raise typer.Exit(mostrar_conflictos(resueltos=resueltos, en_json=en_json))


@ordenes.command(cls=Orden)
def resolver(
    id: Annotated[UUID, typer.Argument(metavar="ID", help="El de la tarea.")],
    gana: Annotated[
        Gana,
        typer.Option(
            "--gana",
            metavar="ganadora|perdedora",
            help="Conserva lo que hay, o escribe encima lo que se perdió.",
        ),
    ],
    version: Annotated[
        int | None,
        typer.Option(
            "--version-perdida", metavar="N", help="Cuál, si hay varios de la misma tarea o ya se resolvió."
        ),
    ] = None,
) -> None:
    """Resuelve un conflicto: conserva lo que hay o restaura lo que se perdió.

    Restaurar es un cambio como cualquier otro, en ambas bases de datos, y lo que había se conserva:
    la orden dice cómo volver a ello. Campo por campo se elige en la ventana.
    """
    from adapters.cli.conflictos import resolver_conflicto

    raise typer.Exit(resolver_conflicto(id, gana=gana, version=version))
