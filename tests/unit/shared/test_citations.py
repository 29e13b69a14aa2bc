"""Citations: their form, and how they read for people."""

from __future__ import annotations

import pytest

from comity.terms import Citation, CitationUnreadableError


@pytest.mark.parametrize(
    ("citation", "label"),
    [
        ("uncc:art_40", "UNCC art. 40"),
        ("uncc:art_40__para_21__point_b", "UNCC art. 40(21)(b)"),
        ("uncc:art_11__para_1__point_a__item_ii", "UNCC art. 11(1)(a)(ii)"),
        ("uncc:art_3__point_b", "UNCC art. 3(b)"),
        ("uncc:art_40__para_8__ground_1", "UNCC art. 40(8), ground 1"),
        ("uncc:annex__note_3", "UNCC annex, note 3"),
        ("uncc:res__para_12", "UNCC resolution, para. 12"),
        ("uncc:preamble__recital_2", "UNCC preamble, recital 2"),
        ("uncac:decl_KZ_2", "UNCAC declaration KZ 2"),
        ("kz-tm:art_1__para_1__point_14", "KZ-TM art. 1(1)(14)"),
    ],
)
def test_a_citation_reads_as_lawyers_write_it(citation: str, label: str) -> None:
    assert Citation.parse(citation).label == label
    assert str(Citation.parse(citation)) == citation


@pytest.mark.parametrize(
    "text",
    [
        "",
        "uncc",
        "uncc:",
        ":art_1",
        "UNCC:art_1",
        "uncc:art 1",
        "uncc:art_1__",
        "uncc:art_1__para",
        "uncc:../x",
        "a:b:c",
    ],
)
def test_anything_else_is_no_citation(text: str) -> None:
    with pytest.raises(CitationUnreadableError):
        Citation.parse(text)
