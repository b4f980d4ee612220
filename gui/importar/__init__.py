"""Bringing tareas in from a file, from the window."""
