"""Tareas that another program left in a store: asked about, adopted, told what came of it."""
