"""Remark 4.1 and section 5.2: what each statement says, and that it breaks when it is changed."""

import sys
from fractions import Fraction
from pathlib import Path

import pytest

from mflverify.engines.empirical import examine_instances
from mflverify.engines.logical import judge
from mflverify.engines.profile import PROFILES
from mflverify.expr import equation
from mflverify.proof import Empirical, Statement
from mflverify.proof.loader import load
from mflverify.proof.verdict import GREEN_LOGICAL

PROOFS = Path(__file__).parents[2] / "proofs"


@pytest.fixture(scope="module")
def proofs():
    """The modules of the paper by name."""
    loaded = load(PROOFS)
    assert not loaded.problems
    return {n.rpartition(".")[2]: m for n, m in sys.modules.items() if ".local_convergence." in n}


def is_refuted(step):
    evidence = examine_instances(step, PROFILES["quick"], 0)
    return any(e.verdict is Empirical.REFUTED for e in evidence)


def assert_false(statement, claim, because=()):
    wrong = statement.step(f"wrong-{len(statement.steps)}", claim, because=because)
    assert judge(wrong).verdict not in GREEN_LOGICAL
    assert is_refuted(wrong)


def test_the_operator_of_descent_ascent_is_not_symmetric(proofs):
    module = proofs["remark_4_1"]
    (claimed,) = [s for s in module.operator.steps if s.acknowledged is not None]
    assert judge(claimed).verdict not in GREEN_LOGICAL
    assert is_refuted(claimed)
    corrected = claimed.acknowledged
    assert judge(corrected).verdict in GREEN_LOGICAL


def test_with_one_sign_the_form_does_not_cancel(proofs):
    """Two players that descend the same payoff: the operator is symmetric, and has no sign."""
    module = proofs["remark_4_1"]
    M, tau = module.M, module.tau
    u, w = module.u, module.w
    first, _ = module.applied(u, w)
    second = tau * module.grad(module.grad_adjoint(module.grad(w)))
    second = second + module.grad(M.T(module.grad_adjoint(module.grad(u))))
    alone = module.operator.conclusions[0].claim
    statement = Statement("common", "")
    assert_false(
        statement, equation(module.paired(module.fields(u, w), (first, second)), alone.rhs)
    )


@pytest.mark.parametrize("name", ["eigenvalue", "gap"])
def test_the_identities_of_the_block_count_the_coupling_once(proofs, name):
    module = proofs["remark_4_1"]
    (right,) = [s for s in module.overdamped.steps if s.name == name]
    coupling = module.a * module.b * module.m**2
    statement = Statement("twice", "", given=module.overdamped.given)
    assert_false(statement, equation(right.claim.lhs, right.claim.rhs + coupling))


def test_the_gain_is_not_larger(proofs):
    module = proofs["remark_4_1"]
    statement = Statement("gain", "", given=module.underdamped.given)
    assert_false(statement, 2 * (module.speed - module.guaranteed) >= 2 * module.tau * module.b)


def test_small_states_are_needed_for_the_blow_up(proofs):
    """Without the bound on T the remainders may outweigh the form."""
    statement = proofs["monotonicity"].proposition_5_3[2]
    (right,) = [s for s in statement.steps if s.name == "5.3-fails"]
    form_only = Statement(
        "large", "", given=[-2 * proofs["species_forces"].general[2].linear.form > 0]
    )
    wrong = form_only.step("5.3-fails", right.claim, because=[])
    assert judge(right).verdict in GREEN_LOGICAL
    assert judge(wrong).verdict not in GREEN_LOGICAL


def test_the_antisymmetric_part_alone_vanishes(proofs):
    statement = proofs["monotonicity"].remark_5_2[2]
    by_name = {s.name: s.claim for s in statement.steps}
    assert_false(Statement("plus", ""), equation(by_name["symmetric"].rhs, 0))
    assert judge(statement.steps[1]).verdict in GREEN_LOGICAL


def test_the_global_form_is_not_half_of_the_local_one(proofs):
    statement = proofs["monotonicity"].remark_5_3[2]
    claim = statement.steps[0].claim
    assert_false(Statement("half", ""), equation(claim.lhs, claim.rhs / 2))


@pytest.mark.slow
def test_descent_ascent_needs_the_opposite_sign(proofs):
    """With M_21 = M_12^T, or with an own payoff that does not vanish, the flows differ."""
    module = proofs["remark_5_4"]
    names = module.names
    wrong = {
        "common": {**module.opposite, names["M_21"]: module.multiple(1, module.payoff.T)},
        "half": {
            **module.opposite,
            names["M_21"]: module.multiple(Fraction(-1, 2), module.payoff.T),
        },
    }
    known = module.descent_ascent
    dual = module.total(module.dual_norm(h) ** 2 for h in (module.f, module.g))
    for name, images in wrong.items():
        flow = module.zero_sum(module.replace_kernels(module.two.flow, images))
        statement = Statement(name, "")
        assert_false(statement, equation(flow.derivative(dual), known.derivative(dual)))
