"""``comity disclose``: single files of a package, proved without the others."""

from __future__ import annotations

import argparse
from pathlib import Path

from comity.cli import packages, seal
from comity.cli.lines import print_json
from comity.sealing import disclosing


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    disclose = commands.add_parser(
        "disclose", help="show single files of a package, proved under its seal without the others"
    )
    disclose.add_argument("package", type=Path, metavar="PACKAGE")
    disclose.add_argument(
        "--file", nargs="+", action="extend", required=True, metavar="NAME", help="as the package names them"
    )
    disclose.add_argument("--identity", type=Path, metavar="KEY", help="key folder or file, if encrypted")
    disclose.add_argument(
        "--trust", type=Path, metavar="DIR", help="the anchors: key folder or exported directory"
    )
    disclose.add_argument("--as-of", metavar="TIME", help="verify as at this time (default: now)")
    disclose.add_argument(
        "--to",
        action="append",
        default=[],
        metavar="RECIPIENT",
        help="encrypt to a recipient, or to the authority of a folder; may be repeated",
    )
    disclose.add_argument("-o", "--out", type=Path, required=True, help="the package with these files alone")
    disclose.add_argument("--json", action="store_true")
    disclose.set_defaults(run=disclose_files)


def disclose_files(arguments: argparse.Namespace) -> int:
    """Verify, then write the part; without ``--trust`` it is not checked whose seal it is."""
    recipients = [seal.recipient(text) for text in arguments.to]
    with packages.examined(arguments) as case:
        unknown = {"trust_unknown"} if arguments.trust is None else set()
        if set(case.report.codes) - unknown:
            packages.print_report(case.report, arguments.json)
            return 1
        shown = disclosing.disclose(arguments.out, case, arguments.file, recipients=recipients)
    if arguments.json:
        print_json({"package": str(arguments.out), "files": [file.as_json() for file in shown]})
    else:
        for file in shown:
            print(f"{file.sha256}  {file.name}")
    return 0
