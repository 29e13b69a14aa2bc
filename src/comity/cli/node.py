"""Commands of the node room: ``node init``, ``run``, ``check``, ``doctor``."""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from comity.cli import (
    ledger,
    node_backup,
    node_clock,
    node_directory,
    node_exhibit,
    node_letters,
    node_person,
    node_storage,
)
from comity.cli.lines import visible
from comity.terms import ComityError, gettext_noop

_AGAIN = ("database_unreachable", "disk_full", "process_keeps_dying")
"""What ends a node but may be over when it is started again: the command's exit status says so."""


class SettingUnusableError(ComityError):
    """A setting of a new node cannot be used."""

    code = "setting_unusable"
    message = gettext_noop("{setting} cannot be “{value}”: {reason}.")
    next_step = gettext_noop("See comity node init --help.")


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this room's commands."""
    inner = commands.add_parser("node", help="make and run a node").add_subparsers(
        required=True, metavar="COMMAND"
    )
    _register_init(inner)
    run = inner.add_parser("run", help="run the node until it is stopped")
    run.add_argument("folder", type=Path, metavar="DIR")
    run.add_argument("--listen", metavar="HOST:PORT", type=_address, help="pages for people")
    run.add_argument("--peer-listen", metavar="HOST:PORT", type=_address, help="mutual TLS for peers")
    run.set_defaults(run=run_node, again=_AGAIN)
    for name, command, text in (
        ("check", check, "whether what the node keeps is whole"),
        ("doctor", doctor, "whether the machine is a fit place for the node"),
    ):
        each = inner.add_parser(name, help=text)
        each.add_argument("folder", type=Path, metavar="DIR")
        each.add_argument("--json", action="store_true")
        each.set_defaults(run=command)
    node_person.register(inner)
    node_backup.register(inner)
    node_clock.register(inner)
    node_directory.register(inner)
    node_exhibit.register(inner)
    node_letters.register(inner)
    node_storage.register(inner)
    ledger.register(commands)


def _register_init(inner: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    init = inner.add_parser("init", help="make a node: settings, keys, database")
    init.add_argument("folder", type=Path, metavar="DIR")
    init.add_argument("--state", required=True, metavar="XX", help="two-letter code of its State")
    init.add_argument("--name", required=True, help="the authority's name")
    init.add_argument("--id", help="short id (default: xx-247)")
    init.add_argument("--roles", nargs="+", default=["point_of_contact_24_7"], metavar="ROLE")
    init.add_argument("--listen", metavar="HOST:PORT", type=_address, default="127.0.0.1:8000")
    init.add_argument("--peer-listen", metavar="HOST:PORT", type=_address, default="127.0.0.1:8443")
    init.add_argument(
        "--public-url", type=_public_url, help="https:// address at which people reach the pages"
    )
    init.add_argument(
        "--trusted-proxy",
        action="append",
        type=_network,
        metavar="ADDRESS",
        help="address or network of a proxy before the pages, whose X-Forwarded-For is believed; repeatable",
    )
    init.add_argument("--peer-url", help="where peers reach it (default: https:// and --peer-listen)")
    init.add_argument(
        "--database", default="sqlite", type=_database, help="sqlite, or a postgresql:// address"
    )
    init.add_argument("--time-zone", default="UTC", type=_zone)
    init.add_argument("--language", default="en", choices=["en", "kk", "ru"])
    init.add_argument("--settings", type=Path, metavar="FILE", help="further settings (TOML)")
    init.set_defaults(run=init_node)


def init_node(arguments: argparse.Namespace) -> int:
    """Make a node's folder, its keys and its database, and enter its own authority."""
    from comity import canonical
    from comity.node import folders, start

    now = datetime.now(UTC)
    with folders.whole_or_not_at_all(arguments.folder):
        node = folders.make(arguments.folder, _settings(arguments), now=now)
        start.prepare(arguments.folder)
        start.migrate(anew=True)
        from comity.node.directory import cards, known, owner
        from comity.node.exchange import transport

        owner.enter(node, created_at=canonical.instant_text(now), roles=arguments.roles)
        transport.begin(now)
        own = known.own()
        recovery = folders.make_recovery_key(node)
    print(f"The node {node.id} stands in {node.folder}.")
    print(f"Fingerprint of its card: {cards.fingerprint(cards.export_card(own))}")
    print(f"Recovery key, shown once; keep it offline, it opens every backup: {recovery}")
    print(f"Next: comity node person add {arguments.folder} … ; comity node run {arguments.folder}")
    return 0


def run_node(arguments: argparse.Namespace) -> int:
    """Run the node in the foreground."""
    from comity.node import supervisor

    supervisor.run(arguments.folder, listen=arguments.listen, peer_listen=arguments.peer_listen)
    return 0


def check(arguments: argparse.Namespace) -> int:
    """Look at what the node keeps; 1 when something is wrong."""
    from comity.node import start

    node = start.prepare(arguments.folder)
    from comity.node import checking

    return _report(checking.check(node, datetime.now(UTC)), as_json=arguments.json)


def doctor(arguments: argparse.Namespace) -> int:
    """Look at the machine under the node; 1 when something is wrong."""
    from comity.node import start

    node = start.prepare(arguments.folder)
    from comity.node import diagnosing

    return _report(diagnosing.diagnose(node, datetime.now(UTC)), as_json=arguments.json)


def _report(findings: Iterator[Any], *, as_json: bool) -> int:
    found = []
    for each in findings:
        found.append(each)
        if not as_json:
            mark = "note" if each.note else "ok" if each.code is None else "NO"
            said = f"{mark:<5} {each.subject}: {each.text}" + (f" [{each.code}]" if each.code else "")
            print(visible(said), flush=True)
    if as_json:
        json.dump([each.as_dict() for each in found], sys.stdout, ensure_ascii=False, indent=2)
        print()
    return 1 if any(each.code for each in found) else 0


def _settings(arguments: argparse.Namespace) -> dict[str, Any]:
    values = {
        "id": arguments.id or f"{arguments.state.lower()}-247",
        "state": arguments.state,
        "name": arguments.name,
        "listen": arguments.listen,
        "peer_listen": arguments.peer_listen,
        "peer_url": arguments.peer_url or f"https://{arguments.peer_listen}",
        "public_url": arguments.public_url or "",
        "trusted_proxies": arguments.trusted_proxy or [],
        "database": arguments.database,
        "time_zone": arguments.time_zone,
        "language": arguments.language,
    }
    return values | (_further(arguments.settings) if arguments.settings else {})


def _further(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingUnusableError(setting="--settings", value=path, reason=error) from error


def _address(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not (host and colon and port.isdigit() and int(port) < 65536):
        message = f"“{text}” is no HOST:PORT"
        raise argparse.ArgumentTypeError(message)
    return text


def _public_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname or text != f"https://{parts.netloc}":
        message = f"“{text}” is no address such as https://comity.example"
        raise argparse.ArgumentTypeError(message)
    return text


def _network(text: str) -> str:
    try:
        whole = not ip_network(text).prefixlen
    except ValueError:
        whole = True
    if whole:
        message = f"“{text}” is no address such as 127.0.0.1 or 10.20.0.0/28"
        raise argparse.ArgumentTypeError(message)
    return text


def _database(text: str) -> str:
    if text != "sqlite" and not text.startswith("postgresql://"):
        message = f"“{text}” is neither sqlite nor a postgresql:// address"
        raise argparse.ArgumentTypeError(message)
    return text


def _zone(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError):
        message = f"“{text}” is no time zone such as Asia/Almaty"
        raise argparse.ArgumentTypeError(message) from None
