"""Two values of one tarea and the operator's choice between them. Nothing is written from here."""
