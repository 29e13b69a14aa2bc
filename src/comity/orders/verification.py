"""Whose order it is: the signature over exactly these bytes, by the seal of the authority that they name."""

from __future__ import annotations

from cryptography import x509

from comity import canonical
from comity.orders import form
from comity.sealing import algorithms
from comity.shapes import decode_base64
from comity.terms import ComityError, gettext_noop

ALGORITHM = "ecdsa-sha-256"


class OrderSignatureWrongError(ComityError):
    """The authority whose order it claims to be did not sign these bytes."""

    code = "order_signature_wrong"
    message = gettext_noop("This order does not bear the signature of the authority that it names.")
    next_step = gettext_noop("Do not follow it; call the authority by a number of the directory.")


class OrderOfAnotherError(ComityError):
    """The order names another authority, or another addressee, than is expected."""

    code = "order_of_another"
    message = gettext_noop("This order names {named}, not {expected}.")
    next_step = gettext_noop("Take it to the authority or the provider that it names.")


class OrderSealNotValidError(ComityError):
    """The authority's seal was not valid when the order says that it was issued."""

    code = "order_seal_not_valid"
    message = gettext_noop("The seal of {authority} was not valid on the day of the order ({at}).")
    next_step = gettext_noop("Ask the authority for an order that its present seal signs.")


def verify(signed: bytes, signature: str, seal: x509.Certificate, authority: str) -> form.Order:
    """The order, when the authority's seal (of the directory) signed these bytes. Clause ORDER-2.

    Raises what ``form.read`` raises, OrderOfAnotherError, OrderSealNotValidError, OrderSignatureWrongError.
    """
    order = form.read(signed)
    if order.authority != authority:
        raise OrderOfAnotherError(named=order.authority, expected=authority)
    at = canonical.read_instant(order.issued_at)
    if not seal.not_valid_before_utc <= at <= seal.not_valid_after_utc:
        raise OrderSealNotValidError(authority=authority, at=at.date())
    try:
        raw = decode_base64(signature)
    except ValueError:
        raise OrderSignatureWrongError from None
    algorithm = algorithms.signature(ALGORITHM, purpose="seal", at=at)
    if not algorithm.holds(seal.public_key(), raw, signed):
        raise OrderSignatureWrongError
    return order
