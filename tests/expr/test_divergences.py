"""Entropies, distances and log-Sobolev constants: built, refused, printed, substituted."""

import pytest

from mflverify.algebra.normal import normalize
from mflverify.expr import (
    FunctionSymbol,
    Point,
    SortError,
    Space,
    Substitution,
    at_time,
    distance,
    fisher_information,
    log_sobolev_constant,
    mean_absolute,
    relative_entropy,
    to_latex,
    to_mathml,
    to_unicode,
    transport_constant,
    wasserstein,
)

X, Y = Space("X"), Space("Y")
f, g = FunctionSymbol("f", X, "perturbation"), FunctionSymbol("g", X, "perturbation")
h = FunctionSymbol("h", Y, "perturbation")
x, y = Point("x", X), Point("x'", X)
signed = FunctionSymbol("u", X, "mean-zero")

PRINTED = {
    relative_entropy(f): ("KL((1 + f)μ̄|μ̄)", r"\mathrm{KL}((1 + f)\bar\mu\mid\bar\mu)"),
    fisher_information(f, g): (
        "I((1 + f)μ̄|(1 + g)μ̄)",
        r"I((1 + f)\bar\mu\mid(1 + g)\bar\mu)",
    ),
    wasserstein(f): ("W₂((1 + f)μ̄, μ̄)", r"W_2((1 + f)\bar\mu, \bar\mu)"),
    log_sobolev_constant(X): ("α_LSI(X)", r"\alpha_{\mathrm{LSI}}(X)"),
    transport_constant(X): ("α_{T2}(X)", r"\alpha_{\mathrm{T}2}(X)"),
    distance(x, y): ("d(x, x′)", "d(x, x')"),
    mean_absolute(f): ("‖f‖₁", r"\|f\|_1"),
}


@pytest.mark.parametrize("term", PRINTED, ids=to_unicode)
def test_printing(term):
    assert (to_unicode(term), to_latex(term)) == PRINTED[term]
    assert "<math" in to_mathml(term)


@pytest.mark.parametrize("build", [relative_entropy, fisher_information, wasserstein])
def test_only_perturbations_give_densities(build):
    with pytest.raises(SortError, match="not declared a perturbation"):
        build(signed)
    with pytest.raises(SortError, match="not declared a perturbation"):
        build(2 * f)
    with pytest.raises(SortError, match="on one space"):
        build(f, h)


def test_a_substitution_keeps_densities_densities():
    assert Substitution.of({f: g})(relative_entropy(f)) == relative_entropy(g)
    with pytest.raises(SortError):
        Substitution.of({f: 3 * f})(relative_entropy(f))


def test_the_constant_of_the_equilibrium_does_not_move():
    assert normalize(at_time(log_sobolev_constant(X), 1)) == normalize(log_sobolev_constant(X))
    for moving in (relative_entropy(f), log_sobolev_constant(f), mean_absolute(f)):
        assert normalize(at_time(moving, 1)) != normalize(moving)


def test_a_mean_absolute_value_is_homogeneous():
    assert normalize(mean_absolute(-3 * f)) == normalize(3 * mean_absolute(f))


def test_distances_are_of_points_of_one_space():
    assert normalize(distance(x, y)).is_nonnegative
    for wrong in (Point("z", Y), f):
        with pytest.raises(SortError, match="two points of one space"):
            distance(x, wrong)
