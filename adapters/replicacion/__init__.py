"""Bringing a row from the store that has it to the one that lacks it."""
