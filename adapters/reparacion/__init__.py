"""Putting right what a verification found. Writes only where a store still holds what was seen there."""
