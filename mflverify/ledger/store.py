"""Reading and writing ledgers: canonical JSON, checked against the records, nothing evaluated.

The same findings give the same bytes: keys are sorted, fields at their default and wall-clock
seconds are left out, floats are written as text.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import attrs
from cattrs import Converter, IterableValidationNote, transform_error
from cattrs.errors import BaseValidationError, ClassValidationError, ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from mflverify.ledger.records import SCHEMA_VERSION, Ledger
from mflverify.ledger.schema import FLOAT_KEY, UNRECORDED, VOCABULARY


class LedgerError(ValueError):
    """A ledger that cannot be read or written: names the file, the field and what is wrong."""

    def __init__(self, path: Path | str, where: str, message: str) -> None:
        self.path, self.where, self.message = str(path), where, message
        place = f" field {where}:" if where else ""
        super().__init__(f"{path}:{place} {message}")
