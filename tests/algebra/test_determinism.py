"""Normal forms, their traces and what is read from them do not depend on the hash seed."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def describe():
    """Normal forms of the tables of identities and of derivatives, with traces, as one text."""
    from test_identities import EQUAL, PAPER, RULES, SCALARS

    from mflverify.algebra import Normalizer
    from mflverify.algebra.reading import read_polynomial
    from mflverify.expr.printing import to_unicode

    terms = [side for table in (EQUAL, SCALARS) for pair in table.values() for side in pair]
    terms += [side for left, right, _ in RULES.values() for side in (left, right)]
    terms += [flow.derivative(functional) for flow, functional, _ in PAPER.values()]
    lines = []
    for term in terms:
        normalizer = Normalizer()
        polynomial = normalizer(term)
        lines.append(polynomial.key)
        lines.append(to_unicode(read_polynomial(polynomial)))
        for rewrite in normalizer.trace:
            after = [(str(c), [tree.key for tree in trees]) for c, trees in rewrite.after]
            lines.append(f"{rewrite.rule}: {rewrite.before.key} -> {after}")
    return "\n".join(lines)


def run(seed):
    environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
    paths = [str(HERE), str(HERE.parents[1]), os.environ.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    command = "from test_determinism import describe; print(hash('a')); print(describe())"
    done = subprocess.run(
        [sys.executable, "-c", command], env=environment, capture_output=True, check=True
    )
    seeded, text = done.stdout.split(b"\n", 1)
    return seeded, text


def test_normal_forms_do_not_depend_on_the_hash_seed():
    (first_hash, first), (second_hash, second) = run(0), run(12345)
    assert first_hash != second_hash, "the seeds did not reach the interpreter"
    assert len(first) > 10_000
    assert first == second
