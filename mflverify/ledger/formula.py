"""A printed formula, as all records hold it."""

from __future__ import annotations

from attrs import frozen


@frozen
class Formula:
    """One expression, printed three ways, with the digest of the expression itself."""

    unicode: str
    latex: str
    mathml: str
    digest: str
