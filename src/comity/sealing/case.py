"""What the steps of one verification share: what was given, and what earlier steps established.

Receives nothing by itself; the steps fill it in order; never outlives its verification.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any

from cryptography import x509

from comity.sealing.disclosure import Disclosure
from comity.sealing.manifest import Manifest
from comity.sealing.packing import PACK, Packed
from comity.sealing.reading import Package, pieces_of
from comity.sealing.refusals import ManifestUnreadableError
from comity.sealing.report import Report
from comity.sealing.timestamp import Token
from comity.sealing.trust import Trust, TrustedAuthority
from comity.sealing.xades import Signed
from comity.shapes import NewerVersionError
from comity.terms import ComityError, gettext_noop


class UndecidedError(ComityError):
    """Something that the verifier did not have, so that a step can neither pass nor fail."""

    code = "undecided"
    next_step = gettext_noop("Give what is missing and verify again.")


class IdentityNeededError(UndecidedError):
    """The package is encrypted and no identity was given."""

    code = "identity_needed"
    message = gettext_noop("The package is encrypted.")
    next_step = gettext_noop("Give the key folder of the authority that it is addressed to, with --identity.")


class TrustUnknownError(UndecidedError):
    """No anchors were given; a package never brings its own."""

    code = "trust_unknown"
    message = gettext_noop("Without anchors nobody can say whose seal this is.")
    next_step = gettext_noop("Give the folder of anchors that you got on a way you trust, with --trust.")


class SignerUnknownError(UndecidedError):
    """The package names an authority that the trust folder does not hold."""

    code = "signer_unknown"
    message = gettext_noop("The trust folder holds no anchors of “{by}”.")
    next_step = gettext_noop("Get the anchors of this authority on a way you trust.")


class PackageOfNewerVersionError(UndecidedError):
    """A part of the package has a form that a later release brought; nothing is said against the package."""

    code = NewerVersionError.code
    message = gettext_noop("The package holds {schema}, newer than the {known} that this software reads.")
    next_step = NewerVersionError.next_step


class RevocationUnknownError(UndecidedError):
    """No answer about revocation speaks about the time of the seal."""

    code = "revocation_unknown"
    message = gettext_noop("Whether the seal's certificate was revoked by then is not known.")
    next_step = gettext_noop("Ask the authority that sealed for a package with its responder's answer.")


class TimestampOutlivedError(UndecidedError):
    """The time-stamp's own certificate or algorithms have ended since."""

    code = "timestamp_outlived"
    message = gettext_noop("The time-stamp proves nothing any more: its own protection ended on {until}.")
    next_step = gettext_noop("Look for a newer container into which this one was sealed again in time.")


@dataclass(slots=True)
class Case:
    """One verification: the given package, anchors, identities and time, and what is known so far."""

    source: IO[bytes]
    trust: Trust | None
    identities: Sequence[str] | None
    as_of: datetime
    report: Report
    stream: IO[bytes] = field(init=False)
    """The container's bytes (step 1)."""
    package: Package = field(init=False)
    """The container (step 2)."""
    manifest: Manifest | None = None
    """The manifest, not yet verified (step 3); None in a disclosed package, and in one of another maker."""
    packed: Packed | None = None
    """The files of a packed package, their index not yet verified (step 3)."""
    disclosure: Disclosure | None = None
    """What a disclosed package states and proves, its seal not yet verified (step 3)."""
    signed: Signed = field(init=False)
    """The signature, not yet verified (step 3)."""
    digests: dict[tuple[str, str], bytes] = field(default_factory=dict)
    """By file and XML identifier of the digest (step 4)."""
    token: Token = field(init=False)
    """The time-stamp (step 6)."""
    issuer: x509.Certificate = field(init=False)
    """The anchor that issued the seal's certificate (step 7)."""
    letter: dict[str, Any] | None = None
    """The letter of a package of this kind (step 9)."""
    letters: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The letters of a court bundle by id (step 9)."""
    proved: set[bytes] = field(default_factory=set)
    """Digests of what the ledger of a court bundle's sealer proves (step 11)."""
    renewed: Case | None = None
    """The older container inside a renewal, verified as of this one's time-stamp (step 9)."""
    depth: int = 0
    """How many renewals lie around this container."""
    remains: bytes | None = None
    """The document of what remains of an erased container, where that is what is verified (clause 18)."""
    examine_inner: Callable[[IO[bytes]], Case] = field(init=False)
    """Verifies a package inside this one, under the same anchors and time."""
    examine_renewed: Callable[[IO[bytes], datetime], Case] = field(init=False)
    """Verifies the older container inside this one, as of the time at which it was sealed again."""

    _open: ExitStack = field(default_factory=ExitStack)

    def section(self, name: str) -> IO[bytes]:
        """A file's content as it stands in the container or its pack; nothing is checked."""
        if self.packed is None:
            return self.package.section(name)
        return self.package.section(PACK, *self.packed.places[name])

    def content(self, name: str) -> Iterator[memoryview]:
        """A file's content in pieces as ``Package.stream`` gives them; a packed one is not checked."""
        if self.packed is None:
            return self.package.stream(name)
        return pieces_of(self.section(name), self.packed.places[name][1])

    def keep_open(self, stream: IO[bytes]) -> IO[bytes]:
        """A stream that is closed together with the case."""
        return self._open.enter_context(stream)

    def keep_case(self, inner: Case) -> Case:
        """A case about something inside this one, closed together with it."""
        self._open.callback(inner.close)
        return inner

    @property
    def innermost(self) -> Case:
        """The container that was sealed first: this one, unless it is a renewal."""
        return self if self.renewed is None else self.renewed.innermost

    def close(self) -> None:
        """Close what the steps opened."""
        self._open.close()

    @property
    def trusted(self) -> Trust:
        """The anchors; raise TrustUnknownError without a trust folder."""
        if self.trust is None:
            raise TrustUnknownError
        return self.trust

    @property
    def is_own_form(self) -> bool:
        """Whether the container must have Comity's form in every byte."""
        return self.manifest is not None or self.disclosure is not None

    @property
    def own_manifest(self) -> Manifest:
        """The manifest; a kind of package that has steps of its own always has one."""
        if self.manifest is None:
            raise ManifestUnreadableError
        return self.manifest

    def sealing_authority(self) -> TrustedAuthority | None:
        """The trusted authority that the package names; None for a container of another maker."""
        anchors = self.trusted
        stated = self.manifest or (self.disclosure.statement if self.disclosure else None)
        if stated is None:
            return None
        try:
            return anchors.authorities[stated.by]
        except KeyError:
            raise SignerUnknownError(by=stated.by) from None

    def all_anchors(self) -> list[x509.Certificate]:
        """Every trusted CA; raise TrustUnknownError without a trust folder."""
        return [anchor for authority in self.trusted for anchor in authority.anchors]
