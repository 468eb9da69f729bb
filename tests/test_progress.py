"""A long run tells how far it is, also where there is no terminal."""

from io import StringIO

from rich.console import Console

from mflverify.progress import progress


class Clock:
    """Seconds that pass by hand."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def told(seconds, total):
    out, clock = StringIO(), Clock()
    with progress("checking", Console(file=out, width=80), clock) as advance:
        for count in range(1, total + 1):
            clock.now += seconds
            advance(f"task {count}", count, total)
    return out.getvalue().splitlines()


def test_a_log_gets_a_line_now_and_then_with_the_time_left():
    lines = told(10, 12)
    assert len(lines) == 4
    assert lines[0] == "3 of 12 done, 30 s passed, about 90 s left; last: task 3"
    assert lines[-1] == "12 of 12 done, 2 min passed, about 0 s left; last: task 12"


def test_hours_are_told_as_such():
    assert "3 h 0 min passed, about 3 h 0 min left" in told(3600, 6)[2]


def test_a_short_run_tells_nothing():
    assert told(1, 5) == []


def test_a_terminal_gets_a_bar_that_disappears():
    out = StringIO()
    console = Console(file=out, width=80, force_terminal=True)
    with progress("checking", console) as advance:
        advance("task 1", 1, 2)
    assert "done" not in out.getvalue()


def test_a_label_with_brackets_is_told_whole():
    out = StringIO()
    with progress("checking", Console(file=out, width=80), clock := Clock()) as advance:
        clock.now = 60.0
        advance("eq-5.5[n=2]/drifts", 1, 2)
    assert out.getvalue().endswith("last: eq-5.5[n=2]/drifts\n")
    bar_out = StringIO()
    with progress("checking", Console(file=bar_out, width=80, force_terminal=True)) as advance:
        advance("eq-5.5[n=2]/drifts", 1, 2)
    assert "eq-5.5[n=2]/drifts" in bar_out.getvalue()
