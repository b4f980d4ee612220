"""Real servers for the tests: PostgreSQL and MongoDB to kill, freeze and revive; a bad network.

Knows neither pytest nor the project's own code, so that any bench may use it:

    with BancoDePruebas() as banco:
        postgres = banco.postgres()
        postgres.congelar()
"""

from tests.servidores.banco import BancoDePruebas
from tests.servidores.espera import esperar
from tests.servidores.mongo import ServidorMongo
from tests.servidores.postgres import ServidorPostgres
from tests.servidores.proceso import BinarioAusente, Servidor, ServidorNoArranca
from tests.servidores.proxy import ProxyTCP

__all__ = [
    "BancoDePruebas",
    "BinarioAusente",
    "ProxyTCP",
    "Servidor",
    "ServidorMongo",
    "ServidorNoArranca",
    "ServidorPostgres",
    "esperar",
]
