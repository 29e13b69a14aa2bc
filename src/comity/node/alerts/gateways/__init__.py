"""The ways out: a mail server and a gateway for short messages, each as node.toml describes it.

Receives an address, a subject and a text; raises what came of it; never keeps or logs any of them.
"""

from __future__ import annotations

from comity.node import config
from comity.node.alerts.gateways import mail, sms
from comity.node.alerts.gateways.errors import GatewayRefusedError, GatewayUnreachableError

__all__ = ["GatewayRefusedError", "GatewayUnreachableError", "is_configured", "send"]


def is_configured(way: str) -> bool:
    """Whether this node has a gateway of this kind."""
    node = config.current()
    return (node.mail if way == "mail" else node.sms) is not None


def send(way: str, address: str, subject: str, text: str) -> None:
    """Hand a message to the gateway.

    Raises GatewayUnreachableError where another attempt may succeed, GatewayRefusedError where none will.
    """
    node = config.current()
    if way == "mail" and node.mail is not None:
        mail.send(node, node.mail, address, subject, text)
    elif way == "sms" and node.sms is not None:
        sms.send(node, node.sms, address, text)
    else:
        raise GatewayRefusedError(detail="not configured")
