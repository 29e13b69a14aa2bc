"""Short messages by an HTTP gateway, under the rules by which webhooks are reached."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

from comity.node.alerts.gateways.errors import GatewayRefusedError, GatewayUnreachableError, secret
from comity.node.config import NodeConfig, SmsGateway
from comity.node.webhooks import reaching

_REFUSED = {"400", "404", "405", "410", "413", "415", "422"}
"""Answers of HTTP that another attempt with the same message will not change (RFC 9110, 15.5)."""

_PLACES = re.compile(r"(\{number\}|\{text\})")


def send(node: NodeConfig, gateway: SmsGateway, number: str, text: str) -> None:
    """Hand one short message to the gateway. Its answer's text is not read."""
    headers = {**gateway.headers}
    if gateway.secret_header:
        headers[gateway.secret_header] = gateway.secret_prefix + secret(node, gateway.secret_file)
    filled = _filled(gateway.fields, number, text)
    if gateway.format == "json":
        body, kind = json.dumps(filled), "application/json"
    else:
        body, kind = urlencode(filled), "application/x-www-form-urlencoded"
    try:
        reaching.post(gateway.url, body, {**headers, "Content-Type": kind}, method=gateway.method)
    except reaching.EndpointUnreachableError as error:
        detail = str(error.params["detail"])
        answered = GatewayRefusedError if detail in _REFUSED else GatewayUnreachableError
        raise answered(detail=detail) from error
    except ValueError as error:
        raise GatewayUnreachableError(detail="not ASCII") from error  # the secret, in a header
    except reaching.EndpointRefusedError as error:
        raise GatewayUnreachableError(detail="address not allowed") from error


def _filled(value: Any, number: str, text: str) -> Any:
    """The fields with number and text in their places, before encoding: nothing breaks out of them."""
    if isinstance(value, dict):
        return {key: _filled(inner, number, text) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, number, text) for inner in value]
    if not isinstance(value, str):
        return value
    return "".join({"{number}": number, "{text}": text}.get(part, part) for part in _PLACES.split(value))
