"""Whether an order is what it claims to be: numbered steps, each with what was compared.

The page that shows them is the authority's own. Whoever wants to trust nobody downloads the order, its
signature and the certificates, and verifies elsewhere (docs/providers.md).
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes

from comity import canonical
from comity.node.directory.models import Authority
from comity.node.orders.models import Order
from comity.orders import form, verification
from comity.sealing.report import Sentence, Step
from comity.terms import ComityError, Verdict, gettext_noop

_READ = gettext_noop("The document is an order in the form {form}, generation {generation}.")
_AUTHORITY = gettext_noop(
    "It names the authority {authority}, which the directory holds; "
    "fingerprint of its root certificate: {root}."
)
_ADDRESSEE = gettext_noop("It is addressed to {provider}.")
_SEAL = gettext_noop("The authority's root certificate issued the seal's, which was valid on {at}.")
_SIGNATURE = gettext_noop("The seal signed exactly these bytes (SHA-256 {sha256}).")
_NEWEST = gettext_noop("No later generation replaced it.")


class OrderNotListedError(ComityError):
    """The directory of this node holds no such authority."""

    code = "order_authority_unknown"
    message = gettext_noop("The directory does not hold the authority {authority} that the order names.")
    next_step = gettext_noop("Do not follow it; call the authority by a number that you know.")


class SealNotIssuedError(ComityError):
    """The seal's certificate does not come from the authority's root."""

    code = "order_seal_not_issued"
    message = gettext_noop("The authority's root certificate did not issue the seal's certificate.")
    next_step = gettext_noop("Do not follow it; call the authority by a number that you know.")


class OrderReplacedError(ComityError):
    """The authority signed a later generation."""

    code = "order_replaced"
    message = gettext_noop("This is generation {old}; the authority has signed generation {new}.")
    next_step = gettext_noop("Follow the newest one.")


@dataclass(frozen=True, slots=True)
class _Checked:
    """What the steps look at; ``claimed`` once the first step has read it."""

    order: Order
    signed: bytes
    authority: Authority | None
    claimed: form.Order


def steps(order: Order) -> list[Step]:
    """The numbered steps of an order as the row keeps it, up to the first that fails."""
    done: list[Step] = []
    signed = bytes(order.canonical)
    try:
        claimed = form.read(signed)
        done.append(_passed("form", Sentence(_READ, form=claimed.form, generation=claimed.generation), 1))
        authority = Authority.objects.filter(pk=claimed.authority, own=True, withdrawn_at=None).first()
        checked = _Checked(order, signed, authority, claimed)
        for name, check in _STEPS:
            done.append(_passed(name, check(checked), len(done) + 1))
    except ComityError as error:
        name = ["form", *(name for name, _check in _STEPS)][len(done)]
        sentence = Sentence(error.message, **error.params)
        done.append(Step(len(done) + 1, name, Verdict.FAILED, error.code, sentence))
    return done


def holds(found: list[Step]) -> bool:
    """Whether every step passed."""
    return len(found) == len(_STEPS) + 1 and all(step.verdict == Verdict.PASSED for step in found)


def _passed(name: str, sentence: Sentence, n: int) -> Step:
    return Step(n, name, Verdict.PASSED, None, sentence)


def _authority(checked: _Checked) -> Sentence:
    if checked.authority is None:
        raise OrderNotListedError(authority=checked.claimed.authority)
    root = x509.load_pem_x509_certificate(checked.authority.ca_certificate.encode())
    return Sentence(_AUTHORITY, authority=checked.authority.id, root=root.fingerprint(hashes.SHA256()).hex())


def _addressee(checked: _Checked) -> Sentence:
    if checked.claimed.provider != checked.order.provider_id or checked.claimed.order != str(
        checked.order.pk
    ):
        raise verification.OrderOfAnotherError(
            named=checked.claimed.provider, expected=checked.order.provider_id
        )
    return Sentence(_ADDRESSEE, provider=checked.order.provider)


def _seal(checked: _Checked) -> Sentence:
    assert checked.authority is not None  # the second step has found it
    root = x509.load_pem_x509_certificate(checked.authority.ca_certificate.encode())
    try:
        _certificate(checked).verify_directly_issued_by(root)
    except (InvalidSignature, ValueError, TypeError):
        raise SealNotIssuedError from None
    at = canonical.read_instant(checked.claimed.issued_at)
    if not root.not_valid_before_utc <= at <= root.not_valid_after_utc:
        raise SealNotIssuedError
    return Sentence(_SEAL, at=at.date())


def _signature(checked: _Checked) -> Sentence:
    verification.verify(
        checked.signed, checked.order.signature, _certificate(checked), checked.claimed.authority
    )
    digest = hashes.Hash(hashes.SHA256())
    digest.update(checked.signed)
    return Sentence(_SIGNATURE, sha256=digest.finalize().hex())


def _newest(checked: _Checked) -> Sentence:
    if checked.claimed.generation != checked.order.generation:
        raise OrderReplacedError(old=checked.claimed.generation, new=checked.order.generation)
    return Sentence(_NEWEST)


def _certificate(checked: _Checked) -> x509.Certificate:
    """The seal that signed this generation; the step before has shown that the authority's root issued it."""
    return x509.load_pem_x509_certificate(checked.order.certificates.encode())


_STEPS = (
    ("authority", _authority),
    ("addressee", _addressee),
    ("seal", _seal),
    ("signature", _signature),
    ("newest", _newest),
)
