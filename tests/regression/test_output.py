"""Differences for a terminal and for a comment on a change request."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from regression_builders import BASE, with_statement, with_step
from rich.cells import cell_len

from mflverify.regression import Change, Difference, Weight, compare
from mflverify.regression.markdown import to_markdown
from mflverify.regression.terminal import affected_text, summary, terminal_lines

LONG = " + ".join(f"K{n}‖f‖₋₁" for n in range(40))


@pytest.fixture
def difference():
    new = with_step(BASE, "lem-3.9/pointwise", claim="|v·∇Mg| ≤ 3‖g‖₋₁", logical="open", passes=False)  # fmt: skip
    return compare(BASE, with_statement(new, "lem-3.9", status="open"), names=("main", "branch"))


def text_of(difference, width=80):
    return "\n".join(line.plain for line in terminal_lines(difference, width))


def test_the_terminal_marks_what_differs(difference):
    text = text_of(difference)
    assert text.startswith("main → branch: 3 worse, 1 changed")
    assert "✗ lem-3.9/pointwise  logical finding proved → open" in text
    assert "affects bound, thm-4.1" in text
    old, marks, new, more = text[text.index("old ") :].splitlines()[:4]
    assert (old.strip(), new.strip()) == ("old |v·∇Mg| ≤ K‖g‖₋₁", "new |v·∇Mg| ≤ 3‖g‖₋₁")
    assert old.index("K") == marks.rstrip().index("^") - len("      ")
    assert more.count("^") == 1


def test_nothing_changed():
    nothing = compare(BASE, BASE)
    assert text_of(nothing) == "old → new: nothing changed"
    assert "There is nothing to accept." in to_markdown(nothing)


@pytest.mark.parametrize("width", [40, 80, 132])
def test_formulas_fit_the_width(width):
    change = Change("restated", "s", Weight.CHANGED, "restated", LONG, LONG.replace("K7", "C7"))
    lines = list(terminal_lines(Difference("a", "b", (change,)), width))
    assert max(cell_len(line.plain) for line in lines) <= max(width, 30)
    formulas = lines[lines.index(next(line for line in lines if "old " in line.plain)) :]
    text = "".join(line.plain[10:] for line in formulas if "^" not in line.plain)
    assert text == LONG + LONG.replace("K7", "C7")


def test_long_lists_of_what_is_affected_are_cut():
    change = Change("x", "s/a", Weight.WORSE, "", affected=tuple(f"s/{n}" for n in range(20)))
    assert affected_text(change).startswith("0, 1, 2")
    assert affected_text(change).endswith("11 and 8 more")


def test_markdown_for_a_comment(difference):
    text = to_markdown(difference)
    assert text.startswith("### Proofs: 3 worse, 1 changed\n")
    assert "**A person has to accept this change.**" in text
    assert "| old | new |" in text
    row = next(line for line in text.splitlines() if "<del>" in line)
    assert "<del>K</del>" in row
    assert "<ins>3</ins>" in row
    assert len(re.findall(r"(?<!\\)\|", row)) == 3  # two cells: signs of norms are escaped


def test_harmless_changes_are_folded():
    change = Change("renamed", "b", Weight.HARMLESS, "a is called b now")
    text = to_markdown(Difference("x", "y", (change,)))
    assert text.index("<details>") < text.index("is called") < text.index("</details>")
    assert "There is nothing to accept." in text


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_in_a_formula_becomes_markup(old, new):
    change = Change("restated", "s", Weight.CHANGED, "restated", old, new)
    text = to_markdown(Difference("<a>", "@b", (change,)))
    body = text[text.index("- ≠") :]
    left = re.sub(r"</?(code|del|ins)>", "", body)
    assert not re.search(r"[<>`@$]", left)
    cells = [line for line in left.splitlines() if line.startswith("  |")]
    assert len(cells) == (3 if old or new else 0)
    if cells and old.isprintable() and old.strip() == old != "":
        assert html.unescape(cells[2].split("|")[1].strip()) == old


def test_a_comment_is_never_too_long():
    changes = tuple(
        Change("restated", f"s/{n}", Weight.CHANGED, "restated", LONG, LONG) for n in range(200)
    )
    text = to_markdown(Difference("a", "b", changes))
    assert len(text) < 65_536
    left_out = int(re.search(r"_(\d+) more changes are left out", text)[1])
    assert left_out + text.count("- ≠") == 200


def test_a_summary():
    changes = tuple(Change("x", "y", w, "") for w in (*Weight, Weight.WORSE))
    assert summary(Difference("a", "b", changes)) == "2 worse, 1 changed, 1 harmless"
