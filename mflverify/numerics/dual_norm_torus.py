"""The squared dual norm on a torus of any dimension with density exp(-U)/Z, from both sides.

For every trigonometric polynomial psi, with r = f - L psi, L = -Laplace + grad U . grad:
* below (Galerkin, i.e. Dirichlet's principle): ||f||_{-1}^2 >= 2 <f, psi> - ||grad psi||^2;
* above (an admissible flux, Thomson's principle): with mu = w/Z and -Laplace h = r mu the field
  J = mu grad psi + grad h satisfies -div J = f mu, so
      ||f||_{-1}^2 <= int |J|^2/mu = 2 <f, psi> - ||grad psi||^2 + int |grad h|^2/mu,
  and int |grad h|^2 <= int (r mu)^2, since the Laplacian's gap is 1 on functions of mean zero.
psi is found in float64; both bounds are evaluated in balls by the tensor trapezoid rule.
"""

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from attrs import define, field, frozen
from flint import arb
from numpy.fft import fftn, ifftn

from mflverify.numerics.fourier_series import grid_size
from mflverify.numerics.integrand import Integrand, as_integrand, exp
from mflverify.numerics.precision import digits_to_bits, working_precision
from mflverify.numerics.torus_polynomial import TorusPolynomial
from mflverify.numerics.torus_quadrature import points_needed, torus_integrals
from mflverify.numerics.torus_suprema import torus_maximum

_DEGREES = (4, 6, 8, 10, 13, 16, 20, 26)
_GUARD_BITS, _GUARD_DIGITS = 32, 4
_LARGEST_BLOCK = 20_000
_ITERATIONS = 1000
_WIDEST_RANGE = 500
LinearMap: TypeAlias = Callable[[np.ndarray], np.ndarray]


@frozen
class TwoSided:
    """lower <= value <= upper, two exact numbers."""

    lower: arb
    upper: arb

    @property
    def ball(self) -> arb:
        """A ball that contains the whole interval."""
        return self.lower.union(self.upper)

    @property
    def relative_gap(self) -> float:
        """(upper - lower)/upper; 0 if the ends coincide."""
        gap = self.upper - self.lower
        return float((gap / self.upper).upper()) if gap > 0 else 0.0


def torus_dual_norm_squared(
    f: TorusPolynomial, potential: TorusPolynomial, relative_gap: float = 1e-8
) -> TwoSided:
    """||f||_{-1}^2 under exp(-U)/Z on the torus, U = `potential`, enclosed from both sides.

    The degree of psi grows until floats predict the relative gap, or its block of frequencies has
    20,000 entries; the enclosure is returned either way. Where narrow densities would need more than
    two million points for this gap, it is a larger one. f is centred: a mean that is a ball around
    zero is taken for zero. Raises ValueError if f is certainly not mean-zero, if the dimensions
    differ, if relative_gap is not between 1e-24 and 1, for potentials that vary by more than 500,
    and for densities so narrow that two million points do not even give the first digit.
    """
    if not 1e-24 <= relative_gap < 1:
        raise ValueError(f"relative_gap must be between 1e-24 and 1, got {relative_gap}")
    if f.dimension != potential.dimension:
        raise ValueError(f"dimensions differ: {f.dimension} and {potential.dimension}")
    # Refused before the work is done: the weight alone may need too many points.
    square = exp(-as_integrand(potential.plus(-potential.mean))) ** 2
    _affordable([square], relative_gap, math.log)
    galerkin = None
    for degree in _DEGREES:
        if galerkin is not None and (2 * degree + 1) ** f.dimension > _LARGEST_BLOCK:
            break
        galerkin = FloatGalerkin(f, potential, degree)
        if galerkin.predicted_gap < 0.3 * relative_gap:
            break
    assert galerkin is not None
    return two_sided(f, potential, galerkin.psi, galerkin.value, relative_gap)


def two_sided(
    f: TorusPolynomial,
    potential: TorusPolynomial,
    psi: TorusPolynomial,
    size: float,
    relative_gap: float,
) -> TwoSided:
    """Both bounds for this psi, whatever it is; quadrature errors below relative_gap * size, or what
    two million points give.

    size: the order of magnitude of the norm, 0 if it vanishes.
    """
    axes = range(f.dimension)
    # Relative to the mean of the weight, which is about exp(max -U) at most.
    shifted = potential.plus(-potential.mean)
    weight = exp(-as_integrand(shifted))
    greatest = arb(torus_maximum(shifted).upper).upper()  # sup 1/w = exp(max U)
    scale = max(size, 1e-30)
    slopes = [psi.derivative(axis) for axis in axes]
    change: Integrand = as_integrand(psi.laplacian())
    for slope, axis in zip(slopes, axes, strict=True):
        change = change - as_integrand(slope) * shifted.derivative(axis)

    def tolerance(gap: float) -> float:
        return math.log(scale) - _digits(gap) * math.log(10) - max(0.0, float(greatest))

    largest = (as_integrand(f) + change) ** 2 * weight * weight
    relative_gap = _affordable([largest], relative_gap, tolerance)
    log_tolerance = tolerance(relative_gap)
    bits = digits_to_bits(max(1, _digits(relative_gap)), _GUARD_BITS) + max(
        0, int(-math.log2(scale))
    )

    wave, total = as_integrand(f) * weight, as_integrand(1) * weight
    with working_precision(bits):
        mass, mean = torus_integrals([total, wave], log_tolerance, bits)
        if not mean.contains(0):
            raise ValueError(f"f must be mean-zero, its mean is {mean / mass}")
        # f is centred with the exact mean, which is known as a ball.
        centred = f.plus(-(mean / mass))
        energy: Integrand = as_integrand(centred) * as_integrand(psi.scaled(2))
        residual = as_integrand(centred) + change
        for slope in slopes:
            energy = energy - as_integrand(slope) ** 2
        low, excess = torus_integrals(
            [energy * weight, residual**2 * weight * weight], log_tolerance, bits
        )
        upper = low / mass + (excess * greatest.exp() / mass).upper().max(arb(0))
        return TwoSided((low / mass).lower(), upper.upper())


def _digits(relative_gap: float) -> int:
    return math.ceil(-math.log10(relative_gap)) + _GUARD_DIGITS


def _affordable(
    trees: list[Integrand], relative_gap: float, tolerance: Callable[[float], float]
) -> float:
    """The gap, or the least of 10, 100, ... times it that needs no more than two million points.

    tolerance: of the integrals, as a logarithm, for a gap; it has guard digits, so that a gap above 1
    still means a first digit.  Raises ValueError when none is left and more points are needed.
    """
    while True:
        try:
            points_needed(trees, tolerance(relative_gap))
        except ValueError:
            if _digits(relative_gap) < 1:
                raise
            relative_gap *= 10
        else:
            return relative_gap


@define(eq=False)
class FloatGalerkin:
    """The Galerkin solution of degree n, all |k_j| <= n, in float64.

    By conjugate gradients on Fourier coefficients, preconditioned by the Laplacian; products are
    formed on a grid of more than 3n points a side, so that they are not aliased.
    """

    f: TorusPolynomial
    potential: TorusPolynomial
    degree: int
    psi: TorusPolynomial = field(init=False)
    value: float = field(init=False)
    predicted_gap: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        d, n = self.f.dimension, self.degree
        extent = max(self.f.degrees + self.potential.degrees, default=0)
        N = grid_size(3 * n + 3 * extent + 6)
        k = np.fft.fftfreq(N, 1 / N)
        waves = np.meshgrid(*(k,) * d, indexing="ij")
        kept = np.all(np.abs(waves) <= n, axis=0)
        kept[(0,) * d] = False
        square = sum(w**2 for w in waves)
        U = grid_values(self.potential, N)
        if np.ptp(U) > _WIDEST_RANGE:
            raise ValueError(f"the potential varies by {np.ptp(U):.3g}, more than {_WIDEST_RANGE}")
        w = np.exp(-(U - U.min()))
        w /= w.mean()
        f = grid_values(self.f, N)
        f = f - (f * w).mean()

        def apply(c: np.ndarray) -> np.ndarray:
            fluxes = (fftn(w * ifftn(1j * q * c).real) for q in waves)
            return np.where(kept, -sum(1j * q * v for q, v in zip(waves, fluxes, strict=True)), 0)

        def precondition(c: np.ndarray) -> np.ndarray:
            # grad* w grad = sqrt(w) (-Laplace + W) sqrt(w), with a constant for W.
            inner = fftn(ifftn(c).real / root) / (square + 1)
            return np.where(kept, fftn(ifftn(inner).real / root), 0)

        root = np.sqrt(w)
        c = _conjugate_gradients(apply, np.where(kept, fftn(f * w), 0), precondition)
        values = ifftn(c).real
        gradient = [ifftn(1j * q * c).real for q in waves]
        slopes = [grid_values(self.potential.derivative(axis), N) for axis in range(d)]
        residual = f + ifftn(-square * c).real - sum(map(np.multiply, gradient, slopes))
        self.value = float(((2 * f * values - sum(g**2 for g in gradient)) * w).mean())
        excess = float((residual**2 * w**2).mean() / w.min())
        self.predicted_gap = excess / self.value if self.value > 0 else 0.0
        self.psi = self._polynomial(c / N**d, N)

    def _polynomial(self, c: np.ndarray, N: int) -> TorusPolynomial:
        d, n = self.f.dimension, self.degree
        modes = {}
        negligible = 1e-19 * np.abs(c).max()
        for index in np.argwhere(np.abs(c) > negligible):
            k = tuple(int(j) - N if j > n else int(j) for j in index)
            if k > (0,) * d:
                value = 2 * complex(c[tuple(index)])
                modes[k] = arb(value.real), arb(-value.imag)
        return TorusPolynomial(d, modes)


def _conjugate_gradients(apply: LinearMap, load: np.ndarray, precondition: LinearMap) -> np.ndarray:
    """The solution of a positive system, as far as float64 goes."""
    x = np.zeros_like(load)
    r = load
    z = precondition(r)
    p = z
    rho = first = np.vdot(r, z).real
    for _ in range(_ITERATIONS):
        if not rho > 1e-33 * first:
            break
        q = apply(p)
        step = rho / np.vdot(p, q).real
        x = x + step * p
        r = r - step * q
        z = precondition(r)
        rho, before = np.vdot(r, z).real, rho
        p = z + rho / before * p
    return x


def grid_values(p: TorusPolynomial, N: int) -> np.ndarray:
    """The values of p at the N^d points 2 pi j/N, in float64."""
    c = np.zeros((N,) * p.dimension, dtype=complex)
    for k, a, b in p.waves:
        half = complex(float(arb(a)), -float(arb(b))) / 2
        c[tuple(j % N for j in k)] += half
        c[tuple(-j % N for j in k)] += half.conjugate()
    return ifftn(c).real * N**p.dimension
