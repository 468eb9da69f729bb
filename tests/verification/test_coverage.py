"""Every item of the paper is listed, and what it is said to be formalised by exists."""

import tomllib
from pathlib import Path

from mflverify.proof.loader import load
from mflverify.verification.coverage import coverage

PROOFS = Path(__file__).parents[2] / "proofs"
LISTING = PROOFS / "local_convergence" / "paper.toml"


def test_what_formalises_an_item_exists():
    reasons = {r.label: r.reason for r in coverage(load(PROOFS)) if "there is no" in r.reason}
    assert reasons == {}


def test_every_statement_is_the_formalisation_of_some_item_or_a_variant():
    listed = {
        place.partition("/")[0]
        for item in tomllib.loads(LISTING.read_text(encoding="utf-8"))["item"]
        for place in item.get("by", [])
    }
    stated = {statement.label for statement in load(PROOFS).stated}
    assert stated - listed == set()


def test_numbered_equations_are_listed_without_gaps():
    labels = {i["label"] for i in tomllib.loads(LISTING.read_text(encoding="utf-8"))["item"]}
    for section, last in (("1", 4), ("2", 4), ("3", 11), ("4", 4), ("5", 6), ("B", 11)):
        assert {f"({section}.{n})" for n in range(1, last + 1)} <= labels


def test_missing_partial_and_waived_items(tmp_path):
    paper = tmp_path / "proofs" / "paper"
    paper.mkdir(parents=True)
    (paper / "one.py").write_text(
        "from mflverify.expr import Parameter\n"
        "from mflverify.proof import Statement\n"
        'a = Parameter("a", "positive")\n'
        's = Statement("thm-1", "a claim")\n'
        's.conclude("claim", a > 0)\n',
        encoding="utf-8",
    )
    (paper / "paper.toml").write_text(
        'title = "P"\n'
        '[[item]]\nlabel = "thm-1"\n'
        '[[item]]\nlabel = "thm-2"\n'
        '[[item]]\nlabel = "(1)"\nby = ["thm-1/claim"]\n'
        '[[item]]\nlabel = "(2)"\nby = ["thm-1/other"]\n'
        '[[item]]\nlabel = "(3)"\nby = ["thm-1"]\nlacks = "the converse"\n'
        '[[item]]\nlabel = "rem-1"\nby = []\nout_of_scope = "a remark on history"\n',
        encoding="utf-8",
    )
    states = {r.label: (r.state, r.reason) for r in coverage(load(tmp_path / "proofs"))}
    assert states == {
        "thm-1": ("formalised", ""),
        "thm-2": ("missing", ""),
        "(1)": ("formalised", ""),
        "(2)": ("missing", "there is no thm-1/other"),
        "(3)": ("in part", "without the converse"),
        "rem-1": ("out of scope", "a remark on history"),
    }
