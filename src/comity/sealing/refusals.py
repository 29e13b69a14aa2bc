"""Why a package is refused: one class a fact, each with its stable code (docs/sealing.md, clause 9)."""

from __future__ import annotations

from comity.terms import ComityError, gettext_noop


class PackageRefusedError(ComityError):
    """The file is not what a sealed package must be; every refusal of a package is one of these."""

    code = "package_refused"
    message = gettext_noop("The package is not acceptable.")
    next_step = gettext_noop("Keep the file as it is and ask the sender to seal and send it again.")


class NotAContainerError(PackageRefusedError):
    """The file does not begin as a ZIP container."""

    code = "not_a_container"
    message = gettext_noop("The file is not a container.")


class CutOffError(PackageRefusedError):
    """The file ends before it is complete."""

    code = "cut_off"
    message = gettext_noop("The file ends too early: a part of it is missing.")


class TrailingBytesError(PackageRefusedError):
    """Something follows the end of the container."""

    code = "trailing_bytes"
    message = gettext_noop("Something follows the end of the container.")


class LeadingBytesError(PackageRefusedError):
    """Something stands before the first entry."""

    code = "leading_bytes"
    message = gettext_noop("Something stands before the first entry of the container.")


class EndAmbiguousError(PackageRefusedError):
    """Two places of the file claim to be its end, so that two readers would see two packages."""

    code = "end_ambiguous"
    message = gettext_noop("Two places of the file claim to be the end of the container.")


class TooManyEntriesError(PackageRefusedError):
    """More entries than a container may have (clause 2.6)."""

    code = "too_many_entries"
    message = gettext_noop("The container has {count} entries; {limit} are the most that is read.")


class TooLargeError(PackageRefusedError):
    """An inner document is larger than its budget (clause 2.6)."""

    code = "too_large"
    message = gettext_noop("“{name}” is larger than the {limit} bytes that are read of it.")


class ExpandsTooMuchError(PackageRefusedError):
    """Compressed entries that grow beyond the budget (a bomb)."""

    code = "expands_too_much"
    message = gettext_noop("The compressed entries would grow beyond what is read.")


class EntryDuplicatedError(PackageRefusedError):
    """Two entries carry the same name."""

    code = "entry_duplicated"
    message = gettext_noop("Two entries of the container are named “{name}”.")


class NameClashError(PackageRefusedError):
    """Two names that some file systems cannot tell apart (letter case, Unicode form, file and folder)."""

    code = "name_clash"
    message = gettext_noop("“{name}” and “{other}” cannot be kept apart on every computer.")


class NameUnsafeError(PackageRefusedError):
    """A name that leaves its folder, deceives the eye, or no file system can hold."""

    code = "name_unsafe"
    message = gettext_noop("The name “{name}” is not safe.")


class HeaderMismatchError(PackageRefusedError):
    """The two descriptions that a ZIP file gives of an entry differ, or contradict the content."""

    code = "header_mismatch"
    message = gettext_noop("The descriptions of “{name}” in the container contradict each other.")


class GapError(PackageRefusedError):
    """Bytes that belong to no entry."""

    code = "gap"
    message = gettext_noop("Bytes near “{name}” belong to no entry of the container.")


class OverlapError(PackageRefusedError):
    """Two entries share bytes."""

    code = "overlap"
    message = gettext_noop("“{name}” overlaps another part of the container.")


class EntryUnsupportedError(PackageRefusedError):
    """An encrypted entry, another compression method, a second disk, an unknown flag."""

    code = "entry_unsupported"
    message = gettext_noop("“{name}” is stored in a way that containers may not use.")


class ContentDamagedError(PackageRefusedError):
    """The content does not have the size or CRC-32 of its header, or cannot be unpacked."""

    code = "content_damaged"
    message = gettext_noop("The content of “{name}” is damaged.")


class MimetypeWrongError(PackageRefusedError):
    """The first entry is not the stored media type of ASiC-E (EN 319 162-1, A.1)."""

    code = "mimetype_wrong"
    message = gettext_noop("The container does not say that it is an ASiC-E container.")


class FormNotDeterminedError(PackageRefusedError):
    """A container with a Comity manifest that is not byte for byte what its content determines (clause 2)."""

    code = "form_not_determined"
    message = gettext_noop("{part} is not what the content of the package determines.")


class NestedTooDeepError(PackageRefusedError):
    """A package in a package in a package."""

    code = "nested_too_deep"
    message = gettext_noop("A package inside a bundle holds packages of its own.")


class DisclosureUnprovedError(PackageRefusedError):
    """A disclosed file whose proof does not lead to the sealed root."""

    code = "disclosure_unproved"
    message = gettext_noop("“{name}” is not proved to be of the package whose root was sealed.")


class RenewedTooOftenError(PackageRefusedError):
    """More renewals around a container than are read."""

    code = "renewed_too_often"
    message = gettext_noop("The container was sealed again more than {limit} times.")
    next_step = gettext_noop("Take the container out that was sealed {limit} times, and seal that one again.")


class RenewalUnreadableError(PackageRefusedError):
    """A renewal that does not hold exactly one older container, or what remains of one."""

    code = "renewal_unreadable"
    message = gettext_noop(
        "A package that was sealed again holds exactly one older container, or what remains of one; "
        "this does not."
    )


class RenewedFailedError(PackageRefusedError):
    """The older container inside a renewal does not verify as of the time at which it was sealed again."""

    code = "renewed_failed"
    message = gettext_noop("The older container inside fails as of {at} at {step}: {text}")


class RemainsFailedError(PackageRefusedError):
    """What remains of an erased container does not verify inside a renewal, as of the time of its seal."""

    code = "remains_failed"
    message = gettext_noop("What remains of a letter, inside, fails as of {at} at {step}: {text}")


class RemainsOfAnotherError(PackageRefusedError):
    """The remains at this place are those of another letter, or not those that were kept."""

    code = "remains_of_another"
    message = gettext_noop("“{name}” is not about what remains of this letter.")


class DtdForbiddenError(PackageRefusedError):
    """A document type declaration or an entity in a signature."""

    code = "dtd_forbidden"
    message = gettext_noop("“{name}” declares a document type or entities.")


class XmlUnreadableError(PackageRefusedError):
    """Not well-formed UTF-8 XML, or with comments or processing instructions."""

    code = "xml_unreadable"
    message = gettext_noop("“{name}” is not plain, well-formed XML.")


class SignatureMissingError(PackageRefusedError):
    """No signature file."""

    code = "signature_missing"
    message = gettext_noop("The package is not signed.")


class SeveralSignaturesError(PackageRefusedError):
    """More than one signature; Comity reads containers with exactly one (clause 4.1)."""

    code = "several_signatures"
    message = gettext_noop("The container has more than one signature.")


class SignatureMisplacedError(PackageRefusedError):
    """The signature's parts do not stand at their one place (signature wrapping)."""

    code = "signature_misplaced"
    message = gettext_noop("The parts of the signature do not stand where they must ({part}).")


class SignatureBrokenError(PackageRefusedError):
    """The cryptographic check of the signature fails."""

    code = "signature_broken"
    message = gettext_noop("The signature does not belong to this content.")


class EntryUnsignedError(PackageRefusedError):
    """An entry that no signature covers."""

    code = "entry_unsigned"
    message = gettext_noop("“{name}” is in the package but was not signed.")


class EntryMissingError(PackageRefusedError):
    """A signed file that is not there."""

    code = "entry_missing"
    message = gettext_noop("“{name}” was signed but is not in the package.")


class FileChangedError(PackageRefusedError):
    """A file whose digest is not the signed one."""

    code = "file_changed"
    message = gettext_noop("“{name}” was changed after it was signed.")


class ManifestUnreadableError(PackageRefusedError):
    """The manifest is not canonical JSON of the known schema."""

    code = "manifest_unreadable"
    message = gettext_noop("The manifest of the package cannot be read.")


class ManifestMismatchError(PackageRefusedError):
    """The manifest says something else than the package holds."""

    code = "manifest_mismatch"
    message = gettext_noop("The manifest and the package differ at “{name}”.")


class AlgorithmForbiddenError(PackageRefusedError):
    """An algorithm or key length that is not on the allow-list, or no longer at that date (clause 8)."""

    code = "algorithm_forbidden"
    message = gettext_noop("{algorithm} is not accepted for {purpose} at {at}.")


class CertificateUnreadableError(PackageRefusedError):
    """A certificate that is no strictly encoded X.509 certificate."""

    code = "certificate_unreadable"
    message = gettext_noop("The {purpose} certificate cannot be read.")


class CertificateUntrustedError(PackageRefusedError):
    """A certificate that none of the anchors issued."""

    code = "certificate_untrusted"
    message = gettext_noop("The {purpose} certificate was not issued by an authority of the trust folder.")
    next_step = gettext_noop(
        "Get the sender's anchors on a way you trust, or treat the package as not genuine."
    )


class CertificateExpiredError(PackageRefusedError):
    """The certificate was not valid at the time that counts."""

    code = "certificate_expired"
    message = gettext_noop("The {purpose} certificate is valid from {since} to {until}, not at {at}.")


class CertificatePurposeError(PackageRefusedError):
    """A certificate made for something else."""

    code = "certificate_purpose"
    message = gettext_noop("The certificate was not issued for this purpose ({purpose}).")


class CertificateRevokedError(PackageRefusedError):
    """The certificate was revoked before the signature was made."""

    code = "certificate_revoked"
    message = gettext_noop("The certificate of the seal was revoked at {at}.")


class RevocationBrokenError(PackageRefusedError):
    """The OCSP response is not strictly encoded, not signed by its responder, or about something else."""

    code = "revocation_broken"
    message = gettext_noop("The statement about revocation is not genuine.")


class TimestampMissingError(PackageRefusedError):
    """The signature carries no time-stamp."""

    code = "timestamp_missing"
    message = gettext_noop("The signature carries no time-stamp.")


class TimestampBrokenError(PackageRefusedError):
    """The token is not strictly encoded, not signed by its service, or about something else."""

    code = "timestamp_broken"
    message = gettext_noop("The time-stamp does not belong to this signature.")


class TimestampInFutureError(PackageRefusedError):
    """The token's time lies after the time of verification."""

    code = "timestamp_in_future"
    message = gettext_noop("The time-stamp says {stamped}, which is after {at}.")
    next_step = gettext_noop("Check this computer's clock.")


class SigningTimeContradictedError(PackageRefusedError):
    """The signer claims a later time than the time-stamp proves."""

    code = "signing_time_contradicted"
    message = gettext_noop("The seal claims {claimed}, after its own time-stamp of {stamped}.")
