"""Proving that both stores hold the same. Reads rows in ways of its own, not through the writers' mapping."""
