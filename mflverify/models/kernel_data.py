"""Kernels k(x, y) as readable exact data: sums of products of basis functions of x and of y.

Translation-invariant kernels are given by a function of z = x - y and expanded by the addition
theorems; squared distances and wrapped Gaussians are among them.  A Gaussian of z on lines is no
finite sum of products; its action is in closed form (`gaussian_action`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import product as cartesian
from math import comb
from typing import Any

from attrs import field, frozen

from mflverify.models.basis import BasisFunction, Expansion, signed, variable_names, wave_of

Pair = tuple[BasisFunction, BasisFunction]
PairTerms = dict[Pair, Fraction]


@frozen
class Separable:
    """k(x, y) = sum of a(x) b(y); x on the target space, y on the source space.

    variables: the dimensions of both.  Raises ValueError for factors of other dimensions.
    """

    variables: tuple[int, int]
    pairs: tuple[tuple[Expansion, Expansion], ...]

    def __attrs_post_init__(self) -> None:
        for a, b in self.pairs:
            _require(self.variables, (a.dimension, b.dimension))

    def terms(self, target: int, source: int) -> PairTerms:
        """Coefficients of products of basis functions.  Raises ValueError for other dimensions."""
        _require((target, source), self.variables)
        total: PairTerms = {}
        for left, right in self.pairs:
            for a, c in left:
                for b, e in right:
                    total[a, b] = total.get((a, b), Fraction(0)) + c * e
        return {pair: c for pair, c in total.items() if c}

    def to_json(self) -> dict[str, Any]:
        """{"kind": "separable", "variables": [m, n], "pairs": [[a, b], ...]}."""
        pairs = [[a.to_json(), b.to_json()] for a, b in self.pairs]
        return {"kind": "separable", "variables": list(self.variables), "pairs": pairs}

    def text(self) -> str:
        """For readers."""
        return " + ".join(f"({a.text('x')}) ({b.text('y')})" for a, b in self.pairs) or "0"


@frozen
class General:
    """k(x, y) = sum of c a(x) b(y) with basis functions a and b.

    variables: the dimensions of both spaces.  Raises ValueError for functions of other dimensions.
    """

    variables: tuple[int, int]
    entries: tuple[tuple[BasisFunction, BasisFunction, Fraction], ...]

    def __attrs_post_init__(self) -> None:
        for a, b, _ in self.entries:
            _require(self.variables, (a.dimension, b.dimension))

    def terms(self, target: int, source: int) -> PairTerms:
        """Coefficients of products of basis functions.  Raises ValueError for other dimensions."""
        _require((target, source), self.variables)
        total: PairTerms = {}
        for a, b, c in self.entries:
            total[a, b] = total.get((a, b), Fraction(0)) + c
        return {pair: c for pair, c in total.items() if c}

    def to_json(self) -> dict[str, Any]:
        """{"kind": "general", "variables": [m, n], "terms": [[a, b, c], ...]}."""
        return {
            "kind": "general",
            "variables": list(self.variables),
            "terms": [[a.text(), b.text(), str(c)] for a, b, c in self.entries],
        }

    def text(self) -> str:
        """For readers."""
        return signed(
            (c, " ".join(p for p in (a.text("x"), b.text("y")) if p != "1") or "1")
            for a, b, c in self.entries
        )


@frozen
class TranslationInvariant:
    """k(x, y) = h(x - y), between spaces of the same dimension."""

    difference: Expansion

    def terms(self, target: int, source: int) -> PairTerms:
        """Coefficients of products of basis functions.  Raises ValueError for other dimensions."""
        d = self.difference.dimension
        _require((target, source), (d, d))
        total: PairTerms = {}
        for basis, c in self.difference:
            for (powers, rest), weight in _binomial(basis.powers).items():
                for (first, second), sign in _addition(basis).items():
                    left, s = wave_of(powers, basis.frequency, first)
                    right, t = wave_of(rest, basis.frequency, second)
                    value = c * weight * sign * s * t
                    if value:
                        total[left, right] = total.get((left, right), Fraction(0)) + value
        return {pair: c for pair, c in total.items() if c}

    def to_json(self) -> dict[str, Any]:
        """{"kind": "translation-invariant", "variables": d, "difference": h}, h written in x."""
        return {
            "kind": "translation-invariant",
            "variables": self.difference.dimension,
            "difference": self.difference.to_json(),
        }

    def text(self) -> str:
        """For readers."""
        return f"{self.difference.text('z')} with z = x - y"


def _positive(_: object, attribute: Any, value: Fraction) -> None:
    if value <= 0:
        raise ValueError(f"{attribute.name} must be positive, got {value}")


@frozen
class GaussianKernel:
    """k(x, y) = amplitude exp(-|x - y|^2/(2 variance)), between lines of the same number.

    Raises ValueError unless the variance is positive.
    """

    dimension: int
    variance: Fraction = field(validator=_positive)
    amplitude: Fraction = Fraction(1)

    def terms(self, target: int, source: int) -> PairTerms:
        """Raises ValueError: there are infinitely many."""
        raise ValueError("a Gaussian kernel is no finite sum of products of basis functions")

    def to_json(self) -> dict[str, Any]:
        """{"kind": "gaussian", "variables": d, "variance": v, "amplitude": c}."""
        return {
            "kind": "gaussian",
            "variables": self.dimension,
            "variance": str(self.variance),
            "amplitude": str(self.amplitude),
        }

    def text(self) -> str:
        """For readers."""
        squares = " + ".join(f"{z}^2" for z in variable_names(self.dimension, "z"))
        squares = squares if self.dimension == 1 else f"({squares})"
        half = 1 / (2 * self.variance)
        exponent = squares if half == 1 else f"{half} {squares}"
        return f"{signed([(self.amplitude, f'exp(-{exponent})')])} with z = x - y"


Kernel = Separable | General | TranslationInvariant | GaussianKernel


def _require(spaces: tuple[int, int], kernel: tuple[int, int]) -> None:
    if spaces != kernel:
        raise ValueError(
            f"a kernel in {kernel[0]} and {kernel[1]} variables does not fit spaces of dimensions "
            f"{spaces[0]} and {spaces[1]}"
        )


def _binomial(powers: tuple[int, ...]) -> dict[tuple[tuple[int, ...], tuple[int, ...]], int]:
    """prod (x_i - y_i)^n_i by powers of x and of y."""
    total = {}
    for lower in cartesian(*(range(n + 1) for n in powers)):
        rest = tuple(n - m for n, m in zip(powers, lower, strict=True))
        weight = 1
        for n, m in zip(powers, lower, strict=True):
            weight *= comb(n, m) * (-1) ** (n - m)
        total[lower, rest] = weight
    return total


def _addition(basis: BasisFunction) -> dict[tuple[Any, Any], int]:
    """cos(a - b) and sin(a - b) by waves of a and of b."""
    if not any(basis.frequency):
        return {("cos", "cos"): 1}
    if basis.wave == "cos":
        return {("cos", "cos"): 1, ("sin", "sin"): 1}
    return {("sin", "cos"): 1, ("cos", "sin"): -1}


def transposed(kernel: Kernel) -> Kernel:
    """The kernel k(y, x)."""
    match kernel:
        case Separable(variables=(m, n), pairs=pairs):
            return Separable((n, m), tuple((b, a) for a, b in pairs))
        case General(variables=(m, n), entries=entries):
            return General((n, m), tuple((b, a, c) for a, b, c in entries))
        case TranslationInvariant(difference=h):
            flipped = (
                (basis, c * (-1) ** (sum(basis.powers) + (basis.wave == "sin"))) for basis, c in h
            )
            return TranslationInvariant(Expansion(h.dimension, flipped))
        case GaussianKernel():
            return kernel


# -------------------------------------------------------------------------------- constructors


def translation_invariant(
    dimension: int, difference: Mapping[str, Fraction | int]
) -> TranslationInvariant:
    """k(x, y) = h(x - y), h written in x: `translation_invariant(1, {"cos x": 2})` is 2 cos(x - y)."""
    return TranslationInvariant(Expansion.of(dimension, difference))


def separable(
    target: int,
    source: int,
    pairs: Iterable[tuple[Mapping[str, Fraction | int], Mapping[str, Fraction | int]]],
) -> Separable:
    """k(x, y) = sum of a(x) b(y), on spaces of these dimensions."""
    return Separable(
        (target, source),
        tuple((Expansion.of(target, a), Expansion.of(source, b)) for a, b in pairs),
    )


def general(target: int, source: int, terms: Iterable[tuple[str, str, Fraction | int]]) -> General:
    """k(x, y) = sum of c a(x) b(y): trigonometric, polynomial, or mixed, by the basis functions.

    >>> general(1, 1, [("cos x", "sin 2x", 2), ("1", "x", 1)]).text()
    '2 cos x sin 2y + y'
    """
    entries = []
    for first, second, c in terms:
        (a, s), (b, t) = BasisFunction.parse(first, target), BasisFunction.parse(second, source)
        entries.append((a, b, Fraction(c) * s * t))
    return General((target, source), tuple(entries))


def squared_distance(dimension: int, strength: Fraction | int = 1) -> TranslationInvariant:
    """k(x, y) = strength |x - y|^2/2, on lines."""
    names = ["x"] if dimension == 1 else [f"x{i + 1}" for i in range(dimension)]
    half = Fraction(strength) / 2
    return TranslationInvariant(Expansion.of(dimension, {f"{x}^2": half for x in names}))


def gaussian_kernel(
    dimension: int, variance: Fraction | int, amplitude: Fraction | int = 1
) -> GaussianKernel:
    """k(x, y) = amplitude exp(-|x - y|^2/(2 variance)), on lines with Gaussian equilibria.

    Positive semidefinite for a positive amplitude.  Raises ValueError unless the variance is positive.
    """
    return GaussianKernel(dimension, Fraction(variance), Fraction(amplitude))


def wrapped_gaussian(
    dimension: int, decay: Fraction, modes: int, amplitude: Fraction | int = 1
) -> TranslationInvariant:
    """amplitude times the sum of decay^(|k|^2) cos(k.z) over |k_i| <= modes, on a torus.

    With decay = exp(-s/2) this is the density of a Gaussian of variance s wrapped around the torus,
    with respect to dx/(2 pi)^d, cut off after `modes` frequencies in each variable; decay is
    rational so that the kernel is.  Raises ValueError unless 0 < decay < 1.
    """
    if not 0 < decay < 1:
        raise ValueError(f"decay must be between 0 and 1, got {decay}")
    terms: dict[BasisFunction, Fraction] = {}
    for k in cartesian(range(-modes, modes + 1), repeat=dimension):
        basis, _ = wave_of((0,) * dimension, k, "cos")
        weight = Fraction(amplitude) * Fraction(decay) ** sum(n * n for n in k)
        terms[basis] = terms.get(basis, Fraction(0)) + weight
    return TranslationInvariant(Expansion(dimension, terms))


def bilinear(matrix: Iterable[Iterable[Fraction | int]]) -> General:
    """k(x, y) = sum of matrix[i][j] x_i y_j, on lines."""
    rows = [[Fraction(c) for c in row] for row in matrix]
    height, width = len(rows), len(rows[0])

    def unit(i: int, d: int) -> BasisFunction:
        return BasisFunction(tuple(int(i == j) for j in range(d)), (0,) * d)

    return General(
        (height, width),
        tuple(
            (unit(i, height), unit(j, width), c)
            for i, row in enumerate(rows)
            for j, c in enumerate(row)
            if c
        ),
    )
