"""Sections of generators on the line in Hermite functions, and polynomials times the ground state.

The density is exp(-U)/Z with a polynomial U, W = U'^2/4 - U''/2.  In Hermite functions of
y = (x - c)/s, where x and d/dx are tridiagonal, S is banded; with kappa >= y^2/s^2 - W everywhere,
S >= (2 n + 1)/s^2 - kappa on the complement of the first n.

The ground state g is compared with a combination q of norm 1: q = a g + e, e orthogonal to g, and
S e = S q =: r, so that |e| <= |r|/gamma.  Polynomials times e are bounded in turn, since

    <y^2j e, r> = |(y^j e)'|^2 - |(y^j)' e|^2 + <W y^j e, y^j e>        (localisation formula)

and therefore |y^(j+1) e|^2 <= s^2 |e| |y^2j r| + j^2 |y^(j-1) e|^2 + kappa s^2 |y^j e|^2.
"""

from __future__ import annotations

import math

import numpy as np
from attrs import frozen
from flint import arb, arb_mat, arb_poly
from numpy.polynomial import Polynomial

from mflverify.dynamics.line_basis import support
from mflverify.dynamics.spectral_section import Diagonalised, Section, norm
from mflverify.numerics.inertia import UndecidedSignError
from mflverify.numerics.line_tail import nonnegative_beyond

Vector = list[arb]


@frozen(eq=False)
class LineSection:
    """A species on the line: its diagonalised section, and q with bounds of |y^j e|.

    centre, width: c and s.  potential: U in powers of y.  ground: q in Hermite functions, padded.
    errors: bounds of |y^j e|, j = 0, 1, ...
    """

    centre: arb
    width: arb
    potential: arb_poly
    diagonal: Diagonalised
    ground: Vector
    errors: tuple[arb, ...]

    @staticmethod
    def of(potential: Polynomial, count: int, degree: int) -> LineSection:
        """With `count` Hermite functions; functions of at most `degree` will be asked about.

        Raises ValueError unless U is of even degree with a positive leading coefficient,
        UndecidedSignError when the section does not resolve the ground state.
        """
        centre, width, slack = _frame(potential, count)
        scaled = _in_powers(potential, centre, width)
        slope = scaled.derivative()
        well = (slope * slope * arb(0.25) - slope.derivative() * arb(0.5)) * width**-2
        own = potential.degree()
        reach = max(2 * own - 2, degree + own)
        identity = [[arb(int(i == j)) for i in range(count + reach)] for j in range(count)]
        image = [_schroedinger(well, width, unit) for unit in identity]
        tail = (2 * count + 1) / width**2 - slack
        diagonal = Diagonalised.of(Section(arb_mat(image).transpose(), tail))
        ground = [*diagonal.ground(), *([arb(0)] * reach)]
        rest = _schroedinger(well, width, ground)
        highest = degree + own
        wide = [*rest, *([arb(0)] * (2 * highest))]
        gamma = diagonal.gap()
        errors = [norm(rest) / gamma]
        if not errors[0] < 1:
            raise UndecidedSignError("the ground state is not resolved")
        for j in range(highest):
            pushed = norm(_applied(_power(2 * j), wide))
            square = width**2 * errors[0] * pushed + width**2 * abs(slack) * errors[j] ** 2
            if j:
                square += j**2 * errors[j - 1] ** 2
            errors.append(square.upper().sqrt())
        return LineSection(centre, width, scaled, diagonal, ground, tuple(errors))

    def source(self, function: Polynomial) -> tuple[Vector, arb]:
        """(psi - its mean) sqrt(mu_bar): coordinates, and a bound of their error."""
        scaled = _in_powers(function, self.centre, self.width)
        weighted, error = self._weighted(scaled)
        mean = sum((a * b for a, b in zip(weighted, self.ground, strict=True)), arb(0))
        # <psi g, g> - <psi q, q> = <psi g - psi q, g> + <psi q, g - q>
        first = self._distance
        shift = error + norm(weighted) * first
        values = [a - mean * b for a, b in zip(weighted, self.ground, strict=True)]
        return values, error + (abs(mean) + shift) * first + shift

    def target(self, function: Polynomial) -> tuple[Vector, arb]:
        """(L phi) sqrt(mu_bar): coordinates, and a bound of their error."""
        scaled = _in_powers(function, self.centre, self.width)
        first = scaled.derivative()
        image = (self.potential.derivative() * first - first.derivative()) * self.width**-2
        return self._weighted(image)

    def _weighted(self, polynomial: arb_poly) -> tuple[Vector, arb]:
        """A polynomial times q, and a bound of its distance from the polynomial times g."""
        values = _applied(polynomial, self.ground)
        moved = arb(0)
        for j in range(polynomial.degree() + 1):
            moved += abs(polynomial[j]) * self.errors[j]
        # q - g = e - (1 - a) g with 1 - a <= |e|^2, and a |p g| <= |p q| + |p e|
        lost = self.errors[0] ** 2
        return values, moved + lost * (norm(values) + moved) / (1 - lost)

    @property
    def _distance(self) -> arb:
        """A bound of |q - g|."""
        return self.errors[0] + self.errors[0] ** 2


def _frame(potential: Polynomial, count: int) -> tuple[arb, arb, arb]:
    """c, s and kappa: Hermite functions that suit U, exactly for degree 2."""
    coefficients = potential.trim().coef
    low, high = support(potential)
    if len(coefficients) == 3:
        curvature = 2 * arb(float(coefficients[2]))
        return -arb(float(coefficients[1])) / curvature, (2 / curvature).sqrt(), curvature / 2
    centre = (low + high) / 2
    width = (high - low) / 2 / math.sqrt(2 * count)
    first = potential.deriv()
    excess = Polynomial([-centre, 1.0]) ** 2 / width**4 - first**2 / 4 + first.deriv() / 2
    turning = excess.deriv().roots()
    real = turning.real[np.abs(turning.imag) < 1e-7 * (1 + np.abs(turning))]
    most = float(np.max(excess(real)))
    slack = arb(most + 1e-3 * (abs(most) + 1 / width**2))
    c, s = arb(centre), arb(width)
    exact = arb_poly([arb(float(x)) for x in coefficients])
    slope = exact.derivative()
    shifted = arb_poly([-c, 1])
    well = slope * slope * arb(0.25) - slope.derivative() * arb(0.5)
    rest = well - shifted * shifted * s**-4 + arb_poly([slack])
    if not _nonnegative(rest, centre, high - low):
        raise UndecidedSignError("the wells are not bounded from below")
    return c, s, slack


def _nonnegative(polynomial: arb_poly, centre: float, width: float) -> bool:
    """Proved: no negative value on the line; looked at on pieces in the middle."""
    ends = [centre - 2 * width, centre + 2 * width]
    if not all(
        nonnegative_beyond(polynomial, arb(end), sign)
        for end, sign in zip(ends, (-1, 1), strict=True)
    ):
        return False
    waiting = [(ends[0], ends[1])]
    while waiting:
        low, high = waiting.pop()
        middle, radius = (low + high) / 2, arb((high - low) / 2).upper()
        local = polynomial(arb_poly([arb(middle), 1]))
        least = local[0]
        for j in range(1, local.degree() + 1):
            least -= abs(local[j]) * radius**j
        if not least >= 0:
            if high - low < 1e-6 * width:
                return False
            waiting += [(low, middle), (middle, high)]
    return True


def _in_powers(function: Polynomial, centre: arb, width: arb) -> arb_poly:
    """The polynomial as one of y."""
    exact = arb_poly([arb(float(x)) for x in function.convert().trim().coef])
    return exact(arb_poly([centre, width]))


def _power(j: int) -> arb_poly:
    return arb_poly([*([0] * j), 1])


def _applied(polynomial: arb_poly, vector: Vector) -> Vector:
    """A polynomial of y times a function whose last entries, as many as its degree, are 0."""
    found = [arb(0)] * len(vector)
    for j in range(polynomial.degree(), -1, -1):
        found = _times_position(found)
        found = [a + polynomial[j] * b for a, b in zip(found, vector, strict=True)]
    return found


def _times_position(vector: Vector) -> Vector:
    """y times a function: y h_n = sqrt((n + 1)/2) h_(n+1) + sqrt(n/2) h_(n-1)."""
    size = len(vector)
    if not vector[-1].is_zero():
        raise ValueError("the product does not fit into the Hermite functions of the section")
    found = [arb(0)] * size
    for n, value in enumerate(vector):
        if value.is_zero():
            continue
        found[n + 1] += (arb(n + 1) / 2).sqrt() * value
        if n:
            found[n - 1] += (arb(n) / 2).sqrt() * value
    return found


def _schroedinger(well: arb_poly, width: arb, vector: Vector) -> Vector:
    """-f'' + W f; -d^2/dy^2 = 2 N + 1 - y^2 on Hermite functions."""
    inverse = width**-2
    total = _applied(well - arb_poly([0, 0, inverse]), vector)
    return [
        t + inverse * (2 * n + 1) * v for n, (t, v) in enumerate(zip(total, vector, strict=True))
    ]
