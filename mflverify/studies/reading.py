"""Checked access to parsed data: every error names the file, the entry and the value."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from attrs import frozen


class ModelFileError(ValueError):
    """A model file that is not right: where, and what was found there."""


@frozen
class Reader:
    """Checks of values from one origin, usually a file's name."""

    origin: str

    def error(self, at: str, message: str) -> ModelFileError:
        """The error to raise for an entry."""
        return ModelFileError(": ".join(part for part in (self.origin, at, message) if part))

    def table(self, at: str, value: object, keys: set[str]) -> Mapping[str, object]:
        """A table without keys other than the given ones."""
        if not isinstance(value, dict):
            raise self.error(at, f"must be a table, not {value!r}")
        unknown = sorted(str(key) for key in value if key not in keys)
        if unknown:
            known = ", ".join(sorted(keys))
            raise self.error(at, f"unknown entry {unknown[0]!r}; entries are {known}")
        return value

    def items(self, at: str, value: object) -> list[object]:
        """A list."""
        if not isinstance(value, list):
            raise self.error(at, f"must be a list, not {value!r}")
        return value

    def number(self, at: str, value: object) -> float:
        """A finite number."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise self.error(at, f"must be a finite number, not {value!r}")
        return float(value)

    def positive(self, at: str, value: object) -> float:
        """A positive number."""
        found = self.number(at, value)
        if found <= 0:
            raise self.error(at, f"must be positive, not {value!r}")
        return found

    def integer(self, at: str, value: object, least: int, most: int) -> int:
        """An integer between two bounds."""
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.error(at, f"must be an integer from {least} to {most}, not {value!r}")
        return value

    def boolean(self, at: str, value: object) -> bool:
        """True or false."""
        if not isinstance(value, bool):
            raise self.error(at, f"must be true or false, not {value!r}")
        return value

    def text(self, at: str, value: object) -> str:
        """A text that is not empty."""
        if not isinstance(value, str) or not value.strip():
            raise self.error(at, f"must be a text, not {value!r}")
        return value

    def choice(self, at: str, value: object, choices: tuple[str, ...]) -> str:
        """One of several words."""
        if value not in choices:
            raise self.error(at, f"must be one of {', '.join(choices)}, not {value!r}")
        return str(value)
