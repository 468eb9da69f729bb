"""Young's inequality with a weight, the form in which the proofs absorb a product."""

from mflverify.expr import Parameter
from mflverify.proof import Statement

u, v = Parameter("u", "real"), Parameter("v", "real")
w = Parameter("w", "positive")

young = Statement(
    "young",
    "Young's inequality with a weight",
    kind="lemma",
    source="Hardy–Littlewood–Pólya, Inequalities, section 2.7, for squares",
)
young.conclude("bound", 2 * u * v <= w * u**2 + v**2 / w, note="w (u - v/w)^2 is not negative")
