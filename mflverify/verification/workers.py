"""Tasks on the statements of a folder of proofs, in this process or over several."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import TypeVar

from mflverify.proof.loader import Proofs, load

Task = TypeVar("Task")
Outcome = TypeVar("Outcome")

_proofs: Proofs | None = None


def begin_worker() -> None:
    """What a worker does first: it will end at once by Ctrl-C, and when its parent ends.

    A killed parent cannot end its workers, so they watch it.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _start(root: Path) -> None:
    global _proofs  # noqa: PLW0603  (a worker process reads the proofs once)
    begin_worker()
    _proofs = load(root)


def _work(work: Callable[[Proofs, Task], Outcome], task: Task) -> Outcome:
    assert _proofs is not None
    return work(_proofs, task)


def one_thread_each() -> None:
    """Let processes started from now on compute with one thread, or they fight for the cores."""
    for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(library, "1")


def over_processes(
    proofs: Proofs,
    work: Callable[[Proofs, Task], Outcome],
    tasks: Sequence[Task],
    workers: int | None,
) -> Iterator[tuple[Task, Outcome]]:
    """`work` on each task, each yielded as it ends; workers: processes, None: one per core.

    work: a function of a module, or a partial of one, so that it can be sent to a process.
    """
    count = workers or os.cpu_count() or 1
    if count <= 1 or len(tasks) <= 1:
        for task in tasks:
            yield task, work(proofs, task)
        return
    one_thread_each()
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(
        count, mp_context=context, initializer=_start, initargs=(proofs.root,)
    )
    try:
        futures = {pool.submit(_work, work, task): task for task in tasks}
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        # also when interrupted: what has not begun is given up
        pool.shutdown(wait=True, cancel_futures=True)
