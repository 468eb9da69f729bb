"""Instances drawn without a hypothesis refute those mutants of it that hold where a claim fails."""

from mflverify.expr import FunctionSymbol, Parameter, Space, dual_norm, norm, poincare_constant
from mflverify.mutation.copying import with_hypotheses
from mflverify.mutation.counterexamples import SharedInstances
from mflverify.mutation.pool import Pool
from mflverify.proof import Statement, poincare_dual

X = Space("X")
f = FunctionSymbol("f", X, "perturbation")
alpha = Parameter("alpha", "positive")
gap = poincare_constant(X)
known = alpha <= gap
claim = alpha * dual_norm(f) ** 2 <= norm(f) ** 2


def statement(*given):
    found = Statement("gap", "Poincaré in dual form", given=given)
    found.conclude("gap", claim, because=[poincare_dual(f)])
    return found


def shared():
    return SharedInstances(statement(), known, 0)


def test_a_weaker_hypothesis_is_refuted_where_it_holds():
    found = shared().first(["gap"], alpha <= 100 * gap)
    assert found is not None
    assert found.check in ("exact", "sampled")
    assert "against" in found.sides


def test_a_stronger_hypothesis_is_not():
    instances = shared()
    assert instances.first(["gap"], None) is not None  # without it the claim fails
    assert instances.first(["gap"], 2 * alpha <= gap) is None
    assert instances.first(["gap"], known) is None


def test_only_named_steps_are_looked_at():
    assert shared().first(["other"], None) is None


def test_a_pool_leaves_out_one_hypothesis_alone():
    step = statement(known, alpha <= 2 * gap).steps[0]
    pool = Pool.of(step, [claim], 0, without=known)
    assert pool.allows(known)
    assert pool.allows(gap < alpha)
    assert not pool.allows(3 * gap < alpha)


def test_witnesses():
    instances = shared()
    for mutant, found in ((alpha <= gap / 2, True), (alpha <= -gap, False)):
        changed = with_hypotheses(statement(known), [mutant])
        assert instances.witness(changed, mutant).found is found
    assert instances.witness(statement(), None).found
