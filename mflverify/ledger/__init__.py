"""What a run found: records, canonical JSON and its schema.

>>> from mflverify.ledger import read, write, json_schema
"""

from mflverify.ledger.records import Ledger
from mflverify.ledger.schema import json_schema
from mflverify.ledger.store import LedgerError, read, write

__all__ = ["Ledger", "LedgerError", "json_schema", "read", "write"]
