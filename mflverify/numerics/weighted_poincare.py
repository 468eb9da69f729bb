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

from collections.abc import Sequence

import numpy as np
from attrs import frozen
from flint import acb, acb_mat, arb
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

_ATTEMPTS = 4


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
    above = _enclosed(weight, flat, digits, mean_zero=False)
    # it is at most the other constant; where not less than its lower end, that is its enclosure too
    return _enclosed(weight, flat, digits, mean_zero=True, above=above)


def _enclosed(
    weight: TrigPolynomial,
    potential: TrigPolynomial,
    digits: int,
    *,
    mean_zero: bool,
    above: Enclosure | None = None,
) -> Enclosure:
    """The largest c for which S - c A has at most one negative eigenvalue, or none if mean_zero.

    S is the Schroedinger operator of exp(-potential).  mean_zero: on mean-zero functions.  above: the
    enclosure of a constant that it cannot exceed.
    """
    if not 1 <= digits <= 100:
        raise ValueError(f"digits must be between 1 and 100: {digits}")
    positive_range(weight)
    number = int(not mean_zero)
    for attempt in range(_ATTEMPTS):
        with working_precision(96 + 4 * digits + 64 * attempt):
            pencil = _Pencil(
                schroedinger_potential(fourier_coefficients(potential)),
                fourier_coefficients(weight),
                (16 + digits) << attempt,
                mean_zero,
            )
            if above is not None:
                if pencil.has_at_most(number, above.lower):
                    return above
                if not pencil.has_more_than(number, above.lower):
                    continue
            bracket = bracket_eigenvalue(
                lambda c, p=pencil: p.has_at_most(number, c),
                lambda c, p=pencil: p.has_more_than(number, c),
                pencil.guess(),
                digits,
            )
            if bracket.tight and bracket.lower is not None and bracket.upper is not None:
                return Enclosure(bracket.lower, bracket.upper, TORUS_METHOD, TORUS_THEOREM)
    raise NotEnclosedError(f"relative width 10^-{digits} not reached for {weight}")


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

    def guess(self) -> arb:
        """The eigenvalue of S against A in exp(ikx), |k| <= cutoff: about twice the digits of floats.

        An error of the eigenvector enters its Rayleigh quotient, taken in balls, squared.
        """
        waves = [k for k in range(-self.cutoff, self.cutoff + 1) if k or not self.mean_zero]
        metric = _toeplitz(self.levels, waves)
        form = _toeplitz(self.well, waves) + acb_mat(len(waves), len(waves), _squares(waves))
        _, vectors = eigh(_as_floats(form), _as_floats(metric))
        vector = [acb(complex(z)) for z in vectors[:, int(not self.mean_zero)]]
        column, row = acb_mat([[z] for z in vector]), acb_mat([[z.conjugate() for z in vector]])
        return ((row * form * column)[0, 0].real / (row * metric * column)[0, 0].real).mid()


def _toeplitz(coefficients: FourierCoefficients, waves: Sequence[int]) -> acb_mat:
    """The matrix of multiplication by a function between exp(ikx)."""
    return acb_mat([[coefficients.get((j - k,), acb(0)) for k in waves] for j in waves])


def _squares(waves: Sequence[int]) -> list[int]:
    """The entries of the matrix of -d^2, in rows."""
    return [j * j if j == k else 0 for j in waves for k in waves]


def _as_floats(matrix: acb_mat) -> np.ndarray:
    return np.array([[complex(z.mid()) for z in row] for row in matrix.tolist()])
