"""Evidence sent over a bad line: chunk by chunk in a real browser, going on after a break and a new visit."""

from __future__ import annotations

import hashlib
import random

from django.utils import timezone
from tests.browser.conftest import set_language
from tests.node.believable import WAS_ASKED
from tests.windows import follow

from comity.node.casework.views import intake
from comity.node.exhibits import uploads
from comity.node.exhibits.models import Exhibit, Upload, UploadState

CHUNK = 300 * 1024
DATA = random.Random(3).randbytes(4 * CHUNK + 17)


def test_an_upload_goes_on_after_a_break_and_after_a_new_visit(visit, node, tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "CHUNK", CHUNK)
    file = tmp_path / "disk\u202egpj.img"
    file.write_bytes(DATA)
    page = visit("dana", viewport={"width": 390, "height": 844})
    sent = []

    def line(route):
        """The second chunk is lost once; after the third the line is dead."""
        if route.request.method != "PATCH":
            return route.continue_()
        sent.append(route.request.headers["upload-offset"])
        if len(sent) == 2 or len(sent) > 4:
            return route.abort()
        return route.continue_()

    page.route("**/exhibits/uploads/*", line)
    page.goto(f"/requests/{WAS_ASKED}/intake")
    page.set_input_files("input[type=file]", file)
    page.fill("input[name=source]", "the bureau")
    page.click("main form button.main")
    page.wait_for_selector(f"form[data-sent='{3 * CHUNK}']")
    assert sent[:4] == ["0", str(CHUNK), str(CHUNK), str(2 * CHUNK)]
    page.click("[data-pause]")
    assert Upload.objects.get().offset == 3 * CHUNK

    page.unroute("**/exhibits/uploads/*")
    set_language(page, "kk")
    page.goto(f"/requests/{WAS_ASKED}/intake")
    page.set_input_files("input[type=file]", file)
    page.fill("input[name=source]", "the bureau")
    follow(page, "main form button.main")
    upload = Upload.objects.get()
    assert upload.state == UploadState.FINISHING
    before = Exhibit.objects.count()
    uploads.finish({"upload": str(upload.pk)}, timezone.now())
    made = Exhibit.objects.get(pk=upload.pk)
    assert Exhibit.objects.count() == before + 1
    assert made.sha256 == hashlib.sha256(DATA).hexdigest()
    assert made.raw_name == file.name
    assert [each for each in page.complaints if "ERR_FAILED" not in each] == []
