"""``comity courier``: pack what waits for an authority onto a disk, take in what a courier brought."""

from __future__ import annotations

import argparse
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from comity import canonical
from comity.terms import ComityError, gettext_noop

if TYPE_CHECKING:
    from comity.node.exchange.consignments import Journey
    from comity.node.exchange.models import Shipment

ENDING = ".asice.age"
MOST_PACKAGES = 100
"""Packages on one disk."""


class NoPackageError(ComityError):
    """The place that was named holds no package that could be read."""

    code = "no_package"
    message = gettext_noop("{path} is no package of a courier, or holds none.")
    next_step = gettext_noop("Name a file that ends in .asice.age, or the folder in which it lies; no link.")


class JourneyIncompleteError(ComityError):
    """Some of what is to be recorded about the way is missing."""

    code = "journey_incomplete"
    message = gettext_noop(
        "Who carries it is recorded whole: --carrier, --bag-number, --handed-at, --handed-to."
    )
    next_step = gettext_noop("Give all four, or none and record it later with comity courier handed.")


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this room's commands."""
    inner = commands.add_parser("courier", help="letters on a disk, carried by hand").add_subparsers(
        required=True, metavar="COMMAND"
    )
    pack = _command(inner, "pack", "seal what waits for an authority into one package", pack_consignment)
    pack.add_argument(
        "out", type=Path, metavar="OUT", help="a folder of the disk, or a file that is not there"
    )
    pack.add_argument("--to", required=True, metavar="PEER", help="the authority's id in the directory")
    pack.add_argument(
        "--again-since",
        type=_instant,
        metavar="TIME",
        help="what it had from then on: after it was restored from a backup",
    )
    pack.add_argument("--again-until", type=_instant, metavar="TIME", help="and before then (default: now)")
    _journey_of(pack, required=False)
    pack.set_defaults(refuse=pack.error)
    handed = _command(inner, "handed", "record who carries a package", hand_over)
    handed.add_argument("consignment", metavar="ID", help="as comity courier pack printed it")
    _journey_of(handed, required=True)
    take = _command(inner, "take", "take in what a courier brought", take_consignments)
    take.add_argument("source", type=Path, metavar="IN", help="a package, or a folder of packages")
    _journey_of(take, required=True)


def _command(inner: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str, run: object):  # type: ignore[no-untyped-def]
    command = inner.add_parser(name, help=text)
    command.add_argument("folder", type=Path, metavar="DIR")
    command.add_argument("--username", required=True, help="the official who does it")
    command.set_defaults(run=run)
    return command


def _journey_of(command: argparse.ArgumentParser, *, required: bool) -> None:
    command.add_argument("--carrier", required=required, metavar="WHO")
    command.add_argument(
        "--bag-number", required=required, metavar="N", help="of the bag, its seal or shipment"
    )
    command.add_argument(
        "--handed-at", required=required, type=_instant, metavar="TIME", help="RFC 3339, UTC"
    )
    command.add_argument("--handed-to", required=required, metavar="WHOM")


def pack_consignment(arguments: argparse.Namespace) -> int:
    """Pack, write the package to the disk, and record who carries it where that was said."""
    if arguments.again_until is not None and arguments.again_since is None:
        arguments.refuse("--again-until goes with --again-since")
    from comity.node import start

    start.prepare(arguments.folder)
    from comity.node.accounts import people
    from comity.node.casework.acts import carry_by_courier as acts
    from comity.node.directory import known
    from comity.node.exchange.returning import Span
    from comity.sealing.durable import AlreadyThereError, replacing

    journey = _journey(arguments)
    official = people.find(arguments.username)
    peer, now = known.find(arguments.to), datetime.now(UTC)
    if arguments.again_since is None:
        shipment = acts.pack_consignment(official, peer, now=now)
    else:
        span = Span(arguments.again_since, arguments.again_until or now)
        shipment = acts.pack_consignment_again(official, peer, span, now=now)
    path = arguments.out / shipment.filename if arguments.out.is_dir() else arguments.out
    if path.exists() or path.is_symlink():
        raise AlreadyThereError(path=path)
    with replacing(path) as out:
        acts.write_package(official, shipment, out, now=datetime.now(UTC))
    if journey is not None:
        acts.hand_over_consignment(official, shipment, journey, now=datetime.now(UTC))
    print(f"{shipment.pk}  {path}")
    return 0


def hand_over(arguments: argparse.Namespace) -> int:
    """Record who carries a consignment that was packed before."""
    from comity.node import start

    start.prepare(arguments.folder)
    from comity.node.accounts import people
    from comity.node.accounts.authority import NothingThereError
    from comity.node.casework import couriers
    from comity.node.casework.acts import carry_by_courier as acts

    official = people.find(arguments.username)
    every = {str(each.pk): each for each in couriers.visible(official).filter(direction="out")}
    if arguments.consignment not in every:
        raise NothingThereError(name=arguments.consignment)
    journey = _journey(arguments)
    assert journey is not None  # argparse asks for all of it
    acts.hand_over_consignment(official, every[arguments.consignment], journey, now=datetime.now(UTC))
    return 0


def take_consignments(arguments: argparse.Namespace) -> int:
    """Take in each package; 1 when something in one was not taken."""
    from comity.node import start

    start.prepare(arguments.folder)
    from comity.node.accounts import people
    from comity.node.casework.acts import carry_by_courier as acts

    official, journey = people.find(arguments.username), _journey(arguments)
    assert journey is not None  # argparse asks for all of it
    failed = False
    with ExitStack() as stack:
        opened = [(path, stack.enter_context(_open(path))) for path in _packages(arguments.source)]
        for path, stream in opened:
            size = os.fstat(stream.fileno()).st_size
            taken = acts.take_consignment(official, stream, size, journey, now=datetime.now(UTC))
            print(f"{taken.pk}  {taken.peer_id}  {path}")
            failed |= _tell(taken)
    return int(failed)


def _tell(taken: Shipment) -> bool:
    """Print what became of each letter and receipt; whether one was not taken."""
    failed = False
    for each in taken.carried.order_by("what", "sha256"):
        print(f"  {each.what:<8} {each.letter or '-'}  {each.outcome}", file=sys.stdout)
        failed |= each.outcome not in ("accepted", "kept")
    return failed


def _packages(source: Path) -> Iterator[Path]:
    """The packages of a disk: by their ending, in this folder alone."""
    if not source.is_dir() or source.is_symlink():
        yield source
        return
    found = sorted(path for path in source.iterdir() if path.name.endswith(ENDING))
    if not found or len(found) > MOST_PACKAGES:
        raise NoPackageError(path=source)
    yield from found


def _open(path: Path) -> IO[bytes]:
    """An ordinary file, never a link, a pipe or a device: opening those may wait or lead elsewhere."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        raise NoPackageError(path=path) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NoPackageError(path=path)
    return os.fdopen(descriptor, "rb")


def _journey(arguments: argparse.Namespace) -> Journey | None:
    """What is to be recorded about the way; None where nothing was said."""
    from comity.node.exchange.consignments import Journey

    said = {name: getattr(arguments, name) for name in Journey.__slots__}
    if not any(said.values()):
        return None
    if not all(said.values()):
        raise JourneyIncompleteError
    return Journey(**said)


def _instant(text: str) -> datetime:
    try:
        return canonical.read_instant(text)
    except ComityError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
