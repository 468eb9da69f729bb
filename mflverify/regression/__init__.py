"""What changed when a proof changed: baselines, and differences between them.

>>> from mflverify.regression import compare, read_snapshot, snapshot_of, write_baseline
"""

from mflverify.regression.baseline import BaselineError, read_snapshot, write_baseline
from mflverify.regression.compare import compare
from mflverify.regression.difference import Change, Difference, Weight
from mflverify.regression.snapshot import Snapshot, snapshot_of

__all__ = [
    "BaselineError",
    "Change",
    "Difference",
    "Snapshot",
    "Weight",
    "compare",
    "read_snapshot",
    "snapshot_of",
    "write_baseline",
]
