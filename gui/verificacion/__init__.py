"""Proving that both databases hold the same, what differs, and putting it right: the Verificación page."""
