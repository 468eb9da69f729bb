"""Which files an engine's results depend on."""

import ast
import shutil

import pytest

from mflverify.verification import keys, sources
from mflverify.verification.sources import Engine

ENGINES = {
    "logical": keys.LOGICAL,
    "instances": keys.INSTANCES,
    "trajectories": keys.TRAJECTORIES,
    "examples": keys.EXAMPLES,
}


def by_syntax(path):
    """Imported names of this package, from the syntax tree: slow, but beyond doubt."""
    found = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: imports are absolute in this package"
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in found if name.split(".")[0] == sources.ROOT.name}


@pytest.mark.parametrize(
    "path",
    sorted(sources.ROOT.rglob("*.py")),
    ids=lambda path: path.relative_to(sources.ROOT).as_posix(),
)
def test_no_import_is_missed(path):
    assert by_syntax(path) <= set(sources.imported(path))


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the package that may be edited; forget() makes it read again."""
    root = tmp_path / sources.ROOT.name
    shutil.copytree(sources.ROOT, root, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(sources, "ROOT", root)
    forget()
    yield root
    forget()


def forget():
    for cached in (sources._pinned, sources._files, sources.imported):
        cached.cache_clear()


def digests():
    forget()
    return {name: engine.digest for name, engine in ENGINES.items()}


@pytest.mark.parametrize(
    ("file", "concerned"),
    [
        ("engines/certificates.py", {"logical"}),
        ("engines/scalar.py", {"logical"}),
        ("proof/facts.py", {"logical"}),
        ("engines/empirical.py", {"instances", "trajectories"}),
        ("engines/comparison.py", {"logical", "instances", "trajectories"}),
        ("models/torus_ring.py", {"logical", "instances", "trajectories"}),
        ("engines/landscape.py", {"logical"}),
        ("strategies/instances.py", set()),
        ("engines/trajectories.py", {"trajectories"}),
        ("dynamics/flows.py", {"trajectories"}),
        ("examples/quadrature.py", {"examples"}),
        ("algebra/normal.py", {"logical", "examples"}),
        ("expr/terms.py", {"logical", "instances", "trajectories", "examples"}),
        ("verification/check.py", {"logical", "instances", "trajectories", "examples"}),
        ("report/html.py", set()),
        ("verification/watch.py", set()),
        ("verification/pool.py", set()),
        ("cli.py", set()),
    ],
)
def test_a_changed_file_concerns_its_own_engines_only(package, file, concerned):
    before = digests()
    with (package / file).open("a") as text:
        text.write("\n# changed\n")
    after = digests()
    assert {name for name in ENGINES if before[name] != after[name]} == concerned


def test_a_new_import_is_followed(package):
    engine = Engine((f"{package.name}.report.wording",))
    assert not any(path.name == "numeric.py" for path in engine.files)
    (package / "report" / "numeric.py").write_text("x = 1\n")
    with (package / "report" / "wording.py").open("a") as text:
        text.write(
            f"\ndef late():\n    from {package.name}.report import (\n        numeric,\n    )\n"
        )
    forget()
    assert any(path.name == "numeric.py" for path in engine.files)


def test_the_digest_is_that_of_the_program_that_runs(package):
    first = keys.LOGICAL.digest
    assert keys.LOGICAL.is_unchanged
    with (package / "engines" / "logical.py").open("a") as text:
        text.write("\n# edited while a run goes on\n")
    assert keys.LOGICAL.digest == first
    assert not keys.LOGICAL.is_unchanged
    assert keys.TRAJECTORIES.is_unchanged


def test_what_is_left_out_is_still_part_of_the_other():
    flows = sources.ROOT / "dynamics" / "flows.py"
    assert flows in keys.TRAJECTORIES.files
    assert flows not in keys.INSTANCES.files
    assert set(keys.INSTANCES.files) < set(keys.TRAJECTORIES.files)
