"""Lemma A.1: weighted Poincaré inequalities and the operator grad*.

The weight is A = a + b^2: any smooth positive function bounded below, times the identity.  From (i)
at grad L^-1 g follows (ii) at g; from (ii) at g follows (i) at A^-1 grad g.  On the line every field is
of the last form, and (i) and (ii) are equivalent.  Where A^-1 grad g is no gradient they are not:
(ii) is weaker (findings).
"""

from mflverify.expr import (
    FunctionSymbol,
    Parameter,
    equation,
    grad,
    grad_adjoint,
    inner,
    inverse_generator,
    norm,
    one,
    reciprocal,
)
from mflverify.proof import Statement, cauchy_schwarz, division, weighted_cauchy_schwarz

from .notation import X

a = Parameter("a", "positive")
b = FunctionSymbol("b", X)
g = FunctionSymbol("g", X, "mean-zero")
A = a * one(X) + b**2
weighted = inner(reciprocal(A) * grad(g), grad(g))  # <grad g, A^-1 grad g>

potential = grad(inverse_generator(g))
forward = Statement(
    "lem-A.1",
    "A bound of grad* on gradients gives a weighted Poincaré inequality",
    kind="lemma",
    given=[inner(A * potential, potential) <= norm(grad_adjoint(potential)) ** 2],
    source="Lemma A.1, (i) implies (ii)",
)
square = forward.step(
    "by-parts",
    equation(norm(g) ** 2, inner(potential, grad(g))),
    note="g = grad* grad L^-1 g",
)
bound = forward.step(
    "cauchy-schwarz",
    norm(g) ** 4 <= inner(A * potential, potential) * weighted,
    because=[square, weighted_cauchy_schwarz(potential, grad(g), A)],
)
forward.conclude(
    "ii",
    norm(g) ** 2 <= weighted,
    because=[bound, weighted_cauchy_schwarz(potential, grad(g), A)],
)

field = reciprocal(A) * grad(g)
backward = Statement(
    "lem-A.1-converse",
    "A weighted Poincaré inequality bounds grad* on weighted gradients",
    kind="lemma",
    given=[norm(g) ** 2 <= weighted],
    source="Lemma A.1, (ii) implies (i), for the fields A^-1 grad g",
)
size = backward.step(
    "size",
    equation(inner(A * field, field), weighted),
    because=[division(A, grad(g), field)],
)
pairing = backward.step(
    "by-parts",
    weighted <= norm(grad_adjoint(field)) * norm(g),
    because=[cauchy_schwarz(grad_adjoint(field), g)],
)
backward.conclude(
    "i",
    inner(A * field, field) <= norm(grad_adjoint(field)) ** 2,
    because=[size, pairing],
)
