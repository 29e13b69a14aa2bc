"""Interface strings: `collect` them into the catalogues (needs GNU gettext), `compile` the catalogues.

Compiling needs nothing but Babel, so that set-up works on a machine without gettext.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SOURCE = Path(__file__).resolve().parent.parent / "src" / "comity"
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
    from django.core.management import execute_from_command_line

    os.chdir(SOURCE)
    arguments = ["makemessages", "--no-obsolete", "--no-wrap", "--add-location=file"]
    for language in LANGUAGES[1:]:
        arguments += ["--locale", language]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comity.node.settings")
    execute_from_command_line(["django-admin", *arguments])


if __name__ == "__main__":
    {"collect": collect_messages, "compile": compile_catalogues}[sys.argv[1]]()
