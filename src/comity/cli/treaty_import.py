"""`comity treaty import`: acts of States from a plain CSV or the depositary's published status table."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from comity.cli.advise import FileUnreadableError
from comity.cli.days import day
from comity.terms import ComityError, gettext_noop
from comity.treaties import Library, Source, load
from comity.treaties.acts import MARKS, Act
from comity.treaties.errors import SourceKeyTakenError, StatusDatesDifferError, StatusFileExistsError
from comity.treaties.importing import NameBook, Reading, Sheet, added, read_plain, read_untc, written
from comity.treaties.status import read_status


class FileUnwritableError(ComityError):
    """The file to write cannot be written."""

    code = "file_unwritable"
    message = gettext_noop("“{file}” cannot be written: {reason}.")
    next_step = gettext_noop("Check the folder and the permissions.")


class TableUnreadableError(ComityError):
    """The file is there but holds no table that can be read."""

    code = "table_unreadable"
    message = gettext_noop("“{file}” cannot be read as a table: {reason}.")
    next_step = gettext_noop("Save it as plain text in UTF-8, or choose another file.")


_LARGEST = 8 * 1024 * 1024
"""Bytes of a table; the largest of the depositary's is a fraction of this."""
_ABOUT = (
    "Reads a table of participants and writes its acts as law data. A row that cannot be read with certainty "
    "is reported with its line; then nothing is written, unless --partial is given."
)
_FORMATS = "csv: one act a row (default); untc: a status table of the UN Treaty Collection"
_MARKS = "D the depositary's own page, DS a machine copy of it, O another source, C computed"
_COMPLETE = "the table lists every signature and consent up to its day (for a new file)"
_READERS = {"csv": read_plain, "untc": read_untc}


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `treaty import`."""
    command = commands.add_parser("import", help="acts of States from a table, as TOML", description=_ABOUT)
    command.add_argument("instrument", help="for example uncc")
    command.add_argument("file", metavar="FILE", type=Path)
    command.add_argument("--format", choices=sorted(_READERS), default="csv", help=_FORMATS)
    command.add_argument("--title", required=True, help="title of the source")
    command.add_argument("--address", required=True, help="where the source is to be found")
    command.add_argument("--date", required=True, metavar="DATE", help="the source's own day, YYYY-MM-DD")
    command.add_argument("--mark", required=True, choices=MARKS, help=_MARKS)
    command.add_argument("--key", help="the key of the source in the file; by default import- and the date")
    target = command.add_mutually_exclusive_group()
    target.add_argument("--out", metavar="FILE", type=Path, help="a new file; else standard output")
    target.add_argument("--into", metavar="STATUS.toml", type=Path, help="add what is new to this file")
    command.add_argument("--complete", action="store_true", help=_COMPLETE)
    command.add_argument("--partial", action="store_true", help="write what could be read, though not all")
    command.add_argument("--json", action="store_true", help="a report for machines")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit 0 when every row was read and fits, 1 when some were not; ComityError (exit 2) for other input."""
    library = load()
    dated = day(arguments.date)
    source = Source(arguments.key or f"import-{dated}", arguments.title, arguments.address, dated)
    reading = _read(library, arguments, source)
    if reading.as_at is not None and reading.as_at != dated:
        raise StatusDatesDifferError(page=reading.as_at, given=dated)
    held = _held(library, arguments, source)
    sheet = added(reading.acts, held)
    clean = not reading.unread and not sheet.contradictions
    whole = None if arguments.into else arguments.instrument
    text = written(sheet.new, source, whole, complete=arguments.complete and clean)
    write = bool(sheet.new) and (clean or arguments.partial)
    if write and (arguments.out or arguments.into):
        _write(library, arguments, text)
    _report(arguments, reading, sheet, text if write else "")
    return 0 if clean else 1


def _read(library: Library, arguments: argparse.Namespace, source: Source) -> Reading:
    text = _text(arguments.file)
    rules = library.instrument(arguments.instrument).status.rules
    return _READERS[arguments.format](
        text, rules, NameBook(library.root), source.key, arguments.mark, source.dated
    )


def _text(path: Path) -> str:
    """What a file of ordinary size says; a pipe or a device is no file."""
    try:
        if path.exists() and not path.is_file():
            raise TableUnreadableError(file=path.name, reason="it is no ordinary file")
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise TableUnreadableError(file=path.name, reason=f"it is larger than {_LARGEST} bytes")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TableUnreadableError(file=path.name, reason=f"line {line} is not UTF-8") from error
    except OSError as error:
        raise FileUnreadableError(file=path.name, reason=error.strerror or type(error).__name__) from error


def _held(library: Library, arguments: argparse.Namespace, source: Source) -> tuple[Act, ...]:
    """The acts of the file that is added to; none for a new file."""
    if arguments.into is None:
        return ()
    table = library.instrument(arguments.instrument).status
    held = read_status(arguments.into, arguments.instrument, table.rules, table.organisations)
    if held.sources.get(source.key, source) != source:
        raise SourceKeyTakenError(file=arguments.into.name, key=source.key)
    return held.acts


def _write(library: Library, arguments: argparse.Namespace, text: str) -> None:
    """Write beside the target, read it back as law data, and only then put it in its place."""
    target: Path = arguments.into or arguments.out
    if arguments.into:
        before = target.read_text(encoding="utf-8").rstrip("\n")
        known = f"[[source]]\n{_first_lines(text)}" in before
        text = before + "\n\n" + (text.partition("\n\n")[2] if known else text)
    table = library.instrument(arguments.instrument).status
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            draft = Path(folder) / target.name
            draft.write_text(text, encoding="utf-8")
            read_status(draft, arguments.instrument, table.rules, table.organisations)
            if arguments.into:
                draft.replace(target)
            else:
                with target.open("x", encoding="utf-8") as new:
                    new.write(text)
    except FileExistsError as error:
        raise StatusFileExistsError(file=target.name) from error
    except OSError as error:
        raise FileUnwritableError(file=target.name, reason=error.strerror or error) from error


def _first_lines(text: str) -> str:
    """The source that the text begins with, without its heading."""
    return text.partition("\n\n")[0].removeprefix("[[source]]\n").strip()


def _report(arguments: argparse.Namespace, reading: Reading, sheet: Sheet, text: str) -> None:
    target: Path | None = arguments.into or arguments.out
    if arguments.json:
        report = _as_dict(reading, sheet, str(target) if target and text else None)
        print(json.dumps(report, ensure_ascii=False, indent=2))
        return
    if text and target is None:
        print(text, end="")
    for one in reading.unread:
        print(f"line {one.line}: not read, {one.reason}: {one.text}", file=sys.stderr)
    for new, old in sheet.contradictions:
        print(f"not added: {_act(new)} against {_act(old)}, which the file holds", file=sys.stderr)
    count = (
        f"{len(sheet.new)} new, {len(sheet.known)} known already, {len(sheet.contradictions)} contradicted, "
    )
    end = f"written to {target.name}" if target and text else "" if text else "nothing was written"
    print(
        f"{len(reading.acts)} acts read ({count}{len(reading.unread)} rows unread). {end}".strip(),
        file=sys.stderr,
    )


def _as_dict(reading: Reading, sheet: Sheet, target: str | None) -> dict[str, Any]:
    return {
        "new": [_fields(act) for act in sheet.new],
        "known": [_fields(act) for act in sheet.known],
        "contradictions": [
            {"found": _fields(new), "held": _fields(old)} for new, old in sheet.contradictions
        ],
        "unread": [{"line": one.line, "reason": one.reason, "text": one.text} for one in reading.unread],
        "written": target,
    }


def _fields(act: Act) -> dict[str, Any]:
    return {
        "state": act.state,
        "what": act.what,
        "on": act.on.isoformat() if act.on else None,
        "mark": act.mark,
        "source": act.source,
    }


def _act(act: Act) -> str:
    return f"{act.state} {act.what} {act.on or 'on an unknown day'}"
