"""The SQL store, on SQLite or PostgreSQL through Peewee. Nothing of MongoDB, nothing of Qt.

`repositorio` carries out the port; `motor` lends connections and keeps deadlines, `sqlite` and `postgres` are
its two kinds; `esquema_*` and `adopcion_*` make the tables; `errores` turns drivers' errors into ours.
"""

from adapters.peewee.repositorio import PeeweeTareaRepository

__all__ = ["PeeweeTareaRepository"]
