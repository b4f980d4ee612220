"""What a tarea is, what may go wrong, what can happen, and the ports to the world."""
