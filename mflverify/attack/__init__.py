"""Attacks on inequalities: how close they come to failing, and campaigns that try harder."""

from mflverify.attack.ascent import Summit, ascend
from mflverify.attack.certify import Certified, certify
from mflverify.attack.ratio import Ratio
from mflverify.attack.search import Effort, families, search

__all__ = [
    "Certified",
    "Effort",
    "Ratio",
    "Summit",
    "ascend",
    "certify",
    "families",
    "search",
]
