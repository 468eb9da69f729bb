"""An adversary's attempts on the kernel, each of another kind; none may be green.

Beside `test_soundness.py`, which goes through the rules one by one, these combine them, or come in
through what the kernel takes as data: substitutions, certificates, nodes it has never seen.
"""

import json
import random
from fractions import Fraction

import pytest
from attrs import evolve, frozen

from mflverify.engines.certificates import find_certificate
from mflverify.engines.logical import judge
from mflverify.expr import (
    Direction,
    Flow,
    FunctionSymbol,
    KernelSymbol,
    Parameter,
    Point,
    RemainderSymbol,
    SortError,
    Space,
    VectorSymbol,
    at_time,
    center,
    chi2,
    directional,
    dual_norm,
    equation,
    equilibrium_convexity,
    exp,
    generator,
    grad,
    inner,
    kernel_slice,
    maximum,
    minimum,
    norm,
    one,
    poincare_constant,
    sqrt,
    sup_norm,
    wasserstein,
)
from mflverify.expr.sorts import SCALAR, FunctionSort
from mflverify.expr.substitution import Substitution
from mflverify.expr.terms import Extremum, Power, Product, Sum, Term
from mflverify.proof import (
    Logical,
    Statement,
    barrier,
    cauchy_schwarz,
    compact_interaction,
    exponential,
    forced_decay,
    gronwall,
    hoelder,
    jensen,
    poincare,
    poincare_optimal,
    supremum,
    transport_taylor,
    triangle,
)
from mflverify.proof.certificate import Certificate, Part, check
from mflverify.proof.kernel import examine
from mflverify.proof.loader import load
from mflverify.proof.statement import Application
from mflverify.proof.trace import TraceError, certificate_from_json, certificate_to_json

X, Y = Space("X"), Space("Y")
f, g = FunctionSymbol("f", X, "perturbation"), FunctionSymbol("g", Y, "perturbation")
h, u, w = FunctionSymbol("h", X, "mean-zero"), FunctionSymbol("u", X), FunctionSymbol("w", X)
A, S = KernelSymbol("A", X, X), KernelSymbol("S", X, X, symmetric=True)
x, v = Point("x", X), Direction("v", X)
phi = VectorSymbol("Phi", X)
flow = Flow("abstract")
P, Q = flow.quantity("P"), flow.quantity("Q")
signed = flow.quantity("Z", "real")
a, b = Parameter("a", "positive"), Parameter("b", "positive")
c, r = Parameter("c", "nonnegative"), Parameter("r")
s, t = Parameter("s", "nonnegative"), Parameter("t", "nonnegative")
GREEN = {Logical.PROVED, Logical.FACT, Logical.LEMMA}


def verdict(claim, because=(), given=(), assuming=()):
    """The verdict of one step; what is refused when it is written counts as refused."""
    statement = Statement("user", "one step", given=given)
    try:
        step = statement.step("claim", claim, because=because, assuming=assuming)
        return judge(step).verdict
    except SortError:
        return Logical.UNDECIDED


def green(*arguments, **options):
    return verdict(*arguments, **options) in GREEN


def lemma(claim, given=(), because=()):
    statement = Statement("lemma", "a lemma", given=given)
    assert judge(statement.conclude("holds", claim, because=because)).verdict in GREEN
    return statement


# ------------------------------------------------------------------------ signs and kinds of images


@pytest.mark.parametrize("image", [signed, r, inner(f, h), P - Q, -P])
def test_a_quantity_that_is_never_negative(image):
    true = lemma(P + 1 >= 1)
    assert green(Q + 1 >= 1, [true.at({P: Q})])
    assert not green(image + 1 >= 1, [true.at({P: image})])


def test_kinds_of_functions_and_kernels_are_kept():
    for build in (
        lambda: lemma(equation(inner(h, one(X)), 0)).at({h: u}),
        lambda: lemma(equation(inner(f, S(h)), inner(h, S(f)))).at({S: A}),
        lambda: lemma(norm(f) >= 0).at({f: g, h: h}),
    ):
        with pytest.raises(SortError):
            build()


def test_a_remainder_is_no_kernel_of_that_name():
    remainder, kernel = RemainderSymbol("R", (X,), X), KernelSymbol("R", X, X)
    assert not green(norm(remainder(f)) + norm(kernel(f)) >= 0)


def test_one_name_on_two_spaces_is_two_things():
    other = FunctionSymbol("f", Y, "perturbation")
    assert not green(equation(chi2(f), chi2(other)))
    assert not green(poincare_constant(Y) * chi2(f) <= norm(grad(f)) ** 2, [poincare(f)])


def test_two_flows_of_one_name():
    slow, fast = (Flow.of("heat", {f: -k * generator(f)}) for k in (1, 2))
    assert not green(equation(slow.derivative(chi2(f)), fast.derivative(chi2(f))))


def test_a_substitution_that_was_never_checked():
    """Its parts put together by hand: a mean-zero function becomes any, a symmetric kernel too."""
    for true, false, pair in (
        (equation(inner(h, one(X)), 0), equation(inner(u, one(X)), 0), {h: u}),
        (
            equation(inner(f, S(h)), inner(h, S(f))),
            equation(inner(f, A(h)), inner(h, A(f))),
            {S: A},
        ),
        (poincare_constant(X) >= 0, poincare_constant(Y) >= 1, {}),
    ):
        known = lemma(true)
        assert not green(false, [Application(known, Substitution(pair, {}, {}))])
    on_another = Substitution({u: w}, {X: Y}, {})
    assert not green(norm(w) >= 0, [Application(lemma(norm(u) >= 0), on_another)])


def test_terms_of_the_wrong_sort_cannot_be_put_together():
    for build in (
        lambda: Sum((a, u)),
        lambda: Product((u, w), result_sort=SCALAR),
        lambda: Power(u, Fraction(-1)),
        lambda: Power(S, Fraction(2)),
    ):
        with pytest.raises(SortError):
            build()


def test_a_lemma_cannot_hide_behind_its_label():
    """Conditions of definedness are no uses; a lemma that is called like one is."""
    hidden = Statement("domain of everything", "a lemma that nobody proved")
    hidden.conclude("false", 2 * norm(f) <= norm(f))
    step = Statement("s", "t").conclude("claim", 2 * norm(f) <= norm(f) + a, because=[hidden])
    assert judge(step).uses == ("domain of everything",)


@pytest.mark.parametrize("label", ["domain of x", "a/b", "gronwall", "hypothesis 1", ""])
def test_labels_that_could_be_mistaken(label, tmp_path):
    folder = tmp_path / "proofs" / "paper"
    folder.mkdir(parents=True)
    (folder / "s.py").write_text(
        "from mflverify.expr import Parameter\n"
        "from mflverify.proof import Statement\n"
        f"s = Statement({label!r}, 'badly named')\n"
        "s.conclude('c', Parameter('a', 'positive') > 0)\n"
    )
    (problem,) = load(tmp_path / "proofs").problems
    assert "is no label" in problem.message


# ---------------------------------------------------------------------------------- bound variables


def test_a_point_is_not_captured_by_a_supremum():
    """sup |Phi| <= v . Phi(x) would follow from the bound that mentions its own point."""
    bound = abs(directional(phi, x, v))
    assert not green(sup_norm(phi) <= bound, [supremum(phi, bound, x, v)])


def test_a_slice_is_not_captured_by_a_supremum():
    seen = grad(kernel_slice(S, x, v))
    claim = sup_norm(seen) <= sup_norm(seen)
    assert green(claim)
    assert not green(sup_norm(seen) <= norm(seen), [supremum(seen, norm(seen), x, v)])


def test_a_generic_function_is_not_restricted():
    """A bound for one function, or for functions of a kind, is none for all of them."""
    one_function = b * norm(center(u)) ** 2 <= norm(grad(u)) ** 2
    assert not green(b <= poincare_constant(X), [poincare_optimal(b, u)], given=[one_function])
    assert not green(b <= poincare_constant(X), [poincare_optimal(b, u)], assuming=[one_function])
    with pytest.raises(SortError):
        poincare_optimal(b, f)


def test_a_generic_function_is_not_left_over():
    ratio = norm(grad(u)) ** 2 / (1 + norm(u) ** 2)
    assert not green(ratio <= poincare_constant(X), [poincare_optimal(ratio, u)])


def test_a_local_step_does_not_make_a_premise_general():
    """The premise of a fact about all functions is not shown where only some are looked at."""
    s_ = Statement("s", "local")
    inside = b * norm(center(u)) ** 2 <= norm(grad(u)) ** 2
    local = s_.step("local", inside, assuming=[inside])
    step = s_.step("gap", b <= poincare_constant(X), because=[local, poincare_optimal(b, u)])
    assert judge(step).verdict not in GREEN


def test_compactness_says_nothing_of_one_function():
    form = inner(generator(u), S(generator(u)))
    given = [b * norm(grad(u)) ** 2 <= form]
    assert not green(b <= 0, [compact_interaction(b, u, S)], given=given)


def test_a_generic_time_is_not_restricted():
    premise = at_time(Q, t) <= c * exp(-(a + b) * t)
    given = [flow.derivative(P) <= -a * P + Q, premise]
    claim = at_time(P, t) <= exp(-a * t) * (at_time(P, 0) + c / b)
    assert not green(claim, [forced_decay(P, Q, a, b, 1 + 0 * a, c, flow, t)], given=given)


# ------------------------------------------------------------------------------------- times


def test_moments_that_move_or_are_negative():
    assert not green(at_time(P, r) <= a, given=[P <= a])
    assert not green(at_time(P, -a) <= a, given=[P <= a])
    true = lemma(at_time(P, t) <= at_time(P, t) + a)
    assert not green(at_time(P, Q) <= at_time(P, Q) + a, [true.at({t: Q})])
    assert not green(at_time(P, r) <= at_time(P, r) + a, [true.at({t: r})])


def test_a_value_that_was_is_no_value_that_is():
    decayed = lemma(
        at_time(P, t) <= exp(-a * t) * at_time(P, 0),
        [flow.derivative(P) <= -a * P],
        [gronwall(P, a, flow, t)],
    )
    assert not green(P <= exp(-a * t) * P, [decayed], given=[flow.derivative(P) <= -a * P])
    frozen_value = at_time(Q, s)
    claim = at_time(frozen_value, t) <= exp(-a * t) * at_time(frozen_value, 0)
    assert not green(claim, [decayed.at({P: frozen_value})])


def test_the_largest_of_two_values_at_two_times():
    assert not green(at_time(maximum(P, Q), t) <= maximum(at_time(P, t), Q))
    assert green(equation(at_time(maximum(P, Q), t), maximum(at_time(P, t), at_time(Q, t))))


def test_a_barrier_with_a_level_that_moves():
    with pytest.raises(SortError, match="constant"):
        barrier(P, 1 + 0 * a, Q, a, flow, t)
    with pytest.raises(SortError, match="constant"):
        exponential(P, chi2(f), flow, t)


# -------------------------------------------------------------------------- undefined expressions


@pytest.mark.parametrize(
    "claim",
    [
        equation(r / r, 1),
        equation(c * (a / c), a),
        1 / c - 1 / c <= 0,
        0 <= sqrt(r) - sqrt(r),
        equation((r ** Fraction(1, 3)) ** 3, r),
        equation((c - a) ** 2 / (c - a), c - a),
        equation(maximum(a / c, a / c), a / c),
        0 <= abs(1 / r),
        exp(1 / c) >= 0,
        equation(norm(f / c) * c, norm(f)),
        sqrt(-1 - c) <= a,
    ],
)
def test_what_is_undefined_somewhere_is_not_proved(claim):
    assert not green(claim)


def test_an_undefined_image_of_a_lemma():
    true = lemma(r - r >= 0)
    assert not green(1 / c - 1 / c >= 0, [true.at({r: 1 / c})])


def test_extrema_of_nothing():
    for which in ("max", "min"):
        assert not green(0 <= a, given=[a <= Extremum(which, ())], because=[])
        assert not green(2 * a <= a, given=[a <= Extremum(which, ())])


def test_the_smaller_is_not_the_larger():
    assert not green(maximum(r, a) <= minimum(r, a))
    assert not green(maximum(a, b) <= a)
    assert not green(a <= minimum(a, b))
    assert not green(a * b <= minimum(a, b) ** 2)
    assert not green(maximum(r, -r) <= r)
    assert green(equation(maximum(r, -r), abs(r)))


# ------------------------------------------------------------------------------ opaque nodes


@frozen(repr=False)
class Unknown(Term):
    """A number of which the algebra knows nothing."""

    argument: Term

    @property
    def sort(self):
        return SCALAR


@frozen(repr=False)
class UnknownFunction(Term):
    argument: Term

    @property
    def sort(self):
        return FunctionSort(X)


def test_nothing_is_known_of_unknown_nodes():
    number, function = Unknown(f), UnknownFunction(f)
    assert not green(number >= 0)
    assert not green(equation(Unknown(2 * f), 2 * number))
    assert not green(equation(at_time(number, t), number))
    assert not green(equation(inner(function, one(X)), 0))
    assert not green(poincare_constant(X) * norm(function) ** 2 <= norm(grad(function)) ** 2, [poincare(function)])  # fmt: skip
    assert not green(equation(1 / number * number, 1))
    for build in (wasserstein, lambda p: transport_taylor(RemainderSymbol("R", (X,), X), p)):
        with pytest.raises((SortError, TypeError)):  # it cannot even be printed
            build(function)


# ------------------------------------------------------------------------------ facts side by side


def test_facts_about_one_space_say_nothing_of_another():
    assert not green(norm(g * grad(g)) <= norm(g) * sup_norm(grad(f)), [hoelder(g, grad(g))])
    assert not green(norm(u - w) <= norm(u) - norm(w), [triangle(u, w)])
    assert not green(inner(u, one(X)) <= 0, [jensen(u)])
    bottom = equilibrium_convexity(X, a, S)
    assert not green(0 <= bottom)
    assert not green(equation(bottom, equilibrium_convexity(X, b, S)))


def test_what_is_applied_does_not_establish_its_own_premise():
    inside = P <= a
    self_serving = barrier(P, 1 + 0 * a, a, b, flow, t)
    assert not green(inside, [self_serving], given=[flow.derivative(P) <= -b * P])
    twice = [self_serving, self_serving]
    assert not green(inside, twice, given=[flow.derivative(P) <= -b * P])


# ------------------------------------------------------------------------------ certificates


def goal_of(claim, given=()):
    return examine(Statement("s", "t", given=given).step("claim", claim))[-1]


TRUE = {
    "products": (a * P <= b * Q, [a <= b, P <= Q]),
    "absolute values": (abs(r) <= a, [r <= a, -a <= r]),
    "squares": (2 * norm(f) * norm(h) <= norm(f) ** 2 + norm(h) ** 2, []),
    "denominators": (a / (a - c) * P <= Q, [c < a, a * P <= Q * (a - c)]),
    "equation": (equation(P, Q), [P <= Q, Q <= P]),
}
FALSE = {
    "products": (b * Q <= a * P, [a <= b, P <= Q]),
    "absolute values": (abs(r) <= a, [r <= a]),
    "squares": (3 * norm(f) * norm(h) <= norm(f) ** 2 + norm(h) ** 2, []),
    "denominators": (a / (a - c) * P <= Q, [c < a, a * P <= 2 * Q * (a - c)]),
    "equation": (equation(P, Q), [P <= Q]),
}


@pytest.mark.parametrize("name", TRUE)
def test_no_tampering_makes_a_certificate_prove_something_false(name):
    """Certificates of the true neighbour, changed at random in many ways, against the false one."""
    true, false = goal_of(*TRUE[name]), goal_of(*FALSE[name])
    certificate = find_certificate(true)
    assert certificate is not None
    assert find_certificate(false) is None
    rng = random.Random(name)
    text = json.dumps(certificate_to_json(certificate, true))
    tried = 0
    for _ in range(400):
        try:
            changed = certificate_from_json(_tampered(json.loads(text), rng), false)
            assert not check(changed, false)
            tried += 1
        except (TraceError, ArithmeticError, ValueError):
            continue
    assert tried > 50


def _tampered(raw, rng):
    numbers = ["0", "1", "-1", "1/2", "2", "-3", "1000000007/3"]
    for _ in range(rng.randint(0, 3)):
        if rng.random() < 0.2:
            raw["squared"] = not raw["squared"]
        if rng.random() < 0.3:
            raw["lift"] = [[rng.randrange(6), rng.choice(numbers)]]
        case = rng.choice(raw["cases"]) if raw["cases"] else []
        if rng.random() < 0.1:
            raw["cases"] = raw["cases"][:-1]
        if not case:
            continue
        part = rng.choice(case)
        match rng.randrange(6):
            case 0:
                part["coefficient"] = rng.choice(numbers)
            case 1:
                part["hypotheses"] = [rng.randrange(-2, 8) for _ in range(rng.randint(0, 2))]
            case 2:
                part["multiplier"] = [[rng.randrange(6), rng.choice(numbers)] for _ in range(2)]
            case 3:
                part["root"] = [[rng.choice(numbers), [[rng.randrange(6), "1"]]], ["1", []]]
            case 4:
                case.append(dict(part))
            case 5:
                case.remove(part)
    return raw


def test_a_certificate_without_parts_proves_nothing():
    goal = goal_of(a <= b)
    assert not check(Certificate(((),)), goal)
    assert not check(Certificate(()), goal)
    assert not check(Certificate(((Part(Fraction(1)),),)), goal)
    settled = goal_of(a <= a + b)
    assert settled.settled


def test_a_strict_goal_needs_a_strict_part():
    goal, weak = goal_of(P < Q, [P <= Q]), goal_of(P <= Q + a, [P <= Q])
    certificate = Certificate(((Part(Fraction(1), hypotheses=(0,)),),))
    assert not check(certificate, goal)
    vanishing = Part(Fraction(0))
    assert not check(evolve(certificate, cases=((*certificate.cases[0], vanishing),)), goal)
    assert find_certificate(weak) is not None


def test_an_equation_in_a_product_has_no_sign_but_must_be_one():
    goal = goal_of(P <= Q, [equation(P, Q)])
    assert goal.settled
    wrong = goal_of(P <= Q, [Q <= P])
    assert not check(Certificate(((Part(Fraction(-1), hypotheses=(0,)),),)), wrong)


def test_a_sum_of_cases_is_not_one_of_them():
    """One case of |r| = r or -r proves nothing of the other."""
    goal = goal_of(abs(r) <= a, [r <= a])
    half = ((Part(Fraction(1), hypotheses=(0,)),),)
    assert not check(Certificate(half), goal)
    assert not check(Certificate(half * 2), goal)


def test_dual_norms_and_cauchy_schwarz_do_not_mix():
    assert not green(dual_norm(f) <= norm(f) / 2, [cauchy_schwarz(f, f), poincare(f)])
