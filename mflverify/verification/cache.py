"""Results of engines kept between runs: one JSON file each, checked before it is believed.

An entry holds all that its result depends on (the key), the result, and a SHA-256 of both.  A file
that is damaged, of another version, or not the answer to this very key is no answer: it counts as
damaged, is computed again and replaced.  Files are written under another name and moved into
place, so a killed process loses what it was computing and nothing else, and runs that share a
folder can at worst compute the same result twice.

The hash guards against accidents, not against a forger who can write to the folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
import uuid
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from attrs import define, field
from cattrs import Converter

FOLDER = ".mflverify-cache"
FORMAT = 2
KEEP_DAYS = 30
_DAY = 86_400.0

Key = Mapping[str, Any]
Result = TypeVar("Result")


def _exactly(raw: Any, kind: type) -> Any:
    """No conversions: what was written as a number is not read as text."""
    if issubclass(kind, StrEnum):  # words come here too, since they are text
        return kind(_exactly(raw, str))
    if type(raw) is not kind:
        raise TypeError(f"expected {kind.__name__}, found {raw!r:.60}")
    return raw


_CONVERTER = Converter(forbid_extra_keys=True)
for _kind in (str, int, bool, float):
    _CONVERTER.register_structure_hook(_kind, _exactly)


@define
class Cache:
    """A folder of results.

    damaged: entries that were found and not believed.
    problem: why results cannot be written, or ''; a run goes on without.
    """

    folder: Path
    damaged: set[str] = field(factory=set, init=False)
    problem: str = field(default="", init=False)

    @staticmethod
    def open(folder: Path) -> Cache:
        """The cache in `folder`, made when missing, ignored by git; old entries are dropped."""
        cache = Cache(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            ignore = folder / ".gitignore"
            if not ignore.exists():
                _put(ignore, "# results of engines; may be deleted at any time\n*\n")
            cache._drop_old()
        except OSError as error:
            cache.problem = f"{folder}: {error.strerror}"
        return cache

    def recall(self, key: Key, kind: type[Result]) -> Result | None:
        """The result kept for `key`, as a `kind`, or None when there is none to be trusted.

        key: JSON values only.
        """
        path = self.path_of(key)
        try:
            text = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:
            self.damaged.add(path.name)
            return None
        try:
            found = _believe(text, key)
            result: Result = _CONVERTER.structure(found, kind)
        except Exception:  # whatever is wrong with it, it is not an answer
            self.damaged.add(path.name)
            return None
        self._touch(path)
        return result

    def fetch(
        self,
        key: Key,
        kind: type[Result],
        compute: Callable[[], Result],
        *,
        still_valid: Callable[[], bool] = lambda: True,
    ) -> Result:
        """The result for `key`: the one kept, or else `compute()`, which is then kept.

        What `compute` raises is passed on and nothing is kept: a crash is tried again next time.
        still_valid: whether `key`, after computing, says what the result depends on; it does not
        when the program was edited meanwhile, and then nothing is kept either.
        The result returned is read back from its written form, so that a first and a second run
        give the same.
        """
        known = self.recall(key, kind)
        if known is not None:
            return known
        text = _written(key, compute())
        if still_valid():
            self._keep(self.path_of(key), text)
        return _CONVERTER.structure(json.loads(text)["entry"]["result"], kind)

    def keep(self, key: Key, result: object) -> None:
        """Keep a result that was computed elsewhere."""
        self._keep(self.path_of(key), _written(key, result))

    def path_of(self, key: Key) -> Path:
        """The file in which the result for `key` is kept."""
        name = _sha256(_canonical(dict(key)))
        return self.folder / name[:2] / f"{name}.json"

    def _keep(self, path: Path, text: str) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _put(path, text)
        except OSError as error:
            self.problem = f"{path}: {error.strerror}"

    def _touch(self, path: Path) -> None:
        """Note that an entry is in use, at most once a day."""
        try:
            if time.time() - path.stat().st_mtime > _DAY:
                os.utime(path)
        except OSError:
            pass  # another run replaced or dropped it; its content is already read

    def _drop_old(self) -> None:
        """Remove what was not used for a month, and unfinished files of killed processes."""
        now = time.time()
        for path in self.folder.glob("*/*"):
            limit = KEEP_DAYS * _DAY if path.suffix == ".json" else _DAY
            try:
                if now - path.stat().st_mtime > limit:
                    path.unlink()
            except OSError:
                continue  # another run was faster


def _written(key: Key, result: object) -> str:
    entry = {"format": FORMAT, "key": dict(key), "result": _CONVERTER.unstructure(result)}
    return _canonical({"entry": entry, "sha256": _sha256(_canonical(entry))})


def _believe(text: bytes, key: Key) -> Any:
    """The result in an entry.  Raises when the entry is not intact or answers another key."""
    content = json.loads(text)
    entry = content["entry"]
    if content.keys() != {"entry", "sha256"} or content["sha256"] != _sha256(_canonical(entry)):
        raise ValueError("the entry is not what was written")
    if entry["format"] != FORMAT or _canonical(entry["key"]) != _canonical(dict(key)):
        raise ValueError("the entry answers another question")
    return entry["result"]


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _put(path: Path, text: str) -> None:
    """Write a file in one move: readers see all of it or nothing."""
    partial = path.with_name(f"{path.stem}.{os.getpid()}.{uuid.uuid4().hex[:8]}.part")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
