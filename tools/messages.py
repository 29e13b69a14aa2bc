"""Interface strings: `collect` them into the catalogues (needs GNU gettext), `compile` the catalogues.

Compiling needs nothing but Babel, so that a wheel is built (hatch_build.py) on a machine without gettext.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "comity"
LANGUAGES = ("en", "kk", "ru")


def compile_catalogues() -> None:
    """Write each ``.mo`` beside its ``.po``; whole or not at all."""
    for po_path in sorted((SOURCE / "locale").glob("*/LC_MESSAGES/*.po")):
        with po_path.open("rb") as po_file:
            catalogue = read_po(po_file, locale=po_path.parts[-3])
        partial = po_path.with_suffix(".mo.partial")
        with partial.open("wb") as mo_file:
            write_mo(mo_file, catalogue)
        partial.replace(po_path.with_suffix(".mo"))


def collect_messages() -> None:
    """Run Django's extraction over the package for every interface language."""
    import tests.environment  # noqa: F401  a node's settings, which Django asks for

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comity.node.settings")
    import django
    from django.core.management import call_command
    from django.core.management.commands.makemessages import Command

    django.setup()
    os.chdir(SOURCE)
    command = Command()
    command.msgmerge_options = [*command.msgmerge_options, "--no-fuzzy-matching"]  # a guess is no translation
    call_command(
        command,
        locale=list(LANGUAGES[1:]),
        ignore_patterns=["cli/*", "demonstration/*"],  # they speak English
        no_obsolete=True,
        no_wrap=True,
        add_location="file",
    )
    for catalogue in (SOURCE / "locale").glob("*/LC_MESSAGES/*.po"):
        lines = catalogue.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [
            line for line in lines if not line.startswith('"POT-Creation-Date')
        ]  # it would change each time
        catalogue.write_text("".join(kept), encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    {"collect": collect_messages, "compile": compile_catalogues}[sys.argv[1]]()
