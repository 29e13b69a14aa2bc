from __future__ import annotations

import time
from collections import Counter

import pytest
from tests.hostile import encrypted
from tests.hostile.classes import Hostile
from tests.hostile.encrypted import ENCRYPTED

from comity.sealing.age import recipients


def test_the_sound_file_that_all_start_from_passes():
    assert encrypted.judged(encrypted.the_sound_file()).verdict == "passed"
    assert encrypted.judged(encrypted.respelled(lambda head: head)).verdict == "passed"


@pytest.mark.parametrize("hostile", ENCRYPTED, ids=[each.name for each in ENCRYPTED])
def test_a_hostile_encryption_is_refused_with_its_code_and_soon(hostile: Hostile):
    data = hostile.make()
    began = time.process_time()
    report = encrypted.judged(data)
    assert time.process_time() - began < 2
    assert [step.code for step in report.steps if step.verdict == "failed"] == [hostile.code]
    assert report.verdict == "failed"


SAME_FAULT = {
    "encryption_share_length": 2,  # of either kind of recipient
    "encryption_header_changed": 2,  # a MAC says that something changed, never what
    "encryption_broken": 2,  # and so does the tag of a chunk
    "cut_off": 3,  # wherever the file ends
}
"""Classes that no reader can tell apart, or that are one fault in several places."""


def test_what_is_wrong_has_a_code_of_its_own():
    codes = Counter(each.code for each in ENCRYPTED)
    assert {code: count for code, count in codes.items() if count > 1} == SAME_FAULT


def test_the_format_itself_would_open_a_mixed_file(monkeypatch):
    monkeypatch.setattr(recipients, "are_mixed", lambda stanzas: False)
    assert encrypted.judged(encrypted.hybrid_and_older_recipients()).verdict == "passed"
