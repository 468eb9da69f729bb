"""Runs over several processes: the same ledger, and what happens when processes die."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mflverify.ledger import store
from mflverify.proof.loader import load
from mflverify.verification import pool
from mflverify.verification.cache import Cache
from mflverify.verification.run import run
from mflverify.verification.tasks import Task, tasks_of

ROOT = Path(__file__).parents[2]
# what a shell runs in the background ignores Ctrl-C, and so would the processes of these tests
PROGRAM = """
import signal
from mflverify.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""

# A fact that kills the process that applies it, unless that is the main one.
DEADLY = """
import multiprocessing, os
from mflverify.expr import norm
from mflverify.proof import Fact, Statement
from mflverify.proof.statement import Content
from .notation import f

calls = []

def content(u):
    calls.append(u)  # the first call is made while this file is read
    if multiprocessing.parent_process() is not None and len(calls) > 1:
        os._exit(9)
    return Content((norm(u) <= 2 * norm(u),))

deadly = Statement("deadly", "Kills what examines it")
deadly.step("harmless", norm(f) <= 3 * norm(f))
deadly.conclude("kill", norm(f) <= 2 * norm(f), because=[Fact("kill", "kills", "nobody", content)(f)])
"""
SAVED_MEANWHILE = """
import multiprocessing
from mflverify.expr import norm
from mflverify.proof import Statement
from .notation import f

factor = 2 if multiprocessing.parent_process() is None else 3
moving = Statement("moving", "Differs between two readings")
moving.conclude("moves", norm(f) <= factor * norm(f))
moving.conclude("stays", norm(f) <= 5 * norm(f))
"""


def verify(folder, *options, **environment):
    """A process that checks the proofs in `folder`, and where its ledger will be."""
    command = [sys.executable, "-c", PROGRAM, "verify"]
    settings = ["--profile", "quick", "--no-examples", "--quiet"]
    return subprocess.Popen(
        [*command, *settings, *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def ledger_bytes(folder, *options, **environment):
    process = verify(folder, "--no-cache", *options, **environment)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    return (folder / "reports" / "ledger.json").read_bytes()


def test_the_ledger_has_the_same_bytes_for_any_number_of_processes(paper):
    folder = paper.parents[1]
    one = ledger_bytes(folder, "--jobs", "1", PYTHONHASHSEED="1")
    assert ledger_bytes(folder, "--jobs", "2", PYTHONHASHSEED="2") == one
    assert len(json.loads(one)["statements"]) == 2


def test_a_step_that_kills_its_worker_is_undecided_and_the_others_are_examined(paper):
    (paper / "deadly.py").write_text(DEADLY)
    ledger = run(load(paper.parent), profile="quick", workers=2)
    steps = {step.label: step for s in ledger.statements for step in s.steps}
    killed = steps.pop("deadly/kill")
    assert (killed.logical, killed.empirical) == ("undecided", "undecided")
    assert "the process that examined it died" in killed.failure
    assert ledger.failures == (f"deadly/kill: {killed.failure}",)
    assert all(step.green for step in steps.values())
    assert len(steps) == 5


def test_workers_that_read_other_proofs_end_the_run(paper):
    (paper / "moving.py").write_text(SAVED_MEANWHILE)
    with pytest.raises(pool.ProofsChangedError, match=r"moving/moves.*run again"):
        run(load(paper.parent), ["moving"], profile="quick", workers=2)


def test_workers_tell_what_was_wrong_with_kept_results(paper):
    folder = paper.parents[1] / "kept"
    run(load(paper.parent), profile="quick", workers=1, cache=Cache.open(folder))
    for path in folder.glob("*/*.json"):
        path.unlink()
        path.mkdir()
    cache = Cache.open(folder)
    run(load(paper.parent), profile="quick", workers=2, cache=cache)
    assert cache.damaged
    assert "directory" in cache.problem


def entries(folder):
    return set((folder / ".mflverify-cache").glob("*/*.json"))


def wait_for(condition, process):
    limit = time.monotonic() + 120
    while not condition():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < limit, "it takes too long"
        time.sleep(0.02)


def children(pid):
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for processes in /proc")
def test_kill_9_loses_the_step_in_flight_only_and_leaves_no_worker(paper, computed):
    folder = paper.parents[1]
    for count in (1, 4):
        process = verify(folder, "--jobs", "2")
        wait_for(lambda count=count: len(entries(folder)) >= count, process)
        workers = children(process.pid)
        assert len(workers) >= 2
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        limit = time.monotonic() + 30
        while any(alive(pid) for pid in workers) and time.monotonic() < limit:
            time.sleep(0.05)
        assert not any(alive(pid) for pid in workers)
    kept = entries(folder)
    cache = Cache.open(folder / ".mflverify-cache")
    run(load(paper.parent), profile="quick", workers=1, cache=cache)
    assert not cache.damaged
    assert kept < entries(folder)
    assert len(computed) == 9 - len(kept)  # 4 proofs, 4 samples, 1 witness


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for processes in /proc")
def test_a_killed_worker_does_not_end_the_run(paper):
    folder = paper.parents[1]
    process = verify(folder, "--jobs", "2")
    wait_for(lambda: entries(folder), process)
    os.kill(children(process.pid)[-1], signal.SIGKILL)
    output, _ = process.communicate(timeout=200)
    assert process.returncode == 0, output
    assert "2 of 2 statements" in output


def test_interrupted_runs_end_at_once(paper):
    folder = paper.parents[1]
    process = verify(folder, "--jobs", "2", "--profile", "deep")
    wait_for(lambda: entries(folder), process)
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Aborted!" in output
    assert "Traceback" not in output


def test_two_runs_at_once_share_what_they_keep(paper):
    folder = paper.parents[1]
    both = [verify(folder, "--jobs", "1", "--reports", f"reports{n}") for n in range(2)]
    for process in both:
        output, _ = process.communicate(timeout=300)
        assert process.returncode == 0, output
        assert "cache" not in output
    first, second = (store.read(folder / f"reports{n}" / "ledger.json") for n in range(2))
    assert first == second


def test_claims_about_one_trajectory_stay_together_and_long_tasks_come_first():
    proofs = load(ROOT / "proofs")
    tasks = [*tasks_of(list(proofs.statements.values())), Task("", "", "kuramoto")]
    found = pool.groups(proofs, tasks)
    assert sorted((t for group in found for t in group), key=str) == sorted(tasks, key=str)
    assert found[0] == (Task("", "", "kuramoto"),)
    together = next(g for g in found if Task("thm-4.1", "dual-decay") in g)
    assert Task("thm-4.1", "chi2-decay") in together
    assert not found[-1][0].step
