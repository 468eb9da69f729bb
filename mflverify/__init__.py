"""Executable, checked proofs about mean-field Langevin dynamics."""

__version__ = "0.1.0"
