"""``comity conformance``: whether another node speaks the published formats, seen from outside."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comity.cli.lines import visible, wrapped
from comity.terms import ComityError, gettext_noop

if TYPE_CHECKING:
    from comity.conformance.steps import Found

_ASKED = (
    "Now officials of the node write to {tester}: {small} letters below and one above 1 MiB, each in a case\n"
    "of its own, and after them one more, an urgent request. The small ones are put off until that one is\n"
    "there; then each is turned away once or twice before it is taken: that is what is being tested.\n"
    "They also ask {tester} for a drill."
)
_PLACE = re.compile(r"(.+):([0-9]{1,5})")


class TesterUndescribedError(ComityError):
    """A tester is to be made and its address is missing."""

    code = "tester_undescribed"
    message = gettext_noop("The address at which the tester will listen is missing.")
    next_step = gettext_noop("Give it with --url https://host:port; the node under test must reach it.")


class OptionBeyondReachError(ComityError):
    """A number is none that a run could wait for, or reach."""

    code = "option_beyond_reach"
    message = gettext_noop("{option} {value} cannot be used.")
    next_step = gettext_noop("Give a number from {least} to {most}.")


_MIB = 1024 * 1024
_REACHED: dict[str, tuple[float, float]] = {
    "patience": (0.1, 3600),
    "letters": (0, 7 * 86_400),
    "relay_hours": (0.005, 1),
    "delivery_hours": (0.005, 1),
    "retrieval_hours": (0.005, 1),
    "letters_an_hour": (300, 1000),
    "bytes_a_day": (64 * _MIB, 1024 * _MIB),
    "bytes_unopened": (16 * _MIB, 512 * _MIB),
}
"""What a run can wait for, and which bounds of a node it can reach without pressing it."""


_STATED: dict[str, tuple[type, str]] = {
    "letters_an_hour": (int, "letters that it takes of one peer in an hour"),
    "bytes_a_day": (int, "bytes that it takes of one peer in a day"),
    "bytes_unopened": (int, "bytes of one peer that may lie there unopened; less than half of a day's"),
    "relay_hours": (float, "hours after which it attests that a letter was not taken"),
    "delivery_hours": (float, "hours after which it attests that no receipt of delivery came"),
    "retrieval_hours": (float, "the same of one that the letter was opened"),
}
"""What its operator may say of a node: how it is read, and what it is."""


class ListenUnreadableError(ComityError):
    """A text is no place to listen at."""

    code = "listen_unreadable"
    message = gettext_noop("“{text}” is no place to listen at.")
    next_step = gettext_noop("Give it as HOST:PORT.")


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    command = commands.add_parser(
        "conformance",
        help="examine another node's endpoint against docs/spec",
        description="First “comity conformance init FOLDER --url ADDRESS”, which makes a tester's keys and "
        "card; then “comity conformance URL FOLDER”. It sends letters: name a node that is made for trials.",
    )
    command.add_argument("what", metavar="URL|init", help="the peers' endpoint of the node; or: init")
    command.add_argument(
        "folder", type=Path, nargs="?", default=Path(), metavar="FOLDER", help="the tester's (default: here)"
    )
    command.add_argument("--card", type=Path, help="the node's card (default: FOLDER/node.card)")
    command.add_argument("--listen", metavar="HOST:PORT", help="default: the address on the tester's card")
    command.add_argument(
        "--second-listen",
        metavar="HOST:PORT",
        help="the same of its second card (default: one port further than --listen)",
    )
    command.add_argument(
        "--patience", type=float, default=60.0, metavar="SECONDS", help="for each answer (default: 60)"
    )
    command.add_argument(
        "--letters",
        type=float,
        default=0,
        metavar="SECONDS",
        help="how long to wait for letters and a drill of the node's officials (default: they are not asked)",
    )
    _register_stated(command)
    command.add_argument("--json", action="store_true")
    making = command.add_argument_group("init")
    making.add_argument("--url", help="where the tester will listen: https://host:port")
    making.add_argument("--second-url", help="where it will as a second peer (default: one port further)")
    making.add_argument("--state", default="XX", metavar="XX", help="the tester's State (default: XX)")
    making.add_argument("--id", help="the tester's id (default: xx-tester)")
    making.add_argument("--name", default="Conformance suite", help="the tester's name")
    command.set_defaults(run=run)


def _register_stated(command: argparse.ArgumentParser) -> None:
    stated = command.add_argument_group(
        "what the node is set to",
        "[exchange] of its node.toml or the like; the steps about a bound are seen where it is stated",
    )
    for name, (kind, text) in _STATED.items():
        least, most = _REACHED[name]
        said = f"{text} ({least:g} to {most:g})"
        stated.add_argument(f"--{name.replace('_', '-')}", type=kind, metavar="N", help=said)


def run(arguments: argparse.Namespace) -> int:
    """``comity conformance``."""
    return make_tester(arguments) if arguments.what == "init" else examine(arguments)


def make_tester(arguments: argparse.Namespace) -> int:
    """Make the tester's folder; print its card and the fingerprint that goes with it."""
    from comity.conformance import tester
    from comity.directory.cards import fingerprint

    if not arguments.url:
        raise TesterUndescribedError
    card = tester.create(
        arguments.folder,
        id=arguments.id or f"{arguments.state.lower()}-tester",
        state=arguments.state,
        name=arguments.name,
        url=arguments.url,
        second_url=arguments.second_url or tester.next_place(arguments.url),
        now=datetime.now(UTC),
    )
    path = arguments.folder / tester.CARD
    second = arguments.folder / tester.SECOND / tester.CARD
    made = [(each, data, fingerprint(data)) for each, data in ((path, card), (second, second.read_bytes()))]
    if arguments.json:
        first, other = (
            {"card": json.loads(data), "path": str(each), "fingerprint": said} for each, data, said in made
        )
        print(json.dumps(first | {"second": other}))
        return 0
    for each, data, said in made:
        print(data.decode())
        print(f"{each}: give this card to the node under test, with the fingerprint\n{said}")
    return 0


def examine(arguments: argparse.Namespace) -> int:
    """Carry out every step against a node; 1 where one did not pass."""
    from comity.conformance import steps, suite
    from comity.conformance.tester import NODE_CARD, read_card_at
    from comity.conformance.trial import Stated

    _demand_in_reach(arguments)
    node = read_card_at(arguments.card or arguments.folder / NODE_CARD)
    listen = _place(arguments.listen) if arguments.listen else None
    beside = (listen[0], listen[1] + 1) if listen else None
    begun = suite.trial(
        arguments.what,
        arguments.folder,
        node,
        now=datetime.now(UTC),
        patience=arguments.patience,
        listen=listen,
        second_listen=_place(arguments.second_listen) if arguments.second_listen else beside,
        letters=arguments.letters,
        stated=Stated(**{each: getattr(arguments, each) or 0 for each in _STATED}),
    )
    told = (lambda found: None) if arguments.json else _tell
    with begun as trial:
        if arguments.letters:
            small = "four" if arguments.relay_hours else "three"
            print(_ASKED.format(tester=trial.tester.id, small=small), file=sys.stderr, flush=True)
        found = suite.examine(trial, told, suite.STEPS)
    verdict = steps.verdict(found)
    if arguments.json:
        print(json.dumps(_report(arguments.what, node.id, verdict, found), ensure_ascii=False))
    else:
        count = Counter(each.verdict for each in found)
        said = ((count[steps.NOTED], "noted"), (count[steps.SKIPPED], "not seen"))
        rest = "".join(f", {number} {word}" for number, word in said if number)
        print(f"{verdict}: {count[steps.PASSED]} of {len(found)} steps passed by {node.id}{rest}")
    return int(verdict != steps.PASSED)


def _demand_in_reach(arguments: argparse.Namespace) -> None:
    """Raise OptionBeyondReachError for a number that cannot be used; not a number is none either."""
    for name, (least, most) in _REACHED.items():
        value = getattr(arguments, name)
        if value is not None and not least <= value <= most:
            option = f"--{name.replace('_', '-')}"
            raise OptionBeyondReachError(option=option, value=value, least=least, most=most)


def _tell(found: Found) -> None:
    print(f"{found.n:>3} {found.verdict:<8} {found.step.id:<28} {', '.join(found.step.clauses)}", flush=True)
    if found.found:
        code = f" [{found.code}]" if found.code else ""
        for line in wrapped(visible(f"{found.step.text}. {found.found}{code}"), " " * 13):
            print(line)


def _report(url: str, node: str, verdict: str, found: list[Found]) -> dict[str, Any]:
    return {"verdict": verdict, "url": url, "node": node, "steps": [each.as_dict() for each in found]}


def _place(text: str) -> tuple[str, int]:
    found = _PLACE.fullmatch(text)
    if found is None or int(found[2]) > 65535:
        raise ListenUnreadableError(text=text)
    return found[1], int(found[2])
