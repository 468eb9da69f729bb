"""The table of notations, node class by node class, in Unicode, LaTeX and MathML."""

from __future__ import annotations

import inspect
import xml.etree.ElementTree as ET
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

import pytest

from mflverify.expr import (
    Direction,
    Flow,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Point,
    RemainderSymbol,
    Space,
    VectorSymbol,
    at_time,
    center,
    convexity_slack,
    directional,
    dot,
    dual_norm,
    equation,
    exp,
    generator,
    grad,
    grad_adjoint,
    inner,
    inverse_generator,
    kernel_slice,
    maximum,
    minimum,
    mixed_derivative_sup,
    monotonicity_slack,
    norm,
    one,
    poincare_constant,
    projector,
    second_derivative_sup,
    segment_variation,
    spectral_norm,
    sqrt,
    sup_norm,
    terms,
    third_derivative_sup,
)
from mflverify.expr.printing import to_latex, to_mathml, to_unicode

X, Y = Space("X"), Space("Y")
tau, alpha, alpha_x, lam, eps, K, K1, t, rate = (
    Parameter(name, "positive")
    for name in ("tau", "alpha", "alpha_x", "lambda", "eps", "K", "K1", "t", "rate")
)
f = FunctionSymbol("f", X, "perturbation")
f_x = FunctionSymbol("f_x", X, "perturbation")
g = FunctionSymbol("g", Y, "perturbation")
h = FunctionSymbol("h", X)
Phi = VectorSymbol("Phi", X)
M = KernelSymbol("M", X, X, symmetric=True)
N = KernelSymbol("N", Y, X)
x, v = Point("x", X), Direction("v", X)
y, w = Point("y'", Y), Direction("w", Y)
L, L_inv = generator, inverse_generator
mfld = Flow.of("mfld", {f: -tau * L(f) - L(M(f)) - grad_adjoint(f * grad(M(f)))})
game = Flow.of("game", {f: -tau * L(f) - L(N(g)), g: -tau * L(g) + L(N.T(f))})
abstract = Flow("abstract")
q, r = abstract.quantity("X"), abstract.quantity("Y_1")
half = Fraction(1, 2)
R = RemainderSymbol("R", (X,), X)

TABLE = [
    (terms.Rational(Fraction(-3, 4)), "−3/4", r"-\frac{3}{4}"),
    (terms.Rational(Fraction(0)), "0", "0"),
    (tau, "τ", r"\tau"),
    (alpha_x, "α_x", r"\alpha_x"),
    (K1, "K₁", "K_1"),
    (rate, "rate", r"\mathrm{rate}"),
    (Parameter("odd#name"), "odd#name", r"\mathrm{odd\#name}"),
    (Parameter("C_x_12"), "C_{x,12}", "C_{x,12}"),
    (1 - tau - 2 * lam, "1 − τ − 2λ", r"1 - \tau - 2\lambda"),
    (1 - (tau + lam), "1 − (τ + λ)", r"1 - (\tau + \lambda)"),
    (2 * alpha * tau * t, "2ατt", r"2\alpha\tau t"),
    (2 * alpha * (tau - lam), "2α(τ − λ)", r"2\alpha(\tau - \lambda)"),
    (alpha_x * tau * rate * t, "α_x τ rate t", r"\alpha_x\tau\,\mathrm{rate}\,t"),
    (-2 * norm(f) * norm(h), "−2‖f‖ ‖h‖", r"-2\|f\|\|h\|"),
    (K**2 / (2 * tau) * norm(f), "K²‖f‖/(2τ)", r"\frac{K^2}{2\tau}\|f\|"),
    (norm(f) ** 2 / 2, "‖f‖²/2", r"\frac{1}{2}\|f\|^2"),
    (inner(f, M(f)) / norm(f) ** 2, "⟨f, Mf⟩/‖f‖²", r"\frac{\langle f, Mf\rangle}{\|f\|^2}"),
    ((tau - lam) / (tau + lam), "(τ − λ)/(τ + λ)", r"\frac{\tau - \lambda}{\tau + \lambda}"),
    (half * grad(h), "(1/2)∇h", r"\frac{1}{2}\nabla h"),
    (L(h) * grad(M(f)), "(Lh)∇Mf", r"(Lh)\nabla Mf"),
    ((1 + f) * grad(M(f)), "(1 + f)∇Mf", r"(1 + f)\nabla Mf"),
    (h * one(X), "h⋅1", r"h\cdot1"),
    (2 * one(X) + h, "2 + h", "2 + h"),
    (alpha**2, "α²", r"\alpha^2"),
    (alpha_x**-2, "1/α_x²", r"\frac{1}{\alpha_x^2}"),
    (sqrt(2 * tau), "√(2τ)", r"\sqrt{2\tau}"),
    (sqrt(alpha) * tau, "√(α)τ", r"\sqrt{\alpha}\tau"),
    (alpha ** Fraction(-3, 2), "1/α^(3/2)", r"\frac{1}{\alpha^{3/2}}"),
    ((tau / lam) ** 2, "(τ/λ)²", r"\left(\frac{\tau}{\lambda}\right)^2"),
    (L(h) ** 2, "(Lh)²", "(Lh)^2"),
    (abs(-tau), "|−τ|", r"|{-}\tau|"),
    (abs(abs(q) - 1), "|(|X| − 1)|", "|(|X| - 1)|"),
    (exp(-2 * alpha * (tau - eps) * t), "e^(−2α(τ−ε)t)", r"e^{-2\alpha(\tau - \varepsilon)t}"),
    (maximum(1, tau), "max(1, τ)", r"\max(1, \tau)"),
    (minimum(1, 1 / K), "min(1, 1/K)", r"\min\left(1, \frac{1}{K}\right)"),
    (inner(grad(h), h * Phi), "⟨∇h, hΦ⟩", r"\langle\nabla h, h\Phi\rangle"),
    (norm(h), "‖h‖", r"\|h\|"),
    (norm(norm(h) * f), "‖(‖h‖f)‖", r"\|(\|h\|f)\|"),
    (dual_norm(f), "‖f‖₋₁", r"\|f\|_{-1}"),
    (dual_norm(f) ** 2, "‖f‖₋₁²", r"\|f\|_{-1}^2"),
    (sup_norm(grad(M(f))), "‖∇Mf‖_∞", r"\|\nabla Mf\|_\infty"),
    (mixed_derivative_sup(M), "sup‖∇∇′k_M‖", r"\sup\|\nabla\nabla'k_M\|"),
    (mixed_derivative_sup(N), "sup‖∇_x ∇_y k_N‖", r"\sup\|\nabla_x\nabla_yk_N\|"),
    (poincare_constant(X), "α_PI(X)", r"\alpha_{\mathrm{PI}}(X)"),
    (R, "R", "R"),
    (grad(R(f)), "∇R(f)", r"\nabla R(f)"),
    (R(f), "R(f)", "R(f)"),
    (third_derivative_sup(R), "sup‖∇∇′∇′′R′′‖", r"\sup\|\nabla\nabla'\nabla''R''\|"),
    (second_derivative_sup(R), "sup‖∇∇′²R′‖", r"\sup\|\nabla{\nabla'}^2R'\|"),
    (
        segment_variation(R, Parameter("q", "nonnegative"), f, f, f),
        "R′′((q/(1 + q))f)(f, f)",
        r"R''\left(\frac{q}{1 + q}f\right)(f, f)",
    ),
    (convexity_slack(M), "λ_opt(M)", r"\lambda_{\mathrm{opt}}(M)"),
    (monotonicity_slack(N, N.T), "λ_opt(N, N*)", r"\lambda_{\mathrm{opt}}(N, N^*)"),
    (
        spectral_norm([K, 1]),
        "‖(K, 1)‖_op",
        r"\left\|\begin{pmatrix} K & 1 \end{pmatrix}\right\|_{\mathrm{op}}",
    ),
    (
        spectral_norm([K, 1], [0, tau]),
        "‖(K, 1; 0, τ)‖_op",
        r"\left\|\begin{pmatrix} K & 1 \\ 0 & \tau \end{pmatrix}\right\|_{\mathrm{op}}",
    ),
    (directional(grad(M(f)), x, v), "v·∇Mf(x)", r"v\cdot\nabla Mf(x)"),
    (2 * directional(h * Phi, x, v), "2(v·(hΦ)(x))", r"2(v\cdot(h\Phi)(x))"),
    (q, "X", "X"),
    (mfld.derivative(norm(f) ** 2), "d/dt ‖f‖²", r"\frac{d}{dt}\,\|f\|^2"),
    (abstract.derivative(q + r), "d/dt (X + Y₁)", r"\frac{d}{dt}\,(X + Y_1)"),
    (at_time(norm(f) ** 2, t), "‖f_t‖²", r"\|f_t\|^2"),
    (
        at_time(norm(f_x) ** 2 + norm(g) ** 2, t),
        "‖f_{x,t}‖² + ‖g_t‖²",
        r"\|f_{x,t}\|^2 + \|g_t\|^2",
    ),
    (at_time(q, 0) ** 2, "X₀²", "X_0^2"),
    (at_time(r, t - 1), "Y_{1,t−1}", "Y_{1,t - 1}"),
    (at_time(norm(h) ** 2, t), "‖h‖²|_t", r"\left.\|h\|^2\right|_t"),
    (
        at_time(abstract.derivative(q), 0) ** 2,
        "((d/dt X)|₀)²",
        r"\left(\left.\left(\frac{d}{dt}\,X\right)\right|_0\right)^2",
    ),
    (f_x, "f_x", "f_x"),
    (one(X), "1", "1"),
    (terms.SpeciesConstant("tau", Space("X", True)), "τ", r"\tau"),
    (terms.SpeciesGap(Space("X", True)), "α_PI", r"\alpha_{\mathrm{PI}}"),
    (L(h**2), "L(h²)", "L(h^2)"),
    (L_inv(f), "L⁻¹f", "L^{-1}f"),
    (grad_adjoint(h * Phi), "∇*(hΦ)", r"\nabla^*(h\Phi)"),
    (M(one(X)), "M(1)", "M(1)"),
    (L(M(h - f)), "LM(h − f)", "LM(h - f)"),
    (N.T(f), "N*f", "N^*f"),
    (dot(Phi, grad(h)), "Φ·∇h", r"\Phi\cdot\nabla h"),
    (h * dot(Phi, Phi), "h(Φ·Φ)", r"h(\Phi\cdot\Phi)"),
    (center(h), "Πh", r"\Pi h"),
    (kernel_slice(M, x, v), "v·∇k_M(x, ·)", r"v\cdot\nabla k_M(x, \cdot)"),
    (kernel_slice(N.T, y, w), "w·∇_y k_N(·, y′)", r"w\cdot\nabla_yk_N(\cdot, y')"),
    (Phi, "Φ", r"\Phi"),
    (grad(h), "∇h", r"\nabla h"),
    (projector(h * Phi), "P(hΦ)", r"P(h\Phi)"),
    (N, "N", "N"),
    (N.T, "N*", "N^*"),
    (KernelSymbol("Gauss", X, X)(f), "Gauss f", r"\mathrm{Gauss}\,f"),
    (2 * rate * maximum(K, 1), "2 rate max(K, 1)", r"2\,\mathrm{rate}\,\max(K, 1)"),
    (alpha_x * mfld.derivative(q), "α_x d/dt X", r"\alpha_x\frac{d}{dt}\,X"),
    (y, "y′", "y'"),
    (w, "w", "w"),
    (tau <= K * norm(f), "τ ≤ K‖f‖", r"\tau \le K\|f\|"),
    (q < 1, "X < 1", "X < 1"),
    (equation(q, 0), "X = 0", "X = 0"),
    (
        mfld,
        "d/dt f = −τLf − LMf − ∇*(f∇Mf)",
        r"\frac{d}{dt}\,f = -\tau Lf - LMf - \nabla^*(f\nabla Mf)",
    ),
    (
        game,
        "d/dt f = −τL_x f − L_x Ng;  d/dt g = −τL_y g + L_y N*f",
        "\\begin{aligned}\n"
        "\\frac{d}{dt}\\,f & = -\\tau L_xf - L_xNg \\\\\n"
        "\\frac{d}{dt}\\,g & = -\\tau L_yg + L_yN^*f\n"
        "\\end{aligned}",
    ),
]
EVERY_CLASS = [
    cls
    for name, cls in inspect.getmembers(terms, inspect.isclass)
    if cls.__module__ == terms.__name__
    and not name.startswith("_")
    and cls is not terms.Term
    and issubclass(cls, (terms.Term, terms.Relation, terms.Flow))
]


@pytest.mark.parametrize(("node", "unicode", "latex"), TABLE, ids=[row[1] for row in TABLE])
def test_table(node: terms.Node, unicode: str, latex: str) -> None:
    assert to_unicode(node) == unicode
    assert to_latex(node) == latex


@pytest.mark.parametrize("cls", EVERY_CLASS, ids=lambda cls: cls.__name__)
def test_every_class_of_the_language_is_printed(cls: type) -> None:
    roots = [node for node, _, _ in TABLE if type(node) is cls]
    assert roots, f"add a row for {cls.__name__} to the table of this test"
    for node in roots:
        assert ET.fromstring(to_mathml(node)).tag.endswith("math")


def test_enumeration_sees_the_language() -> None:
    assert {terms.Rational, terms.Quantity, terms.Transpose, terms.Flow} <= set(EVERY_CLASS)


class Mystery(terms.Term):
    """A node that no table knows."""

    @property
    def sort(self) -> terms.Sort:
        return terms.SCALAR


@pytest.mark.parametrize("draw", [to_unicode, to_latex, to_mathml])
def test_unknown_nodes_are_refused_by_name(draw: Callable[..., str]) -> None:
    for node in (Mystery(), terms.Abs(Mystery()), "tau"):
        with pytest.raises(TypeError, match=r"no notation for (Mystery|str)"):
            draw(node)


def test_abstract_flow_has_no_equations() -> None:
    with pytest.raises(ValueError, match="flow 'abstract' is abstract"):
        to_unicode(abstract)


def test_bad_options_are_named() -> None:
    with pytest.raises(ValueError, match="width must be positive, not 0"):
        to_unicode(tau, width=0)
    with pytest.raises(ValueError, match="max_terms_per_line must be positive, not -1"):
        to_latex(tau, max_terms_per_line=-1)
    with pytest.raises(ValueError, match="display must be 'block' or 'inline', not 'wide'"):
        to_mathml(tau, display="wide")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="LaTeX has no 'ж'"):
        to_latex(Parameter("ж"))


# ------------------------------------------------------------------------------- subscripts


def test_spaces_are_shown_when_there_are_several() -> None:
    assert to_unicode(L(f)) == "Lf"
    assert to_unicode(L(f), show_spaces=True) == "L_x f"
    assert to_unicode(norm(L(f)) + norm(grad(L_inv(g)))) == "‖L_x f‖ + ‖∇_y L_y⁻¹g‖"
    assert to_unicode(norm(L(f)) + norm(L(g)), show_spaces=False) == "‖Lf‖ + ‖Lg‖"


def test_the_flow_behind_a_derivative_does_not_count_as_shown() -> None:
    assert to_unicode(game.derivative(inner(f, L(f)))) == "d/dt ⟨f, Lf⟩"


# ------------------------------------------------------------------------------------ lines

LONG = equation(
    mfld.derivative(dual_norm(f) ** 2),
    -2 * tau * norm(f) ** 2 - 2 * inner(f, M(f)) - 2 * inner(grad(L_inv(f)), f * grad(M(f))),
)


def test_width_breaks_at_the_relation_then_at_signs() -> None:
    assert to_unicode(LONG, width=60) == ("d/dt ‖f‖₋₁² = −2τ‖f‖² − 2⟨f, Mf⟩ − 2⟨∇L⁻¹f, f∇Mf⟩")
    assert to_unicode(LONG, width=45) == ("d/dt ‖f‖₋₁²\n  = −2τ‖f‖² − 2⟨f, Mf⟩ − 2⟨∇L⁻¹f, f∇Mf⟩")
    assert to_unicode(LONG, width=30) == (
        "d/dt ‖f‖₋₁²\n  = −2τ‖f‖² − 2⟨f, Mf⟩\n    − 2⟨∇L⁻¹f, f∇Mf⟩"
    )
    assert to_unicode(game, width=40) == ("d/dt f = −τL_x f − L_x Ng\nd/dt g = −τL_y g + L_y N*f")


@pytest.mark.parametrize("width", [24, 33, 47, 60])
def test_no_line_is_wider_than_asked_unless_it_is_one_term(width: int) -> None:
    numbers = [Parameter(f"a_{i}") * norm(f) * norm(h) for i in range(9)]
    total = sum(numbers[1:], numbers[0])
    lines = to_unicode(total <= total - 3 * K, width=width).split("\n")
    assert len(lines) > 2
    assert max(map(len, lines)) <= width
    spaceless = "".join("".join(lines).split())
    assert spaceless == "".join(to_unicode(total <= total - 3 * K).split())


def test_latex_lines() -> None:
    assert to_latex(LONG, max_terms_per_line=3) == to_latex(LONG)
    assert to_latex(LONG, max_terms_per_line=2) == (
        "\\begin{aligned}\n"
        "\\frac{d}{dt}\\,\\|f\\|_{-1}^2 & = -2\\tau\\|f\\|^2 - 2\\langle f, Mf\\rangle \\\\\n"
        "&\\quad {} - 2\\langle\\nabla L^{-1}f, f\\nabla Mf\\rangle\n"
        "\\end{aligned}"
    )


# ----------------------------------------------------------------------------------- MathML

ARITY = {"mfrac": 2, "msub": 2, "msup": 2, "msubsup": 3, "msqrt": 1}
CONTAINERS = {"math", "mrow", "mtable", "mtr", "mtd"}
TOKENS = {"mi", "mn", "mo"}
NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"


@pytest.mark.parametrize("lines", [None, 1])
@pytest.mark.parametrize("node", [row[0] for row in TABLE], ids=[row[1] for row in TABLE])
def test_mathml_is_well_formed(node: terms.Node, lines: int | None) -> None:
    root = ET.fromstring(to_mathml(node, max_terms_per_line=lines))
    for element in root.iter():
        tag = element.tag.removeprefix(NAMESPACE)
        assert not (element.tail or "").strip()
        if tag in TOKENS:
            assert (element.text or "").strip()
            assert len(element) == 0
        else:
            assert element.text is None
            assert tag in CONTAINERS or tag == "mspace" or len(element) == ARITY[tag]


def test_mathml_escapes_names_and_relations() -> None:
    assert '<mo form="infix">&lt;</mo>' in to_mathml(q < 1)
    hostile = Parameter("<script>&\"'")
    root = ET.fromstring(to_mathml(hostile))
    assert "".join(root.itertext()) == hostile.name
    assert "<script" not in to_mathml(hostile)


def test_mathml_display() -> None:
    assert ' display="block">' in to_mathml(tau)
    assert ' display="inline">' in to_mathml(tau, display="inline")


def test_mathml_shows_where_a_page_may_break() -> None:
    a, b, c = (Parameter(name, "positive") for name in "abc")
    text = to_mathml(a - b <= -c + a * b)
    line = text[text.index('<mrow class="line">') + len('<mrow class="line">') :]
    assert line.startswith('<mi>a</mi><mrow><mo form="infix">−</mo><mi>b</mi></mrow>')
    assert (
        '<mrow><mo form="infix">≤</mo><mrow><mo form="prefix">−</mo><mi>c</mi></mrow></mrow>'
        in line
    )
    assert 'class="line"' not in to_mathml(a * b)
    assert '<mrow class="line"><mi>a</mi><msqrt><mi>b</mi></msqrt></mrow>' in to_mathml(a * sqrt(b))


def test_repeated_functions_are_powers() -> None:
    assert to_unicode(f * f * grad(f_x)) == "f²∇f_x"
    assert to_unicode(f * f_x * f) == "f²f_x"
    assert to_unicode(L(f) * L(f) * f_x) == "(Lf)²f_x"
    assert to_latex(Fraction(1, 2) * f * f) == r"\frac{1}{2}f^2"


def test_no_line_is_too_long_as_long_as_it_has_a_place_to_break() -> None:
    letters = [Parameter(f"a_{n}", "positive") for n in range(9)]
    total = sum((a * b for a, b in pairwise(letters)), start=letters[0])
    roots = (
        sqrt(1 + letters[0]) * sqrt(2 + letters[1]) * sqrt(3 + letters[2]) * sqrt(4 + letters[3])
    )
    relation = 2 * total * roots - letters[1] * total <= maximum(*letters) * (total + roots) ** 2
    for width in (30, 50, 72):
        lines = to_unicode(relation, width).splitlines()
        assert max(map(len, lines)) <= width
        joined = " ".join(line.strip() for line in lines)
        assert joined.replace(" ", "") == to_unicode(relation).replace(" ", "")
    assert to_unicode(relation, 10_000) == to_unicode(relation)


def test_lines_break_where_the_formula_is_least_deep() -> None:
    a, b, c, d = (Parameter(name, "positive") for name in ("alpha", "beta", "gamma", "delta"))
    lines = to_unicode(a * (b * (c + d) + c * (d + b)) <= d, 16).splitlines()
    assert lines == ["α(β(γ + δ)", "    + γ(δ + β))", "  ≤ δ"]


def test_mathml_breaks_inside_brackets_and_keeps_all_that_it_says() -> None:
    letters = [Parameter(name, "positive") for name in "abcdef"]
    a, b, c, *_ = letters
    whole = to_mathml(a <= 2 * a * (b + c) ** 2 * maximum(*letters) - 2 * (a + b + c))
    tree = ET.fromstring(whole)
    namespace = "{http://www.w3.org/1998/Math/MathML}"
    lines = [row for row in tree.iter(f"{namespace}mrow") if row.get("class") == "line"]
    assert len(lines) == 3  # the relation and its two terms
    texts = ["".join(part.itertext()) for part in lines[-1]]
    assert texts == ["−2(a", "+b", "+c)"]
    assert "".join(tree.itertext()) == "a≤2a(b+c)2max(a,b,c,d,e,f)−2(a+b+c)"
