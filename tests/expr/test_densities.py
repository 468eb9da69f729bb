"""Gibbs densities, logarithms and functionals: built, refused, printed, kept."""

import pytest

from mflverify.algebra.normal import normalize
from mflverify.expr import (
    Flow,
    FunctionSymbol,
    KernelSymbol,
    RemainderSymbol,
    SortError,
    Space,
    Substitution,
    at_time,
    equilibrium_entropy,
    generator,
    gibbs_density,
    grad,
    inner,
    log_density,
    relative_entropy,
    remainder_energy,
    to_latex,
    to_mathml,
    to_unicode,
    variation_slack,
    variation_sup,
    wasserstein,
)
from mflverify.expr.serial import TermTable, read_terms
from mflverify.proof import pinsker

X, Y = Space("X"), Space("Y")
f, g = FunctionSymbol("f", X, "perturbation"), FunctionSymbol("g", X, "perturbation")
u, signed = FunctionSymbol("u", X), FunctionSymbol("h", X, "mean-zero")
S, A = KernelSymbol("S", X, X, symmetric=True), KernelSymbol("A", X, X)
R = RemainderSymbol("R", (X,), X)

PRINTED = {
    relative_entropy(f, gibbs_density(u)): (
        "KL((1 + f)μ̄|Gibbs(u)μ̄)",
        r"\mathrm{KL}((1 + f)\bar\mu\mid\mathrm{Gibbs}(u)\bar\mu)",
    ),
    equilibrium_entropy(gibbs_density(u)): (
        "KL(μ̄|Gibbs(u)μ̄)",
        r"\mathrm{KL}(\bar\mu\mid\mathrm{Gibbs}(u)\bar\mu)",
    ),
    log_density(f): ("log(1 + f)", r"\log(1 + f)"),
    variation_sup(S, R): ("sup|k_S + R′|", r"\sup|k_S + R'|"),
    variation_sup(S, R, 1): ("sup‖∇′(k_S + R′)‖", r"\sup\|\nabla'(k_S + R')\|"),
    variation_sup(S, R, 2): ("sup‖∇∇′(k_S + R′)‖", r"\sup\|\nabla\nabla'(k_S + R')\|"),
    variation_slack(S, R): ("λ_opt(k_S + R′)", r"\lambda_{\mathrm{opt}}(k_S + R')"),
    remainder_energy(R, f): ("F_R(f)", "F_R(f)"),
}


@pytest.mark.parametrize("term", PRINTED, ids=to_unicode)
def test_printing(term):
    assert (to_unicode(term), to_latex(term)) == PRINTED[term]
    assert "<math" in to_mathml(term)


@pytest.mark.parametrize("term", PRINTED, ids=to_unicode)
def test_read_back(term):
    table = TermTable()
    table.add(term)
    assert read_terms(table.nodes)[-1] == term


def test_what_is_no_density_is_refused():
    for build in (
        lambda: log_density(signed),
        lambda: gibbs_density(inner(f, g)),
        lambda: relative_entropy(gibbs_density(u)),
        lambda: relative_entropy(f, 1 + u),
        lambda: equilibrium_entropy(inner(f, g)),
        lambda: variation_sup(A, R),
        lambda: variation_sup(S, R, 3),
        lambda: variation_slack(S, RemainderSymbol("R", (Y,), X)),
        lambda: remainder_energy(R, u),
        lambda: pinsker(f, gibbs_density(u)),
    ):
        with pytest.raises(SortError):
            build()


def test_a_substitution_reaches_the_potential():
    moved = Substitution.of({u: f * g})(wasserstein(f, gibbs_density(u)))
    assert moved == wasserstein(f, gibbs_density(f * g))


def test_what_moves_and_what_does_not():
    for constant in (variation_sup(S, R, 1), variation_slack(S, R)):
        assert normalize(at_time(constant, 1)) == normalize(constant)
    assert normalize(at_time(remainder_energy(R, f), 1)) != normalize(remainder_energy(R, f))


def test_the_energy_of_a_remainder_moves_by_its_force():
    flow = Flow.of("drift", {f: -generator(f)})
    moved = flow.derivative(remainder_energy(R, f))
    assert normalize(moved) == normalize(-inner(grad(R(f)), grad(f)))
