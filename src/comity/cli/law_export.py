"""`comity law export`: the texts as Akoma Ntoso 3.0, one file an instrument."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from comity.cli.days import day
from comity.terms import ComityError, gettext_noop
from comity.treaties import load
from comity.treaties.akoma_ntoso import document


class ExportFailedError(ComityError):
    """The folder or a file in it cannot be written."""

    code = "export_failed"
    message = gettext_noop("“{folder}” cannot be written: {reason}.")
    next_step = gettext_noop("Name a folder that you may write to.")


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `export`."""
    command = commands.add_parser("export", help="the texts as Akoma Ntoso 3.0, one file an instrument")
    command.add_argument("out", metavar="OUT", type=Path, help="the folder to write to")
    command.add_argument("--instrument", metavar="ID", help="only this treaty")
    command.add_argument("--date", metavar="YYYY-MM-DD", help="of the export; today where it is absent")
    command.set_defaults(run=run, json=False)


def run(arguments: argparse.Namespace) -> int:
    """Write the documents and say which; ComityError (exit 2) for an unknown treaty or a folder."""
    library = load()
    made_on: date = day(arguments.date)
    chosen = [arguments.instrument] if arguments.instrument else list(library.instruments)
    documents = {name: document(library.instrument(name), made_on) for name in chosen}
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
        for name, content in documents.items():
            (arguments.out / f"{name}.xml").write_bytes(content)
    except OSError as error:
        raise ExportFailedError(folder=arguments.out, reason=error.strerror or str(error)) from error
    for name in documents:
        print(arguments.out / f"{name}.xml")
    return 0
