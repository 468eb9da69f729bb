"""Remark A.2: the inequality of Theorem A.3 fails for fields that are not gradients.

Psi is what a field has beside its gradient part; grad* does not see it.
"""

from mflverify.expr import (
    Parameter,
    curvature,
    equation,
    grad_adjoint,
    inner,
    jacobian_square,
    norm,
    one,
    projector,
)
from mflverify.proof import Statement

from .lemma_a_2 import Phi, lemma
from .notation import X

c = Parameter("c", "positive")
Psi = Phi - projector(Phi)

remark = Statement(
    "rem-A.2",
    "No constant bounds ||grad* Psi|| from below on general fields",
    kind="remark",
    given=[2 * norm(projector(Phi)) ** 2 <= norm(Phi) ** 2, norm(Phi) > 0],
    source="Remark A.2; Phi is any field of which the gradient part is not the larger one",
)
invisible = remark.step("invisible", equation(norm(grad_adjoint(Psi)), 0))
pythagoras = remark.step(
    "pythagoras",
    equation(norm(Psi) ** 2, norm(Phi) ** 2 - norm(projector(Phi)) ** 2),
)
present = remark.step("present", norm(Psi) ** 2 > 0, because=[pythagoras])
remark.conclude(
    "fails",
    norm(grad_adjoint(Psi)) ** 2 < c * norm(Psi) ** 2,
    because=[invisible, present],
)
remark.conclude(
    "negative",
    equation(inner(one(X), jacobian_square(Psi)), -inner(one(X), curvature(Psi))),
    because=[lemma.at({Phi: Psi}), invisible],
    note="so the mean of tr((grad Psi)^2) is negative where the curvature is positive",
)
