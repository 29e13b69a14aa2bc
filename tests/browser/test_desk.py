"""The desk by keys alone, in a real browser."""

from __future__ import annotations

from typing import Any

from tests.windows import follow

from comity.node.casework.models import Case
from comity.node.desk.models import Acknowledgement, ShiftNote


def test_the_keys_act_on_the_marked_row_and_the_shift_keeps_what_was_noted(visit: Any, node: Any) -> None:
    page = visit("dana", viewport={"width": 1280, "height": 900})
    page.goto("/desk/")
    marked = page.locator("[data-row][data-marked]")
    first = marked.inner_text()
    page.keyboard.press("KeyJ")
    assert marked.inner_text() != first, "the next row"
    page.keyboard.press("ArrowUp")
    assert marked.inner_text() == first
    page.keyboard.press("KeyA")
    page.wait_for_selector("text=You have taken on")
    taken = Acknowledgement.objects.get()
    assert taken.by.username == "dana"
    assert Case.objects.get(pk=taken.case_id).registered_generation == 0, "the key completed no legal act"
    page.keyboard.press("KeyP")
    page.wait_for_url("**/desk/pass-on/*")
    page.goto("/desk/")
    page.keyboard.press("KeyN")
    page.wait_for_url("**/desk/note*")
    page.fill("#id_text", "Called the other desk.")
    follow(page, "main form button")
    assert page.url.endswith("/desk/")
    assert ShiftNote.objects.filter(text="Called the other desk.").exists()
    assert page.complaints == []
