"""What a gateway may answer, and the file that its secret lies in."""

from __future__ import annotations

from comity.node.config import NodeConfig
from comity.terms import ComityError, gettext_noop


class GatewayUnreachableError(ComityError):
    """The gateway did not answer, or asks to be tried again later."""

    code = "gateway_unreachable"
    message = gettext_noop("The gateway did not take the message ({detail}).")
    next_step = gettext_noop(
        "The node tries again by itself; check the gateway and [mail] or [sms] in node.toml."
    )


class GatewayRefusedError(ComityError):
    """The gateway will not take this message, however often it is tried."""

    code = "gateway_refused"
    message = gettext_noop("The gateway refused the message ({detail}).")
    next_step = gettext_noop("Check the address, and [mail] or [sms] in node.toml.")


def secret(node: NodeConfig, file: str) -> str:
    """The secret in a file of the node's folder; raise GatewayUnreachableError where it cannot be read."""
    try:
        return (node.folder / file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise GatewayUnreachableError(detail="secret file missing") from error
