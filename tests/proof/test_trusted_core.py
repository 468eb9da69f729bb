"""The trusted core stays small, and imports nothing that searches or computes with floats."""

import ast
import io
import re
import subprocess
import sys
import tokenize
from pathlib import Path

import mflverify

ROOT = Path(mflverify.__file__).parent
DOCUMENT = ROOT.parent / "docs" / "kernel.md"
# the kernel proper, and what it stands on
KERNEL = ("proof/statement.py", "proof/kernel.py", "proof/admissible.py", "proof/certificate.py")
PRINTING = ("draw", "grouping", "layout", "notation", "printing", "serial", "digest", "reading")
EVALUATION = ("components",)  # how unions are written out on instances
LANGUAGE = tuple(
    path.relative_to(ROOT).as_posix()
    for folder in ("expr", "algebra")
    for path in sorted((ROOT / folder).glob("*.py"))
    if not path.name.startswith((*PRINTING, *EVALUATION, "__"))
)
LIMIT = 600


def code_lines(path):
    """How many lines hold code: no blank lines, comments, docstrings or imports."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    left_out = set()
    for node in ast.walk(tree):
        imported = isinstance(node, (ast.Import, ast.ImportFrom))
        text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if imported or text:
            left_out |= set(range(node.lineno, node.end_lineno + 1))
    blank = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    found = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in (*blank, tokenize.ENDMARKER):
            found |= set(range(token.start[0], token.end[0] + 1))
    return len(found - left_out)


def total(modules):
    return sum(code_lines(ROOT / module) for module in modules)


def test_the_kernel_is_small():
    assert total(KERNEL) < LIMIT


def test_lines_are_counted(tmp_path):
    file = tmp_path / "sample.py"
    file.write_text('"""Text\nof two lines."""\nimport os\n\n# a comment\nx = [\n    1,\n]\n')
    assert code_lines(file) == 3


def test_the_documentation_names_what_is_trusted():
    text = DOCUMENT.read_text(encoding="utf-8")
    assert [module for module in KERNEL if f"`{module}`" not in text] == []


def test_the_documentation_counts_the_lines():
    """Within a fifth, so that the page need not follow every edit."""
    text = DOCUMENT.read_text(encoding="utf-8")
    for name, modules in {"kernel": KERNEL, "language and algebra": LANGUAGE}.items():
        (said,) = re.findall(rf"\| all of the {name} \| ([0-9]+) \|", text)
        assert abs(total(modules) / int(said) - 1) < 0.2, (name, total(modules))


def imports(modules):
    """Modules that are named in an import of any of these files."""
    for module in modules:
        for node in ast.walk(ast.parse((ROOT / module).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((module, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield module, node.module


ALLOWED = re.compile(
    r"(__future__|collections(\.abc)?|typing|re|functools|itertools|fractions|math|hashlib|attrs"
    r"|mflverify\.(expr|algebra)(\..*)?"
    r"|mflverify\.proof\.(statement|admissible|kernel|errors|on_unions|\w*facts?|writing|notebook))"
)


def test_the_kernel_imports_nothing_that_searches():
    assert {(m, name) for m, name in imports(KERNEL) if not ALLOWED.fullmatch(name)} == set()


def test_the_kernel_runs_without_solvers_and_numerics():
    """Nothing that it imports, however deep, brings in a solver, floats or a search."""
    code = (
        "import sys\n"
        "import mflverify.proof.certificate\n"
        "names = {name.partition('.')[0] for name in sys.modules}\n"
        "own = {name for name in sys.modules if name.startswith('mflverify.')}\n"
        "print(*sorted(names & {'z3', 'cvc5', 'sympy', 'numpy', 'scipy', 'cvxpy', 'mpmath'}))\n"
        "print(*sorted(n for n in own if n.split('.')[1] not in ('expr', 'algebra', 'proof')))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
