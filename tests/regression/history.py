"""Edits of the paper's proofs as an author makes them, good and bad, with what each must show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from attrs import field, frozen


@frozen
class Files:
    """The folder of one paper's proofs."""

    folder: Path

    def replace(self, name: str, *pairs: tuple[str, str]) -> None:
        """Replace texts, each of which must occur exactly once."""
        text = (self.folder / name).read_text(encoding="utf-8")
        for before, after in pairs:
            found = text.count(before)
            assert found == 1, (
                f"{name} has {before!r} {found} times: adapt the history to the proofs"
            )
            text = text.replace(before, after)
        (self.folder / name).write_text(text, encoding="utf-8")

    def swap(self, name: str, first: str, second: str, end: str) -> None:
        """Exchange the text from `first` to `second` with that from `second` to `end`."""
        text = (self.folder / name).read_text(encoding="utf-8")
        a, b, c = (text.index(mark) for mark in (first, second, end))
        (self.folder / name).write_text(
            text[:a] + text[b:c] + text[a:b] + text[c:], encoding="utf-8"
        )

    def cut(self, name: str, first: str, end: str) -> str:
        """Remove the text from `first` to `end`, and return it."""
        text = (self.folder / name).read_text(encoding="utf-8")
        a = text.index(first)
        b = text.index(end, a)
        (self.folder / name).write_text(text[:a] + text[b:], encoding="utf-8")
        return text[a:b]

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")


Labelled = frozenset[tuple[str, str]]


def _pairs(*words: str) -> Labelled:
    """`kind label` or `kind` alone, as pairs."""
    return frozenset((kind, label) for kind, _, label in (word.partition(" ") for word in words))


@frozen
class Edit:
    """One edit.

    worse, changed, harmless: `kind label` of the changes that it must show, all of them.
    passes: whether everything still passes.  says: text that the report must contain.
    accepted: whether the author keeps it; otherwise it is undone.
    """

    name: str
    apply: Callable[[Files], None]
    worse: Labelled = field(default=(), converter=lambda words: _pairs(*words))
    changed: Labelled = field(default=(), converter=lambda words: _pairs(*words))
    harmless: Labelled = field(default=(), converter=lambda words: _pairs(*words))
    passes: bool = True
    accepted: bool = True
    says: tuple[str, ...] = ()


HEAD = """from mflverify.expr import dual_norm, norm
from mflverify.proof import Statement

from .notation import f, g
"""
SQUARE = f"""{HEAD}
square = Statement("lem-Square", "Twice a product", kind="lemma")
square.conclude("twice", 2 * norm(f) * norm(g) <= norm(f) ** 2 + norm(g) ** 2)
"""
YOUNG = f"""{HEAD}
young = Statement("lem-Young", "Young's inequality for the two players", kind="lemma")
young.conclude("product", 2 * dual_norm(f) * dual_norm(g) <= dual_norm(f) ** 2 + dual_norm(g) ** 2)
"""
PRODUCT = "2 * dual_norm(f) * dual_norm(g) <= "


def _docstring(files: Files) -> None:
    files.replace("lemma_3_9.py", ("is bounded by the dual norm of f", "is at most the dual norm"))
    files.replace("lemma_3_9.py", ('note="the value is', 'note="clear: the value is'))


def _renumber(files: Files) -> None:
    files.replace(
        "lemma_3_9.py", ('"lem-3.9"', '"lem-3.11"'), ('"Lemma 3.9, in', '"Lemma 3.11, in')
    )
    files.replace(
        "paper.toml",
        ('label = "lem-3.9"', 'label = "lem-3.11"'),
        ('by = ["lem-3.9"]', 'by = ["lem-3.11"]'),
    )


def _move_step(files: Files) -> None:
    """The step `product` of the theorem becomes a lemma that the theorem applies."""
    files.write("young.py", YOUNG)
    files.replace(
        "theorem_4_1.py",
        (f'product = theorem.step("product", {PRODUCT}squared_dual)\n', ""),
        ("because=[bound_x, bound_y, product, total]", "because=[bound_x, bound_y, young, total]"),
        ("from .notation import K", "from .young import young\nfrom .notation import K"),
    )


def _split_file(files: Files) -> None:
    whole = (files.folder / "quadratic_flow.py").read_text(encoding="utf-8")
    first, second = whole.index("chi2_identity = "), whole.index("dual_norm_identity = ")
    files.write("quadratic_flow.py", whole[:second])
    files.write("quadratic_flow_dual.py", whole[:first] + whole[second:])


def _replaces(name: str, *pairs: tuple[str, str]) -> Callable[[Files], None]:
    return lambda files: files.replace(name, *pairs)


BOUND = "sup_norm(grad(M(g))) <= K * dual_norm(g)"
TOTAL = "norm(f) + norm(g) <= sqrt(2) * sqrt(squared)"
DUAL_RATE = "at_time(squared_dual, t) <= exp(-{} * alpha * (tau - eps) * t) *"

HISTORY = (
    Edit("words only", _docstring),
    Edit(
        "a factor in the lemma that is too good",
        _replaces("lemma_3_9.py", (f"{BOUND},", f"{BOUND} / 2,")),
        worse=("status lem-3.9", "verdict lem-3.9/bound", "status thm-4.1"),
        changed=("constants lem-3.9/bound",),
        passes=False,
        accepted=False,
        says=("‖∇_x Mg‖_∞ ≤ K‖g‖₋₁/2", "none → /2", "→ refuted", "affects thm-4.1"),
    ),
    Edit(
        "a factor that spoils a step of the theorem",
        _replaces("theorem_4_1.py", (TOTAL, f"{TOTAL} / 2")),
        worse=("status thm-4.1", "verdict thm-4.1/sum"),
        changed=("constants thm-4.1/sum",),
        passes=False,
        says=("none → /2", "affects dual-inequality, dual-decay, chi2-decay"),
    ),
    Edit(
        "the factor mended",
        _replaces("theorem_4_1.py", (f"{TOTAL} / 2", TOTAL)),
        changed=("constants thm-4.1/sum",),
        harmless=("status thm-4.1", "verdict thm-4.1/sum"),
        says=("/2 → none", "status refuted → closed"),
    ),
    Edit(
        "the sign of a term in the flow",
        _replaces(
            "notation.py",
            (
                "g: -tau * generator(g) + generator(M.T(f))",
                "g: -tau * generator(g) - generator(M.T(f))",
            ),
        ),
        worse=(
            "status thm-4.1",
            "verdict thm-4.1/4.3",
            "verdict thm-4.1/dual-inequality",
            "verdict thm-4.1/chi2-derivative",
            "verdict thm-4.1/chi2-inequality",
            "verdict thm-4.1/dual-decay",
        ),
        changed=(
            "restated thm-4.1/4.3",
            "restated thm-4.1/dual-inequality",
            "restated thm-4.1/chi2-derivative",
            "restated thm-4.1/chi2-inequality",
        ),
        passes=False,
        accepted=False,
        says=("it prints alike, but speaks of another flow",),
    ),
    Edit(
        "a step renamed",
        _replaces("lemma_3_9.py", ('"potential-norm"', '"length"')),
        harmless=("renamed lem-3.9/length",),
    ),
    Edit(
        "the lemma renumbered",
        _renumber,
        harmless=("renamed lem-3.11",),
        says=("lem-3.9 is called lem-3.11 now",),
    ),
    Edit(
        "two steps in another order",
        lambda files: files.swap(
            "lemma_3_9.py",
            "value = lemma_3_9.step(",
            "length = lemma_3_9.step(",
            "pointwise = ",
        ),
        harmless=("order lem-3.11",),
        says=("length, by-parts, pointwise, bound",),
    ),
    Edit(
        "a lemma added",
        lambda files: files.write("square.py", SQUARE),
        harmless=("added lem-Square",),
    ),
    Edit(
        "a step added that nothing uses",
        _replaces(
            "square.py",
            (
                "square.conclude(",
                'square.step("half", norm(f) <= 2 * norm(f))\nsquare.conclude(',
            ),
        ),
        harmless=("added lem-Square/half",),
    ),
    Edit(
        "that step removed",
        _replaces("square.py", ('square.step("half", norm(f) <= 2 * norm(f))\n', "")),
        changed=("removed lem-Square/half",),
    ),
    Edit(
        "a step moved to a lemma in another file",
        _move_step,
        changed=("moved lem-Young/product",),
        harmless=("added lem-Young", "conclusion lem-Young/product"),
        says=("moved here from thm-4.1/product",),
    ),
    Edit(
        "a hypothesis strengthened",
        _replaces("theorem_4_1.py", ("        eps < tau,", "        2 * eps < tau,")),
        changed=("given thm-4.1",),
        says=("old ε < τ", "new 2ε < τ"),
    ),
    Edit(
        "a constant weakened",
        _replaces("theorem_4_1.py", ("<= (1 + K**2 * tau**2 / (2", "<= (2 + K**2 * tau**2 / (2")),
        changed=("constants thm-4.1/chi2-decay", "verdict thm-4.1/chi2-decay"),
        says=("1 → 2",),
    ),
    Edit(
        "a rate better than what is proved",
        _replaces("theorem_4_1.py", (DUAL_RATE.format(2), DUAL_RATE.format(3))),
        worse=("status thm-4.1", "verdict thm-4.1/dual-decay"),
        changed=("constants thm-4.1/dual-decay",),
        passes=False,
        accepted=False,
        says=("2 → 3", "→ open"),
    ),
    Edit(
        "the condition on eps loosened",
        _replaces(
            "theorem_4_1.py",
            (
                "at_time(squared, 0) <= alpha**2 * eps**2,",
                "at_time(squared, 0) <= 4 * alpha**2 * eps**2,",
            ),
        ),
        worse=("status thm-4.1", "verdict thm-4.1/initial"),
        changed=("given thm-4.1",),
        passes=False,
        accepted=False,
        says=("→ refuted", "affects dual-decay, chi2-decay"),
    ),
    Edit(
        "a reason dropped",
        _replaces("theorem_4_1.py", ("        projection(force_x),\n", "")),
        worse=("status thm-4.1", "verdict thm-4.1/error-x"),
        passes=False,
        accepted=False,
        says=("argued without fact projection now", "proved → open"),
    ),
    Edit(
        "a step deleted that others use",
        lambda files: files.cut("lemma_q.py", "gap = lemma_q.step(", "absorbed = "),
        worse=("problem",),
        changed=("removed lem-Q", "removed thm-4.1"),
        passes=False,
        accepted=False,
        says=("lemma_q.py: NameError: name 'gap' is not defined",),
    ),
    Edit(
        "a hypothesis of the lemma dropped",
        _replaces("lemma_3_9.py", ("    given=[mixed_derivative_sup(M) <= K],\n", "")),
        worse=(
            "status lem-3.11",
            "verdict lem-3.11/pointwise",
            "verdict lem-3.11/bound",
            "status thm-4.1",
        ),
        changed=("given lem-3.11",),
        passes=False,
        accepted=False,
        says=("hypothesis removed", "→ refuted"),
    ),
    Edit(
        "another letter for the bound",
        _replaces("notation.py", ('K = Parameter("K",', 'K = Parameter("C",')),
        changed=(
            "given lem-3.11",
            "restated lem-3.11/pointwise",
            "restated lem-3.11/bound",
            "given thm-4.1",
            "restated thm-4.1/error-x",
            "restated thm-4.1/error-y",
            "restated thm-4.1/dual-inequality",
            "restated thm-4.1/drift-x",
            "restated thm-4.1/drift-y",
            "restated thm-4.1/chi2-inequality",
            "restated thm-4.1/initial",
            "restated thm-4.1/chi2-decay",
        ),
    ),
    Edit("a file split in two", _split_file),
    Edit(
        "a false claim acknowledged",
        _replaces(
            "young.py",
            (
                'young.conclude("product"',
                'right = young.conclude("product"',
            ),
            (
                "dual_norm(g) ** 2)\n",
                "dual_norm(g) ** 2)\n"
                'young.step("better", 3 * dual_norm(f) * dual_norm(g) <= dual_norm(f) ** 2 + '
                "dual_norm(g) ** 2, acknowledged=right)\n",
            ),
        ),
        worse=("added lem-Young/better",),
        says=(
            "acknowledged as false (see lem-Young/product)",
            "claims acknowledged as false: 0 → 1",
        ),
    ),
    Edit(
        "a parenthesis lost",
        _replaces("theorem_4_1.py", ("theorem = Statement(", "theorem = Statement")),
        worse=("problem",),
        changed=("removed thm-4.1",),
        passes=False,
        accepted=False,
        says=("theorem_4_1.py: syntax error",),
    ),
)
