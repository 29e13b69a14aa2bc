"""An order as a file: exported with what verifies it, and read back against the directory."""

from __future__ import annotations

from cryptography import x509

from comity import canonical
from comity.node.directory import known
from comity.node.orders.models import Order
from comity.orders import form
from comity.orders.verification import open_envelope, verify
from comity.shapes import encode_base64

_SCHEMA = "comity-signed-order/1"


def export(order: Order) -> bytes:
    """The newest generation with its signature and the certificates of the authority. Clause ORDER-2."""
    value = {
        "schema": _SCHEMA,
        "order": encode_base64(bytes(order.canonical)),
        "signature": order.signature,
        "certificates": order.certificates,
    }
    return canonical.write(form.Envelope.model_validate(value).as_json())


def read(data: bytes) -> form.Order:
    """The order in an exported file, when an authority of the directory signed it.

    Raises AuthorityUnknownError, and what ``open_envelope`` and ``verify`` raise.
    """
    signed, signature = open_envelope(data)
    authority = known.find(form.read(signed).authority)
    seal = x509.load_pem_x509_certificate(authority.seal_certificate.encode("ascii"))
    return verify(signed, signature, seal, authority.id)


def names(order: Order, language: str) -> dict[str, str]:
    """The names of the order's authority and provider, by id."""
    parties = [known.own(), *([order.provider] if order.provider else [])]
    return {each.id: each.name(language) for each in parties}
