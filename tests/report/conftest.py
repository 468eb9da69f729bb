"""A synthetic ledger that holds every verdict, long formulas and hostile characters."""

from __future__ import annotations

from fractions import Fraction

import pytest
from attrs import evolve

from mflverify.expr import (
    KernelSymbol,
    Parameter,
    Relation,
    Space,
    mixed_derivative_sup,
    spectral_norm,
    sqrt,
)
from mflverify.expr.digest import digest
from mflverify.expr.printing import to_latex, to_mathml, to_unicode
from mflverify.expr.terms import Node, Rational
from mflverify.ledger.records import (
    SCHEMA_VERSION,
    AssignmentRecord,
    CertificateCase,
    CertificateTerm,
    ConstantRecord,
    CoverageRecord,
    CurveRecord,
    EvidenceRecord,
    ExampleRecord,
    Formula,
    Ledger,
    MutantRecord,
    ObligationRecord,
    ProblemRecord,
    Provenance,
    RateRecord,
    ReasonRecord,
    RewriteRecord,
    SlackRecord,
    StatementRecord,
    StepRecord,
    WitnessRecord,
)
from mflverify.proof.verdict import Empirical, Logical

HOSTILE = (
    r"a < b & 50% of _x_ {y} #1 ~ \input{z} $m$ ^2 <script>alert(1)</script> ‖f‖₋₁² ≤ χ², Grönwall"
)


def formula(relation: Node) -> Formula:
    return Formula(
        to_unicode(relation),
        to_latex(relation, max_terms_per_line=3),
        to_mathml(relation, max_terms_per_line=3),
        digest(relation),
    )


a, b, c = (Parameter(name, "positive") for name in "abc")
one, gap, square = (formula(term) for term in (Rational(Fraction(1)), b - a, a**2))
short = formula(a <= b)
equal = formula(Relation("eq", (a + b) ** 2, a**2 + 2 * a * b + b**2))
sup = mixed_derivative_sup(KernelSymbol("M_12", Space("X_1"), Space("X_2")))
product = sqrt(1 + a**2 + b**2) * sqrt(2 + b**2 + c**2) * sqrt(3 + a**2 + c**2)
long = formula(
    a * product + b * product + c * product
    <= (a + b + c) * product / (1 + product / (a + b + c) ** 2) + product**2
)

matrix = formula(spectral_norm([sup, sqrt(a) * sup], [sup, sup]) <= b)
tall = formula(a <= (1 + b / c) * (b + c) * a)


def step(
    name: str, logical: str = "proved", empirical: str = "certified", **more: object
) -> StepRecord:
    record = StepRecord(
        label=f"thm-1/{name}",
        name=name,
        claim=short,
        relation="le",
        location="proofs/some/theorem_1.py:7",
        logical=logical,
        empirical=empirical,
        green=True,
        digest="0123456789abcdef",
    )
    return evolve(record, **more)


EVIDENCE = EvidenceRecord(
    "certified",
    "certified",
    40,
    family="torus",
    margin="0.0312",
    lhs="[0.12345678901234567890123456789 +/- 3.1e-30]",
    rhs="[0.12745678901234567890123456789 +/- 2.0e-30]",
    instance="U = 1/512 cos x; f = 1/3 sin x",
    data={"seed": 3, "f": ["1/3", 0.25]},
)


def all_verdicts() -> tuple[StepRecord, ...]:
    """A step for every word of both findings, with what such a step carries."""
    certificate = ObligationRecord(
        "claim",
        long,
        "certificate",
        "a non-negative combination",
        used=("hypothesis 1", "some-fact", "thm-1/proved"),
        certificate=(
            CertificateCase(
                short,
                (
                    CertificateTerm("1/2", one, "hypothesis", (SlackRecord("hypothesis 1", gap),)),
                    CertificateTerm("1", long, "square"),
                    CertificateTerm(
                        "-3",
                        square,
                        "product",
                        (SlackRecord("some-fact", gap), SlackRecord("thm-1/proved", square)),
                    ),
                ),
            ),
            CertificateCase(long, (CertificateTerm("1", gap, "absolute"),), squared=True),
        ),
    )
    settled = ObligationRecord(
        "premise 1 of some-fact",
        equal,
        "settled",
        "the two sides have the same normal form",
        trace=(RewriteRecord("adjoint", short, equal),),
    )
    false = ObligationRecord(
        "claim", short, "disproved", "false", counterexample=(AssignmentRecord(short, "-7/3"),)
    )
    refuting = evolve(
        EVIDENCE,
        verdict="refuted",
        margin="-0.5",
        instance="the dramatic instance " + HOSTILE,
        minimal="the minimal instance a = 1",
        minimal_data={"a": "1"},
    )
    reasons = (
        ReasonRecord("step", "thm-1/proved", HOSTILE, (equal,)),
        ReasonRecord("fact", "some-fact", "A fact with < & %", (long,), "Author, Title_1, p. 3"),
        ReasonRecord("lemma", "lem-0", "The lemma", (short,)),
        ReasonRecord("hypothesis", "hypothesis 1", "", (short,)),
    )
    logical = {
        Logical.PROVED: step("proved", claim=equal, relation="eq", obligations=(settled,)),
        Logical.FACT: step("fact", because=reasons, uses=("some-fact", "thm-1/proved")),
        Logical.LEMMA: step(
            "lemma", because=reasons, uses=("lem-0", "hypothesis 1"), conclusion=True
        ),
        Logical.OPEN: step("open", assuming=(short, long), uses=("assumption 2", "thm-1/lemma")),
        Logical.DISPROVED: step("disproved", obligations=(false,), failure=HOSTILE),
        Logical.UNDECIDED: step("undecided", note=HOSTILE, failure="gave up"),
    }
    empirical = {
        Empirical.EXACT: step("exact", claim=long, obligations=(certificate,)),
        Empirical.CERTIFIED: step("certified", conclusion=True, claim=long),
        Empirical.SAMPLED: step("sampled", claim=matrix),
        Empirical.REFUTED: step("refuted", acknowledged="thm-1/proved", green=False),
        Empirical.UNDECIDED: step("straddling", failure="straddles"),
        Empirical.NOT_APPLICABLE: step("inapplicable", claim=tall, failure="nobody can"),
    }
    steps = [evolve(record, logical=str(verdict)) for verdict, record in logical.items()]
    for verdict, record in empirical.items():
        found = refuting if verdict is Empirical.REFUTED else evolve(EVIDENCE, verdict=str(verdict))
        steps.append(evolve(record, empirical=str(verdict), evidence=(found,)))
    steps.append(step("x<y & %_{}#~ z", claim=long))
    return tuple(steps)


@pytest.fixture
def ledger() -> Ledger:
    """Every verdict, a problem, a missing witness, a failed example, an acknowledged refutation."""
    witness = WitnessRecord(True, "torus", "exact", "f = cos x, 100% of it")
    lemma_step = step("only", label="lem-0/only", conclusion=True, evidence=(EVIDENCE,))
    statements = (
        StatementRecord(
            "lem-0", HOSTILE, "lemma", "", "proofs/l.py:1", "closed", (), witness, (lemma_step,)
        ),
        StatementRecord(
            "thm-1",
            "The theorem",
            "theorem",
            "Theorem 1 & (2_3)",
            "proofs/t.py:1",
            "refuted",
            (short, long),
            WitnessRecord(False, reason=HOSTILE),
            all_verdicts(),
            rests_on=("some-fact", "lem-0"),
            seconds=1.5,
        ),
        StatementRecord("eq-2", "Open", "identities", "", "proofs/e.py:1", "open", (), witness, ()),
        StatementRecord(
            "eq-3", "?", "identities", "", "proofs/e.py:9", "undecided", (), witness, ()
        ),
    )
    good = ExampleRecord(
        "one", HOSTILE, "E1", "chi2", "a**2/2", r"\frac{a^{2}}{2}", "0.5" + "0" * 49,
        "0.5", "[0.5 +/- 1e-51]", 50, 50, True,
    )  # fmt: skip
    many = r"\left(" + " + ".join(rf"\frac{{a^{{{n}}}}}{{{n}}}" for n in range(1, 60)) + r"\right)"
    bad = evolve(good, functional="dual norm", latex=many, digits_arb=3, passed=False)
    return Ledger(
        SCHEMA_VERSION,
        Provenance("0.1.0", "quick", 0, "3.11", {"numpy": "2.3", "z3_solver": "4"}, "abc_123"),
        statements,
        (ProblemRecord("proofs/broken.py:3", "thm-9/x", HOSTILE),),
        (good, bad),
    )


@pytest.fixture
def campaigns(ledger: Ledger) -> Ledger:
    """The ledger with what campaigns found: of steps as they are, as they were, and as they are not."""
    digest = "0123456789abcdef"
    curves = (
        CurveRecord("chi2", "measured", ("0", "1", "2", "3"), ("1", "0.1", "0", "0.001")),
        CurveRecord("bound", "guaranteed", ("0", "3"), ("1", "0.1")),
    )
    return evolve(
        ledger,
        constants=(
            ConstantRecord(
                "thm-1", "thm-1/proved", digest, "1", "0.98", HOSTILE, "certified", False, gap,
                {"a": "1"}, note="approached",
            ),
            ConstantRecord(
                "lem-0", "lem-0/only", "old", "2", "1", "f = cos x", "exact", True,
                known_sharp="by the example",
            ),
        ),
        mutants=(
            MutantRecord(
                "thm-1", "thm-1/proved", digest, "sign", "the sign of b", short, "killed",
                ("logical", "exact"), ("exact",), "passes",
            ),
            MutantRecord(
                "thm-1", "thm-1/proved", digest, "factor", "2 for 1", long, "survived", ("exact",),
                note=HOSTILE,
            ),
            MutantRecord("thm-1", "thm-1/fact", digest, "sign", "no change", short, "harmless"),
            MutantRecord("thm-9", "thm-9/gone", digest, "sign", "b for a", short, "undecided"),
        ),
        rates=(
            RateRecord(
                "thm-1", "thm-1/fact", digest, "decay of chi2", "torus", "holds", "1", "1.2",
                "0.1", "0.5", "1.21", square, "a fit", {"a": 1}, curves, "1/τ", "1",
            ),
            RateRecord(
                "thm-1", "thm-1/fact", digest, "from far away", HOSTILE, "outside", "", "", "",
                conjectured="1.21", note=HOSTILE,
            ),
        ),
        coverage=(
            CoverageRecord("The paper", "thm-1", "4.1", "formalised", HOSTILE),
            CoverageRecord("The paper", "rem-2", "4.2", "out of scope", "", "prose"),
            CoverageRecord("The paper", "thm-3", "4.3", "missing"),
        ),
    )  # fmt: skip
