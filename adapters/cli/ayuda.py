"""Help and usage errors in Spanish: the command line's library speaks English only."""

from __future__ import annotations

import inspect
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

# Newer versions of typer carry their own click: the base of all usage errors is reached through a public one.
ErrorDeUso: type[Exception] = typer.BadParameter.__mro__[1]
_ANCHO = 26
_PROPIA = ("-h, --help", "Muestra esta ayuda.")


class Orden(TyperCommand):
    """A verb whose help is Spanish."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """See click's `Command.format_help`."""
        formatter.write(_ayuda(self, ctx, {}))


class Grupo(TyperGroup):
    """The program, whose help is Spanish."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """See click's `Command.format_help`."""
        verbos = {nombre: self.get_command(ctx, nombre) for nombre in self.list_commands(ctx)}
        formatter.write(_ayuda(self, ctx, verbos))


def _ayuda(orden: Any, ctx: Any, verbos: dict[str, Any]) -> str:
    argumentos = [p for p in orden.params if p.param_type_name == "argument"]
    opciones = [p for p in orden.params if p.param_type_name == "option"]
    uso = " ".join(
        [ctx.command_path, "[OPCIONES]", *(p.metavar for p in argumentos), *(["[ORDEN]"] if verbos else [])]
    )
    partes = [f"Uso: {uso}", inspect.cleandoc(orden.help or "")]
    if argumentos:
        partes.append(_seccion("Argumentos", [(p.metavar, p.help) for p in argumentos]))
    if verbos:
        partes.append(_seccion("Órdenes", [(n, (v.help or "").split("\n")[0]) for n, v in verbos.items()]))
    partes.append(_seccion("Opciones", [*((_nombres(p), p.help) for p in opciones), _PROPIA]))
    return "\n\n".join(partes) + "\n"


def _nombres(opcion: Any) -> str:
    return ", ".join(opcion.opts) + (f" {opcion.metavar}" if opcion.metavar else "")


def _seccion(titulo: str, filas: list[tuple[str, str]]) -> str:
    return "\n".join([f"{titulo}:", *(f"  {nombre:<{_ANCHO}}  {texto}" for nombre, texto in filas)])


def frase_de_uso(error: Exception) -> str:
    """What is wrong with the arguments, and where help is."""
    ctx = getattr(error, "ctx", None)
    programa = ctx.command_path if ctx is not None else "dual-tareas"
    return f"{_motivo(error)} Vea «{programa} --help»."


def _motivo(error: Exception) -> str:
    clase = type(error).__name__
    parametro = getattr(error, "param", None)
    nombre = "" if parametro is None else (parametro.metavar or parametro.opts[0])
    if clase == "NoSuchOption":
        parecidas = getattr(error, "possibilities", None) or []
        pista = f" ¿Quiso decir {parecidas[0]}?" if parecidas else ""
        return f"No existe la opción {getattr(error, 'option_name', '')}.{pista}"
    if clase == "MissingParameter" and parametro is not None and parametro.param_type_name == "option":
        return f"Falta la opción {_nombres(parametro)}."
    if clase == "MissingParameter":
        return f"Falta {nombre}."
    if clase == "BadOptionUsage":
        return f"A la opción {getattr(error, 'option_name', '')} le falta su valor o le sobra."
    if parametro is not None:
        opcion = parametro.opts[0] if parametro.param_type_name == "option" else nombre
        return f"El valor de {opcion} no sirve{_admitidos(parametro)}."
    return "Esa orden o ese argumento no existe."


def _admitidos(parametro: Any) -> str:
    if parametro.metavar == "ID":
        return ": debe ser un UUID, como 1b4e28ba-2fa1-41d2-883f-0016d3cca427"
    minimo = getattr(parametro, "min", None)
    if minimo is not None:
        return f": debe ser un número entero, {minimo} o más"
    return f": debe ser {parametro.metavar.replace('|', ' o ')}" if "|" in (parametro.metavar or "") else ""
