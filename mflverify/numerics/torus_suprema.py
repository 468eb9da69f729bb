"""Extrema of trigonometric polynomials on tori of any dimension, with exact rational ends.

One and two variables: `suprema` (branch and bound). More: with N_j points in the variable j, in
which p has the degree n_j, and any constant c, sup |p - c| is at most the largest |p - c| on the grid
over prod cos(pi n_j/N_j) (Ehlich and Zeller 1964, in one variable after another); the values on the
grid are balls. From below: the best grid point, moved by a local search in floats, evaluated in a
ball. The sum of the amplitudes bounds sup |p - mean| too, and is often attained.
"""

import math
from itertools import product

import numpy as np
from flint import arb, fmpq
from scipy.optimize import minimize

from mflverify.numerics.precision import working_precision
from mflverify.numerics.suprema import Bounds, matrix_maximum
from mflverify.numerics.torus_grid import TorusGrid
from mflverify.numerics.torus_polynomial import TorusPolynomial
from mflverify.numerics.trig import Coefficient

_BITS = 96
_FACTOR = 16
_MOST_POINTS = 1 << 17
_LEAST_FACTOR = 3
_STARTS = 3


def torus_maximum(p: TorusPolynomial) -> Bounds:
    """max of p over the torus; the gap is 1e-6 of max(|max|, osc) for d <= 2, and visible beyond.

    Exact (lower = upper) if the amplitudes are rational and attained together at quarter turns.
    """
    if not p.waves:
        return Bounds(fmpq(0), fmpq(0))
    if p.dimension <= 2:
        shape, flat = p.tensor()
        columns = shape[1] if p.dimension == 2 else 1
        return matrix_maximum([flat[i : i + columns] for i in range(0, len(flat), columns)])
    with working_precision(_BITS):
        upper = _upper(p.mean + sum((size for _, size in p.amplitudes()), fmpq(0)))
        turns = list(product((fmpq(0), fmpq(1, 4), fmpq(1, 2), fmpq(3, 4)), repeat=p.dimension))
        lower = max(_lower(value_at_turns(p, point)) for point in turns)
        if lower < upper:
            values, sizes = _grid(p)
            upper = min(upper, _from_grid(p, values, sizes))
            lower = max(lower, _searched(p, values, sizes))
    return Bounds(lower, upper)


def torus_minimum(p: TorusPolynomial) -> Bounds:
    """min of p over the torus; as `torus_maximum`."""
    bounds = torus_maximum(p.scaled(-1))
    return Bounds(-bounds.upper, -bounds.lower)


def torus_sup_norm(p: TorusPolynomial) -> Bounds:
    """sup |p| over the torus; as `torus_maximum`."""
    first, second = torus_maximum(p), torus_maximum(p.scaled(-1))
    return Bounds(max(first.lower, second.lower), max(first.upper, second.upper))


def value_at_turns(p: TorusPolynomial, point: tuple[fmpq, ...]) -> Coefficient:
    """p at the point 2 pi * `point`; exact at quarter turns, for rational coefficients."""
    total: Coefficient = fmpq(0)
    for k, a, b in p.waves:
        angle = 2 * sum((j * t for j, t in zip(k, point, strict=True)), fmpq(0))
        if (2 * angle).q == 1:
            quarter = int((2 * angle).p) % 4
            c, s = (1, 0, -1, 0)[quarter], (0, 1, 0, -1)[quarter]
        else:
            s, c = arb.sin_cos_pi_fmpq(angle)
        total = total + a * c + b * s
    return total


def _grid(p: TorusPolynomial) -> tuple[list[arb], list[int]]:
    """The values on a grid as fine as the budget allows, and its numbers of points."""
    degrees = p.degrees
    active = [n for n in degrees if n]
    factor = min(_FACTOR, int((_MOST_POINTS / math.prod(active)) ** (1 / len(active))))
    sizes = [max(factor, _LEAST_FACTOR) * n if n else 1 for n in degrees]
    grid = TorusGrid(tuple(sizes))
    return [v for index in range(grid.slabs) for v in grid.slab(p, index)], sizes


def _from_grid(p: TorusPolynomial, values: list[arb], sizes: list[int]) -> fmpq:
    high = max(v.upper().fmpq() for v in values)
    low = min(v.lower().fmpq() for v in values)
    centre = (high + low) / 2
    shrink = arb(1)
    for n, N in zip(p.degrees, sizes, strict=True):
        shrink *= (arb.pi() * n / N).cos()
    return (arb(centre) + arb(high - centre) / shrink).upper().fmpq()


def _searched(p: TorusPolynomial, values: list[arb], sizes: list[int]) -> fmpq:
    floats = np.array([float(v) for v in values])
    frequencies = np.array([k for k, _, _ in p.waves], dtype=float)
    a = np.array([float(arb(c)) for _, c, _ in p.waves])
    b = np.array([float(arb(c)) for _, _, c in p.waves])

    def negative(x: np.ndarray) -> tuple[float, np.ndarray]:
        c, s = np.cos(frequencies @ x), np.sin(frequencies @ x)
        return -float(a @ c + b @ s), (a * s - b * c) @ frequencies

    best = values[int(floats.argmax())].lower().fmpq()
    for index in np.argsort(-floats)[:_STARTS]:
        start = 2 * np.pi * np.array(np.unravel_index(index, sizes)) / np.array(sizes)
        found = minimize(negative, start, jac=True, method="BFGS").x / (2 * np.pi)
        point = tuple(arb(float(t)).fmpq() for t in found)
        best = max(best, _lower(value_at_turns(p, point)))
    return best


def _lower(value: Coefficient) -> fmpq:
    return value if isinstance(value, fmpq) else value.lower().fmpq()


def _upper(value: Coefficient) -> fmpq:
    return value if isinstance(value, fmpq) else value.upper().fmpq()
