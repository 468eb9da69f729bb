"""The one error of the proof layer."""

from __future__ import annotations


class ProofError(Exception):
    """Something wrong in a proof file, with the file, line, statement and step at fault.

    Raised while a proof file is read; the loader turns it into a problem of that file alone.
    """

    def __init__(self, message: str, *, where: str = "", step: str = "") -> None:
        self.message, self.where, self.step = message, where, step
        super().__init__(": ".join(part for part in (where, step, message) if part))
