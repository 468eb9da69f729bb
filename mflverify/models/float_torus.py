"""Batches of float64 instances on one-dimensional tori: the arithmetic.

Functions and vector fields are arrays (batch, N) of values on N equispaced points of [0, 2 pi);
scalars are arrays (batch,).  Densities are normalised to mean 1 over the grid, so that the
integral of u against the equilibrium is the mean of u mu.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from mflverify.expr.sorts import Space
from mflverify.expr.terms import KernelSymbol
from mflverify.models import float_divergences, float_weights
from mflverify.models.convexity import float_convexity
from mflverify.models.request import Unavailable
from mflverify.models.slack import ROUND_UP, float_slack

Array = NDArray[np.floating]
Index = NDArray[np.integer]
Mask = NDArray[np.bool_]

GRID = 64
# how much finer the grid is on which a supremum in two variables is refined
FINER = 8
GALERKIN_MODES = 20
ROUND_DOWN = 1 - 1e-9


def grid(size: int = GRID) -> Array:
    """The points 2 pi k / size."""
    return np.arange(size) * (2 * np.pi / size)


def trig_basis(count: int, points: Array, derivative: int = 0) -> Array:
    """Values of 1, cos x, sin x, cos 2x, ... or a derivative of them; shape (count, len(points))."""
    rows = []
    for index in range(count):
        mode = (index + 1) // 2
        phase = derivative * np.pi / 2 + (0.0 if index % 2 or index == 0 else -np.pi / 2)
        scale = float(mode) ** derivative if mode else float(derivative == 0)
        rows.append(scale * np.cos(mode * points + phase))
    return np.asarray(rows, dtype=np.float64)


def differentiate(u: Array) -> Array:
    """Spectral derivative along the last axis; the Nyquist mode has none."""
    size = u.shape[-1]
    modes = np.arange(size // 2 + 1, dtype=float)
    modes[-1] = 0.0
    return np.fft.irfft(1j * modes * np.fft.rfft(u), size)


def antidifferentiate(u: Array) -> Array:
    """Mean-free antiderivative of the mean-free part, along the last axis."""
    size = u.shape[-1]
    modes = np.arange(size // 2 + 1, dtype=float)
    modes[0] = 1.0
    coefficients = np.fft.rfft(u) / (1j * modes)
    coefficients[..., 0] = 0.0
    coefficients[..., -1] = 0.0
    return np.fft.irfft(coefficients, size)


@frozen
class FloatTorus:
    """The operations on a batch.  densities: (batch, N) for each space, mean 1 over the grid."""

    densities: dict[Space, Array]
    size: int

    # ---------------------------------------------------------------------------- scalars

    def number(self, value: Fraction) -> Array:
        return np.full(self.size, float(value))

    def scalar_power(self, base: Array, exponent: Fraction) -> Array:
        if exponent.denominator == 1:
            with np.errstate(divide="ignore"):  # an instance without a value is left out later
                return base ** float(exponent) if exponent < 0 else base ** int(exponent)
        # squares of norms may come out as -1e-30
        return np.maximum(base, 0.0) ** float(exponent)

    def exp(self, x: Array) -> Array:
        return np.exp(x)

    def absolute(self, x: Array) -> Array:
        return np.abs(x)

    def extremum(self, which: str, xs: list[Array]) -> Array:
        return np.max(xs, axis=0) if which == "max" else np.min(xs, axis=0)

    # ------------------------------------------------------------------- functions and fields

    def add(self, u: Array, v: Array) -> Array:
        return u + v

    def scale(self, c: Array, u: Array) -> Array:
        return c[:, None] * u

    def times(self, u: Array, v: Array) -> Array:
        return u * v

    def one(self, space: Space) -> Array:
        return np.ones_like(self.densities[space])

    def grad(self, space: Space, u: Array) -> Array:
        return differentiate(u)

    def grad_adjoint(self, space: Space, phi: Array) -> Array:
        mu = self.densities[space]
        return -differentiate(mu * phi) / mu

    def gradient_of_inverse(self, space: Space, u: Array) -> Array:
        """grad L^-1 u = flux/mu; the flux's constant is fixed by periodicity of L^-1 u."""
        mu = self.densities[space]
        flux = -antidifferentiate(mu * u)
        constant = -np.mean(flux / mu, axis=1) / np.mean(1 / mu, axis=1)
        return (flux + constant[:, None]) / mu

    def generator_inverse(self, space: Space, u: Array) -> Array:
        return self.center(space, antidifferentiate(self.gradient_of_inverse(space, u)))

    def projector(self, space: Space, phi: Array) -> Array:
        mu = self.densities[space]
        constant = np.mean(phi, axis=1) / np.mean(1 / mu, axis=1)
        return phi - constant[:, None] / mu

    def center(self, space: Space, u: Array) -> Array:
        return u - self._mean(space, u)[:, None]

    def _mean(self, space: Space, u: Array) -> Array:
        return np.mean(u * self.densities[space], axis=1)

    def inner(self, space: Space, u: Array, v: Array) -> Array:
        return self._mean(space, u * v)

    def dual_square(self, space: Space, u: Array) -> Array:
        gradient = self.gradient_of_inverse(space, u)
        return self.inner(space, gradient, gradient)

    def sup(self, space: Space, u: Array) -> Array:
        """Maximum of |u| on a four times finer grid, refined by a parabola through the peak."""
        fine = np.abs(np.fft.irfft(np.fft.rfft(u), 4 * u.shape[1]) * 4)
        index = np.argmax(fine, axis=1)
        rows = np.arange(len(fine))
        left, top, right = (fine[rows, (index + k) % fine.shape[1]] for k in (-1, 0, 1))
        bend = left - 2 * top + right
        safe = np.where(bend < 0, bend, -1.0)
        return np.where(bend < 0, top - (right - left) ** 2 / (8 * safe), top)

    def at_point(self, space: Space, u: Array, point: Array) -> Array:
        """Value at an angle, by Fourier interpolation."""
        size = u.shape[1]
        coefficients = np.fft.rfft(u) / size
        coefficients[:, 1:-1] *= 2
        modes = np.arange(size // 2 + 1)
        return np.real(np.sum(coefficients * np.exp(1j * modes * point[:, None]), axis=1))

    def point_distance(self, space: Space, x: Array, y: Array) -> Array:
        """The arc length between two angles."""
        angle = np.mod(x - y, 2 * np.pi)
        return np.minimum(angle, 2 * np.pi - angle)

    # ------------------------------------------------------------------------------- kernels

    def apply(self, kernel: tuple[KernelSymbol, Array], u: Array, *, transposed: bool) -> Array:
        return self._applied(kernel, u, transposed, derivative=0)

    def kernel_along(
        self, kernel: tuple[KernelSymbol, Array], phi: Array, *, transposed: bool
    ) -> Array:
        return self._applied(kernel, phi, transposed, derivative=1)

    def _applied(
        self, kernel: tuple[KernelSymbol, Array], u: Array, transposed: bool, derivative: int
    ) -> Array:
        """The integral of u times a derivative of the kernel in its second variable."""
        symbol, matrix = kernel
        source = symbol.target if transposed else symbol.source
        matrix = np.swapaxes(matrix, 1, 2) if transposed else matrix
        points = grid(u.shape[1])
        rows, columns = matrix.shape[1:]
        waves = trig_basis(columns, points, derivative)
        moments = (u * self.densities[source]) @ waves.T / u.shape[1]
        return np.einsum("bij,bj->bi", matrix, moments) @ trig_basis(rows, points)

    def first_eigenfunction(self, space: Space) -> Array:
        """cos x, on uniform circles."""
        if np.any(np.abs(self.densities[space] - 1) > 1e-12):
            raise Unavailable(f"an eigenfunction where the equilibrium of {space} is not uniform")
        return np.cos(grid()) + 0 * self.densities[space]

    def advection(self, space: Space, phi: Array, psi: Array) -> Array:
        return phi * differentiate(psi)

    def divergence(self, space: Space, phi: Array) -> Array:
        return differentiate(phi)

    def score(self, space: Space) -> Array:
        return -differentiate(np.log(self.densities[space]))

    def jacobian_square(self, space: Space, phi: Array) -> Array:
        return differentiate(phi) ** 2

    def curvature(self, space: Space, phi: Array) -> Array:
        return -differentiate(differentiate(np.log(self.densities[space]))) * phi**2

    def curvature_bound(self, space: Space) -> Array:
        """The least value on a fine grid, lowered by more than what may lie between its points."""
        bend = differentiate(differentiate(-np.log(self.densities[space])))
        fine = float_divergences.refined(bend)
        return np.min(fine, axis=1) - 1e-4 * np.ptp(fine, axis=1)

    def convexity(
        self, space: Space, temperature: Array, kernels: list[tuple[KernelSymbol, Array]]
    ) -> Array:
        """Galerkin's value in the functions cos x, sin x, ..., made mean-zero.

        Without kernels: with Psi = Phi sqrt(mu) the form ||grad* Phi||^2 is that of
        -d^2 + U'^2/4 + U''/2 beside its zero mode mu^(-1/2), whose gap is that of the density 1/mu.
        """
        mu, points = self.densities[space], grid()
        if not kernels:
            return temperature * _gap(1 / mu)
        waves = trig_basis(2 * GALERKIN_MODES + 1, points)[1:]
        states = np.array([self.center(space, w + 0 * mu) for w in waves])
        slopes = np.array([self.gradient_of_inverse(space, f) for f in states])
        states, slopes = np.moveaxis(states, 0, 1), np.moveaxis(slopes, 0, 1)
        weighted = states * mu[:, None] / GRID
        form = temperature[:, None, None] * weighted @ np.swapaxes(states, 1, 2)
        for _, matrix in kernels:
            moments = weighted @ trig_basis(matrix.shape[1], points).T
            form = form + moments @ matrix @ np.swapaxes(moments, 1, 2)
        metric = (slopes * mu[:, None] / GRID) @ np.swapaxes(slopes, 1, 2)
        return float_convexity((form + np.swapaxes(form, 1, 2)) / 2, metric)

    def kernel_slice(
        self,
        kernel: tuple[KernelSymbol, Array],
        point: Array,
        direction: Array,
        *,
        transposed: bool,
    ) -> Array:
        symbol, matrix = kernel
        source = symbol.target if transposed else symbol.source
        matrix = np.swapaxes(matrix, 1, 2) if transposed else matrix
        rows, columns = matrix.shape[1:]
        size = self.densities[source].shape[1]
        slope = trig_basis(rows, point, derivative=1).T * direction[:, None]
        return np.einsum("bi,bij->bj", slope, matrix) @ trig_basis(columns, grid(size))

    def reciprocal(self, space: Space, u: Array) -> Array:
        return 1 / u

    def weighted_poincare(self, space: Space, weight: Array) -> Array:
        return float_weights.weighted_poincare(self.densities[space], weight)

    def weighted_convexity(self, space: Space, weight: Array) -> Array:
        return float_weights.weighted_convexity(self.densities[space], weight)

    def mixed_sup(self, kernel: tuple[KernelSymbol, Array]) -> Array:
        """sup |d_x d_y k|: the largest value on a coarse grid, refined on a fine one around it, over
        cos(n h/2)^2 with h the fine spacing and n the degree.

        A trigonometric polynomial of degree n falls by at most cos(n d) within distance d of its
        maximum, so this is an upper bound when the coarse grid found the right peak; it
        overestimates by less than 1e-3.
        """
        return _peaks(kernel[1], 1, 1)

    def mixed_square(self, kernel: tuple[KernelSymbol, Array]) -> Array:
        symbol, matrix = kernel
        grams = [
            self._slope_gram(space, count)
            for space, count in zip((symbol.target, symbol.source), matrix.shape[1:], strict=True)
        ]
        return np.einsum("bij,bkl,bik,bjl->b", matrix, matrix, *grams, optimize=True)

    def _slope_gram(self, space: Space, count: int) -> Array:
        mu = self.densities[space]
        slopes = trig_basis(count, grid(mu.shape[1]), derivative=1)
        return (slopes * mu[:, None]) @ slopes.T / mu.shape[1]

    def variation_sup(
        self, kernel: tuple[KernelSymbol, Array], strength: Array, form: Array, derivatives: int
    ) -> Array:
        """sup over measures and points of the second variation, as `mixed_sup`: at either end of the
        range of the moment <form, mu>, since it is convex in that."""
        first, second = (1, 1) if derivatives == 2 else (0, derivatives)
        variations = self._variations(kernel, strength, form)
        return np.max([_peaks(m, first, second) for m in variations], axis=0)

    def variation_slack(
        self, kernel: tuple[KernelSymbol, Array], strength: Array, form: Array
    ) -> Array:
        """The largest slack over all measures: at either end too."""
        matrices = self._variations(kernel, strength, form)
        return np.max([float_slack([(kernel[0], m)], self._gram, {}) for m in matrices], axis=0)

    def _variations(
        self, kernel: tuple[KernelSymbol, Array], strength: Array, form: Array
    ) -> list[Array]:
        """The kernels k + c m phi phi at the ends of the range of m = <phi, mu> - <phi, mu_bar>."""
        symbol, matrix = kernel
        count = matrix.shape[1]
        waves = np.fft.rfft(form) / form.shape[1]
        pairs = np.stack([2 * waves.real, -2 * waves.imag], axis=2).reshape(len(form), -1)
        coefficients = np.concatenate([waves.real[:, :1], pairs[:, 2:]], axis=1)
        degree = int(np.max(np.flatnonzero(np.abs(coefficients).max(axis=0) > 1e-12), initial=0))
        size = max(count, degree + 1 + degree % 2)
        full = np.zeros((len(form), size, size))
        full[:, :count, :count] = matrix
        phi = coefficients[:, :size]
        fine = float_divergences.refined(form, FINER * FINER)
        centred = fine - self._mean(symbol.source, form)[:, None]
        # a peak between two points is higher by at most h^2/8 sup |phi''|
        bend = np.abs(centred).max(axis=1) * ((size // 2) * np.pi / fine.shape[1]) ** 2 / 2
        ends = centred.min(axis=1) - bend, centred.max(axis=1) + bend
        rank = phi[:, :, None] * phi[:, None, :]
        return [full + (strength * m)[:, None, None] * rank for m in ends]

    def slack(
        self,
        kernels: list[tuple[KernelSymbol, Array]],
        weights: Mapping[Space, Array],
        shifts: Mapping[Space, Array] = MappingProxyType({}),
    ) -> Array:
        return float_slack(kernels, self._gram, weights, shifts)

    def _gram(self, space: Space, count: int) -> Array:
        density = self.densities[space]
        waves = trig_basis(count + 1, grid(density.shape[1]))[1:]
        means = density @ waves.T / density.shape[1]
        second = np.einsum("ix,bx,jx->bij", waves, density, waves, optimize=True)
        return second / density.shape[1] - means[:, :, None] * means[:, None, :]

    def spectral_norm(self, rows: list[list[Array]]) -> Array:
        matrix = np.array([[entry * np.ones(self.size) for entry in row] for row in rows])
        return np.linalg.norm(np.moveaxis(matrix, 2, 0), 2, axis=(1, 2)) * ROUND_UP

    def poincare(self, space: Space) -> Array:
        """The spectral gap, rounded down by 1e-9: least non-zero eigenvalue of the conjugated
        operator -d^2 + U'^2/4 - U''/2 in 2m+1 Fourier modes."""
        return _once_each(_gap, self.densities[space])

    # ------------------------------------------------------------------ densities 1 + f

    def gibbs(self, space: Space, u: Array) -> Array:
        weight = np.exp(-(u - u.min(axis=1, keepdims=True)))
        return weight / self._mean(space, weight)[:, None]

    def log(self, space: Space, density: Array) -> Array:
        return float_divergences.logarithm(density)

    def entropy_rate(self, space: Space, p: Array, q: Array, change: Array) -> Array:
        return float_divergences.entropy_rate(self.densities[space], p, q, change)

    def relative_entropy(self, space: Space, p: Array, q: Array) -> Array:
        return float_divergences.relative_entropy(self.densities[space], p, q)

    def fisher_information(self, space: Space, p: Array, q: Array) -> Array:
        return float_divergences.fisher_information(self.densities[space], p, q, differentiate)

    def wasserstein(self, space: Space, p: Array, q: Array) -> Array:
        return float_divergences.wasserstein(self.densities[space], p, q)

    def mean_absolute(self, space: Space, u: Array) -> Array:
        return float_divergences.mean_absolute(self.densities[space], u)

    def lebesgue_norm(self, space: Space, p: Array, exponent: Array) -> Array:
        return float_divergences.lebesgue_norm(self.densities[space], p, exponent)

    def log_sobolev(self, space: Space, reference: Array | None) -> Array:
        mu = self.densities[space]
        return float_divergences.log_sobolev(mu if reference is None else mu * reference)


def _once_each(function: Callable[[Array], Array], rows: Array) -> Array:
    """The values of a function of single rows, computed once for rows that are the same.

    Most rows of a batch of differences differ from the first in one other symbol only.
    """
    flat = np.ascontiguousarray(rows).reshape(len(rows), -1)
    bytes_ = flat.view(np.dtype((np.void, flat.itemsize * flat.shape[1]))).ravel()
    _, first, which = np.unique(bytes_, return_index=True, return_inverse=True)
    return function(rows[first])[which]


def _gap(mu: Array) -> Array:
    root = np.sqrt(mu)
    well = differentiate(differentiate(root)) / root
    size, half = mu.shape[1], 14
    modes = np.arange(-half, half + 1)
    coefficients = np.fft.fft(well) / size
    matrix = coefficients[:, (modes[:, None] - modes[None, :]) % size]
    matrix = matrix + np.diag(modes.astype(float) ** 2)
    gaps = np.asarray(np.linalg.eigvalsh(matrix)[:, 1], dtype=np.float64)
    return gaps * ROUND_DOWN


def positive_density(potential: Array) -> Array:
    """exp(-U) on the grid, mean 1.  potential: (batch, N).  Raises Unavailable when not finite."""
    weight = np.exp(-(potential - potential.min(axis=1, keepdims=True)))
    if not np.all(np.isfinite(weight)) or np.any(weight <= 0):
        raise Unavailable("the density under- or overflows in float64")
    return weight / weight.mean(axis=1, keepdims=True)


@lru_cache(maxsize=64)
def _waves(count: int, size: int, derivative: int) -> Array:
    """Derivatives of 1, cos x, sin x, ... on `size` points, shape (size, count); read-only."""
    table = np.ascontiguousarray(trig_basis(count, grid(size), derivative).T)
    table.flags.writeable = False
    return table


def _peaks(matrices: Array, first: int, second: int) -> Array:
    """`_peak` of any number of matrices, in blocks that fit the cache."""

    def of(matrix: Array) -> Array:
        blocks = range(0, len(matrix), 64)
        return np.concatenate([_peak(matrix[i : i + 64], first, second) for i in blocks])

    return _once_each(of, matrices)


def _peak(matrix: Array, first: int, second: int) -> Array:
    """sup |d_x^first d_y^second k| of a block of coefficient matrices, shape (block, rows, columns)."""
    rows, columns = matrix.shape[1:]
    table = np.abs(_waves(rows, GRID, first) @ matrix @ _waves(columns, GRID, second).T)
    peak = table.reshape(len(matrix), -1).argmax(axis=1)
    # all points of the fine grid around the coarse one that was highest
    fine = FINER * GRID
    offsets = np.arange(-FINER, FINER + 1)
    near_x = (peak[:, None] // GRID * FINER + offsets) % fine
    near_y = (peak[:, None] % GRID * FINER + offsets) % fine
    left, right = _waves(rows, fine, first)[near_x], _waves(columns, fine, second)[near_y]
    table = np.abs(left @ matrix @ np.swapaxes(right, 1, 2))
    degree = max(rows // 2, columns // 2)
    return table.max(axis=(1, 2)) / np.cos(degree * np.pi / fine) ** 2
