"""Resumable intake: tus 1.0 strictly, at most one chunk lost, the hash of what is really stored."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from comity.node import config, store, wiring
from comity.node.accounts.models import Official
from comity.node.casework.models import Case
from comity.node.exhibits import content, custody, reading, uploads
from comity.node.exhibits.models import Exhibit, Upload, UploadState
from comity.node.ledger.models import Entry

DATA = random.Random(7).randbytes(1000)
TUS = {"Tus-Resumable": "1.0.0"}
HOSTILE = "re\u202egpj.exe"


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "CHUNK_LEAST", 100)
    monkeypatch.setattr(uploads, "CHUNK_MOST", 400)
    wiring.connect()


@pytest.fixture
def person(official: Any) -> Official:
    return official("custodian")  # type: ignore[no-any-return]


@pytest.fixture
def client(person: Official) -> Client:
    made = Client()
    made.force_login(person)
    return made


def metadata(**values: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


def begin(client: Client, case: Case, length: int = len(DATA), **values: str) -> Any:
    said = {"filename": HOSTILE, "filetype": "image/jpeg", "source": "the bureau"} | values
    headers = TUS | {"Upload-Length": str(length), "Upload-Metadata": metadata(**said)}
    return client.post(f"/requests/{case.reference}/intake/uploads", headers=headers)


def patch(client: Client, address: str, offset: int, data: bytes, **headers: str) -> Any:
    sent = TUS | {"Upload-Offset": str(offset)} | {key.replace("_", "-"): v for key, v in headers.items()}
    return client.patch(address, data, content_type="application/offset+octet-stream", headers=sent)


def checksum(data: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"


def offset(client: Client, address: str) -> int:
    answer = client.head(address, headers=TUS)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return int(answer.headers["Upload-Offset"])


def test_an_upload_over_a_bad_line_becomes_an_exhibit_with_the_hash_of_what_is_stored(
    client: Client, case: Case, run_jobs: Any
) -> None:
    made = begin(
        client, case, sha256=hashlib.sha256(DATA).hexdigest(), sha512="on", tool="Imager", place="B."
    )
    address = made.headers["Location"]
    assert made.status_code == 201
    for part, lost in ((0, False), (400, True), (400, False), (800, False)):
        chunk = DATA[part : part + 400]
        if lost:  # the line broke in the middle of the chunk: it is sent again from where it began
            assert (
                patch(client, address, part, chunk[:150], Upload_Checksum=checksum(chunk)).status_code == 460
            )
            assert offset(client, address) == part
            continue
        answer = patch(client, address, part, chunk, Upload_Checksum=checksum(chunk, "sha1"))
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(part + len(chunk)))
    run_jobs()
    exhibit = Exhibit.objects.get()
    assert exhibit.sha256 == hashlib.sha256(DATA).hexdigest()
    assert exhibit.sha512 == hashlib.sha512(DATA).hexdigest()
    assert (exhibit.raw_name, exhibit.media_type) == (HOSTILE, "image/jpeg")
    assert exhibit.acquisition == {"tool": "Imager", "place": "B."}
    assert [each["act"] for each in custody.chain(exhibit)] == ["received", "hashed"]
    assert custody.findings(exhibit) == []
    assert Entry.objects.get(kind="exhibit_acquired").content["acquisition"] == exhibit.acquisition
    with reading.open_exhibit(exhibit) as stream:
        assert stream.read() == DATA
    assert case.events.filter(kind="exhibit_taken_in").count() == 1
    assert len(list(store.keys("segments"))) == 3  # nothing of the broken chunk is left
    upload = Upload.objects.get()
    assert (upload.state, upload.wrapped_key, upload.exhibit) == (UploadState.DONE, None, exhibit.pk)
    page = client.get(f"/exhibits/{exhibit.id}/").content.decode()
    assert "\u202e" not in page
    assert "Imager" in page


def test_finishing_twice_makes_one_exhibit(client: Client, case: Case, run_jobs: Any, clock: Any) -> None:
    address = begin(client, case, length=50).headers["Location"]
    patch(client, address, 0, DATA[:50])
    upload = Upload.objects.get()
    uploads.finish({"upload": str(upload.pk)}, clock.now)
    uploads.finish({"upload": str(upload.pk)}, clock.now)
    run_jobs()
    assert Exhibit.objects.count() == 1


def test_another_content_than_announced_becomes_no_exhibit(client: Client, case: Case, run_jobs: Any) -> None:
    address = begin(client, case, length=50, sha256="0" * 64).headers["Location"]
    patch(client, address, 0, DATA[:50])
    run_jobs()
    assert not Exhibit.objects.exists()
    assert Upload.objects.get().code == "content_differs"
    assert "not what was announced" in client.get(f"/requests/{case.reference}/intake").content.decode()
    assert client.delete(address, headers=TUS).status_code == 204
    assert list(store.keys("segments")) == []


def test_what_changed_in_the_store_before_the_end_is_found_by_re_reading(
    client: Client, case: Case, clock: Any
) -> None:
    from comity.sealing.encryption import EncryptionBrokenError

    address = begin(client, case, length=50).headers["Location"]
    patch(client, address, 0, DATA[:50])
    path = config.current().store / next(iter(store.keys("segments")))
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    with pytest.raises(EncryptionBrokenError):
        uploads.finish({"upload": str(Upload.objects.get().pk)}, clock.now)
    assert not Exhibit.objects.exists()


@pytest.mark.parametrize(
    ("part", "size", "headers", "status", "code"),
    [
        (100, 100, {}, 409, "offset_differs"),
        (0, 99, {}, 413, "chunk_size"),
        (0, 401, {}, 413, "chunk_size"),
        (0, 100, {"Upload_Checksum": "sha256 AAAA"}, 460, "chunk_broken"),
        (0, 100, {"Upload_Checksum": "md5 AAAA"}, 400, "tus_malformed"),
        (0, 100, {"Upload_Checksum": "sha256 ?"}, 400, "tus_malformed"),
        (0, 100, {"Upload_Offset": "-1"}, 400, "tus_malformed"),
        (0, 100, {"Upload_Offset": "9" * 40}, 400, "tus_malformed"),
        (0, 100, {"Tus_Resumable": "0.2.2"}, 412, "tus_version"),
        (0, 100, {"Content_Type": "text/plain"}, 400, "tus_malformed"),
    ],
)
def test_a_chunk_that_does_not_fit_is_refused_and_changes_nothing(
    client: Client, case: Case, part: int, size: int, headers: dict[str, str], status: int, code: str
) -> None:
    address = begin(client, case).headers["Location"]
    answer = patch(client, address, part, DATA[:size], **headers)
    assert (answer.status_code, answer.headers["Comity-Code"]) == (status, code)
    assert offset(client, address) == 0
    assert list(store.keys("segments")) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Upload-Length": "0"},
        {"Upload-Length": "x"},
        {"Upload-Length": str(uploads.LARGEST + 1)},
        {"Upload-Metadata": metadata(filename="a")},  # nobody gave it
        {"Upload-Metadata": "source LQ==,source LQ=="},
        {"Upload-Metadata": "source /w=="},  # no UTF-8
        {"Upload-Metadata": metadata(source="-", item="7")},
        {"Upload-Metadata": metadata(source="-", sha256="zz")},
        {"Upload-Metadata": "source " + "A" * 9000},
        {"Tus-Resumable": ""},
    ],
)
def test_an_upload_that_is_described_badly_is_not_begun(
    client: Client, case: Case, headers: dict[str, str]
) -> None:
    sent = TUS | {"Upload-Length": "10", "Upload-Metadata": metadata(source="-")} | headers
    answer = client.post(f"/requests/{case.reference}/intake/uploads", headers=sent)
    assert answer.status_code in (400, 412)
    assert not Upload.objects.exists()


def test_an_upload_is_its_owners_alone(client: Client, case: Case, official: Any) -> None:
    address = begin(client, case).headers["Location"]
    other = Client()
    other.force_login(official("custodian"))
    assert other.head(address, headers=TUS).status_code == 404
    assert patch(other, address, 0, DATA[:100]).status_code == 404
    assert other.delete(address, headers=TUS).status_code == 404
    stranger = Client()
    stranger.force_login(official("drafter"))
    assert stranger.head(address, headers=TUS).status_code == 403
    assert offset(client, address) == 0


def test_what_is_left_unfinished_goes_after_a_week_and_not_before(
    client: Client, case: Case, clock: Any
) -> None:
    address = begin(client, case).headers["Location"]
    patch(client, address, 0, DATA[:100])
    last = Upload.objects.get().expires_at
    uploads.expire(last - timedelta(seconds=1))
    assert offset(client, address) == 100
    uploads.expire(last)
    assert client.head(address, headers=TUS).status_code == 404
    assert list(store.keys("segments")) == []


def test_a_share_that_is_used_up_refuses_the_upload_before_a_byte(
    client: Client, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    node = replace(config.current(), quotas={config.current().id: 999})
    monkeypatch.setattr(config, "current", lambda: node)
    answer = begin(client, case)
    assert (answer.status_code, answer.headers["Comity-Code"]) == (413, "quota_used_up")
    assert begin(client, case, length=999).status_code == 201


def test_no_plain_byte_of_a_chunk_lies_on_the_disk(client: Client, case: Case) -> None:
    address = begin(client, case).headers["Location"]
    patch(client, address, 0, b"swordfish" * 40)
    files = [each for each in config.current().folder.rglob("*") if each.is_file()]
    assert files
    assert not any(b"swordfish" in each.read_bytes() for each in files)


def test_what_the_protocol_offers_is_told(client: Client, case: Case) -> None:
    for address in (f"/requests/{case.reference}/intake/uploads", f"/exhibits/uploads/{case_id()}"):
        answer = client.options(address)
        assert (answer.status_code, answer.headers["Tus-Version"]) == (204, "1.0.0")
        assert answer.headers["Tus-Extension"] == "creation,checksum,termination,expiration"


def case_id() -> str:
    return "00000000-0000-0000-0000-000000000000"


def test_the_form_works_without_scripts_and_says_how_it_was_acquired(client: Client, case: Case) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    address = f"/requests/{case.reference}/intake"
    said = {"source": "the bureau", "write_blocker": "none: a live system", "photo": ""}
    wrong = {**said, "photo": "none", "file": SimpleUploadedFile("a.log", DATA)}
    assert client.post(address, wrong).status_code == 409
    other = {**said, "sha256": "0" * 64, "file": SimpleUploadedFile("a.log", DATA)}
    assert client.post(address, other).status_code == 409
    assert not Exhibit.objects.exists()
    assert list(store.keys("segments")) == []
    assert client.post(address, {**said, "file": SimpleUploadedFile("a.log", DATA)}).status_code == 302
    assert Exhibit.objects.get().acquisition == {"write_blocker": "none: a live system"}


def test_a_program_uploads_in_chunks_and_goes_on_where_it_was(
    person: Official, case: Case, run_jobs: Any
) -> None:
    from django.utils import timezone

    from comity.node.api import tokens

    secret = tokens.make(person, "-", days=1, now=timezone.now())
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    new = {"name": HOSTILE, "length": 500, "source": "-", "sha512": True, "acquisition": {"place": "B."}}
    address = f"/api/cases/{case.reference}/uploads"
    assert (
        client.post(address, json.dumps(new | {"x": 1}), content_type="application/json").status_code == 400
    )
    made = client.post(address, json.dumps(new), content_type="application/json")
    assert made.status_code == 201, made.content
    upload = f"/api/uploads/{made.json()['id']}"

    def put(offset: int, data: bytes, digest: str = "") -> Any:
        query = f"?sha256={digest}" if digest else ""
        where = f"{upload}/chunks/{offset}{query}"
        return client.put(where, data, content_type="application/octet-stream")

    assert put(0, DATA[:400], "0" * 64).json()["code"] == "chunk_broken"
    assert put(0, DATA[:400], hashlib.sha256(DATA[:400]).hexdigest()).json()["offset"] == 400
    assert client.get(upload).json()["offset"] == 400
    assert put(400, DATA[400:500]).json()["state"] == "finishing"
    run_jobs()
    assert client.get(upload).json()["exhibit"] == Exhibit.objects.get().number
    assert client.delete(upload).status_code == 204
    assert Exhibit.objects.count() == 1


def test_a_folder_is_taken_in_at_the_machine(
    person: Official, case: Case, tmp_path: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from comity.cli import main
    from comity.node import start

    monkeypatch.setattr(start, "prepare", lambda folder: config.current())
    (tmp_path / "in" / "box").mkdir(parents=True)
    (tmp_path / "in" / "box" / "a.mbox").write_bytes(DATA)
    (tmp_path / "in" / "disk.img").write_bytes(DATA * 2)
    (tmp_path / "how.json").write_text('{"tool": "dd"}')
    call = ["node", "exhibit", "add", "DIR", case.reference, str(tmp_path / "in"), "--username"]
    more = ["--source", "the bureau", "--json", "--acquisition", str(tmp_path / "how.json")]
    assert main([*call, person.username, *more]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["raw_name"] for each in told] == ["box/a.mbox", "disk.img"]
    assert told[1]["sha256"] == hashlib.sha256(DATA * 2).hexdigest()
    (tmp_path / "how.json").write_text('{"weather": "fine"}')
    assert main([*call, person.username, *more]) == 2
    assert Exhibit.objects.count() == 2


def test_an_upload_key_is_the_exhibits_key(client: Client, case: Case, run_jobs: Any) -> None:
    address = begin(client, case, length=50).headers["Location"]
    patch(client, address, 0, DATA[:50])
    key = bytes(Upload.objects.get().wrapped_key or b"")
    run_jobs()
    assert bytes(Exhibit.objects.get().wrapped_key or b"") == key
    assert content.new_key() != key
