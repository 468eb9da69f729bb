"""Tables as Parquet files with their parameters inside, and campaigns that can be resumed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

from attrs import frozen

from mflverify import __version__

Row = Mapping[str, Any]
_KEY = b"mflverify"


class MissingExtraError(ImportError):
    """An optional library is not installed."""


def _parquet() -> tuple[ModuleType, ModuleType]:
    try:
        import pyarrow  # noqa: PLC0415  (optional)
        import pyarrow.parquet  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError(
            "results are kept as Parquet: pip install 'mflverify[studies]'"
        ) from error
    return pyarrow, pyarrow.parquet


def write_table(path: Path, rows: Sequence[Row], parameters: Mapping[str, Any]) -> None:
    """Rows as a Parquet file, the parameters as JSON in its metadata; replaced in one go.

    The same rows and parameters give the same bytes.
    """
    pyarrow, parquet = _parquet()
    table = pyarrow.Table.from_pylist([dict(row) for row in rows])
    record = json.dumps({"version": __version__, **parameters}, sort_keys=True)
    table = table.replace_schema_metadata({_KEY: record.encode()})
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    parquet.write_table(table, unfinished)
    os.replace(unfinished, path)


def read_table(path: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The rows and parameters of a file that `write_table` wrote.

    Raises ValueError, naming the file, for any other file.
    """
    pyarrow, parquet = _parquet()
    try:
        table = parquet.read_table(path)
    except (OSError, pyarrow.ArrowException) as error:
        raise ValueError(f"{path}: not a Parquet file: {error}") from error
    metadata = table.schema.metadata or {}
    if _KEY not in metadata:
        raise ValueError(f"{path}: not written by mflverify, no parameters inside")
    return table.to_pylist(), json.loads(metadata[_KEY])


@frozen
class Campaign:
    """Independent tasks 0 .. count - 1, each a function of its number and the seed.

    folder: finished tasks are kept in it, so that an interrupted campaign goes on where it was.
    parameters: all that the results depend on; other parameters start anew.
    """

    name: str
    folder: Path
    count: int
    parameters: Mapping[str, Any]
    task: Callable[[int], list[Row]]

    @property
    def digest(self) -> str:
        """Names the parts of these parameters; the count is left out, so it can be raised."""
        record = {"version": __version__, "name": self.name, **self.parameters}
        return sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def table(self) -> Path:
        """The file with all rows."""
        return self.folder / f"{self.name}.parquet"

    def finished(self) -> list[int]:
        """Tasks that need not run again."""
        return [number for number in range(self.count) if self._part(number).is_file()]

    def _part(self, number: int) -> Path:
        return self.folder / "parts" / f"{self.name}-{self.digest}-{number:05d}.parquet"

    def run(self, progress: Callable[[int], None] | None = None) -> list[Row]:
        """All rows, in the order of the tasks; written to `table` as well.

        progress: called with the number of finished tasks.
        """
        done = len(self.finished())
        rows: list[Row] = []
        for number in range(self.count):
            part = self._part(number)
            if part.is_file():
                found: list[Row] = list(read_table(part)[0])
            else:
                found = self.task(number)
                write_table(part, found, {**self.parameters, "task": number})
                done += 1
            rows.extend(found)
            if progress is not None:
                progress(done)
        write_table(self.table, rows, {**self.parameters, "count": self.count})
        return rows
