"""Concrete instances: interpretations of symbols, always at an exact equilibrium."""

from mflverify.models.evaluation import Evaluator
from mflverify.models.families import (
    FAMILIES,
    Batch,
    Family,
    GaussianFamily,
    ScalarFamily,
    Solved,
    TorusFamily,
)
from mflverify.models.instance_data import Choice, InstanceData
from mflverify.models.interpretation import Arithmetic, HypothesisError, Instance, interpret
from mflverify.models.product_families import (
    CYLINDER_FAMILY,
    DOUBLE_WELL_FAMILY,
    GAUSSIAN_KERNEL_FAMILY,
    MIXED_FAMILY,
    TORUS_2_FAMILY,
    TORUS_3_FAMILY,
    ProductFamily,
)
from mflverify.models.request import Request, Unavailable
from mflverify.models.spaces import SpaceData
from mflverify.models.torus_batch import TorusBatch

__all__ = [
    "CYLINDER_FAMILY",
    "DOUBLE_WELL_FAMILY",
    "FAMILIES",
    "GAUSSIAN_KERNEL_FAMILY",
    "MIXED_FAMILY",
    "TORUS_2_FAMILY",
    "TORUS_3_FAMILY",
    "Arithmetic",
    "Batch",
    "Choice",
    "Evaluator",
    "Family",
    "GaussianFamily",
    "HypothesisError",
    "Instance",
    "InstanceData",
    "ProductFamily",
    "Request",
    "ScalarFamily",
    "Solved",
    "SpaceData",
    "TorusBatch",
    "TorusFamily",
    "Unavailable",
    "interpret",
]
