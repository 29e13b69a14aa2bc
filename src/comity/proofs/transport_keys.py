"""Notices of transport keys: signed notes by which an authority tells its peers the key to encrypt to.

The note's text is ``comity-transport-key/1`` and one line of canonical JSON, signed with the ledger's key,
which stands on the card that was compared by voice; so a new key needs no second telephone call (WIRE-19).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from comity.proofs.notes import Signer, Verifier, open_line, sign_line
from comity.shapes import AuthorityId, Instant, Shape, demand_known_version, read_shape
from comity.terms import ComityError, gettext_noop

SCHEMA = "comity-transport-key/1"


class KeyNoticeMalformedError(ComityError):
    """A signed text is no notice of a transport key."""

    code = "key_notice_malformed"
    message = gettext_noop("The signed text is not a notice of a transport key: {where}: {why}.")
    next_step = gettext_noop("Ask the other side for its card: comity node directory card DIR")


class KeyNotice(Shape):
    """The key in force: its number (each later one is greater), its recipient, from when until when."""

    format: Literal["comity-transport-key/1"] = Field(alias="schema", default="comity-transport-key/1")
    authority: AuthorityId
    number: int = Field(ge=1, le=10**6)
    recipient: str = Field(pattern=r"^age1[a-z0-9]+$", max_length=4000)
    valid_from: Instant
    valid_until: Instant


def sign_notice(notice: KeyNotice, signer: Signer) -> bytes:
    """The notice as a signed note."""
    return sign_line(SCHEMA, notice.as_json(), signer)


def open_notice(note: bytes, verifier: Verifier) -> KeyNotice:
    """The notice that ``verifier`` signed; raise KeyNoticeMalformedError or an error of ``notes``."""
    heading, line = open_line(note, verifier)
    demand_known_version(heading, SCHEMA)
    if heading != SCHEMA:
        raise KeyNoticeMalformedError(where="heading", why=f"it is not {SCHEMA}")
    return read_shape(KeyNotice, line, KeyNoticeMalformedError, whole="notice")
