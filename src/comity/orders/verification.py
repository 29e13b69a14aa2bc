"""Whose order it is: the signature over exactly these bytes, by the seal of the authority that they name."""

from __future__ import annotations

from cryptography import x509
from pydantic import ValidationError

from comity import canonical
from comity.orders import form
from comity.sealing import algorithms
from comity.shapes import decode_base64, first_problem
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


def open_envelope(data: bytes) -> tuple[bytes, str]:
    """The signed bytes and the signature in an exported order; nothing is verified yet. Clause ORDER-2.

    The certificates beside them are for readers without a directory and prove nothing by themselves.
    Raises JsonUnreadableError, OrderUnreadableError.
    """
    try:
        envelope = form.Envelope.model_validate(canonical.read(data, max_bytes=3 * form.LONGEST))
        return decode_base64(envelope.order), envelope.signature
    except ValidationError as error:
        where, why = first_problem(error)
        raise form.OrderUnreadableError(where=where, why=why) from None
    except ValueError:
        raise form.OrderUnreadableError(where="order", why="no base64") from None


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
