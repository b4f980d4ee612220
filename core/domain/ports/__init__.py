"""Ports: what use cases need of the world (`tarea_repository`), what replication needs (`almacen`)."""
