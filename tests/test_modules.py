"""The order of modules that the documentation shows: imports only point downwards."""

import ast
import re
from pathlib import Path

import pytest

import sklearn_seqadd

PACKAGE = Path(sklearn_seqadd.__file__).parent
INTERNALS = PACKAGE.parent / "docs" / "internals.rst"


def documented_order():
    """The modules and folders in the order of the table, the highest first."""
    text = INTERNALS.read_text(encoding="utf-8")
    table = text[text.index("   * - Module") : text.index("From strings to strings")]
    cells = re.findall(r"^   \* - (``.*)$", table, flags=re.MULTILINE)
    names = re.findall(r"``([\w/]+?)(?:\.py|/)``", " ".join(cells))
    return [name.rstrip("/") for name in names]


def imports_of(path):
    """The modules and folders that a file imports, in functions too."""
    folders = path.relative_to(PACKAGE).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            parts = list(folders[: len(folders) - node.level + 1])
            parts += node.module.split(".") if node.module else []
            for alias in node.names:
                yield (*parts, alias.name)[0]


def test_each_module_is_in_the_documented_order():
    modules = {path.stem for path in PACKAGE.glob("*.py")}
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}

    assert sorted(documented_order()) == sorted(modules | folders)


def test_no_import_points_upwards():
    order = documented_order()
    upwards = []
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).with_suffix("").parts[0]
        for imported in imports_of(path):
            if imported == name:
                continue
            # A name of the package itself comes from its `__init__`.
            imported = imported if imported in order else "__init__"
            if name != "__init__" and order.index(imported) < order.index(name):
                upwards.append(f"{path.relative_to(PACKAGE)} imports {imported}")

    assert not upwards


@pytest.mark.parametrize("folder", ["training", "onnx"])
def test_no_import_within_a_folder_points_upwards(folder):
    text = INTERNALS.read_text(encoding="utf-8")
    row = text.split(f"   * - ``{folder}/``\n")[1].split("\n   * - ")[0]
    lines = re.findall(r"^     (?:- |  )(``\w+\.py.*)$", row, flags=re.MULTILINE)
    ranks = {
        name: rank
        for rank, line in enumerate(lines)
        for name in re.findall(r"``(\w+)\.py``", line)
    }
    files = sorted(PACKAGE.joinpath(folder).glob("[!_]*.py"))
    assert ranks.keys() == {path.stem for path in files}
    upwards = []
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 1:
                names = [node.module] if node.module else [n.name for n in node.names]
                upwards += [
                    f"{path.stem} imports {name}"
                    for name in names
                    if ranks[name] < ranks[path.stem]
                ]

    assert not upwards
