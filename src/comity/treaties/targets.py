"""Whether the software has what a dotted name says, found by reading its source and running none of it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def exists(dotted: str) -> bool:
    """Whether a class or a function of that name is there: ``comity.node.directory.models.Authority``."""
    first, *names = dotted.split(".")
    if first != _PACKAGE.name or not all(name.isidentifier() for name in names):
        return False
    for size in range(len(names) - 1, 0, -1):
        module = _module(_PACKAGE.joinpath(*names[:size]))
        if module is not None:
            return _holds(_tree(module), names[size:])
    return False


def _module(path: Path) -> Path | None:
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((one for one in candidates if one.is_file()), None)


@cache
def _tree(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"))


def _holds(scope: ast.Module | ast.ClassDef, names: list[str]) -> bool:
    """Whether a module, or a class in it, defines the names one inside the other (or imports the last)."""
    name, *further = names
    for node in scope.body:
        if isinstance(node, ast.ImportFrom) and not further:
            if name in {alias.asname or alias.name for alias in node.names}:
                return True
        elif isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name:
            return not further or (isinstance(node, ast.ClassDef) and _holds(node, further))
    return False
