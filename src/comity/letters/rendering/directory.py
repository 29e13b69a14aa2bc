"""The readable form of what changes in an authority's entry of the directory."""

from __future__ import annotations

from collections.abc import Iterator

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from comity import canonical
from comity.letters.bodies import DirectoryUpdateBody, NextCertificate, Reached
from comity.letters.document import Fields, Section
from comity.letters.labels import Labels
from comity.letters.rendering.parts import section
from comity.shapes import Shape


def directory_update(body: Shape, labels: Labels) -> Iterator[Section]:
    """The next certificate by its fingerprint and times, and how the authority is reached."""
    if not isinstance(body, DirectoryUpdateBody):
        return
    if body.certificate is not None:
        yield _section(labels, "next_certificate", _certificate(body.certificate, labels))
    if body.reached is not None:
        yield _section(labels, "reached", _reached(body.reached, labels))


def _section(labels: Labels, heading: str, rows: dict[str, str]) -> Section:
    return section(
        labels, heading, Fields([(labels.word(word), value or "—") for word, value in rows.items()])
    )


def _certificate(told: NextCertificate, labels: Labels) -> dict[str, str]:
    try:
        found = x509.load_pem_x509_certificate(told.certificate.encode())
    except ValueError:  # shown as it is told; its receiver refuses it
        shown = {"certificate_sha256": told.certificate}
    else:
        begin, end = (
            labels.instant(canonical.instant_text(at))
            for at in (found.not_valid_before_utc, found.not_valid_after_utc)
        )
        shown = {
            "certificate_sha256": _grouped(found.fingerprint(hashes.SHA256()).hex()),
            "certificate_valid": f"{begin} —\n{end}",
        }
    return {
        **shown,
        "certificate_replaces": _grouped(told.replaces),
        "certificate_changes_at": labels.instant(told.changes_at),
        "certificate_ends_at": labels.instant(told.ends_at),
    }


def _reached(told: Reached, labels: Labels) -> dict[str, str]:
    return {
        "reached_hours": told.hours,
        "reached_time_zone": labels.place(told.time_zone),
        "reached_languages": ", ".join(labels.language_name(code) for code in told.languages),
        "reached_contact": told.contact,
    }


def _grouped(digest: str) -> str:
    """As two people read it to each other, and as the pages show it."""
    return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4)).upper()
