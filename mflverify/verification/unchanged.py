"""A run that need not be repeated: the same program, proofs and settings gave the ledger on disk.

Remembered are only runs in which everything passed, so that a crash or a time-out is tried again.
What proofs may depend on is the files below their folder, this package and the packages that it
asks for; when a proof file has imported anything else, nothing is remembered.
"""

from __future__ import annotations

import hashlib
import sys
import sysconfig
from pathlib import Path

from attrs import frozen

from mflverify.ledger import Ledger, LedgerError, read
from mflverify.verification.cache import Cache, Key
from mflverify.verification.keys import versions
from mflverify.verification.run import commit_of
from mflverify.verification.sources import ROOT

_SKIPPED = (".pyc", ".pyo")


@frozen
class Settled:
    """What a run left behind: the SHA-256 of the ledger that it wrote."""

    ledger: str


@frozen
class Beginning:
    """What a run depends on, and which modules there were before any proof file was read."""

    key: Key
    root: Path
    modules: frozenset[str]

    @staticmethod
    def of(
        root: Path, labels: list[str] | None, *, profile: str, seed: int, examples: bool
    ) -> Beginning:
        """Proofs, program, versions, settings, and the commit that the ledger records.

        root: the folder of proofs.  Raises OSError for a file that cannot be read.
        """
        key = {
            "part": "run",
            "proofs": _digest(root),
            "root": str(root.resolve()),
            "program": _digest(ROOT),
            "versions": versions(),
            "commit": commit_of(root),
            "labels": labels,
            "profile": profile,
            "seed": seed,
            "examples": examples,
        }
        return Beginning(key, root.resolve(), frozenset(sys.modules))

    @property
    def strangers(self) -> list[str]:
        """Modules imported since then from places that the key does not know of."""
        paths = sysconfig.get_paths()
        known = [ROOT, self.root, *(Path(paths[name]) for name in ("stdlib", "platlib", "purelib"))]
        found: list[str] = []
        for name in sys.modules.keys() - self.modules:
            file = getattr(sys.modules[name], "__file__", None)
            if file is not None and not any(Path(file).is_relative_to(place) for place in known):
                found.append(name)
        return sorted(found)


def unchanged(cache: Cache, beginning: Beginning, file: Path) -> Ledger | None:
    """The ledger at `file` when it is what a run that began like this wrote, byte for byte."""
    settled = cache.recall(beginning.key, Settled)
    try:
        if settled is None or settled.ledger != _sha256(file):
            return None
        return read(file)
    except (OSError, LedgerError):
        return None


def remember(
    cache: Cache, beginning: Beginning, again: Beginning, ledger: Ledger, file: Path
) -> None:
    """Remember that the run wrote `ledger` to `file`.

    again: what a run depends on now; when that has changed, something was edited meanwhile.
    """
    if beginning.key == again.key and not ledger.failures and not beginning.strangers:
        cache.keep(beginning.key, Settled(_sha256(file)))


def _digest(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in _SKIPPED:
            total.update(f"{path.relative_to(folder).as_posix()} {_sha256(path)}\n".encode())
    return total.hexdigest()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
