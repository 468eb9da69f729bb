"""The squared dual norm ||f||_{-1}^2 = <f, L^{-1} f> of a mean-zero density perturbation.

L = grad* grad in L^2(mu), mu a probability. Exact (rational) for trigonometric polynomials on the
uniform torus of any dimension and for polynomials under a Gaussian; balls otherwise. Tori of higher
dimension that are not uniform are in `dual_norm_torus`.

On the one-dimensional torus, if G' = f w for the weight w = Z mu, then grad L^{-1} f = (c - G)/w with
the constant that periodicity fixes, so ||f||_{-1}^2 = (1/Z) min_c int (G - c)^2 / w dx.

On the line: for every psi, with r = f - L psi,
    ||f||_{-1}^2 = 2 <f, psi> - ||psi'||^2 + ||r||_{-1}^2,   0 <= ||r||_{-1}^2 <= ||r||^2 / alpha,
(expand <f - L psi, L^{-1}(f - L psi)>, and the Poincare inequality). Under a Gaussian with psi the
truncated Hermite expansion, alpha may be replaced by the first eigenvalue that is left out.
"""

from collections.abc import Mapping
from typing import TypeAlias

from flint import arb, arb_mat, fmpq, fmpq_poly

from mflverify.numerics.density import (
    Density,
    Gaussian,
    LogPolynomialDensity,
    LogTrigDensity,
    TrigDensity,
    UniformTorus,
)
from mflverify.numerics.fourier_series import FourierSeries, fourier_series
from mflverify.numerics.integrand import (
    Constant,
    Convertible,
    Integrand,
    Polynomial,
    Sum,
    Trigonometric,
    as_integrand,
)
from mflverify.numerics.line_quadrature import WeightedLine
from mflverify.numerics.poincare import poincare_constant
from mflverify.numerics.precision import digits_to_bits, working_precision
from mflverify.numerics.trig import Coefficient, Number, TrigPolynomial, as_coefficient

_ATTEMPTS = 5
_HERMITE_STEP, _HERMITE_LIMIT = 16, 512
_GALERKIN_DEGREES = (8, 16, 32, 48, 64, 96)

Modes: TypeAlias = Mapping[tuple[int, ...], tuple[Number, Number]]
"""{k: (a, b)} for the sum of a cos(k.x) + b sin(k.x); k and -k are the same frequency."""


def dual_norm_squared(f: Convertible, density: Density, digits: int = 30) -> Coefficient:
    """||f||_{-1}^2 in L^2(density), in one dimension; about `digits` correct digits as a ball.

    f is a trigonometric polynomial or any periodic analytic integrand on the torus; on the line a
    polynomial, or (Gaussian) a sum of polynomials times exponentials of at most quadratic ones.
    Rational results are exact. Raises ValueError if f is certainly not mean-zero or is of a kind
    not listed. A mean that is a ball around zero is taken for zero: f is centred.
    """
    tree = as_integrand(f)
    if density.dimension != 1:
        raise ValueError(f"density must be one-dimensional here, got {density}")
    match density, tree:
        case UniformTorus(), Trigonometric(p):
            return _uniform_circle(p)
        case ((UniformTorus() | LogTrigDensity() | TrigDensity()), _):
            return _refined(tree, density, digits)
        case Gaussian(), (Polynomial() | Constant()):
            return hermite_dual_norm_squared(_polynomial(tree), density)
        case Gaussian(), _:
            return _hermite_series(tree, density, digits)
        case LogPolynomialDensity(), (Polynomial() | Constant()):
            return _line_galerkin(_polynomial(tree), density, digits)
    raise ValueError(f"no dual norm is known for {tree} under {density}")


def _polynomial(tree: Integrand) -> fmpq_poly:
    match tree:
        case Polynomial(coefficients):
            return fmpq_poly(list(coefficients))
        case Constant(value) if isinstance(value, fmpq):
            return fmpq_poly([value])
    raise ValueError(f"f must be a polynomial with rational coefficients, got {tree}")


def _require_mean_zero(mean: Coefficient) -> None:
    if not arb(mean).contains(0):
        raise ValueError(f"f must be mean-zero, its mean is {mean}")


def uniform_dual_norm_squared(modes: Modes) -> Coefficient:
    """sum (a_k^2 + b_k^2)/(2 |k|^2) on the uniform torus of any dimension; exact for rationals.

    Raises ValueError if the zero mode does not vanish or the keys have different lengths.
    """
    if len({len(k) for k in modes}) > 1:
        raise ValueError(f"all frequencies must have the same length, got {list(modes)}")
    total: Coefficient = fmpq(0)
    merged: dict[tuple[int, ...], tuple[Coefficient, Coefficient]] = {}
    for k, (a, b) in modes.items():
        a, b = as_coefficient(a), as_coefficient(b)
        if not any(k):
            _require_mean_zero(a)
            continue
        opposite = tuple(-i for i in k)
        if opposite in merged:
            k, b = opposite, -b
        first, second = merged.get(k, (fmpq(0), fmpq(0)))
        merged[k] = first + a, second + b
    for k, (a, b) in merged.items():
        total += (a * a + b * b) / (2 * sum(i * i for i in k))
    return total


def _uniform_circle(p: TrigPolynomial) -> Coefficient:
    return uniform_dual_norm_squared({(k,): p.frequency(k) for k in range(p.degree + 1)})


def hermite_dual_norm_squared(f: fmpq_poly, density: Gaussian) -> fmpq:
    """The exact value for a polynomial under N(m, v): L He_n = (n/v) He_n, ||He_n||^2 = n! v^n.

    Raises ValueError if f is not mean-zero.
    """
    v = density.variance
    rest = f(fmpq_poly([density.mean, 1]))
    basis = _hermite(rest.degree(), v)
    total, norms = fmpq(0), [fmpq(1)]
    for n in range(1, len(basis)):
        norms.append(norms[-1] * n * v)
    for n in range(len(basis) - 1, 0, -1):
        c = rest[n]
        rest -= c * basis[n]
        total += c * c * norms[n] * v / n
    _require_mean_zero(rest[0])
    return total


def _hermite(degree: int, variance: fmpq) -> list[fmpq_poly]:
    """Monic orthogonal polynomials of N(0, variance), degrees 0 to `degree`."""
    x = fmpq_poly([0, 1])
    basis = [fmpq_poly([1]), x]
    for n in range(1, degree):
        basis.append(x * basis[n] - n * variance * basis[n - 1])
    return basis[: max(degree, 0) + 1]


def _refined(tree: Integrand, density: Density, digits: int) -> arb:
    """`_flux_integral` at a precision raised until the result has the digits asked for.

    The flux is small where the weight is, so that digits are lost to the range of the weight.
    """
    work = digits + 10
    value = _flux_integral(tree, density, work)
    for _ in range(_ATTEMPTS):
        missing = digits_to_bits(digits, 0) - value.rel_accuracy_bits()
        if missing <= 0:
            break
        work += max(10, min(missing // 3 + 5, 2 * work))
        value = _flux_integral(tree, density, work)
    return value


def _flux_integral(tree: Integrand, density: Density, digits: int) -> arb:
    weight = density.weight
    return flux_norm_squared(
        fourier_series(tree * weight, digits),
        fourier_series(1 / weight, digits),
        fourier_series(weight, digits, degree=0),
        digits_to_bits(digits, 32),
    )


def flux_norm_squared(
    source: FourierSeries, inverse: FourierSeries, weight: FourierSeries, bits: int
) -> arb:
    """(1/Z) min_c int (G - c)^2/w dx from the series of G' = f w, of 1/w and of w.

    A source series that is cut off early gives a wide ball. Raises ValueError if f is certainly not
    mean-zero.
    """
    with working_precision(bits):
        total = weight.integral(TrigPolynomial((1,)))
        _require_mean_zero(2 * arb.pi() * source.polynomial.mean / total)
        flux = (source.polynomial - source.polynomial.mean).antiderivative()
        A = inverse.integral(TrigPolynomial((1,)))
        value = inverse.integral(flux * flux) - inverse.integral(flux) ** 2 / A
        # The frequencies beyond the degree change the flux by at most e uniformly, and its norm
        # in L^2(dx/w), modulo constants, by at most e sqrt(A).
        e = (source.tail / (source.degree + 1)) * A.sqrt()
        size = value.upper().max(arb(0)).sqrt()
        value += arb(0, (2 * e * size + e * e).upper())
        return value / total


def _hermite_series(tree: Integrand, density: Gaussian, digits: int) -> arb:
    """sum_n c_n^2 v/n over orthonormal Hermite polynomials; the rest is between 0 and
    (||f||^2 - sum c_n^2) v/(n+1)."""
    line = WeightedLine(density, digits + 10)
    terms = tree.terms if isinstance(tree, Sum) else (tree,)
    v = density.variance

    def mean(*factors: Integrand) -> arb:
        product = as_integrand(1)
        for factor in factors:
            product = product * factor
        return arb(line.expectation(product))

    with working_precision(digits_to_bits(digits + 10, 32)):
        _require_mean_zero(sum((mean(t) for t in terms), arb(0)))
        rest = sum((mean(s, t) for s in terms for t in terms), arb(0))
        value, norm, remainder = arb(0), fmpq(1), rest
        shift = fmpq_poly([-density.mean, 1])
        basis = _hermite(_HERMITE_LIMIT, v)
        for n in range(1, _HERMITE_LIMIT + 1):
            norm *= n * v
            h = as_integrand(basis[n](shift))
            square = sum((mean(t, h) for t in terms), arb(0)) ** 2 / norm
            value += square * v / n
            rest -= square
            remainder = (rest * v / (n + 1)).upper().max(arb(0))
            if n % _HERMITE_STEP == 0 and remainder <= value * arb(10) ** (-digits):
                break
        return value.union(value + remainder)


def _line_galerkin(f: fmpq_poly, density: LogPolynomialDensity, digits: int) -> arb:
    alpha = poincare_constant(density, digits=3).lower
    best: arb | None = None
    for degree in _GALERKIN_DEGREES:
        work = digits + 3 * degree + 10
        value = _galerkin_enclosure(f, density, alpha, degree, work)
        if value is None:
            continue
        if best is None or value.rad() < best.rad():
            best = value
        if best.rel_accuracy_bits() >= digits_to_bits(digits, 0):
            break
    if best is None:
        raise ValueError(f"the Galerkin system could not be solved for {f} under {density}")
    return best


def line_moments(density: LogPolynomialDensity, count: int, digits: int) -> list[arb]:
    """E x^k for k < count: the first deg p - 1 by quadrature, then E[x^k p'] = k E[x^{k-1}]."""
    slope = density.potential_derivative
    top = slope.degree()
    line = WeightedLine(density, digits)
    moments = [arb(line.expectation(fmpq_poly([0] * k + [1]))) for k in range(min(top, count))]
    with working_precision(digits_to_bits(digits, 32)):
        for k in range(count - top):
            value = k * moments[k - 1] if k else arb(0)
            for j in range(top):
                value -= slope[j] * moments[k + j]
            moments.append(value / slope[top])
    return moments


def _galerkin_enclosure(
    f: fmpq_poly, density: LogPolynomialDensity, alpha: arb, degree: int, digits: int
) -> arb | None:
    """The enclosure from psi a polynomial of the given degree; None if the system is singular."""
    slope = density.potential_derivative
    size = 2 * (degree + slope.degree() + f.degree() + 1)
    with working_precision(digits_to_bits(digits, 32)):
        moments = line_moments(density, size, digits)

        def mean(p: fmpq_poly) -> arb:
            return sum((c * m for c, m in zip(p.coeffs(), moments, strict=False)), arb(0))

        offset = mean(f)
        _require_mean_zero(offset)
        stiffness = arb_mat(
            degree,
            degree,
            [i * j * moments[i + j - 2] for i in _from1(degree) for j in _from1(degree)],
        )
        x = fmpq_poly([0, 1])
        # <f, x^i> with f centred.
        load = arb_mat(degree, 1, [mean(f * x**i) - offset * moments[i] for i in _from1(degree)])
        try:
            solution = stiffness.solve(load)
        except ZeroDivisionError:
            return None
        psi = fmpq_poly([0, *(solution[i, 0].mid().fmpq() for i in range(degree))])
        d = psi.derivative()
        image = slope * d - d.derivative()
        lower = 2 * (mean(f * psi) - offset * mean(psi)) - mean(d * d)
        r = f - image
        # E[L psi] = 0, so the centred residual has the second moment E r^2 - (E f)^2.
        residual = (mean(r * r) - offset * offset).upper().max(arb(0))
        return lower.union(lower + residual / alpha)


def _from1(degree: int) -> range:
    return range(1, degree + 1)
