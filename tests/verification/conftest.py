"""A paper of two small statements, and a count of what is really computed."""

import pytest

from mflverify.verification.cache import Cache

NOTATION = """
from mflverify.expr import FunctionSymbol, Parameter, Space

X = Space("X")
f = FunctionSymbol("f", X, "perturbation")
alpha = Parameter("alpha", "positive")
"""
LEMMA = """
from mflverify.expr import dual_norm, norm, poincare_constant
from mflverify.proof import Statement, poincare_dual
from .notation import X, alpha, f

lemma = Statement("lem-1", "The gap", kind="lemma", given=[alpha <= poincare_constant(X)])
lemma.conclude("gap", alpha * dual_norm(f) ** 2 <= norm(f) ** 2, because=[poincare_dual(f)])
"""
THEOREM = """
from mflverify.expr import dual_norm, norm, poincare_constant
from mflverify.proof import Statement
from .lemma import lemma
from .notation import X, alpha, f

theorem = Statement("thm-1", "Weaker and weaker", given=[alpha <= poincare_constant(X)])
apart = theorem.step("apart", norm(f) ** 2 <= 2 * norm(f) ** 2)
first = theorem.step("first", alpha * dual_norm(f) ** 2 <= 2 * norm(f) ** 2, because=[lemma])
theorem.conclude("last", alpha * dual_norm(f) ** 2 <= 3 * norm(f) ** 2, because=[first])
"""


@pytest.fixture
def paper(tmp_path, monkeypatch):
    """The folder of the paper's files, in a working directory of its own."""
    folder = tmp_path / "proofs" / "paper"
    folder.mkdir(parents=True)
    (folder / "notation.py").write_text(NOTATION)
    (folder / "lemma.py").write_text(LEMMA)
    (folder / "theorem.py").write_text(THEOREM)
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def edit(paper):
    """edit(file, before, after) replaces text that must occur once."""

    def replace(name, before, after):
        text = (paper / name).read_text()
        assert text.count(before) == 1, f"{before!r} occurs {text.count(before)} times in {name}"
        (paper / name).write_text(text.replace(before, after))

    return replace


@pytest.fixture
def computed(monkeypatch):
    """The parts computed so far, as (part, step or statement or what is asked)."""
    found = []
    fetch = Cache.fetch

    def counting(self, key, kind, compute, **options):
        def counted():
            found.append((key["part"], key.get("step") or key.get("claim") or key.get("example")))
            return compute()

        return fetch(self, key, kind, counted, **options)

    monkeypatch.setattr(Cache, "fetch", counting)
    return found
