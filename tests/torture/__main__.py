"""`python -m tests.torture --segundos N [--semilla S] [--json FILE]`, or `--autocomprobar`."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import tempfile
from pathlib import Path

from tests.servidores import BancoDePruebas
from tests.torture.autocomprobar import autocomprobar
from tests.torture.cifras import en_json, en_texto
from tests.torture.errores import NOMBRES
from tests.torture.plan import Plan, Resultado
from tests.torture.plantilla import Trato
from tests.torture.prueba import Prueba


def main() -> int:
    """Run what is asked for; 0 if no check failed."""
    analizador = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    analizador.add_argument("--segundos", type=float, default=60.0, help="how long operators work")
    analizador.add_argument(
        "--semilla", type=int, default=None, help="of all that is drawn; else a fresh one"
    )
    analizador.add_argument("--operadores", type=int, default=4, help="how many")
    analizador.add_argument("--error", choices=NOMBRES, default="", help="put this bug into every operator")
    analizador.add_argument("--json", type=Path, default=None, help="write the figures there")
    analizador.add_argument("--carpeta", type=Path, default=None, help="keep histories and logs there")
    analizador.add_argument(
        "--autocomprobar",
        action="store_true",
        help="see whether the judge notices each known bug, or that of --error",
    )
    opciones = analizador.parse_args()
    if opciones.autocomprobar:
        return autocomprobar(opciones.semilla or 1, [opciones.error] if opciones.error else NOMBRES)
    semilla = secrets.randbelow(1_000_000) if opciones.semilla is None else opciones.semilla
    plan = Plan(
        segundos=opciones.segundos,
        semilla=semilla,
        trato=Trato(semilla=semilla, error=opciones.error),
        operadores=opciones.operadores,
    )
    resultado = _correr(plan, opciones.carpeta)
    sys.stdout.write(en_texto(resultado) + "\n")
    datos = en_json(resultado)
    if opciones.json is not None:
        opciones.json.write_text(json.dumps(datos, ensure_ascii=False, indent=2), encoding="utf-8")
    return 0 if datos["superada"] else 1


def _correr(plan: Plan, carpeta: Path | None) -> Resultado:
    with BancoDePruebas() as banco, tempfile.TemporaryDirectory(prefix="dual-tareas-tortura-") as temporal:
        if carpeta is not None:
            carpeta.mkdir(parents=True)
        return Prueba(plan, banco.postgres(fsync=False), banco.mongo(), carpeta or Path(temporal)).correr()


if __name__ == "__main__":
    raise SystemExit(main())
