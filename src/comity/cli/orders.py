"""``comity order``: an order as a file, out of a node, and read and verified without one."""

from __future__ import annotations

import argparse
from pathlib import Path

from comity.cli.lines import print_json, visible
from comity.orders.verification import open_envelope, verify
from comity.terms import ComityError, gettext_noop

_MOST = 4 * 1024 * 1024


class OrderUnknownError(ComityError):
    """The node has no issued order of that number."""

    code = "order_unknown"
    message = gettext_noop("This node has issued no order {number}.")
    next_step = gettext_noop("Look for its number on the page of running orders.")


class OrderFileUnusableError(ComityError):
    """The file with the order or the certificate cannot be read."""

    code = "order_file_unusable"
    message = gettext_noop("{path} cannot be read: {reason}.")
    next_step = gettext_noop("Name an exported order, and with --seal a certificate in PEM.")


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this room's commands."""
    inner = commands.add_parser("order", help="domestic orders as signed files").add_subparsers(
        required=True, metavar="COMMAND"
    )
    export = inner.add_parser("export", help="write an issued order with its signature")
    export.add_argument("folder", type=Path, metavar="DIR", help="the node's folder")
    export.add_argument("number", metavar="NUMBER", help="the order's number")
    export.add_argument("-o", "--out", type=Path, required=True, metavar="FILE")
    export.set_defaults(run=export_order)
    read = inner.add_parser("import", help="read an exported order and verify whose it is")
    read.add_argument("file", type=Path, metavar="FILE")
    known = read.add_mutually_exclusive_group(required=True)
    known.add_argument("--node", type=Path, metavar="DIR", help="by the directory of this node")
    known.add_argument("--seal", type=Path, metavar="PEM", help="by this seal certificate of the directory")
    read.add_argument("--authority", default="", metavar="ID", help="with --seal: whose seal it is")
    read.add_argument("--json", action="store_true", help="print the order's JSON form")
    read.set_defaults(run=import_order)


def export_order(arguments: argparse.Namespace) -> int:
    """Write the newest generation of an order; a file that is there stays."""
    from comity.node import start

    start.prepare(arguments.folder)
    from comity.node.orders import carrying
    from comity.node.orders.models import Order
    from comity.sealing.durable import AlreadyThereError, replacing

    order = Order.objects.filter(number=arguments.number).exclude(generation=0).first()
    if order is None:
        raise OrderUnknownError(number=arguments.number)
    if arguments.out.exists() or arguments.out.is_symlink():
        raise AlreadyThereError(path=arguments.out)
    with replacing(arguments.out) as out:
        out.write(carrying.export(order))
    print(f"{order.number}  {arguments.out}")
    return 0


def import_order(arguments: argparse.Namespace) -> int:
    """Verify the signature and the authority, then say what the order is."""
    data = _content(arguments.file)
    if arguments.node:
        from comity.node import start

        start.prepare(arguments.node)
        from comity.node.orders import carrying

        order = carrying.read(data)
    else:
        from cryptography import x509

        try:
            seal = x509.load_pem_x509_certificate(_content(arguments.seal))
        except ValueError as error:
            raise OrderFileUnusableError(path=arguments.seal, reason=str(error)) from None
        signed, signature = open_envelope(data)
        order = verify(signed, signature, seal, arguments.authority)
    if arguments.json:
        print_json(order.as_json())
        return 0
    for name in ("number", "kind", "authority", "desired", "generation", "effective_until"):
        print(f"{name:16}{visible(str(getattr(order, name)))}")
    for each in order.identifiers:
        print(f"{'identifier':16}{each.number}. {visible(each.type)} {visible(each.value)}")
    return 0


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as source:
            data = source.read(_MOST + 1)
    except OSError as error:
        raise OrderFileUnusableError(path=path, reason=error.strerror or str(error)) from None
    if len(data) > _MOST:
        raise OrderFileUnusableError(path=path, reason="it is too large")
    return data
