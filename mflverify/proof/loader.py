"""Reading a folder of proofs: one package a paper, one file a statement or a few.

A file that cannot be read is a problem of that file and of those that use it; all others are read.
"""

from __future__ import annotations

import ast
import importlib
import re
import sys
import tomllib
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from attrs import frozen

from mflverify.proof.facts import LIBRARY
from mflverify.proof.statement import Application, Statement

_ROOT = "mflverify_proofs"
# labels are told from steps by a slash, from hypotheses by a blank, and from facts by their names
_LABEL = re.compile(r"[\w.=\[\]()',-]+")
FACT_LABELS = frozenset(fact.label for fact in LIBRARY)


@frozen
class Problem:
    """Something that could not be read: where, in which step if known, and why."""

    where: str
    step: str
    message: str


@frozen
class Proofs:
    """The statements of a folder, by label in reading order, and what could not be read."""

    root: Path
    statements: dict[str, Statement]
    problems: tuple[Problem, ...]

    @property
    def variants(self) -> tuple[Statement, ...]:
        """The statements that are not in a paper: evidence about mutants, in reading order."""
        return tuple(s for s in self.statements.values() if s.kind == "variant")

    @property
    def stated(self) -> tuple[Statement, ...]:
        """The statements of the papers, in reading order."""
        return tuple(s for s in self.statements.values() if s.kind != "variant")

    def files(self) -> dict[str, Path]:
        """The file of each statement."""
        return {label: Path(s.location.file) for label, s in self.statements.items()}


def load(root: Path) -> Proofs:
    """Read every proof file below `root`.

    Raises FileNotFoundError when `root` is not a folder with proof files.
    """
    root = root.resolve()
    files = sorted(p for p in root.glob("*/*.py") if not p.name.startswith("_"))
    if not files:
        raise FileNotFoundError(f"no proof files such as {root}/PAPER/STATEMENT.py")
    statements: dict[str, Statement] = {}
    problems: list[Problem] = []
    with _package(root):
        for file in files:
            outcome = _read(file, root)
            if isinstance(outcome, Problem):
                problems.append(outcome)
                continue
            for statement in _statements_of(outcome, file):
                known = statements.get(statement.label)
                if known is None:
                    statements[statement.label] = statement
                else:
                    message = f"duplicate label {statement.label!r}, first used at {known.location}"
                    problems.append(Problem(str(statement.location), statement.label, message))
    problems += _unread(statements)
    order: list[str] = []
    for listing in sorted(root.glob("*/paper.toml")):
        outcome = _items(listing)
        if isinstance(outcome, Problem):
            problems.append(outcome)
        else:
            order += outcome
    rank = {label: position for position, label in enumerate(order)}
    arranged = sorted(statements.items(), key=lambda pair: rank.get(pair[0], len(rank)))
    return Proofs(root, dict(arranged), tuple(problems))


def _unread(statements: dict[str, Statement]) -> Iterator[Problem]:
    """Steps, and uses of statements, that are none of those read: nobody would check them."""
    for statement in statements.values():
        if not _LABEL.fullmatch(statement.label) or statement.label in FACT_LABELS:
            message = (
                f"{statement.label!r} is no label: one word without a slash, and not that of a fact"
            )
            yield Problem(str(statement.location), statement.label, message)
        if forged := statement.forged:
            message = f"{statement.label} has not written its step {forged.label}"
            yield Problem(str(statement.location), statement.label, message)
        for step in statement.steps:
            for reason in step.because:
                source = reason.source if isinstance(reason, Application) else reason
                if isinstance(source, Statement) and statements.get(source.label) is not source:
                    message = (
                        f"uses the statement {source.label!r} of {source.location}, which is not "
                        "read: a statement is a variable of a proof file, with a label of its own"
                    )
                    yield Problem(str(step.location), step.label, message)


def _items(listing: Path) -> list[str] | Problem:
    """Labels of the statements that a paper's items are formalised by, in the paper's order."""
    try:
        content = tomllib.loads(listing.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return Problem(str(listing), "", f"not TOML: {error}")
    items = content.get("item", [])
    if not isinstance(items, list) or not all(
        isinstance(item, dict) and isinstance(item.get("label"), str) for item in items
    ):
        return Problem(str(listing), "", "each [[item]] needs a label, a string")
    places: dict[str, int] = {}
    own: set[str] = set()
    for position, item in enumerate(items):
        by = item.get("by", [item["label"]])
        if not isinstance(by, list) or not all(isinstance(place, str) for place in by):
            return Problem(str(listing), "", f"{item['label']}: `by` is a list of labels")
        for label in (place.partition("/")[0] for place in by):
            # its place is the item that bears its name, else the last one it is named for
            if label.partition("[")[0] == item["label"]:
                own.add(label)
            elif label in own:
                continue
            places[label] = position
    return sorted(places, key=lambda label: places[label])


@contextmanager
def _package(root: Path) -> Iterator[None]:
    """A fresh package whose subpackages are the papers; nothing of an earlier reading is left."""
    for name in [name for name in sys.modules if name == _ROOT or name.startswith(f"{_ROOT}.")]:
        del sys.modules[name]
    package = ModuleType(_ROOT)
    package.__path__ = [str(root)]
    sys.modules[_ROOT] = package
    importlib.invalidate_caches()
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _read(file: Path, root: Path) -> ModuleType | Problem:
    name = ".".join((_ROOT, *file.relative_to(root).with_suffix("").parts))
    try:
        return importlib.import_module(name)
    except SyntaxError as error:
        culprit = Path(error.filename or str(file))
        where = f"{culprit}:{error.lineno}"
        if culprit != file:
            return Problem(
                str(file), "", f"uses {culprit.name}, which has a syntax error at {where}"
            )
        return Problem(where, "", f"syntax error: {error.msg}")
    except (Exception, SystemExit) as error:  # a file that ends the program passes no check
        return _problem(file, root, error)


def _problem(file: Path, root: Path, error: BaseException) -> Problem:
    """The problem of `file`, told at the innermost line of a proof file that was running."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(root)
    ]
    if not frames:
        return Problem(str(file), "", f"{type(error).__name__}: {error}")
    last = frames[-1]
    culprit = Path(last.filename)
    where = f"{last.filename}:{last.lineno}"
    if isinstance(error, ImportError) and "partially initialized" in str(error):
        chain = list(dict.fromkeys(Path(frame.filename).name for frame in frames))
        return Problem(where, "", f"circular use: {' -> '.join([*chain, chain[0]])}")
    if culprit != file:
        return Problem(
            str(file), "", f"uses {culprit.name}, which cannot be read: {where}: {_text(error)}"
        )
    message = getattr(error, "message", None) or _text(error)
    step = getattr(error, "step", "") or step_at(culprit, last.lineno or 0)
    return Problem(getattr(error, "where", "") or where, step, message)


def _text(error: BaseException) -> str:
    kind = type(error).__name__
    return str(error) if kind in ("SortError", "ProofError") else f"{kind}: {error}"


def _statements_of(module: ModuleType, file: Path) -> list[Statement]:
    """Statements that a file names, alone or in a tuple, list or dict of them."""
    named: list[object] = []
    for value in vars(module).values():
        match value:
            case dict():
                named += value.values()
            case tuple() | list():
                named += value
            case _:
                named.append(value)
    own = [
        value
        for value in named
        if isinstance(value, Statement) and Path(value.location.file) == file
    ]
    return sorted(dict.fromkeys(own), key=lambda statement: statement.location.line)


def step_at(file: Path, line: int) -> str:
    """The label `statement/step` of the call that spans a line of a proof file, or ''."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    labels: dict[str, str] = {}
    found = ""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            label = _first_string(node.value)
            target = node.targets[0]
            if label and isinstance(target, ast.Name) and isinstance(node.value.func, ast.Name):
                labels[target.id] = label
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.lineno <= line <= (
            node.end_lineno or node.lineno
        ):
            continue
        name = _first_string(node)
        if name is None:
            continue
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("step", "conclude"):
            owner = node.func.value
            statement = labels.get(owner.id, owner.id) if isinstance(owner, ast.Name) else ""
            return f"{statement}/{name}"
        if isinstance(node.func, ast.Name) and node.func.id == "Statement":
            found = name
    return found


def _first_string(call: ast.Call) -> str | None:
    if call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str):
        return call.args[0].value
    return None
