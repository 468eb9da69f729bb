"""How far a long run is: a bar on a terminal, a line now and then elsewhere, with the time left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

Advance = Callable[[str, int, int], None]
"""Told what has ended, how many tasks are done and how many there are."""

PAUSE = 30.0  # seconds between two lines in a log


def bar(console: Console) -> Progress:
    """A bar that disappears when done: the time passed, and an estimate of the time left."""
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


@contextmanager
def progress(
    what: str, console: Console | None = None, clock: Callable[[], float] = time.monotonic
) -> Iterator[Advance]:
    """What a run calls when a task has ended; written to standard error.

    console, clock: where to write, and seconds from some moment on; others in tests.
    """
    out = Console(stderr=True) if console is None else console
    if not out.is_terminal:
        yield Lines(out, clock)
        return
    with bar(out) as shown:
        line = shown.add_task(what, total=None)

        def advance(label: str, count: int, total: int) -> None:
            shown.update(line, description=f"{label:<28.28}", completed=count, total=total)

        yield advance


class Lines:
    """A line whenever `PAUSE` seconds have passed since the last one."""

    def __init__(self, console: Console, clock: Callable[[], float]) -> None:
        self.console, self.clock = console, clock
        self.start = self.last = clock()

    def __call__(self, label: str, count: int, total: int) -> None:
        now = self.clock()
        if now - self.last < PAUSE and count < total:
            return
        if now - self.start < PAUSE:
            return  # too short a run to tell of
        self.last = now
        left = (now - self.start) / count * (total - count)
        passed = f"{_words(now - self.start)} passed, about {_words(left)} left"
        told = f"{count} of {total} done, {passed}; last: {label}"
        self.console.print(told, soft_wrap=True, markup=False)  # labels may hold [n=2]


def _words(seconds: float) -> str:
    """A time to the minute, or to the second below two minutes."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
