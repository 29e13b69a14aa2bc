"""Every mistake of a folder of law data, with its place and its remedy.

Receives a folder; returns mistakes. It reads the folder as loading does, only that it goes on after a
mistake, then looks at the files beside one another, at the conditions that rules name, and at the cases.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from comity.reasoning.errors import FactsUnreadableError
from comity.reasoning.expectations import KEYS, disagreements
from comity.reasoning.predicates import PredicateUnknownError, conditions_of
from comity.terms import ComityError, gettext_noop
from comity.treaties import Library, law_folders
from comity.treaties.checks import check_instrument, check_states
from comity.treaties.drafting import guide
from comity.treaties.errors import LawDataUnreadableError, Place
from comity.treaties.mistakes import (
    CaseDisagreesError,
    CaseUnreadableError,
    ConditionUnknownError,
    FileMissingError,
)
from comity.treaties.toml import Table, collecting, nearest, read_all, read_toml, report
from comity.treaties.topics import topics

# Folders of law data that are no instruments.
_OTHERS = frozenset({"organisations", "sources", "states", "vocabulary"})


class LawFolderUnknownError(ComityError):
    """A folder is neither law data nor one instrument."""

    code = "law_folder_unknown"
    message = gettext_noop("{folder} is neither a folder of law data nor that of one instrument.")
    next_step = gettext_noop("Name a folder that holds vocabulary/, or one that holds instrument.toml.")


def validate(folder: Path) -> tuple[LawDataUnreadableError, ...]:
    """Every mistake and every warning, by file and line; LawFolderUnknownError for another folder.

    The folder of one instrument is read together with the law beside it, or else the shipped one; of the
    rest nothing is told.
    """
    folder = folder.resolve()
    if (folder / "vocabulary").is_dir():
        root, added = folder, None
    elif (folder / "instrument.toml").is_file():
        root, added = _beside(folder), folder
    else:
        raise LawFolderUnknownError(folder=folder)
    with collecting() as found:
        _missing(folder, added)
        library = Library(root, added)
        _check(library, [added.name] if added else list(library.instruments), found)
    told = {str(one): one for one in found if one.place.file.is_relative_to(folder)}
    return tuple(sorted(told.values(), key=_order))


def _order(one: LawDataUnreadableError) -> tuple[bool, Path, int, str]:
    """Mistakes before warnings, then as the files lie."""
    return one.warning, one.place.file, one.place.line, one.code


def _beside(folder: Path) -> Path:
    """The law that an instrument's folder belongs to."""
    candidates = (folder.parent, *law_folders())
    return next((one for one in candidates if (one / "vocabulary").is_dir()), folder.parent)


def _missing(folder: Path, added: Path | None) -> None:
    """Files that every instrument has."""
    instruments = [added] if added else [one for one in sorted(folder.iterdir()) if one.is_dir()]
    for one in instruments:
        if one.name in _OTHERS or one.name.startswith("."):
            continue
        for name in ("instrument.toml", "measures.toml", "offences.toml", "status.toml"):
            if not (one / name).is_file():
                report(FileMissingError(Place(one / name), reason="there is none"))


def _check(library: Library, instruments: list[str], found: list[LawDataUnreadableError]) -> None:
    readable = not found
    for instrument in instruments:
        _conditions(library, library.folders[instrument])
        check_instrument(library, instrument)
    check_states(library)
    topics(library)
    guide(library)
    if readable:  # a case proves nothing of law that was read in part
        for instrument in instruments:
            for case in read_all(library.folders[instrument] / "cases"):
                _case(library, case)


def _conditions(library: Library, folder: Path) -> None:
    """Every condition that a rule, a measure or a precedence names exists."""
    measures = read_toml(folder / "measures.toml")
    column, precedence = measures.table("measure"), measures.table("precedence")
    tables = [rule for file in read_all(folder / "articles") for rule in file.tables("rule")]
    for name in sorted(column.keys()) if column else ():
        cell = column.table(name) if column else None
        tables += [cell] if cell else []
    tables += [precedence] if precedence else []
    known = conditions_of(library)
    for table in tables:
        for key in ("when", "unless"):
            for number, name in enumerate(table.peek(key, list) or ()):
                if isinstance(name, str) and name not in known:
                    choices = nearest(name, known)
                    table.wrong(ConditionUnknownError, key, number, word=name, choices=choices)


def _case(library: Library, table: Table) -> None:
    """The opinion on a case's facts is what the case expects, part by part."""
    table.only(*KEYS)
    case = table.values()
    if not isinstance(case.get("facts"), dict):
        table.needed_table("facts")
        return
    try:
        if not disagreements(case, library):
            return
        told = [(at, text) for at, part in _parts(case) for text in disagreements(part, library)]
    except FactsUnreadableError as error:
        place = table.place("facts", *_way(error))
        report(CaseUnreadableError(place, reason=str(error), remedy=error.advice))
        return
    except PredicateUnknownError:
        return  # told where the rule names it
    except (AttributeError, KeyError, TypeError, ValueError):
        table.wrong(CaseDisagreesError, reason="a part of the case does not have its form")
        return
    for at, text in told or [((), "; ".join(disagreements(case, library)))]:
        table.wrong(CaseDisagreesError, *at, reason=text)


def _parts(case: dict[str, Any]) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """A case once for each thing that it expects."""
    same = {"title": case.get("title") or "untitled", "facts": case["facts"]}
    for key in ("expected", "lists"):
        for name, value in case.get(key, {}).items():
            yield (key, name), {**same, key: {name: value}}
    for key in ("finding", "absent"):
        for number, one in enumerate(case.get(key, ())):
            yield (key, number), {**same, key: [one]}


def _way(error: FactsUnreadableError) -> tuple[str | int, ...]:
    """``offences[0].id`` as the way to it in the file."""
    steps = str(error.params.get("path", "")).replace("[", ".").replace("]", "").split(".")
    return tuple(int(step) if step.isdigit() else step for step in steps if step)
