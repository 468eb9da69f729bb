"""Remark 5.3 for any forces, however far apart the two measures are.

With mu = (1 + f) mu_bar, mu' = (1 + g) mu_bar and h = f - g the slope of
phi(s) = sum_i int V_i[mu_s] d(mu^i - mu'^i) on the segment is the form of (5.4) at mu_s for
d(mu^i - mu'^i)/d mu_s^i, and phi(1) - phi(0) is at least the least slope.
"""

from mflverify.expr import (
    FunctionSymbol,
    inner,
    norm,
    segment_slope,
    variation_slack,
)
from mflverify.proof import Statement, cauchy_schwarz, mean_value, slack_everywhere

from . import notation as one
from .all_species import M, f
from .all_species_forces import R, g, pairing, step
from .notation import lam

slope = inner(step, M(step)) + segment_slope(R, f, g)
everywhere = Statement(
    "rem-5.3-segment",
    "Any forces: local monotonicity along the segment gives global monotonicity",
    kind="remark",
    given=[0 <= slope],
    source="Remark 5.3, with the least slope in place of that at an intermediate measure",
)
increment = everywhere.conclude(
    "mean-value",
    slope <= pairing,
    because=[mean_value(R, f, g)],
    note="whatever the sign of the slope",
)
everywhere.conclude("5.3", 0 <= pairing, because=[increment])

# one species whose force is a first variation: the second variations at all measures
f, g, S, R = one.f, FunctionSymbol("g", one.X, "perturbation"), one.S, one.R
convex = Statement(
    "rem-5.3-segment[n=1]",
    "A functional with a slack at all measures is globally monotone up to that slack",
    kind="remark",
    given=[variation_slack(S, R) <= lam],
    source="Remark 5.3 and, with lambda = 0, Lasry-Lions monotonicity of Remark 5.4",
)
form = inner(f - g, S(f - g)) + segment_slope(R, f, g)
local = convex.step(
    "5.2",
    -lam * norm(f - g) ** 2 <= form,
    because=[slack_everywhere(S, R, f, g), cauchy_schwarz(f - g, f - g)],
    note="|<h, h>| <= |h|^2 says that |h|^2 is not negative, for h = f - g",
)
convex.conclude(
    "5.3",
    -lam * norm(f - g) ** 2 <= inner(f - g, S(f) + R(f) - S(g) - R(g)),
    because=[local, mean_value(R, f, g)],
)
