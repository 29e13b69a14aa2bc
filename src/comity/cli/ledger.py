"""``comity ledger export`` and ``comity ledger verify``."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from comity.proofs import exports
from comity.proofs.exports import LedgerExportUnreadableError, LedgerFinding
from comity.proofs.notes import Verifier
from comity.sealing import trust
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
            found = exports.verify_export(arguments.folder, key)
            source = "export" if key is None else "trust"
    except LedgerExportUnreadableError:
        raise
    except ComityError as error:
        return _say(
            {"verdict": "failed", **error.as_dict()}, str(error) + f" [{error.code}]", arguments.json, 1
        )
    return _say(_found(found, source), _sentence(found, source), arguments.json, 0)


def _export(folder: Path, out: Path) -> None:
    from comity.node import start

    start.prepare(folder)
    from comity.node.ledger import export

    export.write(out)


def _own_key(folder: Path) -> Verifier:
    return Verifier.parse((folder / "keys" / "log.vkey").read_text(encoding="utf-8"))


def _trusted_key(folder: Path, anchors: Path) -> Verifier:
    """The key of the trust folder that bears the name in the export's own key."""
    named = Verifier.parse((folder / exports.KEY).read_text(encoding="utf-8"))
    for authority in trust.load(anchors).authorities.values():
        if authority.log is not None and authority.log.name == named.name:
            return authority.log
    raise LedgerExportUnreadableError(folder=folder, detail=f"the trust folder has no key of {named.name}")


def _found(found: LedgerFinding, source: str) -> dict[str, Any]:
    return {
        "verdict": "passed",
        "entries": found.entries,
        "erased": found.erased,
        "checkpoints": found.checkpoints,
        "signer": found.signer,
        "key_source": source,
    }


def _sentence(found: LedgerFinding, source: str) -> str:
    text = f"{found.entries} entries hold under {found.checkpoints} checkpoints signed by {found.signer}."
    if source == "export":
        text += " The key came with the export: compare it with the directory, or give --trust."
    return text


def _say(values: dict[str, Any], text: str, as_json: bool, status: int) -> int:
    print(json.dumps(values, ensure_ascii=False, indent=2) if as_json else text)
    return status
