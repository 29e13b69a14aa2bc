"""``comity reseal``: an older package inside a newer one, before its proof ends."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from comity.cli import packages, seal
from comity.cli.lines import print_json
from comity.sealing import keys, renewing
from comity.terms import Verdict


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    reseal = commands.add_parser(
        "reseal", help="seal an older package again inside a newer one, before its proof ends"
    )
    reseal.add_argument("package", type=Path, metavar="PACKAGE")
    reseal.add_argument("--key", type=Path, required=True, help="the key folder of the sealing authority")
    reseal.add_argument(
        "--trust", type=Path, required=True, metavar="DIR", help="the anchors of everyone who sealed it"
    )
    reseal.add_argument("--identity", type=Path, metavar="KEY", help="key folder or file, if it is encrypted")
    reseal.add_argument(
        "--to",
        action="append",
        default=[],
        metavar="RECIPIENT",
        help="encrypt to a recipient, or to the authority of a folder; may be repeated",
    )
    reseal.add_argument("-o", "--out", type=Path, required=True, help="the newer package")
    reseal.add_argument("--json", action="store_true")
    reseal.set_defaults(run=reseal_package)


def reseal_package(arguments: argparse.Namespace) -> int:
    """Verify now, then seal again; 1 and the report when the package does not verify."""
    signer = keys.load(arguments.key)
    recipients = [seal.recipient(text) for text in arguments.to]
    now = datetime.now(UTC)
    with packages.examined(arguments, now) as case:
        if case.report.verdict is not Verdict.PASSED:
            packages.print_report(case.report, arguments.json)
            return 1
        sealed = renewing.renew(arguments.out, case, signer=signer, now=now, recipients=recipients)
    if arguments.json:
        print_json({"package": str(arguments.out), "bytes": sealed.bytes})
    else:
        print(f"{arguments.out}: sealed again by {signer.id} around the container of {case.report.by}")
    return 0
