"""`python -m tests.bench NAME`: run one benchmark and print its table."""

from __future__ import annotations

import argparse
from pathlib import Path

from gui.arranque_plataforma import preparar_captura
from tests.bench.hueco import hueco
from tests.bench.latencias import latencias
from tests.bench.relleno import DIRECCIONES, relleno
from tests.bench.ventana import ventana
from tests.bench.verificar import verificar


def main() -> None:
    """Parse the name and run it."""
    analizador = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    medidas = analizador.add_subparsers(dest="medida", required=True)
    de_latencias = medidas.add_parser("latencias", help="one save in each store and in both")
    de_latencias.add_argument("--veces", type=int, default=500)
    de_ventana = medidas.add_parser("ventana", help="event-loop gaps and detection times, with pictures")
    de_ventana.add_argument("--filas", type=int, default=20_000)
    de_ventana.add_argument("--carpeta", type=Path, default=Path("medidas"))
    de_verificar = medidas.add_parser("verificar", help="equal rows in both stores, against other ways")
    de_verificar.add_argument("--filas", type=int, default=1_000_000)
    de_verificar.add_argument("--veces", type=int, default=3)
    de_relleno = medidas.add_parser(
        "relleno", help="copying all rows to a store that has none, beside bare loops"
    )
    de_relleno.add_argument("--filas", type=int, default=1_000_000)
    de_relleno.add_argument("--direccion", choices=DIRECCIONES, default=None)
    de_hueco = medidas.add_parser("hueco", help="event-loop gaps while the window verifies and repairs")
    de_hueco.add_argument("--filas", type=int, default=200_000)
    opciones = analizador.parse_args()
    if opciones.medida == "latencias":
        latencias(opciones.veces)
    elif opciones.medida == "verificar":
        verificar(opciones.filas, opciones.veces)
    elif opciones.medida == "relleno":
        relleno(opciones.filas, opciones.direccion)
    elif opciones.medida == "hueco":
        preparar_captura()
        hueco(opciones.filas)
    else:
        preparar_captura()  # without a screen Qt draws in memory
        ventana(opciones.filas, opciones.carpeta)


if __name__ == "__main__":
    main()
