"""Linearised games as rational matrices: against closed forms, and thresholds of stability."""

from fractions import Fraction as Q

import pytest
from flint import acb, arb, fmpq

from mflverify.dynamics.mode_blocks import linearisation, stability_bracket
from mflverify.models.games import PolymatrixGame, zero_sum_game
from mflverify.models.kernel_data import general, translation_invariant
from mflverify.models.request import Unavailable
from mflverify.models.spaces import double_well, gaussian, torus


def circles(matrix, tau=1):
    """k_ij = 2 C_ij cos(x_i - x_j) on uniform circles: the block is tau I + C, twice."""
    n = len(matrix)
    kernels = {
        (i, j): translation_invariant(1, {"cos x": 2 * matrix[i][j]})
        for i in range(n)
        for j in range(n)
        if matrix[i][j]
    }
    return PolymatrixGame(tuple(torus(1) for _ in range(n)), kernels, (tau,) * n)


def pair(coupling, variance, tau):
    """k = m x y on Gaussian lines of variances 1 and `variance`."""
    spaces = (gaussian(1), gaussian(variance))
    return zero_sum_game(spaces, general(1, 1, [("x", "x", coupling)]), (tau, tau))


def near(ball, value):
    return ball.contains(value) and ball.rad() < 1e-12


def test_opposite_payoffs_turn_and_do_not_change_the_rate():
    """tau + i c and tau - i c, each twice; the guaranteed rate is attained with coupling."""
    c, tau = Q(7, 3), Q(1, 2)
    found = linearisation(circles([[0, c], [-c, 0]], tau))
    assert near(found.abscissa(), arb(fmpq(1, 2)))
    assert found.slack() == 0
    for sign in (1, -1):
        z = acb(fmpq(1, 2), sign * fmpq(7, 3))
        assert sum(root.overlaps(z) for root in found.eigenvalues()) == 2


def test_three_players():
    """tau and tau +- i |C|: E14 of polymatrix games."""
    a, b, c = Q(1), Q(-2), Q(2)
    found = linearisation(circles([[0, a, b], [-a, 0, c], [-b, -c, 0]]))
    turning = [z for z in found.eigenvalues() if z.imag > 1]
    assert len(turning) == 2
    assert all(near(z.imag, arb(3)) and near(z.real, arb(1)) for z in turning)


@pytest.mark.parametrize("part", [Q(1, 2), Q(99, 100), Q(101, 100), Q(3)])
def test_unequal_constants_make_games_faster(part):
    """alpha = 1 and 4: below the threshold both eigenvalues are real, above they are complex.

    The moments move by (tau alpha_x, alpha_x m v_y; -alpha_y m v_x, tau alpha_y), so the coupling
    of the block for orthonormal modes is m sqrt(v_x v_y) = m / 2.
    """
    tau = Q(1)
    threshold = tau * 3 / 4  # tau |a - b| / (2 sqrt(a b))
    found = linearisation(pair(2 * part * threshold, Q(1, 4), tau))
    assert found.abscissa() > 1  # faster than tau min alpha, which is attained without coupling
    assert found.rest == 2  # the second Hermite mode of x
    if part < 1:
        root = (9 - 16 * arb(fmpq(*(part * threshold).as_integer_ratio())) ** 2).sqrt()
        assert any((z.real - (5 - root) / 2).contains(0) for z in found.eigenvalues())
        assert all(z.imag == 0 for z in found.eigenvalues())
    else:
        assert all(near(z.real, arb(fmpq(5, 2))) for z in found.eigenvalues())
        assert all(z.imag != 0 for z in found.eigenvalues())


def test_without_coupling_the_guaranteed_rate_is_attained():
    assert near(linearisation(pair(0, Q(1, 4), Q(1))).abscissa(), arb(1))


def test_timescales_are_rates_of_the_species():
    """E13: eta multiplies the second species; equal rates attain the guaranteed one again."""
    m = Q(5, 2)
    found = linearisation(pair(m, Q(1, 4), Q(1)), (1, Q(1, 4)))
    assert near(found.abscissa(), arb(1))
    # (1, m v_y; -4 eta m v_x, 1) with v_x = 1, v_y = 1/4: the modes turn at m sqrt(eta)
    (turning,) = [z for z in found.eigenvalues() if z.imag > 0]
    assert near(turning.imag, arb(fmpq(5, 4)))


def test_monotone_without_being_a_game():
    """A positive semidefinite part beside a rotation: neither symmetric nor antisymmetric."""
    game = circles([[1, 3, 0], [-1, 2, 1], [0, 1, 2]])
    assert not game.is_antisymmetric
    found = linearisation(game)
    assert found.slack() == 0
    assert found.abscissa() >= 1


@pytest.mark.parametrize("defect", [Q(1, 100), Q(1, 3)])
def test_a_near_miss_has_the_slack_of_its_symmetric_part(defect):
    """Symmetric part (1, 1 + d; 1 + d, 1): its least eigenvalue is -d."""
    off = 1 + defect
    near_miss = linearisation(circles([[1, off + 5], [off - 5, 1]]))
    assert near(near_miss.slack(), arb(fmpq(defect.numerator, defect.denominator)))
    assert near_miss.abscissa() > 0


def turning(strength, rotation):
    """strength times (-1, q; -q, 1/2): the slack is the strength, whatever the rotation q."""
    c = [[-strength, rotation * strength], [-rotation * strength, strength / 2]]
    return linearisation(circles(c))


@pytest.mark.parametrize(("rotation", "expected"), [(Q(0), Q(1)), (Q(3, 4), Q(4)), (Q(9), Q(4))])
def test_rotation_moves_the_threshold_of_stability(rotation, expected):
    """(5.2) with lambda < tau fails at strength tau = 1; stability is lost later, the more it turns.

    For q >= 3/4 the eigenvalues are complex with real part tau - strength / 4.
    """
    low, high = stability_bracket(lambda s: turning(s, rotation), Q(0), Q(8), 24)
    assert low < expected < high
    assert high - low < Q(1, 10**5)
    below, above = turning(Q(999, 1000), rotation).slack(), turning(Q(1001, 1000), rotation).slack()
    assert below < 1 < above


def test_a_bracket_needs_both_verdicts():
    with pytest.raises(ValueError, match="not certainly stable"):
        stability_bracket(lambda s: turning(s, Q(0)), Q(2), Q(3))


def test_what_is_no_eigenmode_is_refused():
    with pytest.raises(Unavailable, match="neither a uniform circle"):
        linearisation(zero_sum_game((double_well(), double_well()), general(1, 1, [("x", "x", 1)])))
    with pytest.raises(Unavailable, match="no eigenfunction"):
        linearisation(zero_sum_game((gaussian(1), gaussian(1)), general(1, 1, [("x^2", "x", 1)])))
    with pytest.raises(ValueError, match="2 positive timescales"):
        linearisation(pair(1, 1, 1), (1,))
