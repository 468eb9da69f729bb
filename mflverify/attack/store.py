"""What campaigns did and found: one SQLite file, written by one process, never half written.

A chunk of work is recorded once, in one transaction: whatever dies, what is recorded was done, and
what was not recorded is done again.  Counterexamples outlive the version of a proof in which they
were found, so that they can be tried first the next time.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Any

from attrs import frozen

FORMAT = "1"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS campaign (
    id INTEGER PRIMARY KEY, step TEXT NOT NULL, digest TEXT NOT NULL, engine TEXT NOT NULL,
    seed INTEGER NOT NULL, UNIQUE (step, digest, engine, seed)
);
CREATE TABLE IF NOT EXISTS chunk (
    campaign INTEGER NOT NULL REFERENCES campaign, number INTEGER NOT NULL,
    instances INTEGER NOT NULL, ratio REAL NOT NULL, data TEXT, error TEXT NOT NULL,
    PRIMARY KEY (campaign, number)
);
CREATE TABLE IF NOT EXISTS finding (
    step TEXT NOT NULL, digest TEXT NOT NULL, arithmetic TEXT NOT NULL, data TEXT NOT NULL,
    minimal TEXT NOT NULL, PRIMARY KEY (step, data)
);
"""


class StoreError(ValueError):
    """A file that is no store of this version, with its path."""


@frozen
class Finding:
    """A certain counterexample as found, and shrunk; arithmetic: `exact` or `ball`."""

    arithmetic: str
    data: dict[str, Any]
    minimal: dict[str, Any]


@frozen
class Chunk:
    """One finished unit of work.

    number: which one of its campaign.  instances: how many were evaluated.  ratio, data: the best
    one.  error: why it did not end by itself, or ''.
    """

    number: int
    instances: int
    ratio: float
    data: dict[str, Any] | None = None
    finding: Finding | None = None
    error: str = ""


@frozen
class Totals:
    """All recorded chunks of one campaign together."""

    chunks: int
    instances: int
    ratio: float
    data: dict[str, Any] | None
    errors: tuple[str, ...]


class Store:
    """An open file of results; a context manager that closes it."""

    def __init__(self, path: Path) -> None:
        """Open `path`, made when missing.  Raises StoreError when it is something else."""
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = sqlite3.connect(path)
            self._db.execute("PRAGMA journal_mode = WAL")
            with self._db:
                self._db.executescript(_SCHEMA)
                self._db.execute("INSERT OR IGNORE INTO about VALUES ('format', ?)", (FORMAT,))
            (found,) = self._db.execute("SELECT value FROM about WHERE name = 'format'").fetchone()
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{path}: not a file of campaigns ({error})") from error
        if found != FORMAT:
            raise StoreError(f"{path}: format {found}, but this program writes format {FORMAT}")

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()

    def campaign(self, step: str, digest: str, engine: str, seed: int) -> int:
        """The number of the campaign against this version of a step, with these engines and seed."""
        key = (step, digest, engine, seed)
        with self._db:
            self._db.execute(
                "INSERT OR IGNORE INTO campaign (step, digest, engine, seed) VALUES (?, ?, ?, ?)",
                key,
            )
        (number,) = self._db.execute(
            "SELECT id FROM campaign WHERE step = ? AND digest = ? AND engine = ? AND seed = ?", key
        ).fetchone()
        return int(number)

    def done(self, campaign: int) -> set[int]:
        """Numbers of the chunks that are recorded."""
        found = self._db.execute("SELECT number FROM chunk WHERE campaign = ?", (campaign,))
        return {int(number) for (number,) in found}

    def record(self, campaign: int, chunk: Chunk) -> bool:
        """Record a chunk and what it found; False when it was recorded before: nothing counts twice."""
        data = None if chunk.data is None else _text(chunk.data)
        with self._db:
            new = self._db.execute(
                "INSERT OR IGNORE INTO chunk VALUES (?, ?, ?, ?, ?, ?)",
                (campaign, chunk.number, chunk.instances, chunk.ratio, data, chunk.error),
            ).rowcount
            if new and chunk.finding is not None:
                step, digest = self._db.execute(
                    "SELECT step, digest FROM campaign WHERE id = ?", (campaign,)
                ).fetchone()
                self.keep(step, digest, chunk.finding)
        return bool(new)

    def keep(self, step: str, digest: str, finding: Finding) -> None:
        """Keep a counterexample against a step."""
        texts = (_text(finding.data), _text(finding.minimal))
        with self._db:
            self._db.execute(
                "INSERT OR IGNORE INTO finding VALUES (?, ?, ?, ?, ?)",
                (step, digest, finding.arithmetic, *texts),
            )

    def findings(self, step: str) -> list[Finding]:
        """Counterexamples ever found against a step, the first found first."""
        rows = self._db.execute(
            "SELECT arithmetic, data, minimal FROM finding WHERE step = ? ORDER BY rowid", (step,)
        )
        return [Finding(word, json.loads(data), json.loads(small)) for word, data, small in rows]

    def totals(self, campaign: int) -> Totals:
        """What the recorded chunks of a campaign come to."""
        count, instances = self._db.execute(
            "SELECT COUNT(*), COALESCE(SUM(instances), 0) FROM chunk WHERE campaign = ?",
            (campaign,),
        ).fetchone()
        best = self._db.execute(
            "SELECT ratio, data FROM chunk WHERE campaign = ? AND data IS NOT NULL "
            "ORDER BY ratio DESC, number LIMIT 1",
            (campaign,),
        ).fetchone()
        errors = self._db.execute(
            "SELECT error FROM chunk WHERE campaign = ? AND error != '' ORDER BY number",
            (campaign,),
        )
        ratio, data = (0.0, None) if best is None else (best[0], json.loads(best[1]))
        return Totals(count, instances, ratio, data, tuple(error for (error,) in errors))


def _text(tree: dict[str, Any]) -> str:
    return json.dumps(tree, sort_keys=True, ensure_ascii=False)
