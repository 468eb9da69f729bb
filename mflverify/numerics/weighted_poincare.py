"""Optimal constants of weighted inequalities on the circle: two-sided enclosures.

mu = exp(-U)/Z on the circle of period 2 pi, A a positive trigonometric polynomial, and
grad* Phi = -Phi' + U' Phi.  Two constants, each the best c:

    Poincaré:   c ||g||^2 <= <g', g'/A>        for mean-zero g,
    convexity:  c <Phi, A Phi> <= ||grad* Phi||^2   for gradients, int Phi dx = 0.

With T g = A^(-1/2) g' the first is the bottom of the spectrum of T* T, so that of T T* on the
orthogonal complement of its kernel: ||grad* Phi||^2 against <Phi, A Phi> for Phi = A^(-1/2) Psi.  The
kernel is one-dimensional, Phi = e^U.  With w = Phi mu^(1/2) the form ||grad* Phi||^2 is that of
S = -d^2 + U'^2/4 + U''/2, and <Phi, A Phi> is int A w^2.  So S - c A has at most one negative
eigenvalue just when c is at most the first constant.  For the uniform measure Phi = w, and S - c A has
none on mean-zero functions just when c is at most the second.
"""

import numpy as np
from attrs import frozen
from flint import acb, arb
from scipy.linalg import eigh

from mflverify.numerics.fourier_block import (
    FourierBlock,
    FourierCoefficients,
    fourier_block,
    schroedinger_potential,
)
from mflverify.numerics.inertia import UndecidedSignError
from mflverify.numerics.precision import working_precision
from mflverify.numerics.spectral_enclosure import Enclosure, NotEnclosedError, bracket_eigenvalue
from mflverify.numerics.torus_spectrum import TORUS_METHOD, TORUS_THEOREM
from mflverify.numerics.trig import TrigPolynomial
from mflverify.numerics.trig_torus import fourier_coefficients, positive_range

_CUTOFFS = (12, 24, 48, 96, 192)
# what the rounding of two eigenvalues in floats may amount to, relatively
_SAME = 4e-12


def weighted_poincare_constant(
    weight: TrigPolynomial, potential: TrigPolynomial | None = None, *, digits: int = 12
) -> Enclosure:
    """The best c with c ||g||^2 <= <g', g'/A> for all mean-zero g, relative width 10**-digits.

    weight: A.  potential: U of the measure exp(-U)/Z, None: 0.  Raises ValueError if A is not proved
    positive or digits is not in 1..100, NotEnclosedError if the width is not reached.
    """
    potential = TrigPolynomial.constant(0) if potential is None else potential
    return _enclosed(weight, -potential, digits, mean_zero=False)


def weighted_convexity_constant(weight: TrigPolynomial, *, digits: int = 12) -> Enclosure:
    """The best c with c <Phi, A Phi> <= ||Phi'||^2 for all Phi with int Phi dx = 0, on the uniform circle.

    Raises as `weighted_poincare_constant`.
    """
    flat = TrigPolynomial.constant(0)
    return _enclosed(weight, flat, digits, mean_zero=True)


def _enclosed(
    weight: TrigPolynomial, potential: TrigPolynomial, digits: int, *, mean_zero: bool
) -> Enclosure:
    """The largest c for which S - c A has at most one negative eigenvalue, or none if mean_zero.

    S is the Schroedinger operator of exp(-potential).  mean_zero: on mean-zero functions.
    """
    if not 1 <= digits <= 100:
        raise ValueError(f"digits must be between 1 and 100: {digits}")
    positive_range(weight)
    number = int(not mean_zero)
    for attempt, cutoff in enumerate(_CUTOFFS):
        with working_precision(96 + 4 * digits + 64 * attempt):
            pencil = _Pencil(
                schroedinger_potential(fourier_coefficients(potential)),
                fourier_coefficients(weight),
                cutoff,
                mean_zero,
            )
            bracket = bracket_eigenvalue(
                lambda c, p=pencil: p.has_at_most(number, c),
                lambda c, p=pencil: p.has_more_than(number, c),
                arb(pencil.guess()),
                digits,
            )
            if bracket.tight and bracket.lower is not None and bracket.upper is not None:
                return Enclosure(bracket.lower, bracket.upper, TORUS_METHOD, TORUS_THEOREM)
    raise NotEnclosedError(f"relative width 10^-{digits} not reached with {_CUTOFFS[-1]} modes")


@frozen
class _Pencil:
    """S - c A with S = -d^2 + W: counts of its negative eigenvalues by blocks of Fourier modes.

    well, levels: the Fourier coefficients of W and A.  mean_zero: on mean-zero functions.
    """

    well: FourierCoefficients
    levels: FourierCoefficients
    cutoff: int
    mean_zero: bool

    def has_at_most(self, count: int, c: arb) -> bool:
        """Whether S - c A is proved to have at most so many negative eigenvalues."""
        try:
            found = self._block(c).count_below_at_most(arb(0))
        except UndecidedSignError:
            return False
        return found is not None and found <= count

    def has_more_than(self, count: int, c: arb) -> bool:
        """Whether S - c A is proved to have more negative eigenvalues than that."""
        try:
            return self._block(c).count_below(arb(0)) > count
        except UndecidedSignError:
            return False

    def _block(self, c: arb) -> FourierBlock:
        modes = {**self.well, **self.levels}
        none = acb(0)
        shifted = {k: self.well.get(k, none) - c * self.levels.get(k, none) for k in modes}
        return fourier_block(shifted, self.cutoff, mean_zero=self.mean_zero)

    def guess(self) -> float:
        """The eigenvalue of S against A in floats, in exp(ikx), |k| <= cutoff.

        For symmetric weights it is the same with and without constants, and then the same number
        is returned, so that both enclosures are the same too.
        """
        waves = np.arange(-self.cutoff, self.cutoff + 1)
        second = self._eigenvalue(waves, 1)
        if not self.mean_zero:
            return second
        first = self._eigenvalue(waves[waves != 0], 0)
        return second if abs(first - second) <= _SAME * second else first

    def _eigenvalue(self, waves: np.ndarray, index: int) -> float:
        form = np.diag(waves.astype(complex) ** 2) + _toeplitz(self.well, waves)
        return float(eigh(form, _toeplitz(self.levels, waves), eigvals_only=True)[index])


def _toeplitz(coefficients: FourierCoefficients, waves: np.ndarray) -> np.ndarray:
    """The matrix of multiplication by a function between exp(ikx), in floats."""
    table = {k: complex(c) for (k,), c in coefficients.items()}
    return np.array([[table.get(int(j - k), 0j) for k in waves] for j in waves])
