"""A second opinion on the scalar prover: the same problem put to cvc5, where it is installed.

cvc5 is an extra (`pip install mflverify[solvers]`).  Its absence, or that it gave no answer, is said
in the finding; a contradiction between the two solvers is an error, never a verdict.
"""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Literal

from attrs import frozen

RESOURCE_LIMIT = 20_000
SECONDS = 5.0

Opinion = Literal["agrees", "contradicts", "no answer", "not installed"]


@frozen
class SecondOpinion:
    """What cvc5 says: `agrees`, `contradicts`, `no answer` or `not installed`, and a sentence."""

    opinion: Opinion
    sentence: str


def second_opinion(
    problem: str,
    *,
    unsatisfiable: bool,
    limit: int = RESOURCE_LIMIT,
    command: tuple[str, ...] = (sys.executable, "-m", "mflverify.engines.second_solver"),
) -> SecondOpinion:
    """Ask cvc5 whether a problem in SMT-LIB is unsatisfiable, as z3 says that it is or is not.

    limit: in cvc5's own resource units, so that a run can be repeated exactly.  It runs in a
    process of its own (`command`), because some of its steps count no resources: after five seconds
    it is given up.
    """
    if find_spec("cvc5") is None:
        return SecondOpinion("not installed", "not cross-checked: cvc5 is not installed")
    try:
        done = subprocess.run(  # noqa: S603  (this module, in this interpreter)
            [*command, str(limit)],
            input=problem,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        answer = done.stdout.strip()
    except subprocess.TimeoutExpired:
        answer = ""
    if answer not in ("sat", "unsat"):
        return SecondOpinion("no answer", "not cross-checked: cvc5 gave no answer")
    if (answer == "unsat") is unsatisfiable:
        return SecondOpinion("agrees", "cvc5 agrees")
    return SecondOpinion("contradicts", f"z3 and cvc5 contradict each other: cvc5 says {answer}")


def _main() -> None:
    """Answer the problem on standard input: `sat`, `unsat` or anything else."""
    cvc5: Any = import_module("cvc5")  # an extra
    solver = cvc5.Solver()
    solver.setLogic("QF_NRA")
    solver.setOption("rlimit-per", sys.argv[1])
    solver.setOption("nl-cov", "true")  # cylindrical algebraic coverings: complete over the reals
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, sys.stdin.read(), "obligation")
    symbols = parser.getSymbolManager()
    while not (command := parser.nextCommand()).isNull():
        sys.stdout.write(str(command.invoke(solver, symbols)))


if __name__ == "__main__":
    _main()


__all__ = ["SecondOpinion", "second_opinion"]
