"""The words in which authors write formulas.

Every function builds a term and checks it; nothing is evaluated here.  Inner products and norms
are those of L2(equilibrium), with the equilibrium normalised to a probability measure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from mflverify.expr.sorts import Space
from mflverify.expr.terms import (
    AtTime,
    Center,
    Directional,
    Dot,
    DualNorm,
    Exp,
    Extremum,
    Generator,
    GeneratorInverse,
    Gradient,
    GradientAdjoint,
    Inner,
    KernelSlice,
    KernelSymbol,
    MixedSup,
    MonotonicitySlack,
    Norm,
    Number,
    One,
    PoincareConstant,
    Power,
    Projector,
    Relation,
    RemainderSymbol,
    SpectralNorm,
    SupNorm,
    Term,
    ThirdSup,
    Transpose,
    as_term,
)


def generator(u: Term) -> Term:
    """L u = grad* grad u."""
    return Generator(u)


def inverse_generator(u: Term) -> Term:
    """L^-1 u for a mean-zero function u.  Raises SortError when u is not known to be mean-zero."""
    return GeneratorInverse(u)


def grad(u: Term) -> Term:
    """The gradient of a function."""
    return Gradient(u)


def grad_adjoint(field: Term) -> Term:
    """grad* of a vector field, the adjoint of `grad` in L2(equilibrium)."""
    return GradientAdjoint(field)


def projector(field: Term) -> Term:
    """The orthogonal projection of a vector field on gradient fields, grad L^-1 grad*."""
    return Projector(field)


def center(u: Term) -> Term:
    """u minus its mean."""
    return Center(u)


def one(space: Space) -> Term:
    """The constant function 1 on `space`."""
    return One(space)


def dot(u: Term, v: Term) -> Term:
    """Pointwise scalar product of two vector fields."""
    return Dot(u, v)


def inner(u: Term, v: Term) -> Term:
    """L2(equilibrium) inner product of two functions or of two vector fields on one space."""
    return Inner(u, v)


def norm(u: Term) -> Term:
    """L2(equilibrium) norm of a function or a vector field."""
    return Norm(u)


def chi2(f: Term) -> Term:
    """The chi-square divergence ||f||^2 of a perturbation f = d mu/d mu_bar - 1."""
    return Norm(f) ** 2


def dual_norm(f: Term) -> Term:
    """||f||_{-1} = <f, L^-1 f>^(1/2); f must be mean-zero."""
    return DualNorm(f)


def sup_norm(u: Term) -> Term:
    """Supremum of |u| over the space."""
    return SupNorm(u)


def mixed_derivative_sup(operator: Term) -> Term:
    """K = sup ||grad_x grad_y k(x, y)|| of the kernel; the same for the transposed operator."""
    return MixedSup(operator.operator if isinstance(operator, Transpose) else operator)


def poincare_constant(space: Space) -> Term:
    """The optimal constant in alpha Var(g) <= ||grad g||^2 on `space`."""
    return PoincareConstant(space)


def third_derivative_sup(functional: RemainderSymbol, first: int = 0, second: int = 0) -> Term:
    """T_1: the supremum of the mixed third derivative of the second variation of a remainder.

    first, second: the species of the two inner arguments, counted from 0.
    """
    return ThirdSup(functional, first, second)


def convexity_slack(operator: Term) -> Term:
    """The least lambda >= 0 with <f, M f> >= -lambda ||f||^2 for mean-zero f: (3.1)."""
    return MonotonicitySlack((operator,))


def monotonicity_slack(
    *operators: Term, weights: Mapping[Space, Term | Number] | None = None
) -> Term:
    """The least lambda >= 0 with sum <f_i, M_ij f_j> >= -lambda sum w_i ||f_i||^2: (5.2).

    operators: the M_ij, each taking functions of species j to functions of species i.  weights:
    the w_i > 0, 1 where none is given.  Raises SortError when a weight is not known to be positive.
    """
    given = {space: as_term(weight) for space, weight in (weights or {}).items()}
    return MonotonicitySlack(operators, tuple((s, w) for s, w in given.items() if w != as_term(1)))


def spectral_norm(*rows: Sequence[Term | Number]) -> Term:
    """The largest singular value of the matrix with these rows."""
    return SpectralNorm(tuple(tuple(as_term(entry) for entry in row) for row in rows))


def kernel_slice(operator: KernelSymbol | Transpose, point: Term, direction: Term) -> Term:
    """The function y -> v . grad_x k(x, y), for a point x and a unit vector v."""
    return KernelSlice(operator, point, direction)


def directional(field: Term, point: Term, direction: Term) -> Term:
    """v . Phi(x)."""
    return Directional(field, point, direction)


def sqrt(x: Term | Number) -> Term:
    """Square root of a non-negative scalar."""
    return Power.of(as_term(x), Fraction(1, 2))


def exp(x: Term | Number) -> Term:
    """Exponential of a scalar."""
    return Exp(as_term(x))


def maximum(*xs: Term | Number) -> Term:
    """Largest of the scalars."""
    return Extremum("max", tuple(as_term(x) for x in xs))


def minimum(*xs: Term | Number) -> Term:
    """Smallest of the scalars."""
    return Extremum("min", tuple(as_term(x) for x in xs))


def at_time(x: Term, time: Term | Number) -> Term:
    """The value of a scalar at time t along the trajectory; `at_time(x, 0)` is its initial value."""
    return AtTime(x, as_term(time))


def equation(lhs: Term | Number, rhs: Term | Number) -> Relation:
    """The claim lhs = rhs."""
    return Relation("eq", as_term(lhs), as_term(rhs))
