"""Bad proof files: one clear error each, with file and step; the other statements still run."""

import pytest

from mflverify.proof.loader import load

GOOD = """
from mflverify.expr import FunctionSymbol, Space, norm
from mflverify.proof import Statement
X = Space("X")
f = FunctionSymbol("f", X, "perturbation")
good = Statement("good", "A norm is not negative")
good.conclude("sign", norm(f) >= 0)
"""


def proofs(tmp_path, **files):
    folder = tmp_path / "proofs" / "paper"
    folder.mkdir(parents=True)
    (folder / "good.py").write_text(GOOD)
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return load(tmp_path / "proofs")


def only_problem(loaded):
    assert "good" in loaded.statements
    (problem,) = loaded.problems
    return problem


def test_no_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="no proof files"):
        load(tmp_path)


def test_syntax_error(tmp_path):
    problem = only_problem(proofs(tmp_path, bad="x = (\n"))
    assert problem.where.endswith("bad.py:1")
    assert "syntax error" in problem.message


def test_unknown_symbol(tmp_path):
    text = GOOD.replace("good", "bad") + 'bad.step("second", norm(hh) >= 0)\n'
    problem = only_problem(proofs(tmp_path, bad=text))
    assert problem.where.endswith("bad.py:8")
    assert problem.step == "bad/second"
    assert "'hh' is not defined" in problem.message


def test_relation_between_different_spaces(tmp_path):
    text = GOOD.replace("good", "bad") + (
        'g = FunctionSymbol("g", Space("Y"), "perturbation")\nbad.step("mixed", norm(f + g) >= 0)\n'
    )
    problem = only_problem(proofs(tmp_path, bad=text))
    assert problem.step == "bad/mixed"
    assert "function on X" in problem.message
    assert "function on Y" in problem.message


def test_float_is_refused(tmp_path):
    text = GOOD.replace("good", "bad") + 'bad.step("inexact", norm(f) >= 0.1)\n'
    problem = only_problem(proofs(tmp_path, bad=text))
    assert problem.step == "bad/inexact"
    assert "0.1" in problem.message


def test_chained_comparison(tmp_path):
    text = GOOD.replace("good", "bad") + 'bad.step("chain", 0 <= norm(f) <= norm(f))\n'
    problem = only_problem(proofs(tmp_path, bad=text))
    assert problem.step == "bad/chain"
    assert "no truth value" in problem.message


def test_circular_use(tmp_path):
    loaded = proofs(
        tmp_path,
        a="from .b import second\nfirst = second\n",
        b="from .a import first\nsecond = first\n",
    )
    assert set(loaded.statements) == {"good"}
    assert any("circular use: a.py -> b.py -> a.py" in p.message for p in loaded.problems)


def test_duplicate_step(tmp_path):
    text = GOOD.replace("good", "bad") + 'bad.step("sign", norm(f) >= 0)\n'
    problem = only_problem(proofs(tmp_path, bad=text))
    assert problem.step == "bad/sign"
    assert "duplicate step" in problem.message
    assert problem.where.endswith("bad.py:8")


def test_duplicate_label_across_files(tmp_path):
    loaded = proofs(tmp_path, other=GOOD)
    (problem,) = loaded.problems
    assert "duplicate label 'good'" in problem.message
    assert "other.py" in problem.where


def test_a_file_that_uses_a_broken_one(tmp_path):
    loaded = proofs(tmp_path, bad="x = (\n", user="from .bad import x\n")
    assert set(loaded.statements) == {"good"}
    assert any("user.py" in p.where and "bad.py" in p.message for p in loaded.problems)


def test_broken_paper_list(tmp_path):
    folder = tmp_path / "proofs" / "paper"
    folder.mkdir(parents=True)
    (folder / "good.py").write_text(GOOD)
    (folder / "paper.toml").write_text("[[item]\n")
    (problem,) = load(tmp_path / "proofs").problems
    assert "not TOML" in problem.message


def test_a_statement_stands_at_the_item_that_bears_its_name(tmp_path):
    paper = tmp_path / "proofs" / "paper"
    paper.mkdir(parents=True)
    for label in ("thm-2", "lem-1", "eq-3"):
        (paper / f"{label.replace('-', '_')}.py").write_text(
            "from mflverify.expr import Parameter\n"
            "from mflverify.proof import Statement\n"
            f's = Statement("{label}", "a claim")\n'
            's.conclude("claim", Parameter("a", "positive") > 0)\n',
            encoding="utf-8",
        )
    (paper / "paper.toml").write_text(
        '[[item]]\nlabel = "informal"\nby = ["thm-2", "eq-3"]\n'
        '[[item]]\nlabel = "lem-1"\n'
        '[[item]]\nlabel = "thm-2"\n'
        '[[item]]\nlabel = "(3)"\nby = ["eq-3", "thm-2/claim"]\n',
        encoding="utf-8",
    )
    assert list(load(tmp_path / "proofs").statements) == ["lem-1", "thm-2", "eq-3"]
