"""``comity ledger export``, ``verify``, ``fork``, ``checkpoint``; ``release``, ``accept-break``: a loss."""

from __future__ import annotations

import argparse
import json
import tempfile
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from comity.proofs import exports, forks
from comity.proofs.exports import LedgerExportUnreadableError, LedgerFinding
from comity.proofs.notes import Verifier
from comity.sealing import trust
from comity.sealing.case import SignerUnknownError
from comity.terms import ComityError


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    inner = commands.add_parser("ledger", help="a node's ledger").add_subparsers(
        required=True, metavar="COMMAND"
    )
    export = inner.add_parser("export", help="write a node's ledger as files")
    export.add_argument("folder", type=Path, metavar="DIR", help="the node's folder")
    export.add_argument("-o", "--out", type=Path, required=True, metavar="OUT", help="a new folder")
    export.set_defaults(run=write_export)
    verify = inner.add_parser("verify", help="check a ledger against every checkpoint that was signed")
    verify.add_argument("folder", type=Path, metavar="DIR_OR_EXPORT")
    verify.add_argument("--trust", type=Path, metavar="DIR", help="anchors that hold the signer's key")
    verify.add_argument("--json", action="store_true")
    verify.set_defaults(run=verify_ledger)
    fork = inner.add_parser("fork", help="check a proof that a ledger was forked, without a node")
    fork.add_argument("file", type=Path, metavar="FILE")
    fork.add_argument("--trust", type=Path, metavar="DIR", required=True, help="anchors that hold the key")
    fork.add_argument("--json", action="store_true")
    fork.set_defaults(run=verify_fork)
    letter = inner.add_parser("letter", help="ask a peer what its ledger holds about a letter")
    letter.add_argument("folder", type=Path, metavar="DIR", help="the node's folder")
    letter.add_argument("letter", metavar="LETTER", help="id of a letter exchanged with the peer")
    letter.add_argument("-o", "--out", type=Path, required=True, metavar="FILE", help="a new file")
    letter.set_defaults(run=ask_peer)
    checkpoint = inner.add_parser(
        "checkpoint", help="write the last checkpoint of a peer's ledger that was seen, for its restored node"
    )
    checkpoint.add_argument("folder", type=Path, metavar="DIR", help="the node's folder")
    checkpoint.add_argument("authority", metavar="PEER", help="whose ledger")
    checkpoint.add_argument("-o", "--out", type=Path, required=True, metavar="FILE", help="a new file")
    checkpoint.set_defaults(run=write_checkpoint)
    _register_after_a_loss(inner)


def _register_after_a_loss(inner: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    release = inner.add_parser("release", help="let a held ledger sign again, and say openly why")
    release.add_argument("folder", type=Path, metavar="DIR")
    release.add_argument(
        "--reason", required=True, metavar="TEXT", help="what was lost; stands in the ledger"
    )
    release.add_argument("--username", required=True, help="the administrator who declares it")
    release.add_argument(
        "--checkpoint",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a lost checkpoint that a peer handed out, beside those that witnesses name",
    )
    release.set_defaults(run=release_ledger)
    accept = inner.add_parser("accept-break", help="take a peer's ledger as begun anew, as it declared")
    accept.add_argument("folder", type=Path, metavar="DIR")
    accept.add_argument("authority", metavar="PEER")
    accept.add_argument("--reason", required=True, metavar="TEXT", help="what its officer said, and to whom")
    accept.add_argument("--username", required=True, help="the administrator who accepts it")
    accept.set_defaults(run=accept_break)


def write_export(arguments: argparse.Namespace) -> int:
    """Write the export."""
    _export(arguments.folder, arguments.out)
    return 0


def verify_ledger(arguments: argparse.Namespace) -> int:
    """Verify a node's own ledger, or an export without any node; 1 when it does not hold."""
    try:
        if (arguments.folder / "node.toml").is_file():
            with tempfile.TemporaryDirectory() as temporary:
                folder = Path(temporary) / "export"
                _export(arguments.folder, folder)
                found = exports.verify_export(folder, _own_key(arguments.folder))
            source = "node"
        else:
            key = _trusted_key(arguments.folder, arguments.trust) if arguments.trust else None
            witnesses = _keys(arguments.trust) if arguments.trust else []
            found = exports.verify_export(arguments.folder, key, witnesses)
            source = "export" if key is None else "trust"
    except LedgerExportUnreadableError:
        raise
    except ComityError as error:
        return _say(
            {"verdict": "failed", **error.as_dict()}, str(error) + f" [{error.code}]", arguments.json, 1
        )
    return _say(_found(found, source), _sentence(found, source), arguments.json, 0)


def verify_fork(arguments: argparse.Namespace) -> int:
    """Check a proof of fork; 0 when it proves one, 1 when it does not."""
    try:
        fork = forks.read(arguments.file.read_bytes())
    except OSError as error:
        raise forks.ForkUnreadableError(where=arguments.file, why="it cannot be read") from error
    authority = trust.load(arguments.trust).authorities.get(fork.authority)
    if authority is None or authority.log is None:
        raise SignerUnknownError(by=fork.authority)
    try:
        found = forks.verify(fork, authority.log)
    except ComityError as error:
        refused = {"verdict": "failed", **error.as_dict()}
        return _say(refused, f"{error} [{error.code}]", arguments.json, 1)
    sizes = {"smaller": found.smaller.size, "larger": found.larger.size}
    text = (
        f"{fork.authority} has signed two heads that contradict each other ({found.kind}): "
        f"{found.smaller.size} and {found.larger.size} entries."
    )
    values: dict[str, Any] = {"verdict": "passed", "authority": fork.authority, "kind": found.kind.value}
    return _say(values | sizes, text, arguments.json, 0)


def ask_peer(arguments: argparse.Namespace) -> int:
    """Write the peer's entries about a letter, with the proofs that they stand in its ledger."""
    from comity.node import durable, start

    start.prepare(arguments.folder)
    from comity.node.exchange import proving
    from comity.node.exchange.models import Letter

    try:
        found = Letter.objects.select_related("peer").get(pk=UUID(arguments.letter))
    except (ValueError, Letter.DoesNotExist):
        raise proving.LetterUnknownError from None
    data = proving.ask(found, datetime.now(UTC))
    with durable.new_file(arguments.out, mode=0o644) as out:
        out.write(data)
    print(f"What the ledger of {found.peer_id} holds about the letter is proved; it is in {arguments.out}.")
    return 0


def write_checkpoint(arguments: argparse.Namespace) -> int:
    """Write the last checkpoint of a peer's ledger that was seen here."""
    from comity.node import durable, start

    start.prepare(arguments.folder)
    from comity.node.directory import known
    from comity.node.witnesses import heads

    notes = heads.handed_out(known.find(arguments.authority))
    with durable.new_file(arguments.out, mode=0o644) as out:
        out.write(notes.encode())
    print(f"The last checkpoint of {arguments.authority} that was seen here is in {arguments.out}.")
    return 0


def release_ledger(arguments: argparse.Namespace) -> int:
    """Let a held or restored ledger sign; the entry names who declares it and each head that others know."""
    from comity.node import config, start, supervisor

    node = config.read(arguments.folder)
    restored = node.restored.exists()
    with supervisor.only_one(node) if restored else nullcontext():
        node = start.prepare(arguments.folder)
        if restored:
            start.migrate()
        from comity.node.accounts import people
        from comity.node.backups import resuming
        from comity.node.exchange import witnessing

        by, known = people.find(arguments.username), witnessing.what_they_know()
        now = datetime.now(UTC)
        resuming.release(node, by, arguments.checkpoint, known, reason=arguments.reason, now=now)
    print("The ledger signs again. Tell your peers why; those who cosigned lost heads must accept the break.")
    return 0


def accept_break(arguments: argparse.Namespace) -> int:
    """Accept a peer's declared break; what was seen stays as evidence, and the entry names who accepts it."""
    from comity.node import start

    start.prepare(arguments.folder)
    from comity.node.accounts import people
    from comity.node.directory import known
    from comity.node.witnesses import heads

    by, peer = people.find(arguments.username), known.find(arguments.authority)
    heads.accept_break(by, peer, arguments.reason, datetime.now(UTC))
    print(f"The ledger of {arguments.authority} is taken as begun anew.")
    return 0


def _export(folder: Path, out: Path) -> None:
    from comity.node import start

    start.prepare(folder)
    from comity.node.ledger import export
    from comity.node.witnesses import own

    export.write(out, own.cosigned_notes)


def _own_key(folder: Path) -> Verifier:
    return Verifier.parse((folder / "keys" / "log.vkey").read_text(encoding="utf-8"))


def _trusted_key(folder: Path, anchors: Path) -> Verifier:
    """The key of the trust folder that bears the name in the export's own key."""
    named = Verifier.parse((folder / exports.KEY).read_text(encoding="utf-8"))
    for key in _keys(anchors):
        if key.name == named.name:
            return key
    raise LedgerExportUnreadableError(folder=folder, detail=f"the trust folder has no key of {named.name}")


def _keys(anchors: Path) -> list[Verifier]:
    return [each.log for each in trust.load(anchors).authorities.values() if each.log is not None]


def _found(found: LedgerFinding, source: str) -> dict[str, Any]:
    return {
        "verdict": "passed",
        "entries": found.entries,
        "erased": found.erased,
        "checkpoints": found.checkpoints,
        "signer": found.signer,
        "key_source": source,
        "witnesses": found.witnesses,
    }


def _sentence(found: LedgerFinding, source: str) -> str:
    text = f"{found.entries} entries hold under {found.checkpoints} checkpoints signed by {found.signer}."
    for name, size in sorted(found.witnesses.items()):
        text += f" {name} cosigned the first {size}."
    if source == "trust" and not found.witnesses:
        text += " No authority of the trust folder cosigned it: another version of it may be shown to others."
    if source == "export":
        text += " The key came with the export: compare it with the directory, or give --trust."
    return text


def _say(values: dict[str, Any], text: str, as_json: bool, status: int) -> int:
    print(json.dumps(values, ensure_ascii=False, indent=2) if as_json else text)
    return status
