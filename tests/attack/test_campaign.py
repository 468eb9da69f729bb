"""Campaigns: nothing is lost or counted twice, whoever dies; what was found is tried first."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis.database import InMemoryExampleDatabase

from mflverify.attack.campaign import DaskWorkers, LocalWorkers, chunks
from mflverify.attack.chunk import SUSPICIOUS, ChunkTask, Sources, carry_out, components_of
from mflverify.attack.chunk import hunt as hunt_chunk
from mflverify.attack.hunt import Hunt, chosen_steps
from mflverify.attack.late import _ratios
from mflverify.attack.properties import Property
from mflverify.attack.ratio import Ratio
from mflverify.attack.store import Chunk, Finding, Store, StoreError
from mflverify.attack.terminal import seconds_of
from mflverify.cli import main
from mflverify.models import InstanceData
from mflverify.models.unions import SIZES
from mflverify.proof.loader import load

FALSE = Path(__file__).parents[1] / "gauntlet" / "false"
PROOF = """
from mflverify.expr import FunctionSymbol, Parameter, Space, dual_norm, norm
from mflverify.proof import Statement
X = Space("X")
f = FunctionSymbol("f", X, "perturbation")
a = Parameter("a", "positive")
product = Statement("product", "A product is at most a sum of squares")
product.conclude("true", 2 * a * norm(f) <= a**2 + norm(f) ** 2)
product.step("false", 3 * a * norm(f) <= a**2 + norm(f) ** 2)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "proofs" / "paper").mkdir(parents=True)
    (tmp_path / "proofs" / "paper" / "product.py").write_text(PROOF)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tasks(folder, count, step="product/true"):
    sources = Sources.of(folder / "proofs")
    return [ChunkTask(sources, step, 0, number) for number in range(count)]


def command(*arguments):
    return ["hunt", "--jobs", "1", *arguments]


def hunt(*arguments):
    return CliRunner().invoke(main, command(*arguments))


def recorded(file=".mflverify-hunt/campaigns.sqlite"):
    """Rows of finished chunks; none while the file is being made."""
    query = "SELECT number, instances, ratio FROM chunk ORDER BY number"
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
            return db.execute(query).fetchall()
    except sqlite3.OperationalError:
        return []


# ---------------------------------------------------------------------------------- the store


def test_a_chunk_counts_once(tmp_path):
    with Store(tmp_path / "s.sqlite") as store:
        number = store.campaign("a/b", "digest", "engine", 0)
        finding = Finding("exact", {"family": "torus"}, {"family": "torus"})
        assert store.record(number, Chunk(0, 10, 0.5, {"family": "torus"}))
        assert not store.record(number, Chunk(0, 10, 0.9, None, finding))
        assert store.record(number, Chunk(1, 5, 0.7, {"family": "scalars"}, finding))
        totals = store.totals(number)
        assert (totals.chunks, totals.instances, totals.ratio) == (2, 15, 0.7)
        assert totals.data == {"family": "scalars"}
        assert store.findings("a/b") == [finding]
    with Store(tmp_path / "s.sqlite") as again:
        assert again.campaign("a/b", "digest", "engine", 0) == number
        assert again.done(number) == {0, 1}
        assert again.done(again.campaign("a/b", "other digest", "engine", 0)) == set()


def test_another_file_is_refused(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("not a database, but long enough to look like one " * 20)
    with pytest.raises(StoreError, match=r"notes\.txt"):
        Store(file)
    with Store(tmp_path / "s.sqlite"):
        pass
    with closing(sqlite3.connect(tmp_path / "s.sqlite")) as db, db:
        db.execute("UPDATE about SET value = '99'")
    with pytest.raises(StoreError, match="format 99"):
        Store(tmp_path / "s.sqlite")


# ---------------------------------------------------------------------------------- chunks


def test_a_chunk_is_the_same_wherever_it_is_carried_out(folder):
    task = tasks(folder, 2)[1]
    first = carry_out(task)
    assert carry_out(task) == first
    assert first.instances > 500
    assert 0.999 < first.ratio <= 1 + 1e-9
    assert carry_out(tasks(folder, 1)[0]) != first


def test_a_chunk_finds_what_is_false(folder):
    chunk = carry_out(tasks(folder, 1, "product/false")[0])
    assert chunk.finding is not None
    assert InstanceData.from_json(chunk.finding.minimal).family == "torus"


def test_a_crash_is_told_and_not_counted(folder):
    chunk = carry_out(ChunkTask(Sources(()), "product/true", 0, 3))
    assert (chunk.number, chunk.instances) == (3, 0)
    assert "FileNotFoundError" in chunk.error


def run_all(workers, todo, on_chunk=lambda number: None):
    done = []
    for task, chunk in chunks(iter(todo), workers, lambda: False):
        done.append((task.number, chunk))
        on_chunk(len(done))
    return done


@pytest.mark.slow
def test_work_of_a_killed_process_is_done_again_and_counted_once(folder):
    todo = tasks(folder, 6)
    expected = {task.number: carry_out(task) for task in todo}
    workers = LocalWorkers(2)

    def kill(count):
        if count == 1:
            os.kill(next(iter(workers._pool._processes)), signal.SIGKILL)

    try:
        done = run_all(workers, todo, kill)
    finally:
        workers.close()
    assert sorted(number for number, _ in done) == list(range(6))
    assert dict(done) == expected


@pytest.mark.slow
def test_a_cluster_does_the_same_work_though_a_worker_dies(folder):
    distributed = pytest.importorskip("distributed")
    todo = tasks(folder, 6)
    expected = {task.number: carry_out(task) for task in todo}
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    )
    with cluster:
        workers = DaskWorkers(cluster.scheduler_address)
        pids = list(workers._client.run(os.getpid).values())

        def kill(count):
            if count == 1:
                os.kill(pids[0], signal.SIGKILL)

        try:
            done = run_all(workers, todo, kill)
        finally:
            workers.close()
    assert sorted(number for number, _ in done) == list(range(6))
    assert dict(done) == expected


def test_no_chunk_begins_after_the_end(folder):
    class Never:
        count, lost = 1, (KeyError,)

    assert list(chunks(iter(tasks(folder, 3)), Never(), lambda: True)) == []


# ------------------------------------------------------------------------------- the command


def test_a_true_step_survives_and_the_campaign_continues(folder):
    first = hunt("product/true", "--chunks", "2")
    assert first.exit_code == 0, first.output
    assert "largest ratio 0.99999" in first.output or "largest ratio 1.0000" in first.output
    before = recorded()
    assert [number for number, _, _ in before] == [0, 1]
    hunt("product/true", "--chunks", "3")
    assert recorded()[:2] == before
    assert [number for number, _, _ in recorded()] == [0, 1, 2]


def test_a_counterexample_is_kept_and_tried_first(folder):
    first = hunt("product/false", "--chunks", "1")
    assert first.exit_code == 1
    assert "counterexample" in first.output
    again = hunt("product/false", "--chunks", "0")
    assert again.exit_code == 1
    assert "refuted again by a kept instance" in again.output


def test_what_was_not_evaluated_is_not_green(folder):
    result = hunt("product/true", "--chunks", "0", "--budget", "0.000001")
    assert result.exit_code == 1
    assert "no instance evaluated" in result.output


@pytest.mark.slow
def test_a_killed_campaign_continues_where_it_stopped(folder):
    line = [sys.executable, "-c", "from mflverify.cli import main; main()"]
    line += command("product/true", "--chunks", "6", "--budget", "10m")
    process = subprocess.Popen(line, start_new_session=True, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 300
    while time.monotonic() < end:
        if len(recorded()) >= 2:
            break
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    before = recorded()
    assert 2 <= len(before) < 6
    subprocess.run(line, check=True, capture_output=True)
    assert [row for row in recorded() if row in before] == before
    expected = [carry_out(task) for task in tasks(folder, 6)]
    assert recorded() == [(c.number, c.instances, c.ratio) for c in expected]


@pytest.mark.parametrize(
    "label",
    [
        "half-lemma/bound",
        "double-gap/gap",
        "small-sum/sum",
        "flipped-eps/contract",
        "constants/gap",
    ],
)
def test_false_statements_are_found_in_the_first_chunks(label, tmp_path):
    proofs = load(FALSE)
    with Store(tmp_path / "s.sqlite") as store:
        prey = Hunt(proofs, chosen_steps(proofs, [label]), store, 0, limit=2).run(
            InProcess, lambda: False, lambda *_: None
        )
    assert prey[0].finding is not None


class InProcess:
    """Workers for tests that need no processes."""

    count, lost = 1, ()

    def submit(self, task):
        from concurrent.futures import Future

        future = Future()
        future.set_result(carry_out(task))
        return future

    def close(self):
        pass


def test_unknown_labels_and_budgets_are_refused(folder):
    assert hunt("product/nothing").exit_code == 2
    assert hunt("product", "--budget", "soon").exit_code == 2
    assert hunt("product", "--budget", "-5s").exit_code == 2
    assert seconds_of("2h") == 7200


def test_a_scheduler_that_is_not_there_is_one_clear_error(folder):
    pytest.importorskip("distributed")
    result = hunt("product/true", "--chunks", "1", "--scheduler", "tcp://127.0.0.1:9")
    assert result.exit_code == 1
    assert "Error" in result.output


# ------------------------------------------------------------------------------- Hypothesis


def step_of(folder, label):
    proofs = load(folder / "proofs")
    return chosen_steps(proofs, [label])[0]


def test_hypothesis_targets_the_ratio(folder):
    check = Property(step_of(folder, "product/true"))
    assert check.check(0, None, 30) is None
    assert check.count >= 30
    assert 0.3 < check.best <= 1


def test_hypothesis_keeps_what_fails_in_its_database(folder):
    database = InMemoryExampleDatabase()
    first = Property(step_of(folder, "product/false"))
    finding = first.check(0, database, 200)
    assert finding is not None
    assert any(database.data.values())
    again = Property(step_of(folder, "product/false"))
    assert again.check(1, database, 200) is not None
    assert again.count < first.count


def test_known_instances_are_tried_first(folder):
    finding = Property(step_of(folder, "product/false")).check(0, None, 200)
    known = InstanceData.from_json(finding.data)
    again = Property(step_of(folder, "product/false"), known=(known,))
    assert again.check(5, None, 1) is not None
    assert again.count == 1


# ----------------------------------------------------------------------------------- unions

UNIONS = """
from mflverify.expr import (
    FunctionSymbol, KernelSymbol, Parameter, RemainderSymbol, Space, SpeciesConstant, component_sup,
    dual_norm, grad, inner, least, mixed_norm, norm, poincare_constant, third_norm,
)
from mflverify.proof import Statement
X = Space("X", union=True)
f = FunctionSymbol("f", X, "perturbation")
M = KernelSymbol("M", X, X)
R = RemainderSymbol("R", (X,), X)
w = SpeciesConstant("w", X, "positive")
K = Parameter("K", "nonnegative")
T = Parameter("T", "nonnegative")
mass = Statement("mass", "The total mass is the number of components, which is not always 2")
mass.step("two", norm(1 + f) ** 2 <= 2 + norm(f) ** 2)
mass.step("weighted", least(w) * norm(1 + f) ** 2 <= 2 * least(w) + inner(w * f, f))
force = Statement("force", "Half of a constant", given=[mixed_norm(M) <= K, third_norm(R) <= T])
force.step("half", component_sup(grad(M(f))) <= K / 2 * dual_norm(f))
force.step("none", component_sup(grad(M(f) + R(f))) <= (K + T) / 10 * dual_norm(f) ** 2)
"""


@pytest.fixture
def unions(folder):
    (folder / "proofs" / "paper" / "product.py").write_text(UNIONS)
    return folder


def test_seven_chunks_that_draw_try_all_numbers_of_components():
    rounds = [[components_of([0, word], number) for number in range(28)] for word in (1, 2)]
    for found in rounds:
        assert sorted(found[0:14:2]) == sorted(found[14::2]) == sorted(SIZES)
        assert set(found[1::2]) == {1, 2}
    assert rounds[0] != rounds[1]


@pytest.mark.parametrize(
    ("label", "fewest"),
    [("mass/two", 3), ("mass/weighted", 3), ("force/half", 1), ("force/none", 1)],
)
def test_counterexamples_on_unions_are_found_shrunk_and_replayed(unions, label, fewest):
    """The first two hold for one and two components: instances of two would never refute them."""
    result = hunt(label, "--chunks", "7")
    assert result.exit_code == 1, result.output
    with Store(unions / ".mflverify-hunt/campaigns.sqlite") as store:
        (finding,) = store.findings(label)
    assert int(finding.data["components"]) >= fewest
    assert int(finding.minimal["components"]) == fewest
    for tree in (finding.data, finding.minimal):
        (unions / "instance.json").write_text(json.dumps(tree))
        again = CliRunner().invoke(main, ["evaluate", label, "instance.json"])
        assert again.exit_code == 1
        assert "fails, relative margin" in again.output
    assert "refuted again by a kept instance" in hunt(label, "--chunks", "0").output


@pytest.mark.parametrize(
    "label",
    ["mass/two", *(pytest.param(f"force/{x}", marks=pytest.mark.slow) for x in ("half", "none"))],
)
def test_chunks_alone_find_counterexamples_on_unions(unions, label):
    found = [carry_out(task) for task in tasks(unions, 7, label)[::2]]
    assert not any(chunk.error for chunk in found)
    findings = [chunk.finding for chunk in found if chunk.finding is not None]
    assert findings
    assert all(int(finding.data["components"]) > 0 for finding in findings)
    assert all("components" in chunk.data for chunk in found if chunk.data is not None)


# ------------------------------------------------------------------------------ later times

LATE = """
from mflverify.expr import (
    Flow, FunctionSymbol, Parameter, Space, at_time, chi2, exp, generator, poincare_constant,
)
from mflverify.proof import Statement, gronwall
X = Space("X")
f = FunctionSymbol("f", X, "perturbation")
t = Parameter("t", "nonnegative")
alpha = Parameter("alpha", "positive")
flow = Flow.of("diffusion", {f: -generator(f)})
late = Statement("late", "Decay", given=[alpha <= poincare_constant(X)])
start = at_time(chi2(f), 0)
along = gronwall(chi2(f), 2 * alpha, flow, t)
late.step("true", at_time(chi2(f), t) <= exp(-2 * alpha * t) * start, because=[along])
late.step("too-fast", at_time(chi2(f), t) <= exp(-3 * alpha * t) * start, because=[along])
late.step("prefactor", at_time(chi2(f), t) <= exp(-alpha * t) / 2 * start, because=[along])
late.step("two-times", at_time(chi2(f), 1) <= start, because=[along])
"""


@pytest.fixture
def late(folder):
    (folder / "proofs" / "paper" / "product.py").write_text(LATE)
    return folder


def test_a_true_claim_about_later_times_is_approached_and_stays_below_one(late):
    result = hunt("late/true", "--chunks", "1")
    assert result.exit_code == 0, result.output
    assert "~ late/true" in result.output
    ((_, instances, ratio),) = recorded()
    assert instances > 16
    assert 0.99 < ratio <= 1


@pytest.mark.parametrize("name", ["too-fast", "prefactor"])
def test_a_false_claim_about_later_times_is_a_suspicion(late, name):
    """Floats refute nothing, but the violation is told and fails the command."""
    result = hunt(f"late/{name}", "--chunks", "1")
    assert result.exit_code == 1
    assert f"? late/{name}" in result.output
    assert "violated" in result.output
    assert "0 of 1 steps refuted" in result.output


@pytest.mark.parametrize(("name", "mark", "status"), [("true", "~", 0), ("too-fast", "?", 1)])
def test_claims_about_later_times_on_unions_are_hunted_on_several_components(
    late, name, mark, status
):
    on_unions = LATE.replace('Space("X")', 'Space("X", union=True)')
    (late / "proofs" / "paper" / "product.py").write_text(on_unions)
    result = hunt(f"late/{name}", "--chunks", "1")
    assert result.exit_code == status, result.output
    assert f"{mark} late/{name}" in result.output
    with closing(sqlite3.connect(".mflverify-hunt/campaigns.sqlite")) as db:
        ((data,),) = db.execute("SELECT data FROM chunk").fetchall()
    assert json.loads(data)["components"] == "3"


@pytest.mark.parametrize(("name", "status"), [("true", 0), ("too-fast", 1)])
def test_constants_fail_on_a_suspicion_too(late, name, status):
    result = CliRunner().invoke(main, ["constants", f"late/{name}", "--jobs", "1", "--no-cache"])
    assert result.exit_code == status, result.output
    assert ("violated on trajectories" in result.output) == bool(status)


def test_values_that_are_no_numbers_are_no_small_ratio(late):
    """A trajectory on which a side overflows is told: it does not count as far from the bound."""
    claim = load(Path("proofs")).statements["late"].steps[0].claim
    overflows = SimpleNamespace(outputs=(lambda term: np.array([1.0, np.nan]),), tolerance=0.0)
    journey = SimpleNamespace(travel=lambda batch: overflows)
    with pytest.raises(ValueError, match="not a finite number"):
        _ratios(journey, Ratio.along(claim), None)


def test_a_claim_without_one_running_time_says_why_it_is_not_hunted(late):
    result = hunt("late/two-times", "--chunks", "1")
    assert "not hunted: needs one flow and one time" in result.output


def test_a_violation_that_balls_deny_is_not_the_largest_ratio():
    """About steep equilibria floats lose a norm to rounding; balls on the same instance do not."""
    proofs = load(Path(__file__).parents[2] / "proofs")
    step = next(s for s in proofs.statements["lem-3.9"].steps if s.name == "potential-norm")
    chunk = hunt_chunk(step, 0, 2)
    assert chunk.finding is None
    assert 0.99 < chunk.ratio <= SUSPICIOUS


def test_hypothesis_tries_nothing_after_the_end(folder):
    left = iter([False, False, True])
    check = Property(step_of(folder, "product/true"))
    assert check.check(0, None, 30, is_over=lambda: next(left, True)) is None
    assert check.count == 2
