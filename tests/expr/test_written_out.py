"""Unions of spaces: built, refused, printed, stored, substituted, and written out."""

import pytest

from mflverify.algebra.normal import normalize
from mflverify.expr import (
    Flow,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    RemainderSymbol,
    SortError,
    Space,
    SpeciesConstant,
    Substitution,
    center,
    component_sup,
    convexity_slack,
    digest,
    divergence,
    dual_norm,
    generator,
    grad,
    inner,
    least,
    log_density,
    minimum,
    mixed_derivative_sup,
    mixed_norm,
    monotonicity_slack,
    norm,
    one,
    poincare_constant,
    score,
    segment_slope,
    shifted_slack,
    species_gap,
    spectral_norm,
    sqrt,
    sup_norm,
    third_derivative_sup,
    third_norm,
    to_latex,
    to_mathml,
    to_unicode,
    wasserstein,
)
from mflverify.expr.components import symbols_on, write_out
from mflverify.expr.language import directional
from mflverify.expr.segments import SegmentSlope
from mflverify.expr.serial import TermsError, TermTable, read_terms
from mflverify.expr.terms import Direction, Extremum, PoincareConstant, Point
from mflverify.expr.unions import ShiftedSlack

X, A = Space("X", union=True), Space("A")
f, u = FunctionSymbol("f", X, "perturbation"), FunctionSymbol("u", X)
eta, c = SpeciesConstant("eta", X, "positive"), SpeciesConstant("c", X)
M = KernelSymbol("M", X, X)
S = KernelSymbol("S", X, X, symmetric=True)
R = RemainderSymbol("R", (X,), X)
X1, X2 = Space("X1"), Space("X2")
g = FunctionSymbol("g", X, "perturbation")
g1, g2 = FunctionSymbol("g1", X1, "perturbation"), FunctionSymbol("g2", X2, "perturbation")
R1, R2 = (RemainderSymbol(f"R_{i}", (X1, X2), s) for i, s in ((1, X1), (2, X2)))
f1, f2 = FunctionSymbol("f1", X1, "perturbation"), FunctionSymbol("f2", X2, "perturbation")
M11, M12 = KernelSymbol("M_11", X1, X1), KernelSymbol("M_12", X2, X1)
M21, M22 = KernelSymbol("M_21", X1, X2), KernelSymbol("M_22", X2, X2)

E1, E2 = (Parameter(f"eta_{i}", "positive") for i in (1, 2))
C1, C2 = (Parameter(f"c_{i}") for i in (1, 2))

PRINTED = {
    least(eta * species_gap(X)): ("min(ηα_PI)", r"\min(\eta\alpha_{\mathrm{PI}})"),
    shifted_slack(M, c): ("λ_opt(M + c)", r"\lambda_{\mathrm{opt}}(M + c)"),
    norm(f / eta): ("‖(1/η)f‖", r"\left\|\frac{1}{\eta}f\right\|"),
    segment_slope(R, f, g): (
        "inf_s⟨f − g, d/ds R(g + s(f − g))⟩",
        r"\inf_s\left\langle f - g, \frac{d}{ds}\,R(g + s(f - g))\right\rangle",
    ),
    component_sup(grad(M(f))): ("‖∇Mf‖_{2,∞}", r"\|\nabla Mf\|_{2,\infty}"),
    mixed_norm(M): ("‖(sup‖∇_i ∇_j k_M‖)_ij‖", r"\|(\sup\|\nabla_i\nabla_jk_M\|)_{ij}\|"),
    third_norm(R): (
        "‖(sup‖∇_i ∇_j ∇_k R′′‖)_{i,jk}‖",
        r"\|(\sup\|\nabla_i\nabla_j\nabla_kR''\|)_{i,jk}\|",
    ),
}


@pytest.mark.parametrize("term", PRINTED, ids=to_unicode)
def test_printing(term):
    assert (to_unicode(term), to_latex(term)) == PRINTED[term]
    assert "<math" in to_mathml(term)


def test_a_union_is_not_the_space_of_its_name():
    single = norm(FunctionSymbol("u", Space("X")))
    assert X != Space("X")
    assert digest(norm(u)) != digest(single)
    assert normalize(norm(u)) != normalize(single)


@pytest.mark.parametrize(
    "build",
    [
        lambda: component_sup(FunctionSymbol("u", A)),
        lambda: segment_slope(R, f, u),
        lambda: segment_slope(RemainderSymbol("R", (A,), A), f, g),
        lambda: SegmentSlope((R1,), (f1, f2), (g1, g2)),
        lambda: SegmentSlope((R1, R2), (f1, f2), (g1,)),
        lambda: SegmentSlope((), (), ()),
        lambda: component_sup(norm(u)),
        lambda: mixed_norm(KernelSymbol("N", A, A)),
        lambda: mixed_norm(KernelSymbol("N", X, A)),
        lambda: mixed_norm(M, KernelSymbol("N", A, A)),
        mixed_norm,
        lambda: third_norm(RemainderSymbol("R", (A,), A)),
        lambda: third_norm(RemainderSymbol("R", (X, X), X)),
        lambda: SpeciesConstant("eta", A),
        lambda: species_gap(A),
        lambda: c**-1,
        lambda: least(u),
        lambda: least(norm(u) * eta),
        lambda: least(norm(u)),
        lambda: mixed_norm(M, weight=c),
        lambda: shifted_slack(M, u),
        lambda: shifted_slack(M, norm(u) * eta),
        lambda: shifted_slack(KernelSymbol("N", A, A), c),
        lambda: mixed_norm(M, weight=u),
        lambda: mixed_norm(M, weight=SpeciesConstant("e", Space("W", union=True), "positive")),
        lambda: monotonicity_slack(M, weights={X: c}),
        lambda: Substitution.of({eta: c}),
        lambda: Substitution.of({c: u}),
    ],
)
def test_what_is_on_no_union_is_refused(build):
    with pytest.raises(SortError):
        build()


def test_the_table_of_terms_knows_unions():
    table = TermTable()
    weighted = (
        shifted_slack(M, c),
        mixed_norm(M, weight=eta),
        least(eta),
        inner(f / eta, species_gap(X) * u),
    )
    for term in (
        *weighted,
        norm(u),
        mixed_norm(M),
        third_norm(R),
        norm(FunctionSymbol("u", Space("X"))),
    ):
        assert read_terms(table.nodes)[table.add(term) :] == []
        assert read_terms(table.nodes)[-1] == term
    with pytest.raises(TermsError, match="no name of a space"):
        read_terms([["One", ["X", "Y"]]])


def test_a_substitution_takes_no_space_for_a_union():
    single = FunctionSymbol("u", A)
    with pytest.raises(SortError, match="need not hold on a union"):
        Substitution.of({single: u})
    with pytest.raises(SortError, match="need not hold on a union"):
        Substitution.of({u: single})
    with pytest.raises(SortError, match="need not hold on a union"):
        Substitution.of({}, {A: X})
    w = FunctionSymbol("w", Space("W", union=True))
    assert Substitution.of({u: w})(component_sup(u)) == component_sup(w)


WRITTEN = {
    inner(f, M(f)): (
        inner(f1, M11(f1) + M12(f2)) + inner(f2, M21(f1) + M22(f2)),
        inner(f1, M11(f1)),
    ),
    inner(f, M.T(f)): (
        inner(f1, M11.T(f1) + M21.T(f2)) + inner(f2, M12.T(f1) + M22.T(f2)),
        inner(f1, M11.T(f1)),
    ),
    norm(f): (sqrt(norm(f1) ** 2 + norm(f2) ** 2), norm(f1)),
    dual_norm(f) ** 2: (dual_norm(f1) ** 2 + dual_norm(f2) ** 2, dual_norm(f1) ** 2),
    component_sup(f): (sqrt(sup_norm(f1) ** 2 + sup_norm(f2) ** 2), sup_norm(f1)),
    sup_norm(f): (Extremum("max", (sup_norm(f1), sup_norm(f2))), sup_norm(f1)),
    poincare_constant(X): (
        Extremum("min", (PoincareConstant(X1), PoincareConstant(X2))),
        poincare_constant(X1),
    ),
    mixed_norm(M): (
        spectral_norm(
            [mixed_derivative_sup(M11), mixed_derivative_sup(M12)],
            [mixed_derivative_sup(M21), mixed_derivative_sup(M22)],
        ),
        spectral_norm([mixed_derivative_sup(M11)]),
    ),
    convexity_slack(M): (monotonicity_slack(M11, M12, M21, M22), monotonicity_slack(M11)),
    inner(f, one(X)): (inner(f1, one(X1)) + inner(f2, one(X2)), inner(f1, one(X1))),
    norm(center(f)) ** 2: (norm(center(f1)) ** 2 + norm(center(f2)) ** 2, norm(center(f1)) ** 2),
    inner(eta * f, c * M(f)): (
        inner(E1 * f1, C1 * (M11(f1) + M12(f2))) + inner(E2 * f2, C2 * (M21(f1) + M22(f2))),
        inner(E1 * f1, C1 * M11(f1)),
    ),
    least(eta * species_gap(X) - 1): (
        minimum(E1 * poincare_constant(X1) - 1, E2 * poincare_constant(X2) - 1),
        E1 * poincare_constant(X1) - 1,
    ),
    monotonicity_slack(M, weights={X: eta}): (
        monotonicity_slack(M11, M12, M21, M22, weights={X1: E1, X2: E2}),
        monotonicity_slack(M11, weights={X1: E1}),
    ),
    shifted_slack(M, c): (
        ShiftedSlack((M11, M12, M21, M22), ((X1, C1), (X2, C2))),
        ShiftedSlack((M11,), ((X1, C1),)),
    ),
    norm(f / eta) ** 2: (norm(f1 / E1) ** 2 + norm(f2 / E2) ** 2, norm(f1 / E1) ** 2),
    wasserstein(f) ** 2: (wasserstein(f1) ** 2 + wasserstein(f2) ** 2, wasserstein(f1) ** 2),
    wasserstein(f): (sqrt(wasserstein(f1) ** 2 + wasserstein(f2) ** 2), wasserstein(f1)),
    inner(f, log_density(f)): (
        inner(f1, log_density(f1)) + inner(f2, log_density(f2)),
        inner(f1, log_density(f1)),
    ),
    inner(grad(f), score(X)): (
        inner(grad(f1), score(X1)) + inner(grad(f2), score(X2)),
        inner(grad(f1), score(X1)),
    ),
    inner(f, divergence(grad(f))): (
        inner(f1, divergence(grad(f1))) + inner(f2, divergence(grad(f2))),
        inner(f1, divergence(grad(f1))),
    ),
    segment_slope(R, f, g): (
        SegmentSlope((R1, R2), (f1, f2), (g1, g2)),
        SegmentSlope((RemainderSymbol("R_1", (X1,), X1),), (f1,), (g1,)),
    ),
    norm(f) ** 4: ((norm(f1) ** 2 + norm(f2) ** 2) ** 2, norm(f1) ** 4),
}


@pytest.mark.parametrize("term", WRITTEN, ids=to_unicode)
def test_written_out(term):
    assert (write_out(term, 2), write_out(term, 1)) == WRITTEN[term]


def test_the_third_norm_written_out():
    forces = [RemainderSymbol(f"R_{i}", (X1, X2), s) for i, s in ((1, X1), (2, X2))]
    sizes = [
        spectral_norm(*([third_derivative_sup(r, j, k) for k in (0, 1)] for j in (0, 1)))
        for r in forces
    ]
    assert write_out(third_norm(R), 2) == sqrt(sizes[0] ** 2 + sizes[1] ** 2)
    assert symbols_on(R, 2) == tuple(forces)


def test_a_flow_written_out():
    flow = Flow.of("heat", {f: -generator(f)})
    assert write_out(flow, 2).equations == ((f1, -generator(f1)), (f2, -generator(f2)))


def test_a_symmetric_kernel_has_symmetric_blocks():
    s11, s12, s22 = symbols_on(S, 2)
    assert [s.symmetric for s in (s11, s12, s22)] == [True, False, True]
    assert write_out(inner(f, S(f)), 2) == (
        inner(f1, s11(f1) + s12(f2)) + inner(f2, s12.T(f1) + s22(f2))
    )


def test_what_has_no_components_is_refused():
    v, x = Direction("v", X), Point("x", X)
    for term in (directional(grad(u), x, v), mixed_derivative_sup(M), u):
        with pytest.raises(SortError):
            write_out(term, 2)
    with pytest.raises(SortError, match="at least one"):
        write_out(norm(u), 0)
    w = FunctionSymbol("w", A)
    assert write_out(norm(w), 3) == norm(w)
