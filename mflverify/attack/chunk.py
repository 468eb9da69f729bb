"""One unit of a campaign: a search with its own seed, the same wherever it is carried out.

A task carries the text of the proof files, so a worker on another machine needs this package and
nothing else.
"""

from __future__ import annotations

import hashlib
import traceback
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from attrs import frozen

from mflverify.attack.ascent import Summit
from mflverify.attack.certify import PARTS, rounded
from mflverify.attack.late import approach
from mflverify.attack.ratio import Ratio
from mflverify.attack.search import Effort, families, search
from mflverify.attack.store import Chunk, Finding
from mflverify.engines.empirical import compare, speaks_of_time
from mflverify.engines.shrink import shrink
from mflverify.expr.digest import canonical_text
from mflverify.models import FAMILIES, InstanceData, Request, Unavailable, interpret
from mflverify.models.interpretation import Arithmetic
from mflverify.models.relevance import relevant
from mflverify.models.unions import ATTACKED, SIZES
from mflverify.proof.loader import Proofs, load
from mflverify.proof.statement import Step

# floats above 1 by less are rounding
SUSPICIOUS = 1 + 1e-9
EXACT = 12
DRAWS = Effort(size=1000, rounds=4, starts=0, modes=())
CLIMBS = Effort(size=300, rounds=3, starts=2, iterations=40, modes=(8,))


@frozen
class Sources:
    """The proof files of a folder as text, by path below the folder."""

    files: tuple[tuple[str, str], ...]

    @staticmethod
    def of(root: Path) -> Sources:
        """All Python files and listings of papers below `root`."""
        paths = sorted(p for p in root.glob("*/*") if p.suffix in (".py", ".toml"))
        return Sources(
            tuple((p.relative_to(root).as_posix(), p.read_text(encoding="utf-8")) for p in paths)
        )


@lru_cache(maxsize=4)
def proofs_of(sources: Sources) -> Proofs:
    """The statements that the files define."""
    with TemporaryDirectory(prefix="mflverify-") as folder:
        for name, text in sources.files:
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return load(Path(folder))


@frozen
class ChunkTask:
    """Chunk `number` of the campaign with `seed` against the step with this label."""

    sources: Sources
    step: str
    seed: int
    number: int


def carry_out(task: ChunkTask) -> Chunk:
    """The finished chunk.  A crash is one without instances that tells the traceback's end."""
    try:
        label, _, name = task.step.partition("/")
        steps = proofs_of(task.sources).statements[label].steps
        return hunt(next(s for s in steps if s.name == name), task.seed, task.number)
    except Exception as error:  # a crash must be seen, not end the campaign
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        return Chunk(task.number, 0, 0.0, error=f"{type(error).__name__}: {error} ({where})")


def question_of(step: Step) -> tuple[Ratio, Request]:
    """The ratio of a step and what its instances must satisfy."""
    claim = Ratio.of(step.claim)
    hypotheses = relevant(claim.relation, (*step.statement.given, *step.assuming))
    return claim, Request.of(claim.relation, hypotheses=hypotheses)


def components_of(seed: list[int], number: int) -> int:
    """How many components unions of spaces have in a chunk.

    Seven chunks that draw try all of SIZES.  The others climb on two at most: n components have n^2
    kernels, whose coefficients are all differentiated by.
    """
    turn, place = divmod(number // 2, len(SIZES))
    found = int(np.random.default_rng([*seed, turn]).permutation(SIZES)[place])
    return min(found, ATTACKED) if _climbs(number) else found


def _climbs(number: int) -> bool:
    """Every second chunk climbs; the others only draw and perturb."""
    return number % 2 == 1


def hunt(step: Step, seed: int, number: int) -> Chunk:
    """Search one chunk for a counterexample, in floats and in rationals.

    For a claim about later times, which trajectories in floats cannot refute, for a large ratio.
    """
    if speaks_of_time(step.claim):
        found = approach(step, _seeds(step, seed, number))
        return Chunk(number, found.instances, found.ratio, found.data)
    claim, request = question_of(step)
    start = _seeds(step, seed, number)
    effort = CLIMBS if _climbs(number) else DRAWS
    components = components_of(start[:-1], number)
    instances, best, data = 0, 0.0, None
    for index, family in enumerate(families(request)):
        summits = search(claim, request, family, [*start, index], effort, components)
        instances += sum(summit.count for summit in summits)
        for summit in summits:
            ratio = summit.ratio
            if ratio > SUSPICIOUS:
                finding = _confirmed(claim, request, summit)
                if finding is not None:
                    return Chunk(number, instances, ratio, finding.data, finding)
                # floats were wrong, as balls on the same instance say; or balls cannot say
                certain = [found.ratio for found in rounded(claim, request, summit)]
                ratio = max(certain, default=ratio)
            if ratio > best:
                best, data = ratio, summit.batch.data(0).to_json()
    tried, finding = _rationals(claim, request, start)
    if finding is not None:
        return Chunk(number, instances + tried, max(best, 1.0), finding.data, finding)
    return Chunk(number, instances + tried, best, data)


def _seeds(step: Step, seed: int, number: int) -> list[int]:
    words = hashlib.sha256(f"{step.label} {canonical_text(step.claim)}".encode()).digest()
    return [seed % 2**63, int.from_bytes(words[:6], "big"), number]


def _confirmed(claim: Ratio, request: Request, summit: Summit) -> Finding | None:
    """A certain counterexample near a suspicious float instance."""
    for parts in PARTS[::-1]:
        try:
            data = summit.batch.data(0, parts)
        except (ValueError, Unavailable):
            continue
        if refutes(claim, request, data, "ball"):
            return as_finding(claim, request, data, "ball")
    return None


def _rationals(claim: Ratio, request: Request, start: list[int]) -> tuple[int, Finding | None]:
    """Some instances in rational arithmetic, where a failure needs no confirmation."""
    tried = 0
    for index, family in enumerate(FAMILIES):
        if "exact" not in family.arithmetics or family.supports(request) is not None:
            continue
        rng = np.random.default_rng([*start, index, 9])
        try:
            drawn = family.draw_data(request, rng, EXACT)
        except (ValueError, Unavailable):
            continue
        for data in drawn:
            tried += 1
            if refutes(claim, request, data.uniform(), "exact"):
                return tried, as_finding(claim, request, data.uniform(), "exact")
    return tried, None


def refutes(claim: Ratio, request: Request, data: InstanceData, arithmetic: Arithmetic) -> bool:
    """Whether a claim certainly fails at an instance that satisfies its hypotheses."""
    try:
        return compare(claim.relation, interpret(data, request, arithmetic)).holds is False
    except (Unavailable, ValueError, ZeroDivisionError):
        return False


def as_finding(
    claim: Ratio, request: Request, data: InstanceData, arithmetic: Arithmetic
) -> Finding:
    """A counterexample with its shrunk form."""
    small = shrink(data, request, lambda other: refutes(claim, request, other, arithmetic))
    return Finding(arithmetic, data.to_json(), small.to_json())
