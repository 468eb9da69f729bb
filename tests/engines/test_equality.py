"""An inequality that is an equality at an instance: balls cannot decide it, rationals can."""

import pytest

from mflverify.engines.empirical import Question, _certify
from mflverify.engines.profile import PROFILES
from mflverify.expr import FunctionSymbol, KernelSymbol, Space, convexity_slack, inner, norm
from mflverify.models import InstanceData, TorusFamily
from mflverify.proof import Statement

X = Space("X")
f = FunctionSymbol("f", X, "perturbation")
S = KernelSymbol("S", source=X, target=X, symmetric=True)

# k = -47/64 cos 2(x - y) on the uniform circle: the second mode attains the slack 47/128
WAVE = [["0"] * 5, ["0"] * 5, ["0"] * 5, ["0"] * 3 + ["-47/64", "0"], ["0"] * 4 + ["-47/64"]]
DATA = {
    "family": "torus",
    "potentials": {"X": []},
    "functions": {"f": ["0", "0", "0", "203/1024", "-419/4096"]},
    "kernels": {"S": WAVE},
}


@pytest.mark.parametrize(("factor", "verdict"), [(1, "certified"), (2, "refuted")])
def test_rationals_decide_where_balls_straddle(factor, verdict):
    statement = Statement("s", "a form and its slack")
    bound = -convexity_slack(S) * norm(f) ** 2
    step = statement.step("claim", bound <= factor * inner(f, S(f)))
    data = InstanceData.from_json(DATA)
    profile = PROFILES["quick"]
    found = list(_certify(Question.of(step, 0), TorusFamily(), [data], profile, 1))
    assert [str(e.verdict) for e in found] == [verdict]
    assert found[0].instance == data.describe()
