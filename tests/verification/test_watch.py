"""The watch, as a sequence of events and as a real process on real edits."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from mflverify.verification import watch as w
from mflverify.verification.cache import Cache

ROOT = Path(__file__).parents[2]
# what a shell runs in the background ignores Ctrl-C, and so would the processes of these tests
PROGRAM = """
import signal
from mflverify.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""


@pytest.fixture
def watching(paper):
    """watching(change, ...) runs each change when the watch next waits; returns all its events."""

    def events(*changes, labels=None):
        left = list(changes)

        def wait():
            if not left:
                raise KeyboardInterrupt
            left.pop(0)()

        cache = Cache.open(paper.parents[1] / "kept")
        found = []
        try:
            found.extend(w.watch(paper.parent, labels, cache=cache, wait=wait))
        except KeyboardInterrupt:
            return found
        pytest.fail("the watch ended by itself")

    return events


def rounds(events):
    """The events from each `Started` on."""
    found = []
    for event in events:
        if isinstance(event, w.Started):
            found.append([])
        found[-1].append(event)
    return found


def checked(events):
    return [event.done.task.label for event in events if isinstance(event, w.Checked)]


def faults(events):
    return {e.done.task.label: e.fault for e in events if isinstance(e, w.Checked) and e.fault}


def test_a_quiet_watch_checks_once(watching):
    (events,) = rounds(watching(lambda: None, lambda: None))
    assert checked(events) == ["lem-1", "lem-1/gap", "thm-1", "thm-1/apart", "thm-1/first", "thm-1/last"]  # fmt: skip
    assert not faults(events)
    assert isinstance(events[-1], w.Ended)
    assert [s.status for s in events[-1].statements] == ["closed", "closed"]


def test_an_edit_checks_the_step_and_its_dependents(watching, edit):
    break_it = lambda: edit("theorem.py", "<= 2 * norm(f) ** 2, bec", "<= norm(f) ** 2 / 2, bec")  # noqa: E731
    mend_it = lambda: edit("theorem.py", "<= norm(f) ** 2 / 2, bec", "<= 2 * norm(f) ** 2, bec")  # noqa: E731
    _, broken, mended = rounds(watching(break_it, mend_it))
    assert [path.name for path in broken[0].files] == ["theorem.py"]
    assert broken[0].tasks == 2
    assert set(faults(broken)) == {"thm-1/first"}
    assert "refuted" in faults(broken)["thm-1/first"]
    assert [s.status for s in broken[-1].statements] == ["closed", "refuted"]
    assert mended[0].tasks == 0
    assert [s.status for s in mended[-1].statements] == ["closed", "closed"]


def test_a_fault_is_told_again_in_every_round(watching, edit):
    edit("theorem.py", "<= 2 * norm(f) ** 2, bec", "<= norm(f) ** 2 / 2, bec")
    _, second = rounds(watching(lambda: edit("theorem.py", '"Weaker', '"Much weaker')))
    assert second[0].tasks == 0
    assert set(faults(second)) == {"thm-1/first"}


def test_what_was_saved_is_checked_first(watching, edit):
    def both():
        edit("theorem.py", "<= 2 * norm(f) ** 2)", "<= 4 * norm(f) ** 2)")

    edit("lemma.py", "lemma.conclude", 'lemma.step("more", norm(f) <= 2 * norm(f))\nlemma.conclude')
    first, second = rounds(watching(both))
    assert checked(first)[0] == "lem-1"
    assert checked(second) == ["thm-1/apart"]


def test_syntax_errors_are_told_with_their_line_and_the_rest_is_checked(watching, paper, edit):
    spoil = lambda: edit("lemma.py", "lemma = Statement(", "lemma = = Statement(")  # noqa: E731
    mend = lambda: edit("lemma.py", "lemma = = Statement(", "lemma = Statement(")  # noqa: E731
    (paper / "alone.py").write_text(
        'from mflverify.expr import norm\nfrom mflverify.proof import Statement\n'
        'from .notation import f\nalone = Statement("alone", "Alone")\n'
        'alone.conclude("it", norm(f) <= 2 * norm(f))\n'
    )  # fmt: skip
    _, spoilt, mended = rounds(watching(spoil, mend))
    told = {Path(p.where).name: p.message for p in spoilt[0].problems}
    assert told["lemma.py:6"].startswith("syntax error")
    assert "uses lemma.py" in told["theorem.py"]
    assert [s.label for s in spoilt[-1].statements] == ["alone"]
    assert not mended[0].problems
    assert len(mended[-1].statements) == 3


@pytest.mark.parametrize(
    "content", [b"", b"\x00", b"\xff\xfe", b"raise SystemExit\n", b"1 / 0\n", b"(" * 500]
)
def test_no_content_of_a_file_ends_the_watch(watching, paper, content):
    good = (paper / "theorem.py").read_bytes()
    _, bad, back = rounds(
        watching(
            lambda: (paper / "theorem.py").write_bytes(content),
            lambda: (paper / "theorem.py").write_bytes(good),
        )
    )
    assert len(bad[-1].statements) == 1
    assert len(back[-1].statements) == 2


def test_files_that_come_and_go(watching, paper):
    gone = (paper / "theorem.py").read_text()
    _, removed, added = rounds(
        watching((paper / "theorem.py").unlink, lambda: (paper / "theorem.py").write_text(gone))
    )
    assert len(removed[-1].statements) == 1
    assert len(added[-1].statements) == 2
    assert added[0].tasks == 0


def test_all_files_gone(watching, paper):
    def remove():
        for path in paper.glob("*.py"):
            path.unlink()

    _, (started,) = rounds(watching(remove))
    assert "no proof files" in started.problems[0].message


def test_a_save_in_the_middle_of_a_round_starts_over(paper, edit):
    cache = Cache.open(paper.parents[1] / "kept")
    events = w.watch(paper.parent, cache=cache, wait=lambda: pytest.fail("nothing to wait for"))
    assert isinstance(next(events), w.Started)
    assert isinstance(next(events), w.Checked)
    edit("theorem.py", '"Weaker', '"Much weaker')
    found = [next(events), next(events)]
    assert isinstance(found[0], w.Overtaken)
    assert isinstance(found[1], w.Started)
    assert found[1].tasks == 4  # the witness of the one is that of the other too


def test_chosen_statements_only(watching):
    (events,) = rounds(watching(labels=["lem-1"]))
    assert checked(events) == ["lem-1", "lem-1/gap"]


def test_the_watch_is_over_when_the_program_changes(watching, paper, monkeypatch):
    program = []

    def change():
        program.append(1)

    real = w.stamps_of
    monkeypatch.setattr(
        w, "stamps_of", lambda files: ((ROOT / "x.py", 1, 1),) if program else real(files)
    )
    cache = Cache.open(paper.parents[1] / "kept")
    *_, last = w.watch(paper.parent, cache=cache, wait=change)
    assert isinstance(last, w.ProgramChanged)


class Terminal:
    """A real `mflverify watch`, its output read as it comes."""

    def __init__(self, folder, *options):
        self.lines, self.news = [], threading.Condition()
        command = [sys.executable, "-c", PROGRAM, "watch"]
        self.process = subprocess.Popen(
            [*command, *options],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def close(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()

    def _read(self):
        for line in self.process.stdout:
            with self.news:
                self.lines.append(line.rstrip())
                self.news.notify_all()

    def expect(self, pattern):
        """The first line from here on that matches; those before it are forgotten."""
        limit = time.monotonic() + 120
        with self.news:
            while True:
                for number, line in enumerate(self.lines):
                    if re.search(pattern, line):
                        del self.lines[: number + 1]
                        return line
                assert self.process.poll() is None, self.lines
                assert time.monotonic() < limit, self.lines
                self.news.wait(timeout=1)


@pytest.mark.slow
def test_a_real_watch_on_real_edits(paper, edit):
    terminal = Terminal(paper.parents[1])
    try:
        terminal.expect(r"6 to check")
        terminal.expect(r"2 of 2 closed, 6 checked in ")
        edit("theorem.py", "<= 2 * norm(f) ** 2, bec", "<= norm(f) ** 2 / 2, bec")
        terminal.expect(r"^theorem\.py: 2 to check")
        fault = terminal.expect(r"thm-1/first: ")
        assert "theorem.py:9" in fault
        assert "refuted" in fault
        terminal.expect(r"α‖f‖₋₁² ≤ 1/2 ?‖f‖²|α‖f‖₋₁² ≤ ‖f‖²/2")
        terminal.expect(r"counterexample: ")
        terminal.expect(r"1 of 2 closed, 2 checked")
        edit("theorem.py", "theorem.conclude(", "theorem.conclude((")
        terminal.expect(r"theorem\.py:\d+: syntax error")
        edit("theorem.py", "theorem.conclude((", "theorem.conclude(")
        edit("theorem.py", "<= norm(f) ** 2 / 2, bec", "<= 2 * norm(f) ** 2, bec")
        terminal.expect(r"2 of 2 closed")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.process.wait(timeout=60) == 0
        assert not [line for line in terminal.lines if "Traceback" in line]
    finally:
        terminal.close()
