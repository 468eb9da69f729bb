"""Where facts are sharp: instances at which the two sides agree, and the page that says so."""

from fractions import Fraction as Q
from pathlib import Path

import pytest
from click.testing import CliRunner
from test_facts import ARGUMENTS
from test_time_facts import CASES

from mflverify.cli import main
from mflverify.expr import FunctionSymbol, Parameter, Space, norm
from mflverify.fact_library import facts_page
from mflverify.models import InstanceData, Request, interpret
from mflverify.models.instance_data import Choice
from mflverify.proof import LIBRARY

FACTS = {fact.label: fact for fact in LIBRARY}
PAGE = Path(__file__).parents[2] / "docs" / "facts.md"
f, u, w = (
    FunctionSymbol("f", Space("X"), "perturbation"),
    *(FunctionSymbol(n, Space("X")) for n in "uw"),
)
a = Parameter("a", "positive")
COS, ONE = (Q(0), Q(1, 2)), (Q(1),)


def circle(**parts):
    """A uniform circle; functions in cos x and sin x, densities as L of them."""
    return InstanceData("torus", potentials={"X": ()}, **parts)


def constant(*names):
    return {"functions": dict.fromkeys(names, (Q(0),)), "constants": dict.fromkeys(names, Q(1))}


LINE = InstanceData(
    "gaussian",
    kernels={"S": ((Q(0), Q(0)), (Q(0), Q(1)))},  # k(x, y) = x y
    points={"x": Q(0)},
    directions={"v": Q(1)},
)
# the instance, and those of the conclusions that hold with equality there
EXTREMAL = {
    "cauchy-schwarz": (circle(fields={"Phi": COS, "Psi": COS}), (0,)),
    "dual-cauchy-schwarz": (circle(functions={"f": COS, "g": COS}), (0,)),
    "projection": (circle(fields={"Phi": COS}), (0,)),
    "hoelder": (circle(functions={"u": COS}, fields={"Phi": ONE}), (0,)),
    "poincare": (circle(functions={"u": COS}), (0,)),
    "poincare-dual": (circle(functions={"f": COS}), (0,)),
    "weighted-poincare": (circle(functions={"u": COS, "w": (Q(0),)}, parameters={"a": Choice("value", Q(2))}), (0,)),
    "weighted-convexity": (circle(functions={"u": COS, "w": (Q(0),)}, parameters={"a": Choice("value", Q(2))}), (0,)),
    "mixed-derivative": (LINE, (0,)),
    "slack": (
        circle(
            functions={"f": COS},
            kernels={"S": ((Q(0),) * 3, (Q(0), Q(-1), Q(0)), (Q(0), Q(0), Q(0)))},
        ),
        (0,),
    ),
    "matrix-bound": (
        circle(
            functions={"u": COS, "w": COS},
            # the third names the entry (b, c) of the second row
            parameters={"a": Choice("value", Q(2)), "b": Choice("value", Q(3)), "c": Choice("value", Q(2))},
        ),
        (0,),
    ),
    "jensen": (circle(**constant("u")), (0, 1, 2)),
    "hoelder-one": (circle(**constant("u", "w")), (0,)),
    "triangle": (circle(functions={"u": COS, "w": COS}), (0, 1)),
    "rothaus": (circle(), (0,)),
    "transport-poincare": (circle(), (0,)),
    "pointwise": (circle(fields={"Phi": ONE}, points={"x": Q(0)}, directions={"v": Q(1)}), (0,)),
    "hilbert-schmidt": (
        circle(
            fields={"Phi": (Q(0), Q(0), Q(1)), "Psi": (Q(0), Q(0), Q(1))},
            kernels={"A": ((Q(0), Q(0)), (Q(0), Q(1)))},  # k(x, y) = cos x cos y
        ),
        (0,),
    ),
    "curvature-lower": (
        InstanceData("gaussian", fields={"Phi": (Q(2), Q(1))}, functions={"f": (Q(1), Q(1))}),
        (1,),
    ),
    "bakry-emery": (LINE, (0,)),
    "finite-cauchy-schwarz": (
        circle(functions={"u": COS, "w": COS}, parameters={"a": Choice("value", Q(2))}),
        (0, 1),
    ),
    "component-hoelder": (
        InstanceData(
            "torus",
            potentials={"U1": (), "U2": ()},
            functions={"f1": COS, "f2": (Q(0),)},
            fields={"Phi1": ONE, "Phi2": (Q(0),)},
            components=2,
        ),
        (0, 1, 2),
    ),
    "component-compact": (
        InstanceData(
            "torus",
            potentials={"U1": (), "U2": ()},
            kernels=dict.fromkeys(("M_11", "M_12", "M_21", "M_22"), ((Q(0),) * 3,) * 3),
            parameters={"c_1": Choice("value", Q(-1, 3)), "c_2": Choice("value", Q(-2))},
            components=2,
        ),
        (0,),
    ),
    "component-slack": (
        InstanceData(
            "torus",
            potentials={"U1": ()},
            functions={"f1": COS},
            kernels={"M_11": ((Q(0),) * 3, (Q(0), Q(-1), Q(0)), (Q(0), Q(0), Q(0)))},
            parameters={"c_1": Choice("value", Q(-1, 3))},
            components=1,
        ),
        (0,),
    ),
    "component-least": (
        InstanceData(
            "torus",
            potentials={"U1": ()},
            functions={"f1": COS},
            parameters={"c_1": Choice("value", Q(3))},
            components=1,
        ),
        (0, 1),
    ),
    "component-poincare": (
        InstanceData(
            "torus",
            potentials={"U1": ()},
            functions={"f1": COS},
            parameters={"eta_1": Choice("value", Q(3))},
            components=1,
        ),
        (0, 1),
    ),
    "exp-tangent": (InstanceData("scalars", parameters={"a": Choice("value", Q(0))}), (0,)),
}  # fmt: skip
# arguments where those of the other tests cannot be extremal
SPECIAL = {
    "component-poincare": ARGUMENTS["component-poincare"][:2],
    "exp-tangent": (Parameter("a"),),
    "finite-cauchy-schwarz": ((a, norm(u)), (a, norm(u))),
}
# sharp for a reason that no instance here can show
REASONS = {
    "component-force": "the premise is about all payoffs",
    "supremum": "the bound is any number above the supremum, that one included",
    "exp-decay": "a function of numbers: 0 is the only place",
    "exp-monotone": "a function of numbers: two equal ones are the only places",
    "pinsker": "approached, not attained",
    "log-sobolev": "densities of translated Gaussians are no polynomials",
    "hwi": "densities of translated Gaussians are no polynomials",
    "otto-villani": "densities of translated Gaussians are no polynomials",
    "transport-inequality": "densities of translated Gaussians are no polynomials",
    "transport-optimal": "the premise is about all densities",
    "segment-taylor": "the premise is about all measures of the segment",
    "slack-bounded": "the premise is about all densities",
    "entropy-taylor-below": "approached, not attained",
    "hessian-square": "both sides vanish there",
    "log-pairing": "approached, not attained",
    "mean-value": "a remainder has a constant slope only where it has none",
    "slack-everywhere": "an infimum over all measures and functions",
    "entropy-taylor": "approached, not attained",
    "poincare-optimal": "the premise is about all functions",
    "weighted-poincare-optimal": "the premise is about all functions",
    "weighted-convexity-optimal": "the premise is about all functions",
    "convexity": "an infimum over all gradient fields",
    "convexity-optimal": "the premise is about all functions",
    "interaction-form": "an infimum over all functions",
    "compact-interaction": "the premise is about all functions",
    "weighted-cauchy-schwarz": "Psi = w Phi is no field of these families unless w is constant",
}


def arguments(label):
    return SPECIAL.get(label) or ARGUMENTS[label]


@pytest.mark.parametrize("label", EXTREMAL)
def test_the_constant_is_attained(label):
    data, numbers = EXTREMAL[label]
    conclusions = FACTS[label](*arguments(label)).content.conclusions
    for number in numbers:
        claim = conclusions[number]
        exact = data.family == "gaussian"
        instance = interpret(data, Request.of(claim), "exact" if exact else "ball")
        left, right = instance.evaluate(claim.lhs), instance.evaluate(claim.rhs)
        assert abs(right) > 0
        if exact:
            assert left == right
        else:
            assert left.overlaps(right)
            assert max(left.rad(), right.rad()) < 1e-6


def test_every_sharp_fact_is_shown_or_excused():
    sharp = {fact.label for fact in LIBRARY if fact.sharp and fact.sharp != "an identity"}
    shown = set(EXTREMAL) | set(CASES)
    assert sharp - shown - set(REASONS) == set()
    assert shown & set(REASONS) == set()
    assert {label for label in shown if not FACTS[label].sharp} == set()


def test_the_page_is_that_of_the_library():
    """`mflverify list facts --markdown > docs/facts.md` brings it up to date."""
    assert PAGE.read_text(encoding="utf-8") == facts_page()


def test_the_command():
    shown = CliRunner().invoke(main, ["list", "facts"])
    assert shown.exit_code == 0
    assert all(fact.label in shown.output for fact in LIBRARY)
    assert max(map(len, shown.output.splitlines())) <= 80
    page = CliRunner().invoke(main, ["list", "facts", "--markdown"])
    assert page.output == facts_page()
    wrong = CliRunner().invoke(main, ["list", "--markdown"])
    assert wrong.exit_code == 2
