"""What an install by the manual gets: the wheel speaks the languages, whatever git ignores."""

from __future__ import annotations

import gettext
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
NEEDED = ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", ".gitignore")


def source(folder: Path) -> Path:
    """The project as it comes from git: no compiled catalogue in it."""
    for name in NEEDED:
        shutil.copy(ROOT / name, folder / name)
    (folder / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "messages.py", folder / "tools")
    shutil.copytree(
        ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("*.mo", "__pycache__", "static")
    )
    (folder / "law").mkdir()
    assert not list(folder.rglob("*.mo"))
    return folder


def wheel(folder: Path) -> Path:
    """Built in this environment, which has what ``build-system.requires`` names; no network."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "made"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": ""},
        check=True,
        capture_output=True,
    )
    (made,) = (folder / "made").glob("*.whl")
    return made


def catalogues(made: Path, suffix: str) -> set[str]:
    with zipfile.ZipFile(made) as archive:
        return {name.removesuffix(suffix) for name in archive.namelist() if name.endswith(suffix)}


def test_a_wheel_holds_every_catalogue_compiled(tmp_path: Path) -> None:
    made = wheel(source(tmp_path))
    assert catalogues(made, ".po") == catalogues(made, ".mo") != set()
    with zipfile.ZipFile(made) as archive:
        for language, title in (("kk", "Кіру"), ("ru", "Войти")):
            with archive.open(f"comity/locale/{language}/LC_MESSAGES/django.mo") as catalogue:
                assert gettext.GNUTranslations(catalogue).gettext("Sign in") == title


def test_without_the_hook_it_would_hold_none(tmp_path: Path) -> None:
    """The control: catalogues that lie beside their sources are left out, because git ignores them."""
    folder = source(tmp_path)
    settings = (folder / "pyproject.toml").read_text("utf-8")
    hook = "[tool.hatch.build.targets.wheel.hooks.custom]\n"
    assert hook in settings
    (folder / "pyproject.toml").write_text(settings.replace(hook, ""), "utf-8")
    subprocess.run([sys.executable, "tools/messages.py", "compile"], cwd=folder, check=True)
    assert list(folder.rglob("*.mo"))
    made = wheel(folder)
    assert catalogues(made, ".po")
    assert not catalogues(made, ".mo")
