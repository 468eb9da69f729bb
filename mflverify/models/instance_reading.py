"""Reading of instance data: every value is checked, nothing is evaluated.

Each reader takes a value of a JSON tree and the place where it stands, and raises ValueError naming
that place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeVar

from mflverify.models.basis import BasisFunction, Expansion
from mflverify.models.kernel_data import (
    GaussianKernel,
    General,
    Kernel,
    Separable,
    TranslationInvariant,
)
from mflverify.models.spaces import LARGEST_DIMENSION, SpaceData

Coefficients = tuple[Fraction, ...]
Matrix = tuple[Coefficients, ...]
Value = TypeVar("Value")

# No exponents: "1e999999999" would fill the memory with its digits.
_NUMBER = re.compile(r"[+-]?\d{1,4000}(/0*[1-9]\d{0,3999}|\.\d{1,4000})?", re.ASCII)


def read_section(
    tree: dict[str, Any], name: str, parse: Callable[[Any, str], Value]
) -> dict[str, Value]:
    """A section of named values; empty when it is missing."""
    value = tree.get(name, {})
    if not isinstance(value, dict):
        raise ValueError(f"{name}: expected an object")
    return {key: parse(item, f"{name}.{key}") for key, item in value.items()}


def read_number(value: Any, where: str) -> Fraction:
    """A rational number written as text."""
    if not isinstance(value, str):
        raise ValueError(f"{where}: expected a rational number as text, got {value!r}")
    if not _NUMBER.fullmatch(value):
        raise ValueError(f"{where}: {value[:40]!r} is not a rational number")
    return Fraction(value)


def read_count(value: Any, where: str) -> int:
    """A number of components, at most 100, written as text."""
    number = read_number(value, where)
    if number.denominator != 1 or not 0 <= number <= 100:
        raise ValueError(f"{where}: {value} is not a whole number from 0 to 100")
    return int(number)


def read_coefficients(value: Any, where: str) -> Coefficients:
    """A list of rational numbers."""
    if not isinstance(value, list):
        raise ValueError(f"{where}: expected a list of coefficients")
    return tuple(read_number(item, f"{where}[{i}]") for i, item in enumerate(value))


def read_matrix(value: Any, where: str) -> Matrix:
    """A list of rows of the same length."""
    if not isinstance(value, list) or not value:
        raise ValueError(f"{where}: expected a list of rows")
    rows = tuple(read_coefficients(row, f"{where}[{i}]") for i, row in enumerate(value))
    if len({len(row) for row in rows}) != 1:
        raise ValueError(f"{where}: rows of different lengths")
    return rows


def read_expansion(value: Any, dimension: int, where: str) -> Expansion:
    """{basis function: number} in the given number of variables."""
    if not isinstance(value, dict):
        raise ValueError(f"{where}: expected an object such as {{'cos x': '1/2'}}")
    terms: list[tuple[BasisFunction, Fraction]] = []
    for name, item in value.items():
        basis, sign = _basis(name, dimension, where)
        terms.append((basis, read_number(item, f"{where}.{name}") * sign))
    return Expansion(dimension, terms)


def _basis(name: Any, dimension: int, where: str) -> tuple[BasisFunction, int]:
    if not isinstance(name, str):
        raise ValueError(f"{where}: expected the name of a basis function, got {name!r}")
    try:
        return BasisFunction.parse(name[:200], dimension)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error


def read_function(value: Any, where: str) -> Coefficients | Expansion:
    """A list of coefficients (one variable), or {"variables": d, "terms": {...}}."""
    if isinstance(value, list):
        return read_coefficients(value, where)
    tree = _object(value, where, {"variables", "terms"})
    return read_expansion(tree["terms"], _dimension(tree["variables"], where), where)


def read_remainder(value: Any, where: str) -> tuple[Coefficients | Expansion, ...]:
    """A list of functions, of which the first is a list of one number, the strength."""
    if not isinstance(value, list):
        raise ValueError(f"{where}: expected a list of rows")
    return tuple(read_function(row, f"{where}[{i}]") for i, row in enumerate(value))


def read_field(value: Any, where: str) -> Coefficients | tuple[Expansion, ...]:
    """A list of coefficients (one variable), or a list of components, one for each variable."""
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return tuple(
            read_expansion(item, len(value), f"{where}[{i}]") for i, item in enumerate(value)
        )
    return read_coefficients(value, where)


def read_space(value: Any, where: str) -> SpaceData:
    """{"axes": [...], "potential": {...}}."""
    tree = _object(value, where, {"axes", "potential"})
    axes = tree["axes"]
    if not isinstance(axes, list) or not all(isinstance(axis, str) for axis in axes):
        raise ValueError(f"{where}: axes must be a list of 'circle' and 'line'")
    dimension = _dimension(len(axes), where)
    potential = read_expansion(tree["potential"], dimension, f"{where}.potential")
    try:
        return SpaceData(tuple(axes), potential)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error


def read_kernel(value: Any, where: str) -> Matrix | Kernel:
    """A coefficient matrix, or an object with a `kind`."""
    if not isinstance(value, dict):
        return read_matrix(value, where)
    match value.get("kind"):
        case "separable":
            tree = _object(value, where, {"kind", "variables", "pairs"})
            m, n = _two_dimensions(tree["variables"], where)
            pairs = _list_of(tree["pairs"], 2, where)
            return Separable(
                (m, n),
                tuple((read_expansion(a, m, where), read_expansion(b, n, where)) for a, b in pairs),
            )
        case "general":
            tree = _object(value, where, {"kind", "variables", "terms"})
            m, n = _two_dimensions(tree["variables"], where)
            entries = []
            for first, second, c in _list_of(tree["terms"], 3, where):
                (a, s), (b, t) = _basis(first, m, where), _basis(second, n, where)
                entries.append((a, b, read_number(c, where) * s * t))
            return General((m, n), tuple(entries))
        case "translation-invariant":
            tree = _object(value, where, {"kind", "variables", "difference"})
            dimension = _dimension(tree["variables"], where)
            return TranslationInvariant(read_expansion(tree["difference"], dimension, where))
        case "gaussian":
            tree = _object(value, where, {"kind", "variables", "variance", "amplitude"})
            variance, amplitude = (
                read_number(tree[key], f"{where}.{key}") for key in ("variance", "amplitude")
            )
            try:
                return GaussianKernel(_dimension(tree["variables"], where), variance, amplitude)
            except ValueError as error:
                raise ValueError(f"{where}: {error}") from error
        case kind:
            kinds = "gaussian, general, separable, translation-invariant"
            raise ValueError(f"{where}: kind {kind!r} is none of {kinds}")


def read_place(value: Any, where: str) -> Fraction | tuple[Fraction, ...]:
    """One number, or one for each variable."""
    return read_coefficients(value, where) if isinstance(value, list) else read_number(value, where)


def read_direction(value: Any, where: str) -> Fraction | tuple[Fraction, ...]:
    """1 or -1, or the components of a unit vector."""
    number = read_place(value, where)
    if isinstance(number, Fraction):
        if abs(number) != 1:
            raise ValueError(f"{where}: a unit vector in one dimension is 1 or -1, not {number}")
    elif sum(c * c for c in number) != 1:
        raise ValueError(f"{where}: not a unit vector: {', '.join(map(str, number))}")
    return number


def _object(value: Any, where: str, keys: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{where}: expected an object with {', '.join(sorted(keys))}")
    if set(value) != keys:
        odd = sorted(set(value) ^ keys)[0]
        raise ValueError(f"{where}: {'missing' if odd in keys else 'unknown'} field {odd!r}")
    return value


def _dimension(value: Any, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LARGEST_DIMENSION:
        raise ValueError(f"{where}: variables must be 1 to {LARGEST_DIMENSION}, got {value!r}")
    return value


def _two_dimensions(value: Any, where: str) -> tuple[int, int]:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError(f"{where}: variables must be two numbers, got {value!r}")
    return _dimension(value[0], where), _dimension(value[1], where)


def _list_of(value: Any, length: int, where: str) -> list[list[Any]]:
    if not isinstance(value, list) or not all(
        isinstance(item, list) and len(item) == length for item in value
    ):
        raise ValueError(f"{where}: expected a list of lists of {length}")
    return value
