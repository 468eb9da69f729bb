"""Instances are drawn by the seed, and by nothing else."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from attrs import evolve

from mflverify.engines.empirical import examine_instances
from mflverify.engines.profile import PROFILES
from mflverify.expr import FunctionSymbol, Space, dual_norm, norm
from mflverify.models import TorusFamily
from mflverify.proof import Statement

X = Space("X")
f = FunctionSymbol("f", X, "perturbation")
# many small batches: whatever slips into few of the draws is seen
MANY = evolve(
    PROFILES["quick"], name="many", batches=400, batch_size=2, ascents=0,
    exact=1, certified=1, further=1, elsewhere=0,
)  # fmt: skip


@pytest.fixture
def load_constants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Load a module with many numbers in it, as a proof file or a lazy import would."""

    def load() -> None:
        path = tmp_path / "numbers_of_a_paper.py"
        numbers = ", ".join(str(7919 * n) for n in range(1, 800))
        path.write_text(f"NUMBERS = ({numbers})\n")
        spec = spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        monkeypatch.setitem(sys.modules, path.stem, module)

    return load


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch):
    """The states of the generators from which batches on circles are drawn."""
    states: list[str] = []
    draw = TorusFamily.draw

    def recorded(self, request, rng, size):
        states.append(str(rng.bit_generator.state))
        return draw(self, request, rng, size)

    monkeypatch.setattr(TorusFamily, "draw", recorded)
    return states


def test_modules_that_are_loaded_between_two_runs_change_nothing(load_constants, drawn):
    statement = Statement("norms", "The dual norm against the norm")
    step = statement.conclude("order", dual_norm(f) <= 3 * norm(f))
    before = examine_instances(step, MANY, 0)
    states = drawn.copy()
    load_constants()
    drawn.clear()
    assert examine_instances(step, MANY, 0) == before
    assert drawn == states
    assert len(set(states)) >= MANY.batches


def test_another_seed_draws_other_instances(drawn):
    statement = Statement("norms", "The dual norm against the norm")
    step = statement.conclude("order", dual_norm(f) <= 3 * norm(f))
    assert examine_instances(step, MANY, 0) != examine_instances(step, MANY, 1)
    assert len(set(drawn)) >= 2 * MANY.batches
