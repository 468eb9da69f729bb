"""The landscape that floats climb: relative margins, and their gradients."""

import numpy as np

from mflverify.engines.landscape import Landscape
from mflverify.expr import Parameter, maximum, sqrt
from mflverify.proof import Statement
from mflverify.proof.kernel import examine

a, b, c = (Parameter(name, "positive") for name in "abc")
x, y = Parameter("x", "real"), Parameter("y", "real")


def posed(given, claim):
    statement = Statement("s", "s", given=given)
    return examine(statement.step("claim", claim))[-1]


def test_margins_are_those_of_the_relations_and_gradients_theirs():
    relations = {
        a * sqrt(1 + b) <= c: lambda a, b, c, x, y: c - a * (1 + b) ** 0.5,
        abs(x * a - y) <= b**2: lambda a, b, c, x, y: b**2 - abs(x * a - y),
        maximum(a * x, y + b) <= 3 / a: lambda a, b, c, x, y: 3 / a - max(a * x, y + b),
        sqrt(2) * x**3 <= y: lambda a, b, c, x, y: y - 2**0.5 * x**3,
    }
    landscape = Landscape.of([posed([], r).normal.difference for r in relations])
    assert [atom.payload for atom in landscape.free] == [a, b, c, x, y]
    rng = np.random.default_rng(1)
    for _ in range(50):
        point = np.append(rng.normal(0.0, 1.0, 5), 0.0)
        values = landscape.values(point[:-1])
        np.testing.assert_allclose(values, [*np.exp(point[:3]), *point[3:5]])
        margins, gradient = landscape.room(point)
        assert np.abs(margins).max() <= 1
        assert [m > 0 for m in margins] == [sides(*values) > 0 for sides in relations.values()]
        for j, unit in enumerate(np.eye(6)):
            up, down = (landscape.room(point + h * unit)[0] for h in (1e-6, -1e-6))
            np.testing.assert_allclose(gradient[:, j], (up - down) / 2e-6, rtol=1e-5, atol=1e-6)
