"""Until when a container proves itself, and when it has to be sealed again (docs/sealing.md, clause 13).

Receives a container, or its parts already read; returns a time; reads no file's content, asks no clock, and
says nothing about whose seal it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import IO

from cryptography import x509

from comity.sealing import algorithms, names, timestamp, xades, xml
from comity.sealing.keys import Signer
from comity.sealing.reading import Package
from comity.sealing.refusals import SeveralSignaturesError, SignatureMissingError, TimestampMissingError
from comity.sealing.timestamp import Token
from comity.sealing.xades import Signed

RENEWALS = 4
"""How often a container may be sealed again: so many containers may lie around the first one."""
AHEAD = timedelta(days=365)
"""How long before the end a container should be sealed again."""


def proof_ends(container: IO[bytes]) -> datetime:
    """The moment after which the container alone proves nothing any more.

    Raise a PackageRefusedError when it is no container with one stamped signature.
    """
    package = Package(container)
    name = signature_file(package.names)
    signed = xades.read(package.read(name, xml.LIMIT), name)
    if signed.token is None:
        raise TimestampMissingError
    return ends(signed, timestamp.check(signed.token, signed.stamped))


def sealed_ends(service: Signer, at: datetime) -> datetime:
    """The same of a container that is sealed then, in our own form, with this time-stamp service."""
    digest = algorithms.digest("sha-256", purpose="seal", at=at)
    return _end(service.certificate, [timestamp.issued_until(service, at), digest.until])


def ends(signed: Signed, token: Token) -> datetime:
    """The end of the time-stamp's certificate, or of the first algorithm that file or stamp rest on.

    The seal's own signature algorithm and certificate do not count: the stamp proves that the seal was there
    before they ended (EN 319 102-1, 5.6.2). The digests of the files do: whoever can make a second content
    with the same digest could exchange the file under the old seal and the old stamp.
    """
    digests = {reference.digest for reference in signed.references}
    last_days = {algorithms.digest(each, purpose="seal", at=token.at).until for each in digests}
    return _end(token.certificate, [token.until, *last_days])


def _end(certificate: x509.Certificate, last_days: Sequence[date]) -> datetime:
    end_of_day = datetime.combine(min(last_days) + timedelta(days=1), time(), UTC) - timedelta(seconds=1)
    return min(certificate.not_valid_after_utc, end_of_day)


def is_due(ending: datetime, now: datetime, ahead: timedelta = AHEAD) -> bool:
    """Whether a container whose proof ends then should be sealed again now; false when it is too late."""
    return now <= ending <= now + ahead


def signature_file(entries: list[str]) -> str:
    """The entry that holds the signature; raise unless there is exactly one."""
    found = [name for name in entries if name.startswith(names.SIGNATURE_FOLDER) and "signatures" in name]
    if not found:
        raise SignatureMissingError
    if len(found) > 1:
        raise SeveralSignaturesError
    return found[0]
