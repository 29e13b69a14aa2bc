"""`comity advise` and `comity check`: an opinion on facts, and what a drafted request lacks."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from comity import canonical, treaties
from comity.reasoning import Finding, Opinion, advise, check, read
from comity.reasoning.values import day
from comity.terms import Citation, ComityError, gettext_noop
from comity.treaties.toml import LANGUAGES

_TITLES = {
    "reasons": "Why",
    "scope": "What it covers",
    "channels": "Channels",
    "languages": "Languages",
    "contents": "What the request contains",
    "clocks": "Clocks",
    "grounds": "Grounds of refusal or postponement",
    "barred_grounds": "No grounds of refusal",
    "suspected_grounds": "The grounds that were suspected",
    "duties": "Duties",
    "forms": "Form",
    "limits": "Limits on use",
    "rights": "Rights of persons",
    "powers": "What may also be done",
    "records": "Registers",
    "status": "Status of the States that bears on it",
    "dual_criminality": "Dual criminality, by conduct",
}
_EMPTY: tuple[object, ...] = (None, "", [], {})
_SAID = {"applies": "applies", "does_not_apply": "does not apply", "undetermined": "cannot be decided"}


class FileUnreadableError(ComityError):
    """A file named on the command line cannot be read."""

    code = "file_unreadable"
    message = gettext_noop("“{file}” cannot be read: {reason}.")
    next_step = gettext_noop("Check the path and the permissions.")


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `advise` and `check`."""
    opinion = commands.add_parser("advise", help="an opinion on facts: basis, contents, clocks, duties")
    opinion.add_argument("facts", metavar="FACTS.json", type=Path)
    _common(opinion)
    opinion.set_defaults(run=run_advise)
    drafted = commands.add_parser("check", help="what is missing or inconsistent in a drafted request")
    drafted.add_argument("request", metavar="REQUEST.json", type=Path)
    _common(drafted)
    drafted.set_defaults(run=run_check)


def _common(command: argparse.ArgumentParser) -> None:
    command.add_argument("--as-of", metavar="YYYY-MM-DD", help="the day; goes before the file's own")
    command.add_argument("--language", choices=LANGUAGES, default="en", help="language of the readings")
    command.add_argument("--json", action="store_true", help="machine-readable output")


def run_advise(arguments: argparse.Namespace) -> int:
    """Print the opinion; exit 0, or 2 where the facts cannot be read."""
    library = treaties.load()
    facts = read(_read(arguments.facts), library)
    asked = _asked(arguments.as_of) or facts.as_of or _today()
    opinion = advise(facts, library, asked, arguments.language)
    if arguments.json:
        print(json.dumps(opinion.as_dict(), ensure_ascii=False, indent=2))
    else:
        print("\n".join(_lines(opinion)))
    return 0


def run_check(arguments: argparse.Namespace) -> int:
    """Print the problems; exit 1 where something required is missing or wrong."""
    library = treaties.load()
    request = _read(arguments.request)
    problems = check(
        request, library, _asked(arguments.as_of) or _today_if_undated(request), arguments.language
    )
    stops = any(problem.need == "required" for problem in problems)
    if arguments.json:
        shape = {"complete": not stops, "problems": [problem.as_dict() for problem in problems]}
        print(json.dumps(shape, ensure_ascii=False, indent=2))
        return int(stops)
    for problem in problems:
        print(f"{problem.text} [{problem.code}, {problem.need}]")
        print(f"    {Citation.parse(problem.cite).label}: {problem.reading}")
    print("Something required is missing or wrong." if stops else "Nothing required is missing.")
    return int(stops)


def _read(path: Path) -> object:
    try:
        return canonical.read(path.read_bytes())
    except OSError as error:
        raise FileUnreadableError(file=path, reason=error.strerror or type(error).__name__) from error


def _asked(text: str | None) -> date | None:
    return None if text is None else day(text, "--as-of")


def _today() -> date:
    return datetime.now(UTC).date()


def _today_if_undated(request: object) -> date | None:
    """A request that carries no day of its own is checked as of today."""
    body = request.get("body", request) if isinstance(request, dict) else {}
    facts = body.get("facts") if isinstance(body, dict) else None
    dated = isinstance(facts, dict) and facts.get("as_of") is not None
    written = isinstance(request, dict) and "written_at" in request
    return None if dated or written else _today()


def _lines(opinion: Opinion) -> Iterable[str]:
    yield f"Opinion as of {opinion.as_of.isoformat()}"
    yield ""
    yield "Bases"
    for basis in opinion.bases:
        yield f"  {basis.instrument}: {_SAID[basis.outcome.value]}{_missing(basis.told.missing)}"
        for finding in basis.findings:
            yield from _finding(finding, "    ")
    yield ""
    yield f"Recommended: {opinion.recommended or 'none; no instrument applies on these facts'}"
    if opinion.recommended:
        yield f"Procedure: {opinion.procedure or 'cannot be decided'}"
    if opinion.addressee:
        yield f"Addressee: {opinion.addressee.details['role']}"
        yield from _finding(opinion.addressee, "  ")
    if opinion.unread:
        places = ", ".join(Citation.parse(cite).label for cite in opinion.unread)
        yield f"No rules are written yet on: {places}. The opinion is silent on them."
    for name, title in _TITLES.items():
        found = opinion.lists.get(name, ())
        if found:
            yield ""
            yield title
        for finding in found:
            yield from _finding(finding, "  ")


def _finding(finding: Finding, indent: str) -> Iterable[str]:
    details = ", ".join(
        f"{key.replace('_', ' ')}: {_shown(value)}"
        for key, value in finding.details.items()
        if value is not None
    )
    said = "" if finding.outcome.value == "applies" else f" · {_SAID[finding.outcome.value]}"
    yield f"{indent}{Citation.parse(finding.cite).label}{' · ' if details else ''}{details}{said}"
    yield f"{indent}    {finding.text}"
    if finding.answer.missing:
        yield f"{indent}    missing: {', '.join(finding.answer.missing)}"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(_shown, value)) or "none on record"
    if isinstance(value, Mapping):
        return "; ".join(f"{key} {_shown(one)}" for key, one in value.items() if one not in _EMPTY)
    return str(value)


def _missing(facts: tuple[str, ...]) -> str:
    return f" (missing: {', '.join(facts)})" if facts else ""
