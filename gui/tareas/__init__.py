"""The view on tareas: table, form, and what an operator does to one. No store is spoken to from here."""
