"""Where the two sides of a comparison come from: a file, a folder of proofs, or a git revision."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import frozen

from mflverify.regression.baseline import from_text, read_snapshot
from mflverify.regression.snapshot import Snapshot

_OF_A_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")


class SourceError(ValueError):
    """Something to compare that cannot be found or read; says what was looked for."""


@frozen
class Source:
    """One side of a comparison.

    name: as given.  recorded: its snapshot, when one is recorded.  proofs: a folder of proofs, to be
    examined as it is.  revision: a commit; repository_proofs: where proofs are in its repository.
    """

    name: str
    recorded: Snapshot | None = None
    proofs: Path | None = None
    revision: str = ""
    repository_proofs: Path | None = None

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """The folder of proofs to examine; of a revision, a temporary copy.  Raises SourceError."""
        if self.proofs is not None:
            yield self.proofs
        elif self.repository_proofs is not None:
            with TemporaryDirectory(prefix="mflverify-") as place:
                yield _check_out(self.revision, self.repository_proofs, Path(place))
        else:
            raise SourceError(f"{self.name} is a recorded snapshot; there are no proofs in it")


def locate(name: str, *, proofs: Path, baseline: Path, rerun: bool = False) -> Source:
    """What `name` stands for: an existing file, an existing folder of proofs, or a git revision.

    proofs, baseline: where these are in the working tree; a revision is asked for the same paths.
    rerun: examine a revision's proofs even when a baseline is recorded in it.
    Raises SourceError, and BaselineError for a file that is neither ledger nor baseline.
    """
    path = Path(name)
    if path.is_file():
        return Source(name, recorded=read_snapshot(path))
    if path.is_dir():
        return Source(name, proofs=path)
    revision = _commit(name, proofs)
    recorded = None if rerun else _recorded(revision, name, baseline)
    return Source(name, recorded=recorded, revision=revision, repository_proofs=proofs)


def _recorded(revision: str, name: str, baseline: Path) -> Snapshot | None:
    """The baseline at a revision, or None when it has none."""
    inside = _inside(baseline)
    if not _git(baseline, "ls-tree", "-z", revision, "--", f":/{inside}"):
        return None
    text = _git(baseline, "cat-file", "blob", f"{revision}:{inside}").decode("utf-8", "replace")
    return from_text(text, f"{name}:{inside}")


def _check_out(revision: str, proofs: Path, place: Path) -> Path:
    """The folder of proofs as it is in a revision, below `place`."""
    inside = _inside(proofs)
    top = _git(proofs, "rev-parse", "--show-toplevel").decode().strip()
    archive = _git(Path(top), "archive", "--format=zip", revision, "--", inside or ".")
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        packed.extractall(place)
    return place / inside


def _commit(name: str, near: Path) -> str:
    try:
        found = _git(near, "rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}")
    except SourceError as error:
        message = f"{name!r} is no file, no folder and no git revision ({error})"
        raise SourceError(message) from error
    return found.decode().strip()


def _inside(path: Path) -> str:
    """A path relative to the top of its git repository, with forward slashes."""
    top = Path(_git(path, "rev-parse", "--show-toplevel").decode().strip())
    try:
        return path.resolve().relative_to(top.resolve()).as_posix()
    except ValueError as error:
        raise SourceError(f"{path} is outside of the repository {top}") from error


def _git(near: Path, *arguments: str) -> bytes:
    """The output of git, run in the folder of `near` or the nearest one that exists."""
    git = shutil.which("git")
    if git is None:
        raise SourceError("git is not installed, so revisions cannot be read")
    place = near.resolve()
    while not place.is_dir():
        place = place.parent
    done = subprocess.run(  # noqa: S603  (no shell; revisions are verified before they are used)
        [git, "-C", str(place), *arguments],
        capture_output=True,
        check=False,
        # in a hook these point to the repository of the commit, whatever the folder
        env={name: value for name, value in os.environ.items() if name not in _OF_A_HOOK},
    )
    if done.returncode:
        raise SourceError(done.stderr.decode("utf-8", "replace").strip() or "git failed")
    return done.stdout
