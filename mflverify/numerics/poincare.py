"""Poincare constants alpha (spectral gaps): alpha Var(g) <= int |grad g|^2 dmu, best possible.

On a torus the generator is conjugated to a Schroedinger operator whose eigenvalues are counted in a
Fourier basis (`torus_spectrum`, `fourier_block`); on the line and on intervals eigenvalues are
counted by shooting (`line_spectrum`, `sturm`). Both bounds are theorems; nothing is extrapolated.
The torus has period 2 pi, so the uniform measure has alpha = 1.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction

import numpy as np
from flint import acb, arb
from numpy.typing import ArrayLike, NDArray

from mflverify.numerics.density import (
    Gaussian,
    LogPolynomialDensity,
    LogTrigDensity,
    TrigDensity,
    UniformTorus,
)
from mflverify.numerics.fourier_block import FourierCoefficients, Mode, schroedinger_potential
from mflverify.numerics.line_spectrum import as_ball, interval_eigenvalues, line_eigenvalues
from mflverify.numerics.precision import digits_to_bits, working_precision
from mflverify.numerics.spectral_densities import (
    Laplace,
    LogPolynomialInterval,
    LogTrigTorus,
    ProductMeasure,
    SechPower,
    SpectralDensity,
    Triangular,
    UniformInterval,
)
from mflverify.numerics.spectral_enclosure import Enclosure, exact_value
from mflverify.numerics.torus_spectrum import ApproximatePotential, torus_eigenvalues
from mflverify.numerics.trig_torus import (
    exact_coefficients,
    fourier_coefficients,
    rational_potential,
)

_PRODUCT_THEOREM = "tensorisation: the gap of a product is the least gap of its factors"


def poincare_constant(density: SpectralDensity, *, digits: int = 12) -> Enclosure:
    """A two-sided enclosure of alpha of relative width at most 10**-digits.

    Closed forms: uniform torus, Gaussian, uniform interval, Laplace and sech powers (where alpha
    may be the edge of the continuous spectrum and not attained), triangular. Theorems otherwise:
    torus: inertia of a Fourier block with a bounded tail; line: Sturm counts with Neumann
    bracketing below (Chen-Wang, Veysseire) and Dirichlet bracketing above; product: the minimum.

    `digits` between 1 and 100; in two dimensions 6 is quick. The result's `theorem` names what
    proves it. Raises ValueError for another digits or density, NotEnclosedError if the width is
    not reached.
    """
    _check_digits(digits)
    match density:
        case ProductMeasure(factors=factors):
            parts = [poincare_constant(factor, digits=digits) for factor in factors]
            with working_precision(digits_to_bits(digits, 64)):
                lower, upper = parts[0].lower, parts[0].upper
                for part in parts[1:]:
                    lower, upper = lower.min(part.lower), upper.min(part.upper)
                theorems = "; ".join(dict.fromkeys(part.theorem for part in parts))
                return Enclosure(
                    lower, upper, "least of the factors", f"{_PRODUCT_THEOREM}; {theorems}"
                )
        case SechPower(exponent=exponent, scale=scale):
            return _sech_power(exponent, scale, digits)
        case Laplace(scale=scale):
            with working_precision(digits_to_bits(digits, 64)):
                value = as_ball(1 / (4 * scale**2))
                return exact_value(value, "Muckenhoupt; 1/(4 s^2) is the edge of the continuum")
        case Triangular(half_width=half_width):
            return _triangular(half_width, digits)
        case _:
            return spectrum_enclosures(density, 1, digits=digits)[0]


def spectrum_enclosures(
    density: SpectralDensity, count: int, *, digits: int = 12
) -> list[Enclosure]:
    """The first `count` non-zero eigenvalues of L = -Laplace + grad U . grad, with multiplicity.

    Increasing; each of relative width at most 10**-digits, by the theorems of `poincare_constant`.
    Eigenvalues of a cluster have overlapping enclosures, each valid for its own index.
    Raises ValueError for a density without a discrete spectrum here (sech powers, Laplace,
    triangular, products), digits not in 1..100 or count < 1; NotEnclosedError as above.
    """
    _check_digits(digits)
    if count < 1:
        raise ValueError(f"count must be at least 1: {count}")
    match density:
        case UniformTorus(dimension=dimension):
            values = _sums_of_squares(dimension, count)
            return [exact_value(arb(v), "eigenvalues |k|^2 of the torus") for v in values]
        case LogTrigDensity(potential=potential):
            return _torus(lambda: fourier_coefficients(potential), count, digits)
        case LogTrigTorus(potential=modes):
            return _torus(lambda: _torus_coefficients(modes), count, digits)
        case TrigDensity(values=values):
            return torus_eigenvalues(
                lambda attempt: rational_potential(values, digits, attempt), count, digits
            )
        case Gaussian(variance=variance):
            with working_precision(digits_to_bits(digits, 64)):
                gap = 1 / as_ball(exact_coefficients((variance,))[0])
                theorem = "Hermite polynomials: eigenvalues j/sigma^2"
                return [exact_value(j * gap, theorem) for j in range(1, count + 1)]
        case LogPolynomialDensity(coefficients=coefficients):
            potential = exact_coefficients(coefficients)
            if len(potential) == 3:
                return spectrum_enclosures(
                    Gaussian(-potential[1] / (2 * potential[2]), 1 / (2 * potential[2])),
                    count,
                    digits=digits,
                )
            return line_eigenvalues(potential, count, digits)
        case UniformInterval(lower=lower, upper=upper):
            with working_precision(digits_to_bits(digits, 64)):
                gap = (arb.pi() / as_ball(upper - lower)) ** 2
                theorem = "cosines: eigenvalues (j pi/(b - a))^2"
                return [exact_value(j * j * gap, theorem) for j in range(1, count + 1)]
        case LogPolynomialInterval(coefficients=coefficients, lower=lower, upper=upper):
            return interval_eigenvalues(coefficients, lower, upper, count, digits)
        case _:
            raise ValueError(f"density has no spectrum that is enclosed here: {density!r}")


def _check_digits(digits: int) -> None:
    if not 1 <= digits <= 100:
        raise ValueError(f"digits must be between 1 and 100: {digits}")


def _torus(
    potential: Callable[[], FourierCoefficients], count: int, digits: int
) -> list[Enclosure]:
    return torus_eigenvalues(
        lambda _: ApproximatePotential(schroedinger_potential(potential()), arb(0)), count, digits
    )


def _torus_coefficients(modes: Mapping[Mode, tuple[Fraction, Fraction]]) -> dict[Mode, acb]:
    result: dict[Mode, acb] = {}
    for k, (a, b) in modes.items():
        opposite = tuple(-i for i in k)
        half = acb(as_ball(a) / 2, -as_ball(b) / 2)
        result[k] = result.get(k, acb(0)) + half
        result[opposite] = result.get(opposite, acb(0)) + half.conjugate()
    return result


def _sums_of_squares(dimension: int, count: int) -> list[int]:
    """The `count` smallest non-zero |k|^2, k in Z^dimension, with multiplicity."""
    radius = 1
    while (2 * radius + 1) ** dimension <= count + 1 or radius * radius < count:
        radius += 1
    axis = np.arange(-radius, radius + 1) ** 2
    total = axis
    for _ in range(dimension - 1):
        total = np.add.outer(total, axis).ravel()
    return [int(v) for v in np.sort(total)[1 : count + 1]]


def _sech_power(exponent: Fraction, scale: Fraction, digits: int) -> Enclosure:
    """Poeschl-Teller: s = exponent/2; eigenvalues s^2 - (s - j)^2 for j < s, continuum from s^2."""
    s = exponent / 2
    gap = 2 * s - 1 if s > 1 else s * s
    with working_precision(digits_to_bits(digits, 64)):
        attained = "an eigenvalue" if s > 1 else "the edge of the continuum, not attained"
        return exact_value(as_ball(gap / scale**2), f"Poeschl-Teller potential; {attained}")


def _triangular(half_width: Fraction, digits: int) -> Enclosure:
    """j_{0,1}^2/h^2: on each half the problem is radial on a disc; odd functions vanish at 0.

    J_0 is decreasing on (0, 3.8) (its derivative -J_1 has no zero there), so one change of sign
    isolates j_{0,1}; even functions give j_{1,1}, which is larger.
    """
    with working_precision(digits_to_bits(digits, 64)):
        low, high = arb(2), arb(3)
        for _ in range(digits_to_bits(digits, 8)):
            middle = ((low + high) / 2).mid()
            value = middle.bessel_j(0)
            if value > 0:
                low = middle
            elif value < 0:
                high = middle
            else:
                break
        scale = as_ball(half_width)
        return Enclosure(
            (low / scale) ** 2, (high / scale) ** 2, "bisection in balls", "Bessel's J_0"
        )


def poincare_constant_float(potential_coefficients: ArrayLike, *, cutoff: int = 0) -> NDArray:
    """alpha of exp(-U)/Z on the circle for a batch of potentials, in float64: not certified.

    `potential_coefficients` of shape (B, 2m): row a_1..a_m, b_1..b_m of
    U(x) = sum_k a_k cos kx + b_k sin kx; result of shape (B,). The second eigenvalue of the
    Fourier-Galerkin matrix of -d^2 + U'^2/4 - U''/2 with |k| <= cutoff (0: chosen from the size of
    the potential). Absolute error about 1e-13 cutoff^2: useless for exponentially small gaps.
    Raises ValueError for another shape, values that are not finite or a negative cutoff.
    """
    given = np.asarray(potential_coefficients, dtype=np.float64)
    if given.ndim != 2 or given.shape[1] % 2 or given.shape[1] == 0:
        raise ValueError(f"potential_coefficients must have shape (B, 2m): {given.shape}")
    if not np.isfinite(given).all():
        raise ValueError("potential_coefficients must be finite: some are not")
    if cutoff < 0:
        raise ValueError(f"cutoff must not be negative: {cutoff}")
    degree = given.shape[1] // 2
    k = np.arange(1, degree + 1)
    half = (given[:, :degree] - 1j * given[:, degree:]) / 2
    slope = np.zeros((len(given), 2 * degree + 1), dtype=complex)  # modes -m..m of U'
    slope[:, degree + 1 :] = 1j * k * half
    slope[:, :degree] = np.conj(slope[:, :degree:-1])
    width = 2 * degree
    potential = np.zeros((len(given), 2 * width + 1), dtype=complex)
    for row in range(len(given)):
        potential[row] = np.convolve(slope[row], slope[row]) / 4
    wave = np.arange(-degree, degree + 1)
    potential[:, degree : 3 * degree + 1] -= 1j * wave * slope / 2
    size = float(np.abs(potential).sum(axis=1).max(initial=0.0))
    n = cutoff or int(np.ceil(np.sqrt(2 * size))) + 5 * width
    difference = np.subtract.outer(np.arange(-n, n + 1), np.arange(-n, n + 1))
    inside = np.abs(difference) <= width
    matrix = np.where(inside, potential[:, np.clip(difference, -width, width) + width], 0)
    matrix = matrix + np.diag(np.arange(-n, n + 1.0) ** 2)
    return np.linalg.eigvalsh(matrix)[:, 1]
