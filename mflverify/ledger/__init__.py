"""What a run found: records, canonical JSON and its schema.

>>> from mflverify.ledger import read, write, json_schema
"""

from mflverify.ledger.gather import CAMPAIGNS, campaign_files, campaigns_beside, gather
from mflverify.ledger.records import Ledger
from mflverify.ledger.schema import json_schema
from mflverify.ledger.store import LedgerError, read, write

__all__ = [
    "CAMPAIGNS",
    "Ledger",
    "LedgerError",
    "campaign_files",
    "campaigns_beside",
    "gather",
    "json_schema",
    "read",
    "write",
]
