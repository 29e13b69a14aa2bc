"""The library of the repository's law data, and broken copies of it."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from comity.terms import Citation
from comity.treaties import Library, load
from comity.treaties.errors import (
    InstrumentUnknownError,
    LawDataUnreadableError,
    LawFolderMissingError,
    ProvisionUnknownError,
    RulePlaceUnknownError,
    StateUnknownError,
)
from comity.treaties.vocabulary import is_state, state_name

LAW = Path(__file__).resolve().parents[3] / "law"


@pytest.fixture(scope="module")
def library() -> Library:
    return load(LAW)


def test_the_library_is_read_once(library: Library) -> None:
    assert load(LAW) is library


def test_the_environment_names_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COMITY_LAW", str(LAW))
    assert load() is load(LAW)
    monkeypatch.setenv("COMITY_LAW", str(tmp_path))
    with pytest.raises(LawFolderMissingError):
        load()


def test_a_provision_knows_its_article_its_parent_and_its_children(library: Library) -> None:
    provision = library.provision("uncc:art_40__para_21")
    assert provision.heading == "Өзара құқықтық көмектің жалпы қағидаттары мен рәсімдері"
    assert provision.parent == Citation("uncc", "art_40")
    assert [child.eid[-1] for child in provision.children] == ["a", "b", "c", "d"]
    assert library.wording("uncc:art_40__para_21").endswith("қайшы келсе бас тартылуы мүмкін.")


def test_closing_words_stand_after_the_points(library: Library) -> None:
    wording = library.wording("uncc:art_13")
    assert wording.index("алаяқтықпен") > wording.index("алдау;")


def test_an_unknown_provision_points_to_what_stands_above_it(library: Library) -> None:
    with pytest.raises(ProvisionUnknownError) as error:
        library.provision("uncc:art_40__para_99__point_a")
    assert "uncc:art_40" in error.value.advice
    assert error.value.code == "provision_unknown"
    assert not library.cite_exists("uncc:art_40__para_99")


def test_an_unknown_instrument_names_those_there_are(library: Library) -> None:
    with pytest.raises(InstrumentUnknownError) as error:
        library.provision("unxx:art_1")
    assert "uncc" in error.value.advice


@pytest.mark.parametrize("code", ["KZ", "TM", "EU", "XA", "XZ", "PS"])
def test_codes_of_states_are_known(code: str) -> None:
    assert is_state(code)


@pytest.mark.parametrize("code", ["kz", "KAZ", "ZZ", "K", "", "UN", "Қ1", "AA", "01", "ΚΖ"])
def test_other_codes_are_no_states(code: str) -> None:
    assert not is_state(code)


def test_states_have_names_in_the_languages_of_the_interface() -> None:
    assert state_name("KZ", "en") == "Kazakhstan"
    assert state_name("KZ", "ru") == "Казахстан"
    assert state_name("KZ", "kk") == "Қазақстан"
    assert state_name("XA", "en") == "XA"


def test_status_of_no_state_is_refused(library: Library) -> None:
    with pytest.raises(StateUnknownError):
        library.status("uncc", "ZZ", date(2027, 1, 1))


# Days of entry into force that another source gives for the State (see the sources of uncac/status.toml).
@pytest.mark.parametrize(
    ("state", "since"),
    [
        ("BY", date(2005, 12, 14)),
        ("AM", date(2007, 4, 7)),
        ("AZ", date(2005, 12, 14)),
        ("CN", date(2006, 2, 12)),
        ("DE", date(2014, 12, 12)),
    ],
)
def test_the_computed_day_is_the_day_that_another_source_gives(
    library: Library, state: str, since: date
) -> None:
    found = library.status("uncac", state, date(2026, 1, 1))
    assert (found.status, found.since) == ("party", since)
    assert library.status("uncac", state, date(2005, 12, 13)).status != "party"


def test_what_the_sources_do_not_prove_is_unknown(library: Library) -> None:
    today = date(2026, 11, 22)
    assert library.in_force("uncc").as_of(today) is None
    assert library.in_force("uncc").as_of(date(2026, 5, 21)) is False
    assert library.in_force("kz-tm").as_of(today) is None
    assert library.status("uncc", "TM", today).status == "unknown"
    assert library.status("csto-ict", "TJ", today).status == "unknown"
    assert not library.status("csto-ict", "KZ", today).settled
    signed = library.status("uncc", "KZ", today)
    assert (signed.status, signed.since, signed.settled) == ("signatory", date(2025, 10, 25), False)


def broken(tmp_path: Path, path: str, was: str, now: str) -> Path:
    copy = tmp_path / "law"
    shutil.copytree(LAW, copy, ignore=shutil.ignore_patterns("sources"))
    text = (copy / path).read_text(encoding="utf-8")
    assert was in text
    (copy / path).write_text(text.replace(was, now, 1), encoding="utf-8")
    return copy


@pytest.mark.parametrize(
    ("path", "was", "now"),
    [
        ("uncac/instrument.toml", 'id = "uncac"', 'id = "uncca"'),
        ("uncac/instrument.toml", "instruments = 30", 'instruments = "30"'),
        ("uncac/instrument.toml", "instruments = 30", "instruments = true"),
        ("uncac/status.toml", 'source = "S15"', 'source = "S99"'),
        ("uncac/status.toml", 'what = "accession"', 'what = "guess"'),
        ("uncac/status.toml", "on = ", "day = "),
        ("uncac/text/kk/art_01.toml", 'eid = "art_1__point_b"', 'eid = "art_1__point_a"'),
        ("uncac/text/kk/art_01.toml", 'instrument = "uncac"', 'instrument = "uncc"'),
        ("vocabulary/limits.toml", '"confidential"', '"no_onward_transfer"'),
    ],
)
def test_broken_law_data_are_refused_by_file(tmp_path: Path, path: str, was: str, now: str) -> None:
    with pytest.raises(LawDataUnreadableError) as error:
        load(broken(tmp_path, path, was, now))
    assert path in str(error.value)
    assert str(tmp_path) not in str(error.value)


def test_a_rule_on_a_place_that_the_text_does_not_have_is_refused(tmp_path: Path) -> None:
    copy = broken(tmp_path, "kz-tm/instrument.toml", "agreement", "agreement")
    (copy / "kz-tm" / "articles").mkdir(exist_ok=True)
    (copy / "kz-tm" / "articles" / "art_08.toml").write_text(
        'instrument = "kz-tm"\narticle = "art_8"\n'
        '[[rule]]\neid = "art_8__para_9"\nkind = "scope"\nquote = "x"\n'
        'reading = { en = "a", ru = "b", kk = "c" }\n',
        encoding="utf-8",
    )
    with pytest.raises(RulePlaceUnknownError, match="kz-tm:art_8__para_9"):
        load(copy)
