"""Concrete instances: interpretations of symbols, always at an exact equilibrium."""

from mflverify.models.evaluation import Evaluator
from mflverify.models.families import (
    FAMILIES,
    Batch,
    Family,
    GaussianFamily,
    ScalarFamily,
    TorusFamily,
)
from mflverify.models.instance_data import Choice, InstanceData
from mflverify.models.interpretation import Instance, interpret
from mflverify.models.request import Request, Unavailable
from mflverify.models.torus_batch import TorusBatch

__all__ = [
    "FAMILIES",
    "Batch",
    "Choice",
    "Evaluator",
    "Family",
    "GaussianFamily",
    "Instance",
    "InstanceData",
    "Request",
    "ScalarFamily",
    "TorusBatch",
    "TorusFamily",
    "Unavailable",
    "interpret",
]
