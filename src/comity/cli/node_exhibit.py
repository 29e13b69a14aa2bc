"""``comity node exhibit``: take evidence in at the machine itself, files, folders and images alike."""

from __future__ import annotations

import argparse
import json
import mimetypes
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from comity.terms import ComityError, gettext_noop

if TYPE_CHECKING:
    from comity.node.exhibits.acquisition import Acquisition


class NothingToTakeInError(ComityError):
    """A path names no file that could be read."""

    code = "nothing_to_take_in"
    message = gettext_noop("{path} is no file or folder of files.")
    next_step = gettext_noop("Name files, or folders whose files are taken in one by one.")


class AcquisitionUnreadableError(ComityError):
    """The file about the acquisition has another form."""

    code = "acquisition_unreadable"
    message = gettext_noop("{path} does not say how the material was acquired: {reason}")
    next_step = gettext_noop("Give a JSON object with texts under: {keys}.")


def register(inner: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command under ``comity node``."""
    exhibit = inner.add_parser("exhibit", help="evidence").add_subparsers(required=True, metavar="COMMAND")
    add = exhibit.add_parser("add", help="take files into a case as exhibits")
    add.add_argument("folder", type=Path, metavar="DIR")
    add.add_argument("case", metavar="CASE", help="the case's reference on this node")
    add.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files, or folders of files")
    add.add_argument("--username", required=True, help="the official who takes them in")
    add.add_argument("--source", required=True, help="who gave them")
    add.add_argument("--item", type=int, metavar="N", help="the item of the request they belong to")
    add.add_argument("--sha512", action="store_true", help="compute SHA-512 as well")
    add.add_argument("--made-from", default="", metavar="NUMBER", help="the working copy that gave them")
    add.add_argument("--acquisition", type=Path, metavar="FILE", help="how it was acquired (JSON)")
    add.add_argument("--json", action="store_true")
    add.set_defaults(run=add_exhibits)


def add_exhibits(arguments: argparse.Namespace) -> int:
    """Take every file in, under its path within the folder that was named."""
    from comity.node import start

    files = [each for path in arguments.paths for each in _files(path)]
    start.prepare(arguments.folder)
    from comity.node.accounts import people
    from comity.node.accounts.authority import NothingThereError
    from comity.node.casework.acts.take_in_exhibit import UNKNOWN, take_in_exhibit
    from comity.node.casework.models import Case

    official = people.find(arguments.username)
    case = Case.objects.filter(reference=arguments.case).first()
    item = case.items.filter(number=arguments.item).first() if case and arguments.item is not None else None
    if case is None or (arguments.item is not None and item is None):
        raise NothingThereError(name=arguments.case if case is None else arguments.item)
    acquisition = _acquisition(arguments.acquisition)
    made = []
    for path, name in files:
        with path.open("rb") as stream:
            exhibit = take_in_exhibit(
                official,
                case,
                item,
                stream=stream,
                raw_name=name,
                media_type=mimetypes.guess_type(name)[0] or UNKNOWN,
                source=arguments.source,
                acquisition=acquisition,
                sha512=arguments.sha512,
                made_from=arguments.made_from,
                now=datetime.now(UTC),
            )
        made.append(exhibit)
        if not arguments.json:
            print(f"{exhibit.number}  {exhibit.sha256}  {exhibit.bytes}  {name!a}")
    if arguments.json:
        keys = ("number", "raw_name", "bytes", "sha256", "sha512")
        json.dump([{key: getattr(each, key) for key in keys} for each in made], sys.stdout, indent=2)
        print()
    return 0


def _files(path: Path) -> Iterator[tuple[Path, str]]:
    """The files under a path with their names; links are not followed out of it."""
    if path.is_file():
        yield path, path.name
        return
    found = [each for each in sorted(path.rglob("*")) if each.is_file() and not each.is_symlink()]
    if not found:
        raise NothingToTakeInError(path=path)
    for each in found:
        yield each, each.relative_to(path).as_posix()


def _acquisition(path: Path | None) -> Acquisition | None:
    from pydantic import ValidationError

    from comity.node.exhibits.acquisition import Acquisition
    from comity.shapes import first_problem

    if path is None:
        return None
    keys = ", ".join(Acquisition.model_fields)
    try:
        return Acquisition.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        reason = ": ".join(first_problem(error))
        raise AcquisitionUnreadableError(path=path, reason=reason, keys=keys) from None
    except (OSError, ValueError) as error:
        raise AcquisitionUnreadableError(path=path, reason=error, keys=keys) from None
