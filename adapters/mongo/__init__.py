"""The MongoDB store. Everything that knows pymongo is in this room, and nothing of Qt or SQL may enter."""

from adapters.mongo.repositorio import MongoTareaRepository

__all__ = ["MongoTareaRepository"]
