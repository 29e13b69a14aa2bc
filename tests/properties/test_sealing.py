"""Whatever bytes arrive, the readers of the sealing room refuse them with a code, or find them sound."""

from __future__ import annotations

import io
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st
from tests import packages
from tests.hostile import zips

from comity.sealing import names, revocation, timestamp, xades
from comity.sealing.reading import Package
from comity.sealing.sources import in_memory
from comity.terms import ComityError

OWN = packages.authority()
SOUND = packages.sealed()
SIGNATURE = zips.entries(SOUND)["META-INF/signatures0.xml"]
TOKEN = timestamp.issue(b"bytes", OWN.time_service, packages.NOW)
ANSWER = revocation.issue(OWN.seal.certificate, OWN.ca, OWN.revocation_service, packages.NOW)


def edits(sound: bytes) -> st.SearchStrategy[bytes]:
    """A sound document with a part cut out, doubled, exchanged or filled with other bytes."""

    def edited(cuts: tuple[int, int, int, bytes]) -> bytes:
        start, length, target, more = cuts
        part = sound[start : start + length]
        rest = sound[:start] + more + sound[start + length :]
        return rest[:target] + part + rest[target:]

    place = st.integers(0, len(sound))
    return st.tuples(place, st.integers(0, 40), place, st.binary(max_size=20)).map(edited)


@settings(max_examples=400, deadline=None)
@given(edits(SOUND))
def test_an_edited_package_never_passes_and_never_crashes(data):
    verdict = packages.judged(data).verdict
    assert verdict == ("passed" if data == SOUND else "failed")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_refused_as_a_container(data):
    try:
        Package(io.BytesIO(data))
    except ComityError:
        return
    raise AssertionError(data)


@settings(max_examples=200, deadline=None)
@given(edits(SIGNATURE))
def test_an_edited_signature_file_is_read_or_refused(data):
    try:
        xades.read(data, "signature")
    except ComityError:
        return


@settings(max_examples=300, deadline=None)
@given(edits(TOKEN))
def test_an_edited_time_stamp_is_refused(data):
    if data == TOKEN:
        return
    try:
        token = timestamp.check(data, b"bytes")
    except ComityError:
        return
    assert not token.is_own_form


@settings(max_examples=300, deadline=None)
@given(edits(ANSWER))
def test_an_edited_answer_about_revocation_is_refused(data):
    if data == ANSWER:
        return
    try:
        answer = revocation.check(data, OWN.seal.certificate, OWN.ca)
    except ComityError:
        return
    assert not answer.is_own_form


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30))
def test_a_name_is_safe_or_refused_and_a_safe_one_stays_inside(name):
    try:
        names.check(name)
    except ComityError:
        return
    assert not name.startswith("/")
    assert ".." not in name.split("/")
    assert not any(unicodedata.category(character) == "Cc" for character in name)


contents = st.lists(st.binary(max_size=3000), max_size=6)


@settings(max_examples=40, deadline=None)
@given(contents)
def test_any_files_are_sealed_verified_and_read_back_unchanged(data):
    files = [in_memory(f"{n}.bin", "application/octet-stream", each) for n, each in enumerate(data)]
    sealed = packages.sealed(files)
    assert packages.judged(sealed).verdict == "passed"
    package = Package(io.BytesIO(sealed))
    assert [package.read(file.name, 3000) for file in files] == data
