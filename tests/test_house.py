"""The house stays as it was planned: small rooms, narrow doors, no stairs upwards."""

import ast
from pathlib import Path

import pytest

import helpers
from tests.common import loaders, model, quiet

FOLDER = Path(helpers.__file__).resolve().parent
MODULES = sorted(FOLDER.rglob("*.py"))
READ = ("ops", "data", "trainer")  # by a student, in this order


def name_of(path: Path) -> str:
    parts = path.relative_to(FOLDER.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def imports_of(path: Path) -> set[str]:
    """Return the modules of helpers that one imports, inside of functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "helpers":
            submodules = {f"{node.module}.{alias.name}" for alias in node.names}
            known = submodules & set(map(name_of, MODULES))
            found |= known or {str(node.module)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("helpers")}
    return found


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def functions_of(path: Path) -> dict[str, int]:
    """Return the lines of each function of a module, without its docstring."""
    found = {}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            first = node.body[1] if ast.get_docstring(node) and node.body[1:] else node.body[0]
            assert node.end_lineno is not None
            found[node.name] = node.end_lineno - first.lineno + 1
    return found


def test_what_a_student_reads_is_short():
    assert sum(lines_of(FOLDER / f"{name}.py") for name in READ) <= 600


def test_the_loop_fits_one_screen():
    tree = ast.parse((FOLDER / "trainer.py").read_text(encoding="utf-8"))
    loop = [
        (node.end_lineno or 0) - node.lineno + 1
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name in ("fit_epoch", "train_step")
    ]
    assert len(loop) == 2
    assert sum(loop) <= 45


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_read_in_one_sitting(path):
    assert lines_of(path) <= 250
    longest = 55 if path.parent.name == "figures" else 40
    assert {name: n for name, n in functions_of(path).items() if n > longest} == {}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_rooms_import_downwards_only(path):
    if path.parent == FOLDER:
        return
    above = {"helpers", *(f"helpers.{name}" for name in READ)}
    assert imports_of(path) & above == set()


def test_no_module_imports_itself_by_a_detour():
    imports = {name_of(path): imports_of(path) for path in MODULES}

    def reached(name: str, seen: set[str]) -> set[str]:
        for other in imports.get(name, set()) - seen:
            seen.add(other)
            reached(other, seen)
        return seen

    assert [name for name in imports if name in reached(name, set())] == []


def test_a_folder_says_what_it_is_for():
    for folder in FOLDER.iterdir():
        if (folder / "__init__.py").exists():
            text = (folder / "__init__.py").read_text(encoding="utf-8")
            assert ast.get_docstring(ast.parse(text)), folder.name


def test_a_trainer_has_few_attributes():
    trainer = quiet(1)
    trainer.fit(model(), loaders())
    assert len(vars(trainer)) <= 25
