"""Campaigns: many chunks over all cores or a cluster, until the budget is used up.

The coordinating process is the only one that writes.  Chunks are numbered and deterministic, so a
chunk whose worker died is simply handed out again, and one that arrives twice counts once.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol

from attrs import define, field

from mflverify.attack.chunk import ChunkTask, carry_out
from mflverify.attack.store import Chunk
from mflverify.verification.workers import one_thread_each

# a chunk whose workers died so often is given up, and said to be
ATTEMPTS = 3
# how many chunks wait for each worker, so that none is idle
AHEAD = 2


class Workers(Protocol):
    """Where chunks are carried out.  lost: errors that mean that a worker died."""

    @property
    def count(self) -> int: ...
    @property
    def lost(self) -> tuple[type[BaseException], ...]: ...
    def submit(self, task: ChunkTask) -> Future[Chunk]: ...
    def renew(self) -> None: ...
    def close(self) -> None: ...


@define
class LocalWorkers:
    """Processes on this machine."""

    count: int = field(factory=lambda: os.cpu_count() or 1)
    lost: tuple[type[BaseException], ...] = (BrokenProcessPool, CancelledError)
    _pool: Executor = field(init=False)

    def __attrs_post_init__(self) -> None:
        one_thread_each()
        self._pool = self._new()

    def _new(self) -> Executor:
        return ProcessPoolExecutor(self.count, multiprocessing.get_context("spawn"))

    def submit(self, task: ChunkTask) -> Future[Chunk]:
        """Hand out a chunk."""
        return self._pool.submit(carry_out, task)

    def renew(self) -> None:
        """Start again after a process died: the pool that held it takes no more work."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = self._new()

    def close(self) -> None:
        """End all processes."""
        self._pool.shutdown(wait=True, cancel_futures=True)


@define
class DaskWorkers:
    """The workers of a Dask scheduler, on any number of machines."""

    address: str
    count: int = field(init=False)
    lost: tuple[type[BaseException], ...] = field(init=False)
    _client: Any = field(init=False, repr=False)
    _pool: Executor = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        from distributed import Client, KilledWorker  # noqa: PLC0415  (an extra)

        self._client = Client(self.address, timeout="10s", set_as_default=False)
        self._pool = self._client.get_executor(pure=False, retries=ATTEMPTS)
        self.count = max(1, sum(self._client.nthreads().values()))
        self.lost = (KilledWorker, CancelledError)

    def submit(self, task: ChunkTask) -> Future[Chunk]:
        """Hand out a chunk."""
        return self._pool.submit(carry_out, task)

    def renew(self) -> None:
        """Nothing to do: the scheduler replaces dead workers."""

    def close(self) -> None:
        """Leave the cluster; it goes on."""
        self._client.close()


def chunks(
    tasks: Iterator[ChunkTask], workers: Workers, is_over: Callable[[], bool]
) -> Iterator[tuple[ChunkTask, Chunk]]:
    """Carry out tasks until there are none or `is_over`; each finished one once, as it ends.

    tasks: asked for one by one, so that it can react to what was found.
    """
    waiting: dict[Future[Chunk], tuple[ChunkTask, int]] = {}
    failed: dict[tuple[str, int], int] = {}
    generation, more = 0, True

    def hand_out(task: ChunkTask) -> None:
        nonlocal generation
        try:
            future = workers.submit(task)
        except workers.lost:
            workers.renew()
            generation += 1
            future = workers.submit(task)
        waiting[future] = (task, generation)

    while True:
        while more and len(waiting) < AHEAD * workers.count:
            task = None if is_over() else next(tasks, None)
            more = task is not None
            if task is not None:
                hand_out(task)
        if not waiting:
            return
        ended, _ = wait(waiting, return_when=FIRST_COMPLETED)
        for future in ended:
            task, born = waiting.pop(future)
            try:
                chunk = future.result()
            except workers.lost:
                # whatever waited in a broken pool is lost with it, and ends here one by one
                if born == generation:
                    workers.renew()
                    generation += 1
                key = (task.step, task.number)
                failed[key] = failed.get(key, 0) + 1
                if failed[key] < ATTEMPTS:
                    hand_out(task)
                    continue
                chunk = Chunk(task.number, 0, 0.0, error="its workers died again and again")
            yield task, chunk


def deadline(seconds: float) -> Callable[[], bool]:
    """Whether a budget of wall-clock time, from now on, is used up."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end
