"""The verbs and their options; what each does is in a module of its own, loaded when it runs."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from adapters.archivos import Formato
from adapters.cli.ayuda import Grupo, Orden
from adapters.cli.ordenes_conflictos import ordenes as conflictos
from core.domain.models.almacen import NombreAlmacen
from core.reparacion import Gana

app = typer.Typer(
    cls=Grupo,
    add_completion=False,
    invoke_without_command=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

EnJson = Annotated[bool, typer.Option("--json", help="Escribe el resultado en JSON.")]
FormatoElegido = Annotated[
    Formato | None,
    typer.Option("--formato", metavar="csv|json", help="Si falta, el que diga el nombre del archivo."),
]
Sobrescribir = Annotated[bool, typer.Option("--sobrescribir", help="Reemplaza un archivo que ya exista.")]


def _mostrar_version(valor: bool) -> None:
    if valor:
        typer.echo(f"dual-tareas {version('dual-tareas')}")
        raise typer.Exit


@app.callback()
def ventana(
    ctx: typer.Context,
    captura: Annotated[
        Path | None,
        typer.Option(
            "--captura",
            metavar="IMAGEN.png",
            help="Abre la ventana, espera los primeros datos, guarda una imagen y termina.",
        ),
    ] = None,
    sobrescribir: Annotated[
        bool, typer.Option("--sobrescribir", help="Con --captura, reemplaza una imagen que ya exista.")
    ] = False,
    _version: Annotated[
        bool,
        typer.Option("--version", help="Muestra la versión.", is_eager=True, callback=_mostrar_version),
    ] = False,
) -> None:
    """Administra tareas que están en SQL y en MongoDB a la vez.

    Sin orden, abre la ventana. Los ajustes vienen del entorno (ORM, SQL_URL, MONGO_URL,
    DUAL_TAREAS_…), de un archivo TOML, o son los de fábrica.
    """
    if ctx.invoked_subcommand is None:
        from adapters.cli.ventana import abrir_ventana

        raise typer.Exit(abrir_ventana(captura, sobrescribir=sobrescribir))


@app.command(cls=Orden)
def ping(en_json: EnJson = False) -> None:
    """Comprueba si las bases de datos responden.

    Termina con 0 si responden ambas, con 1 si responde una y con 2 si ninguna.
    """
    from adapters.cli.ping import hacer_ping

    raise typer.Exit(hacer_ping(en_json=en_json))


@app.command(cls=Orden)
def preparar(
    adoptar: Annotated[
        bool,
        typer.Option("--adoptar", help="No pregunta antes de adoptar tareas ajenas, o de crear lo borrado."),
    ] = False,
) -> None:
    """Crea o revisa las tablas y colecciones, y adopta las tareas que ya hubiera.

    A una tabla o colección «tareas» de otro programa se le añaden las columnas que faltan, después
    de preguntar; sus filas se conservan. Termina con 0 si todo quedó preparado y con 1 si no.
    """
    from adapters.cli.preparar import preparar_almacenes

    raise typer.Exit(preparar_almacenes(adoptar=adoptar))


@app.command(cls=Orden)
def sincronizar(en_json: EnJson = False) -> None:
    """Copia lo que una base de datos tiene y a la otra le falta, en ambos sentidos.

    Termina con 0 si ambas quedan al día, con 1 si queda algo pendiente y con 2 si alguna no responde.
    """
    from adapters.cli.sincronizar import sincronizar_almacenes

    raise typer.Exit(sincronizar_almacenes(en_json=en_json))


@app.command(cls=Orden)
def rellenar(
    destino: Annotated[
        NombreAlmacen, typer.Argument(metavar="sql|mongo", help="La base de datos a la que se copia.")
    ],
    simular: Annotated[bool, typer.Option("--simular", help="Solo dice qué hay; no cambia nada.")] = False,
    si: Annotated[bool, typer.Option("--si", help="No pregunta antes de copiar.")] = False,
    en_json: EnJson = False,
) -> None:
    """Copia a una base de datos todo lo que tiene la otra y a ella le falta.

    Para una que se vació o es nueva; lo que ya tiene no se cambia. Interrumpida, sigue donde quedó.
    Termina con 0 si ambas quedan al día, con 1 si queda algo y con 2 si alguna no responde.
    """
    from adapters.cli.rellenar import Pedido, rellenar_almacen

    raise typer.Exit(rellenar_almacen(Pedido(destino, simular, si, en_json)))


@app.command(cls=Orden)
def importar(
    archivo: Annotated[Path, typer.Argument(metavar="ARCHIVO", help="CSV o JSON, en UTF-8.")],
    formato: FormatoElegido = None,
    simular: Annotated[bool, typer.Option("--simular", help="Revisa cada fila y no escribe nada.")] = False,
    rechazadas: Annotated[
        Path | None,
        typer.Option(
            "--rechazadas", metavar="ARCHIVO", help="Guarda ahí las filas rechazadas, para corregirlas."
        ),
    ] = None,
    sobrescribir: Sobrescribir = False,
    en_json: EnJson = False,
) -> None:
    """Trae tareas de un archivo CSV o JSON a ambas bases de datos.

    Las filas malas se cuentan con su línea y su motivo, y las buenas entran. Lo que ya existe
    no se cambia: repetir una importación, también una interrumpida, no duplica nada.
    Termina con 0 si no hubo filas rechazadas y con 1 si las hubo.
    """
    from adapters.cli.importar import importar_archivo
    from adapters.cli.relato_importacion import Pedido

    pedido = Pedido(archivo, formato, simular, rechazadas, sobrescribir, en_json)
    raise typer.Exit(importar_archivo(pedido))


@app.command(cls=Orden)
def exportar(
    archivo: Annotated[
        Path, typer.Argument(metavar="ARCHIVO", help="Dónde escribir; - es la salida estándar.")
    ],
    formato: FormatoElegido = None,
    sobrescribir: Sobrescribir = False,
) -> None:
    """Escribe todas las tareas en un archivo CSV o JSON.

    El archivo aparece entero o no aparece. Los datos no se alteran: una celda que empieza por
    «=» sale tal cual, así que no abra en una hoja de cálculo datos en los que no confía.
    Termina con 0, o con 1 si no se pudo o si al archivo pueden faltarle cambios que la base de datos
    leída no tiene.
    """
    from adapters.cli.exportar import exportar_archivo

    raise typer.Exit(exportar_archivo(archivo, formato, sobrescribir=sobrescribir))


@app.command(cls=Orden)
def purgar(
    simular: Annotated[bool, typer.Option("--simular", help="Solo cuenta; no cambia nada.")] = False,
    dias: Annotated[
        int, typer.Option("--dias", metavar="N", min=1, help="Antigüedad mínima; si falta, 30.")
    ] = 30,
    si: Annotated[bool, typer.Option("--si", help="No pregunta antes de borrar.")] = False,
    en_json: EnJson = False,
) -> None:
    """Borra para siempre las lápidas de tareas eliminadas hace tiempo.

    Solo las que están igual y confirmadas en ambas bases de datos y son anteriores a una
    verificación sin diferencias; si hace falta, verifica antes. Termina con 0 si se hizo, con 1 si no
    se purgó porque algo difiere o no se quiso, y con 2 si una base de datos no responde.
    """
    from adapters.cli.purgar import Pedido, purgar_lapidas

    raise typer.Exit(purgar_lapidas(Pedido(dias, simular, si, en_json)))


@app.command(cls=Orden)
def verificar(
    minutos: Annotated[
        int | None,
        typer.Argument(
            metavar="[MINUTOS]", min=1, max=1440, help="Con --continuo, cada cuántos; si faltan, 5."
        ),
    ] = None,
    continuo: Annotated[bool, typer.Option("--continuo", help="Repite hasta que se pulse Ctrl+C.")] = False,
    informe: Annotated[
        Path | None,
        typer.Option("--informe", metavar="BASE", help="Guarda un informe firmado: BASE.json y BASE.html."),
    ] = None,
    sobrescribir: Sobrescribir = False,
    en_json: EnJson = False,
) -> None:
    """Compara ambas bases de datos, tarea por tarea.

    No cambia nada ni estorba a quien trabaja. Termina con 0 si contienen lo mismo, con 1 si difieren
    y con 2 si no se pudo saber.
    """
    from adapters.cli.verificar import Pedido, verificar_almacenes

    pedido = Pedido(en_json, continuo, minutos, informe, sobrescribir)
    raise typer.Exit(verificar_almacenes(pedido))


@app.command(cls=Orden)
def reparar(
    gana: Annotated[
        Gana | None,
        typer.Option("--gana", metavar="sql|mongo|reciente", help="Cuál de los dos valores vale."),
    ] = None,
    simular: Annotated[bool, typer.Option("--simular", help="Dice qué se haría y no cambia nada.")] = False,
    ids: Annotated[
        Path | None,
        typer.Option("--ids", metavar="ARCHIVO", help="Solo las tareas de esa lista: un id en cada línea."),
    ] = None,
    deshacer: Annotated[
        Path | None,
        typer.Option("--deshacer", metavar="RECIBO", help="Devuelve lo que reemplazó esa reparación."),
    ] = None,
    si: Annotated[bool, typer.Option("--si", help="No pregunta antes de escribir.")] = False,
    en_json: EnJson = False,
) -> None:
    """Verifica, y escribe el valor que gana como una versión nueva en ambas bases de datos.

    Lo que se reemplaza se guarda antes en «conflictos»; lo que alguien cambie mientras tanto no se toca.
    Termina con 0 si no queda nada de lo pedido, con 1 si queda algo y con 2 si una base de datos no
    responde.
    """
    from adapters.cli.reparar import Pedido, reparar_almacenes

    raise typer.Exit(reparar_almacenes(Pedido(gana, simular, ids, deshacer, en_json, si)))


app.add_typer(conflictos, name="conflictos")
