"""Lemma A.2: the Hessian of KL(. | mu_bar) at mu_bar = e^{-V} is the squared norm of grad*."""

from mflverify.expr import (
    VectorSymbol,
    curvature,
    equation,
    grad,
    grad_adjoint,
    inner,
    jacobian_square,
    norm,
    one,
)
from mflverify.proof import Statement, commutation

from .notation import X

Phi = VectorSymbol("Phi", X)

lemma = Statement(
    "lem-A.2",
    "The Hessian of KL at equilibrium",
    kind="lemma",
    source="Lemma A.2, for any vector field",
)
commuted = lemma.step(
    "commute",
    equation(
        inner(Phi, grad(grad_adjoint(Phi))),
        inner(one(X), jacobian_square(Phi)) + inner(one(X), curvature(Phi)),
    ),
    because=[commutation(Phi, one(X))],
    note="grad*((Phi . grad) Phi) is mean-zero",
)
lemma.conclude(
    "identity",
    equation(
        inner(one(X), jacobian_square(Phi) + curvature(Phi)),
        norm(grad_adjoint(Phi)) ** 2,
    ),
    because=[commuted],
)
