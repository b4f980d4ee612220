"""A repair, or an undo, in a process of its own, that is killed at the write whose number it is given.

`python -m tests.integration.reparacion_interrumpida SQL_URL MONGO_URL CARPETA NUMERO [RECIBO]`: all that the
two differ in is repaired as SQL has it, or what RECIBO tells of is put back; before write NUMERO it says so,
and waits to be killed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from adapters.reparacion.recibo import leer_recibo
from core.reparacion import Gana
from tests.integration.reparacion import Taller
from tests.integration.revision import abrir_par


def main() -> None:
    """Do it, until it is the turn of that write."""
    sql_url, mongo_url, carpeta, numero, *recibo = sys.argv[1:]
    with abrir_par(sql_url, mongo_url) as par:
        taller = Taller(par, sql_url, mongo_url, Path(carpeta))
        plan = taller.plan(Gana.SQL)
        faltan = int(numero)

        def antes() -> None:
            nonlocal faltan
            faltan -= 1
            if not faltan:
                sys.stdout.write("ahora\n")
                sys.stdout.flush()
                sys.stdin.read()

        taller.antes_de_escribir(antes)
        if recibo:
            taller.caso(lote=5).deshacer(leer_recibo(Path(recibo[0])))
        else:
            taller.caso(lote=5).execute(plan)


if __name__ == "__main__":
    main()
