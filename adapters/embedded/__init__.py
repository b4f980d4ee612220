"""The private MongoDB that the program starts by itself where no MONGO_URL is set.

`cliente` is what the program uses; `guardian` is the small process that owns the server, outlives a crash of
the program and ends with its last client; `sala` is the folder through which both meet.
"""

from adapters.embedded.cliente import MongoEmbebido
from adapters.embedded.errores import MongoEmbebidoNoDisponible

__all__ = ["MongoEmbebido", "MongoEmbebidoNoDisponible"]
