"""The dual repository: ping both, write to both in parallel, go on with one, read with fallback."""

from adapters.dual.repositorio import DualTareaRepository

__all__ = ["DualTareaRepository"]
