"""Functions as finite sums of named basis functions with rational coefficients: data and text.

A basis function of d variables is x^n cos(k.x) or x^n sin(k.x), n a power and k a frequency for each
variable; on a torus n = 0, on a line k is mostly 0.  Text such as `x1^2 cos(x1 - 2 x2)` is parsed by
a small grammar, never evaluated.  In one dimension the variable is written x.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Literal

from attrs import field, frozen

Wave = Literal["cos", "sin"]

LARGEST_POWER, LARGEST_FREQUENCY = 64, 999

_MONOMIAL = re.compile(r"x(\d?)(?:\^(\d{1,3}))?", re.ASCII)
_WAVE = re.compile(r"(cos|sin) ?(?:\(([^()]*)\)|(.*))", re.ASCII)
_ANGLE = re.compile(r"([+-]?) ?(\d{0,3}) ?x(\d?)", re.ASCII)


@frozen(order=True)
class BasisFunction:
    """x^powers cos(frequency . x), or sin.  The first non-zero frequency is positive.

    Raises ValueError for different lengths, negative powers, or the function sin 0.
    """

    powers: tuple[int, ...]
    frequency: tuple[int, ...]
    wave: Wave = "cos"

    def __attrs_post_init__(self) -> None:
        if len(self.powers) != len(self.frequency) or not self.powers:
            raise ValueError(
                f"one power and one frequency for each variable, got {self.powers} and "
                f"{self.frequency}"
            )
        if min(self.powers) < 0 or max(self.powers) > LARGEST_POWER:
            raise ValueError(f"powers must be from 0 to {LARGEST_POWER}, got {self.powers}")
        if max(map(abs, self.frequency)) > LARGEST_FREQUENCY:
            raise ValueError(f"frequencies go up to {LARGEST_FREQUENCY}, got {self.frequency}")
        first = next((k for k in self.frequency if k), 0)
        if first < 0 or (first == 0 and self.wave == "sin"):
            raise ValueError(f"the first non-zero frequency must be positive: {self.frequency}")

    @property
    def dimension(self) -> int:
        """The number of variables."""
        return len(self.powers)

    @property
    def is_constant(self) -> bool:
        """Whether this is the function 1."""
        return not any(self.powers) and not any(self.frequency)

    def text(self, letter: str = "x") -> str:
        """`1`, `cos 2x`, `x^2`, `x1 sin(x1 - 2 x2)`."""
        names = variable_names(self.dimension, letter)
        parts = [f"{v}^{n}" if n > 1 else v for v, n in zip(names, self.powers, strict=True) if n]
        if any(self.frequency):
            angle = signed(
                (Fraction(k), v) for k, v in zip(self.frequency, names, strict=True) if k
            )
            single = self.dimension == 1
            parts.append(
                f"{self.wave} {angle.replace(' ', '')}" if single else f"{self.wave}({angle})"
            )
        return " ".join(parts) or "1"

    @staticmethod
    def parse(text: str, dimension: int) -> tuple[BasisFunction, int]:
        """The function that `text` names in `dimension` variables, and its sign (sin(-x) = -sin x).

        Raises ValueError.
        """
        powers, frequency, wave = [0] * dimension, [0] * dimension, "cos"
        found = _WAVE.search(text)
        head = (text[: found.start()] if found else text).strip()
        for part in head.split() if head != "1" else ():
            match = _MONOMIAL.fullmatch(part)
            if match is None:
                raise ValueError(f"{text!r} is not a basis function such as 'x^2' or 'cos 2x'")
            powers[_variable(match[1], dimension, text)] += int(match[2] or 1)
        if found:
            wave = found[1]
            rest = (found[2] if found[2] is not None else found[3]).strip()
            if found.end() != len(text) or not rest:
                raise ValueError(f"{text!r} is not a basis function such as 'cos(x1 - 2 x2)'")
            first = True
            while rest:
                match = _ANGLE.match(rest)
                if match is None or not (first or match[1]):
                    raise ValueError(f"{rest!r} in {text!r} is not an angle such as 2x or x1 - x2")
                size = int(match[2] or 1)
                frequency[_variable(match[3], dimension, text)] += (
                    -size if match[1] == "-" else size
                )
                rest, first = rest[match.end() :].strip(), False
        elif not head:
            raise ValueError("a basis function must not be empty")
        return wave_of(powers, frequency, "sin" if wave == "sin" else "cos")


def wave_of(
    powers: Sequence[int], frequency: Sequence[int], wave: Wave
) -> tuple[BasisFunction, int]:
    """x^powers cos or sin(frequency . x) with any signs, and the sign in front of the basis function.

    The sign is 0 for sin 0.
    """
    first = next((k for k in frequency if k), 0)
    if first == 0 and wave == "sin":
        return BasisFunction(tuple(powers), tuple(frequency)), 0
    if first < 0:
        opposite = tuple(-k for k in frequency)
        return BasisFunction(tuple(powers), opposite, wave), -1 if wave == "sin" else 1
    return BasisFunction(tuple(powers), tuple(frequency), wave), 1


def variable_names(dimension: int, letter: str = "x") -> tuple[str, ...]:
    """x in one dimension, x1, x2, ... otherwise."""
    return (letter,) if dimension == 1 else tuple(f"{letter}{i}" for i in range(1, dimension + 1))


def _variable(index: str, dimension: int, text: str) -> int:
    if dimension == 1 and not index:
        return 0
    if dimension == 1 or not index or not 1 <= int(index) <= dimension:
        names = ", ".join(variable_names(dimension))
        raise ValueError(f"{text!r}: the variables are {names}")
    return int(index) - 1


def signed(terms: Iterable[tuple[Fraction, str]]) -> str:
    """A sum such as `1/2 cos x - x^2`; 0 when empty."""
    text = ""
    for c, name in terms:
        if not c:
            continue
        size = abs(c)
        body = str(size) if name == "1" else name if size == 1 else f"{size} {name}"
        text += f" {'-' if c < 0 else '+'} {body}" if text else f"{'-' if c < 0 else ''}{body}"
    return text or "0"


Terms = (
    Mapping[BasisFunction, Fraction]
    | Mapping[BasisFunction, int]
    | Iterable[tuple[BasisFunction, Fraction | int]]
)


def _sorted_terms(
    terms: Terms,
) -> tuple[tuple[BasisFunction, Fraction], ...]:
    given: Any = terms
    pairs = given.items() if isinstance(terms, Mapping) else given
    total: dict[BasisFunction, Fraction] = {}
    for basis, c in pairs:
        if not isinstance(c, int | Fraction):
            raise ValueError(f"coefficients must be integers or Fractions, got {c!r}")
        total[basis] = total.get(basis, Fraction(0)) + c
    return tuple(sorted((basis, c) for basis, c in total.items() if c))


@frozen
class Expansion:
    """A sum of basis functions with rational coefficients, in `dimension` variables.

    terms: (basis function, coefficient), sorted, without zeros.
    Raises ValueError for terms of another dimension.
    """

    dimension: int
    terms: tuple[tuple[BasisFunction, Fraction], ...] = field(default=(), converter=_sorted_terms)

    def __attrs_post_init__(self) -> None:
        for basis, _ in self.terms:
            if basis.dimension != self.dimension:
                raise ValueError(f"{basis.text()} has not {self.dimension} variables")

    def __iter__(self) -> Iterator[tuple[BasisFunction, Fraction]]:
        return iter(self.terms)

    def __add__(self, other: Expansion) -> Expansion:
        return Expansion(self.dimension, (*self.terms, *other.terms))

    def __mul__(self, factor: Fraction | int) -> Expansion:
        return Expansion(self.dimension, ((basis, c * factor) for basis, c in self.terms))

    def __neg__(self) -> Expansion:
        return self * -1

    def where(self, keep: Callable[[BasisFunction], bool]) -> Expansion:
        """The terms whose basis function is kept."""
        return Expansion(self.dimension, ((basis, c) for basis, c in self.terms if keep(basis)))

    def text(self, letter: str = "x") -> str:
        """For readers, e.g. `1/2 cos x - 2 sin 3x`."""
        return signed((c, basis.text(letter)) for basis, c in self.terms)

    def to_json(self) -> dict[str, str]:
        """{basis function: coefficient}; `parse` reads it back."""
        return {basis.text(): str(c) for basis, c in self.terms}

    @staticmethod
    def of(dimension: int, values: Mapping[str, Fraction | int]) -> Expansion:
        """The expansion with these coefficients, basis functions as text.

        >>> Expansion.of(2, {"cos(x1 - x2)": 1, "sin x1": Fraction(1, 2)}).text()
        '1/2 sin(x1) + cos(x1 - x2)'
        """
        terms = []
        for name, c in values.items():
            basis, sign = BasisFunction.parse(name, dimension)
            terms.append((basis, c * sign))
        return Expansion(dimension, terms)

    @staticmethod
    def waves(coefficients: Sequence[Fraction]) -> Expansion:
        """Coefficients of 1, cos x, sin x, cos 2x, sin 2x, ..."""
        return Expansion(
            1,
            [
                (BasisFunction((0,), ((i + 1) // 2,), "cos" if i % 2 or not i else "sin"), c)
                for i, c in enumerate(coefficients)
            ],
        )

    @staticmethod
    def polynomial(coefficients: Sequence[Fraction]) -> Expansion:
        """Coefficients of 1, x, x^2, ..."""
        return Expansion(1, [(BasisFunction((i,), (0,)), c) for i, c in enumerate(coefficients)])
