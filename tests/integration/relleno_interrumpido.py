"""A process that backfills in small pages, to be killed while it does.

    python -m tests.integration.relleno_interrumpido SQL_URL MONGO_URL sql|mongo

It prints how many rows it has looked at after each page, and `fin` once all is done.
"""

from __future__ import annotations

import sys
from unittest.mock import patch

from adapters.health.compuerta import Compuerta
from adapters.replicacion import cortesia, relleno
from adapters.replicacion.informe import InformePasada
from adapters.replicacion.motor import Control
from adapters.replicacion.rellenables import rellenables
from adapters.verificacion.almacenes import con_fichas
from core.domain.models.almacen import NombreAlmacen
from tests.integration.revision import abrir_par

LOTE = 100
PUNTO_S = 0.02


def _decir(informe: InformePasada) -> None:
    sys.stdout.write(f"{informe.miradas}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sql_url, mongo_url, origen = sys.argv[1:]
    with (
        patch.object(relleno, "PUNTO_S", PUNTO_S),
        patch.multiple(cortesia, LOTE_INICIAL=LOTE, LOTE_MAX=LOTE),
        abrir_par(sql_url, mongo_url) as par,
    ):
        relleno.Relleno(
            par.almacenes, rellenables(par.almacenes), par.crudos, con_fichas(par.almacenes), Compuerta()
        ).rellenar(NombreAlmacen(origen), Control(progreso=_decir))
    sys.stdout.write("fin\n")
