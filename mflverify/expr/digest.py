"""Digests of terms and relations: what makes two steps the same step.

The canonical text is an S-expression of class names and fields; it depends on nothing but the
term, so a digest is stable across runs, machines and Python versions.
"""

from __future__ import annotations

import hashlib
from fractions import Fraction
from functools import cache

import attrs

from mflverify.expr.sorts import Space
from mflverify.expr.terms import Flow, Node, Relation, Term


def canonical_text(value: Node | Space | Fraction | str | bool | int | tuple) -> str:
    """The S-expression of a term, relation or flow."""
    match value:
        case Term() | Relation() | Flow():
            parts = [canonical_text(getattr(value, name)) for name in _compared(type(value))]
            return f"({' '.join([type(value).__name__, *parts])})"
        case Space(name, union):
            return f"({'Union' if union else 'Space'} {name})"
        case tuple():
            return f"[{' '.join(canonical_text(part) for part in value)}]"
        case bool() | str() | int() | Fraction():
            return str(value)
        case _:
            raise TypeError(f"no canonical text for {value!r}")


@cache
def _compared(kind: type) -> tuple[str, ...]:
    return tuple(a.name for a in attrs.fields(kind) if a.eq is not False)


def digest(node: Node, length: int = 16) -> str:
    """The first `length` hex digits of the SHA-256 of the canonical text."""
    return hashlib.sha256(canonical_text(node).encode()).hexdigest()[:length]
