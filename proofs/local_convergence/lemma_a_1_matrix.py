"""Lemma A.1 with weights that are matrices.

The weight is entered by its inverse, B = A^-1 = b + psi psi^T + chi chi^T: in the plane these are all
smooth positive matrix fields that are at least b, in more dimensions one adds further fields.  A itself
enters by <Phi, A Phi> = sup over Xi of 2 <Phi, Xi> - <Xi, B Xi>, attained at Xi = A Phi.
"""

from mflverify.expr import (
    FunctionSymbol,
    Parameter,
    Term,
    VectorSymbol,
    dot,
    equation,
    grad,
    grad_adjoint,
    inner,
    inverse_generator,
    norm,
)
from mflverify.proof import Statement, cauchy_schwarz

from .notation import X

b = Parameter("b", "positive")
psi, chi = VectorSymbol("psi", X), VectorSymbol("chi", X)
Xi, Theta = VectorSymbol("Xi", X), VectorSymbol("Theta", X)
g = FunctionSymbol("g", X, "mean-zero")


def inverse_weight(field: Term) -> Term:
    """B Phi, for B = A^-1."""
    return b * field + dot(psi, field) * psi + dot(chi, field) * chi


def form(field: Term) -> Term:
    """<Phi, B Phi>, a sum of squares."""
    return inner(field, inverse_weight(field))


inverse = Statement(
    "lem-A.1-inverse",
    "The weight and its inverse",
    kind="lemma",
    source="Lemma A.1; Theta is A Phi for Phi = B Theta",
)
square = inverse.conclude(
    "completed",
    equation(
        2 * inner(inverse_weight(Theta), Xi) - form(Xi),
        inner(inverse_weight(Theta), Theta) - form(Xi - Theta),
    ),
)
inverse.conclude(
    "legendre",
    2 * inner(inverse_weight(Theta), Xi) - form(Xi) <= inner(inverse_weight(Theta), Theta),
    because=[
        square,
        cauchy_schwarz(Xi, Theta),
        cauchy_schwarz(dot(psi, Xi), dot(psi, Theta)),
        cauchy_schwarz(dot(chi, Xi), dot(chi, Theta)),
    ],
    note="2 <Phi, Xi> - <Xi, B Xi> <= <Phi, A Phi>, with equality for Xi = A Phi",
)

slope = grad(g)
potential = grad(inverse_generator(g))
forward = Statement(
    "lem-A.1-matrix",
    "A bound of grad* on gradients gives a weighted Poincaré inequality, for matrices",
    kind="lemma",
    given=[2 * inner(potential, slope) - form(slope) <= norm(grad_adjoint(potential)) ** 2],
    source="Lemma A.1, (i) implies (ii); (i) at Phi = grad L^-1 g is used with Xi = grad g alone",
)
forward.conclude("ii", norm(g) ** 2 <= form(slope), note="g = grad* grad L^-1 g")

field = inverse_weight(slope)  # A Phi = grad g there
backward = Statement(
    "lem-A.1-matrix-converse",
    "A weighted Poincaré inequality bounds grad* on weighted gradients, for matrices",
    kind="lemma",
    given=[norm(g) ** 2 <= form(slope)],
    source="Lemma A.1, (ii) implies (i), for the fields Phi = A^-1 grad g",
)
backward.conclude(
    "i",
    inner(field, slope) <= norm(grad_adjoint(field)) ** 2,
    because=[cauchy_schwarz(grad_adjoint(field), g)],
    note="<Phi, A Phi> = <A^-1 grad g, grad g>",
)
