"""The working precision is set in one place and always restored."""

import ast
from pathlib import Path

import pytest
from flint import arb, ctx

import mflverify
from mflverify.numerics.density import LogTrigDensity
from mflverify.numerics.dual_norm import dual_norm_squared
from mflverify.numerics.integrand import absolute
from mflverify.numerics.precision import current_bits, digits_to_bits, working_precision
from mflverify.numerics.quadrature import WeightedTorus, periodic_integral
from mflverify.numerics.trig import TrigPolynomial


def test_nested_blocks_restore() -> None:
    before = ctx.prec
    with working_precision(200):
        assert current_bits() == 200
        with working_precision(40):
            assert current_bits() == 40
        assert current_bits() == 200
    assert ctx.prec == before


def test_restored_after_an_error() -> None:
    before = ctx.prec
    with pytest.raises(ZeroDivisionError), working_precision(300):
        raise ZeroDivisionError
    assert ctx.prec == before
    with pytest.raises(ValueError, match="not certified analytic"):
        periodic_integral(absolute(TrigPolynomial.sine(1)), 80)
    assert ctx.prec == before


@pytest.mark.parametrize("bits", [1, 0, -5])
def test_bad_precision(bits: int) -> None:
    with pytest.raises(ValueError, match="bits must be at least 2"), working_precision(bits):
        pass


def test_digits_to_bits() -> None:
    assert digits_to_bits(50, 0) == 167
    with pytest.raises(ValueError, match="digits must be at least 1, got 0"):
        digits_to_bits(0)
    with pytest.raises(ValueError, match="guard_bits"):
        digits_to_bits(3, -1)


def test_results_do_not_depend_on_the_precision_in_force() -> None:
    U = TrigPolynomial.cosine(1, -2)
    f = -U.derivative().derivative() + U.derivative() * U.derivative()
    with working_precision(20):
        moments = WeightedTorus(U, 50)
        results = [moments.normalisation, dual_norm_squared(f, LogTrigDensity(U), 40)]
    for value in results:
        assert value.rel_accuracy_bits() > 130
    with working_precision(300):
        assert results[0].overlaps(2 * arb.pi() * arb(2).bessel_i(0))


def test_only_one_module_sets_the_precision() -> None:
    """No assignment to ctx.prec or ctx.dps, no use of flint's own context managers elsewhere."""
    offenders = []
    for path in Path(mflverify.__file__).parent.rglob("*.py"):
        if path.name == "precision.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            sets = isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
            if sets and node.attr in {"prec", "dps"} and "mp" not in ast.unparse(node):
                offenders.append((path.name, node.lineno))
            if isinstance(node, ast.Attribute) and ast.unparse(node) in {
                "ctx.workprec",
                "ctx.workdps",
                "ctx.extraprec",
                "ctx.extradps",
            }:
                offenders.append((path.name, node.lineno))
    assert offenders == []
