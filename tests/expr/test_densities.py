"""Gibbs densities, logarithms and suprema of kernels: built, refused, printed, kept."""

import pytest

from mflverify.algebra.normal import normalize
from mflverify.expr import (
    FunctionSymbol,
    KernelSymbol,
    SortError,
    Space,
    Substitution,
    equilibrium_entropy,
    gibbs_density,
    inner,
    kernel_slope_sup,
    kernel_sup,
    log_density,
    relative_entropy,
    to_latex,
    to_mathml,
    to_unicode,
    wasserstein,
)
from mflverify.expr.functionals import KernelSup
from mflverify.expr.serial import TermTable, read_terms
from mflverify.proof import pinsker

X, Y = Space("X"), Space("Y")
f, g = FunctionSymbol("f", X, "perturbation"), FunctionSymbol("g", X, "perturbation")
u, signed = FunctionSymbol("u", X), FunctionSymbol("h", X, "mean-zero")
M = KernelSymbol("M", source=Y, target=X)

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
    kernel_sup(M): ("sup|k_M|", r"\sup|k_M|"),
    kernel_slope_sup(M): ("sup‖∇_y k_M‖", r"\sup\|\nabla_yk_M\|"),
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
        lambda: kernel_sup(f),
        lambda: KernelSup(M, 2),
        lambda: pinsker(f, gibbs_density(u)),
    ):
        with pytest.raises(SortError):
            build()


def test_a_substitution_reaches_the_potential():
    moved = Substitution.of({u: f * g})(wasserstein(f, gibbs_density(u)))
    assert moved == wasserstein(f, gibbs_density(f * g))


def test_the_supremum_of_a_kernel_is_that_of_the_transposed_one():
    assert normalize(KernelSup(M.T)) == normalize(kernel_sup(M))
    assert normalize(kernel_slope_sup(M.T)) != normalize(kernel_slope_sup(M))
