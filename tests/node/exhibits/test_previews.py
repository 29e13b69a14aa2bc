"""Previews are pictures drawn in a sandbox, shown for a ticket on an origin without session and script."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
import typst
from django.test import Client
from django.utils import timezone

from comity.letters import pictures
from comity.node import config
from comity.node.accounts.models import Official
from comity.node.casework.acts.mark import mark
from comity.node.casework.marked import MarkingKind
from comity.node.casework.models import Case
from comity.node.exhibits import intake, preview_server, previews
from comity.node.exhibits.models import Exhibit, Opening

PDF = typst.compile(b"#set page(width: 9cm, height: 5cm)\nOne\n#pagebreak()\nTwo")
PNG = typst.compile(b"#set page(width: 3cm, height: 2cm)\nA picture", format="png")
SIGN = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def custodian(official: Any) -> Official:
    return official("custodian")  # type: ignore[no-any-return]


@pytest.fixture
def taken(case: Case, custodian: Official, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    node = replace(config.current(), preview_listen="127.0.0.1:9")
    monkeypatch.setattr(config, "current", lambda: node)

    def take(data: bytes = PDF, media_type: str = "application/pdf") -> Exhibit:
        described = intake.Description(case.reference, None, "a file", media_type, "the bureau")
        return intake.take_in(custodian, io.BytesIO(data), described, now=clock.now)

    return take


def ask(ticket: str, method: str = "POST") -> tuple[str, dict[str, str], str]:
    body = urlencode({"ticket": ticket}).encode()
    environ = {"REQUEST_METHOD": method, "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    said: list[Any] = []
    shown = b"".join(preview_server.show(environ, lambda *answer: said.extend(answer)))
    return said[0], dict(said[1]), shown.decode()


def begin(official: Official, exhibit: Exhibit) -> Opening:
    return previews.begin(official, exhibit, purpose="to see", now=timezone.now())


def test_a_document_is_shown_as_pictures_with_custody(taken: Any, custodian: Official) -> None:
    exhibit = taken()
    opening = begin(custodian, exhibit)
    last = exhibit.custody.last()
    assert (last.act, last.record["note"]) == ("opened", "preview, to see")
    pages = previews.draw(opening)
    assert [page[:8] for page in pages] == [SIGN, SIGN]
    status, headers, shown = ask(previews.ticket(opening))
    assert status == "200 OK"
    assert shown.count("data:image/png;base64,") == 2
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script" not in policy + shown
    assert "allow" not in policy
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("data", [PNG, "a line\nи строка\n".encode() * 50, b"<script>alert(1)</script>\n"])
def test_pictures_and_texts_are_drawn_whatever_they_were_said_to_be(
    taken: Any, custodian: Official, data: bytes
) -> None:
    opening = begin(custodian, taken(data, "application/x-unknown"))
    pages = previews.draw(opening)
    assert pages[0].startswith(SIGN)
    assert data not in pages[0]  # drawn anew, never passed on


@pytest.mark.parametrize("data", [b"MZ\0\1\2", b"\0" * 9, b"RIFF\0\0\0\0AVI ", b"\xff\xfe\xfd", b""])
def test_what_is_of_no_kind_that_is_drawn_is_not_opened(taken: Any, custodian: Official, data: bytes) -> None:
    exhibit = taken(data)
    with pytest.raises(previews.NoPreviewError):
        begin(custodian, exhibit)
    assert exhibit.custody.count() == 2


@pytest.mark.parametrize("data", [b"%PDF-1.7 damaged", PDF[:400], SIGN + b"damaged"])
def test_what_is_damaged_has_no_preview_and_says_so(taken: Any, custodian: Official, data: bytes) -> None:
    opening = begin(custodian, taken(data))
    with pytest.raises(previews.NoPreviewError):
        previews.draw(opening)
    assert ask(previews.ticket(opening))[0] == "409 Conflict"


@pytest.mark.parametrize("kind", [MarkingKind.PRIVILEGED, MarkingKind.ABUSE])
def test_what_is_closed_or_opened_by_two_has_none(
    taken: Any, case: Case, custodian: Official, clock: Any, kind: str
) -> None:
    exhibit = taken()
    opening = begin(custodian, exhibit)  # and what is marked afterwards is not shown any more
    mark(custodian, case, kind=kind, exhibit=str(exhibit.pk), reason="-", now=clock.now)
    with pytest.raises(previews.PreviewBarredError):
        begin(custodian, exhibit)
    status, _, shown = ask(previews.ticket(opening))
    assert status == "409 Conflict"
    assert "base64" not in shown
    client = Client()
    client.force_login(custodian)
    assert "Record and preview" not in client.get(f"/exhibits/{exhibit.id}/").content.decode()
    assert client.post(f"/exhibits/{exhibit.id}/preview", {"preview-purpose": "-"}).status_code == 409


def test_a_ticket_is_not_forged_not_kept_and_not_of_somebody_gone(
    taken: Any, custodian: Official, official: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = begin(custodian, taken())
    good = previews.ticket(opening)
    for bad in ("", str(opening.pk), good[:-1] + ("A" if good[-1] != "A" else "B"), "é"):
        assert ask(bad)[0] == "404 Not Found"
    assert ask(good, "GET")[0] == "404 Not Found"
    with monkeypatch.context() as later:
        later.setattr(previews, "LASTS", previews.LASTS * 0)
        assert ask(good)[0] == "404 Not Found"
    Official.objects.update(is_active=False)
    assert ask(good)[0] == "404 Not Found"


def test_the_page_records_and_offers_it(taken: Any, custodian: Official) -> None:
    exhibit = taken()
    client = Client()
    client.force_login(custodian)
    address = f"/exhibits/{exhibit.id}/preview"
    assert "Record and preview" in client.get(f"/exhibits/{exhibit.id}/").content.decode()
    assert client.post(address, {"preview-purpose": ""}).status_code == 422
    answer = client.post(address, {"preview-purpose": "to see"})
    assert 'action="http://127.0.0.1:9/"' in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"


def test_without_an_origin_of_their_own_there_are_none(case: Case, custodian: Official, clock: Any) -> None:
    described = intake.Description(case.reference, None, "a file", "application/pdf", "the bureau")
    exhibit = intake.take_in(custodian, io.BytesIO(PDF), described, now=clock.now)
    client = Client()
    client.force_login(custodian)
    assert "Record and preview" not in client.get(f"/exhibits/{exhibit.id}/").content.decode()
    assert client.post(f"/exhibits/{exhibit.id}/preview", {"preview-purpose": "-"}).status_code == 404


# the sandbox

_PROBE = """
import sys, socket, resource
from comity.letters import pictures
assert pictures.bound()
try:
    socket.create_connection(("127.0.0.1", {port}), timeout=2)
    print("network")
except OSError:
    pass
try:
    with open("{path}", "wb") as file:
        file.write(b"x")
    print("file")
except OSError:
    pass
try:
    bytearray(3 << 30)
    print("memory")
except MemoryError:
    pass
print(resource.getrlimit(resource.RLIMIT_CPU)[0])
"""


def test_the_drawing_has_no_network_writes_no_file_and_has_bounded_memory_and_time(tmp_path: Any) -> None:
    import signal
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listening:
        port, path = listening.getsockname()[1], tmp_path / "out"
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            pass  # it answers outside of the sandbox
        done = subprocess.run(
            [sys.executable, "-c", f"import signal; signal.signal({int(signal.SIGXFSZ)}, signal.SIG_IGN)\n"
             + _PROBE.format(port=port, path=path)],
            capture_output=True, env=dict(os.environ), check=False,
        )  # fmt: skip
    assert done.stdout.decode().split() == [str(pictures.SECONDS)], done.stderr.decode()
    assert not path.exists() or path.read_bytes() == b""


def test_where_nothing_bounds_the_drawing_nothing_is_drawn(
    taken: Any, custodian: Official, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = begin(custodian, taken())
    real = subprocess.run

    def refused(command: list[str], **more: Any) -> Any:
        unbound = "import sys; from comity.letters import pictures; pictures.bound = lambda: False; "
        script = f"{unbound}sys.argv = ['-', {command[-1]!r}]; sys.exit(pictures.main())"
        return real([sys.executable, "-c", script], **more)

    monkeypatch.setattr(previews.subprocess, "run", refused)
    with pytest.raises(previews.SandboxMissingError):
        previews.draw(opening)
