"""`python -m tests.bench NAME`: run one benchmark and print its table."""

from __future__ import annotations

import argparse

from tests.bench.latencias import latencias


def main() -> None:
    """Parse the name and run it."""
    analizador = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    medidas = analizador.add_subparsers(dest="medida", required=True)
    de_latencias = medidas.add_parser("latencias", help="one save in each store and in both")
    de_latencias.add_argument("--veces", type=int, default=500)
    opciones = analizador.parse_args()
    latencias(opciones.veces)


if __name__ == "__main__":
    main()
