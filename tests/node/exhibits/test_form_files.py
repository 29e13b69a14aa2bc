"""A file that comes by a plain form touches no disk in the clear."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler, load_handler
from django.test import Client

from comity.node.casework.models import Case
from comity.node.exhibits import form_files
from comity.node.exhibits.models import Exhibit
from comity.node.exhibits.reading import open_exhibit

SECRET = b"the name of the informant; " * 120_000  # 3.2 MB: more than Django keeps in memory


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[io.BytesIO]:
    """What the handler writes to a disk."""
    made: list[io.BytesIO] = []

    class Kept(io.BytesIO):
        def close(self) -> None:
            pass

    def temporary(**_more: Any) -> Any:
        made.append(Kept())
        return made[-1]

    monkeypatch.setattr(form_files.tempfile, "TemporaryFile", temporary)
    return made


def test_a_large_file_is_taken_in_whole_and_lies_on_the_disk_encrypted(
    case: Case, official: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk: list[bytes] = []
    whole = form_files.HiddenFile.end

    def end(hidden: Any) -> None:
        whole(hidden)
        hidden._disk.seek(0)
        disk.append(hidden._disk.read())

    monkeypatch.setattr(form_files.HiddenFile, "end", end)
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", _forbidden)
    client = Client()
    client.force_login(official("custodian"))
    said = {"source": "the bureau", "file": SimpleUploadedFile("a.txt", SECRET)}
    assert client.post(f"/requests/{case.reference}/intake", said).status_code == 302
    assert open_exhibit(Exhibit.objects.get()).read() == SECRET
    assert len(disk) == 1
    assert len(disk[0]) > len(SECRET)
    assert b"informant" not in disk[0]


def _forbidden(*_args: Any, **_more: Any) -> Any:
    pytest.fail("a plain temporary file")


def test_no_handler_of_the_node_writes_plain_files(settings: Any) -> None:
    made = [load_handler(each, None) for each in settings.FILE_UPLOAD_HANDLERS]
    assert not any(isinstance(each, TemporaryFileUploadHandler) for each in made)


def test_it_is_read_from_any_place_and_in_any_pieces(written: list[io.BytesIO]) -> None:
    data = os.urandom(1000)
    hidden = form_files.HiddenFile(64)
    for start in range(0, 1000, 37):
        hidden.add(data[start : start + 37])
    hidden.end()
    stream = io.BufferedReader(hidden, 50)
    assert stream.read() == data
    for place in (0, 1, 63, 64, 65, 999, 1000):
        stream.seek(place)
        assert stream.read(70) == data[place : place + 70]
    assert stream.seek(-5, io.SEEK_END) == 995
    assert hashlib.sha256(written[0].getvalue()).digest() != hashlib.sha256(data).digest()


def test_what_was_touched_on_the_disk_is_not_read(written: list[io.BytesIO]) -> None:
    hidden = form_files.HiddenFile(64)
    hidden.add(b"x" * 64)
    hidden.end()
    written[0].seek(3)
    written[0].write(b"!")
    from cryptography.exceptions import InvalidTag

    with pytest.raises(InvalidTag):
        hidden.read()
