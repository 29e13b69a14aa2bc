"""A published directory: what a reader enters, and what it refuses (docs/spec/directory.md)."""

from __future__ import annotations

import json
import shutil
import zipfile
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from tests.unit.directory.registers import NOW, Keeper, entry
from tuf.api.metadata import Metadata, TargetFile, Targets

from comity.directory import keeping, reading, signing, sources
from comity.directory.entries import EntryUnreadableError, read_entry
from comity.directory.overview import overview
from comity.directory.reading import Kept
from comity.directory.register import Register, RegisterRefusesError
from comity.directory.sources import Folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Keeper:
    keeper = Keeper(tmp_path_factory.mktemp("keeper"))
    keeper.publish("first")
    return keeper


@pytest.fixture
def keeper(made: Keeper, tmp_path: Path) -> Keeper:
    """A copy of its own, published once."""
    shutil.copytree(made.folder, tmp_path / "keeper")
    mine = object.__new__(Keeper)
    mine.folder, mine.state_key = tmp_path / "keeper", made.state_key
    mine.register = Register(mine.folder / "register")
    return mine


def begun(keeper: Keeper) -> Kept:
    root = (keeper.folder / "first" / "1.root.json").read_bytes()
    return reading.read_root(root, sha256(root).hexdigest())


def code(kept: Kept, out: Path, now=NOW) -> str | None:
    problem = reading.refresh(kept, Folder(out), now).problem
    return problem.code if problem else None


def test_a_published_directory_is_read_and_the_same_again_changes_nothing(keeper: Keeper) -> None:
    first = reading.refresh(begun(keeper), Folder(keeper.folder / "first"), NOW)
    assert first.problem is None
    ids = {state: [each.entry.id for each in found.entries] for state, found in first.states.items()}
    assert ids == {"XB": ["xb-mla"], "XC": ["xc-mla"]}
    assert (first.states["XB"].own_keys, first.states["XC"].own_keys) == (True, False)
    again = reading.refresh(first.kept, Folder(keeper.folder / "first"), NOW)
    assert again == first


def test_it_is_read_from_a_zip_file_too(keeper: Keeper) -> None:
    path = keeper.folder / "carried.zip"
    with zipfile.ZipFile(path, "w") as out:
        for file in sorted((keeper.folder / "first").rglob("*.json")):
            out.write(file, file.relative_to(keeper.folder / "first").as_posix())
    assert reading.refresh(begun(keeper), sources.of_path(path), NOW).problem is None
    path.write_bytes(b"no zip")
    with pytest.raises(sources.SourceUnreadableError):
        sources.of_path(path)


def test_it_is_read_from_a_zip_file_of_its_folder(keeper: Keeper) -> None:
    """As most programs pack a folder, with what macOS adds."""
    out = keeper.publish("one")
    packed = keeper.folder / "one.zip"
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("__MACOSX/one/._timestamp.json", b"")
        for path in sorted(out.rglob("*.json")):
            file.write(path, f"one/{path.relative_to(out)}")
    outcome = reading.refresh(begun(keeper), sources.of_path(packed), NOW)
    assert outcome.problem is None
    assert set(outcome.states) == {"XB", "XC"}


def test_the_root_must_be_the_one_compared_by_voice(keeper: Keeper) -> None:
    root = (keeper.folder / "first" / "1.root.json").read_bytes()
    with pytest.raises(reading.RootDiffersError):
        reading.read_root(root, sha256(root + b" ").hexdigest())
    with pytest.raises(reading.DirectoryUnreadableError):
        reading.read_root(b"{}", sha256(b"{}").hexdigest())


def test_an_older_directory_is_refused_after_a_newer_one(keeper: Keeper) -> None:
    keeper.state([entry(), entry("xb-247")], NOW)
    newer = reading.refresh(begun(keeper), Folder(keeper.publish("second")), NOW)
    assert len(newer.states["XB"].entries) == 2
    assert code(newer.kept, keeper.folder / "first") == "directory_rolled_back"
    assert code(begun(keeper), keeper.folder / "first") is None  # whoever saw nothing newer cannot know


def test_a_state_s_older_list_is_refused_under_a_newer_time_stamp(keeper: Keeper) -> None:
    """A keeper, or whoever took its snapshot key, cannot put a State's former list back."""
    shutil.copytree(keeper.register.path, keeper.folder / "before")
    keeper.state([entry(), entry("xb-247")], NOW)
    newer = reading.refresh(begun(keeper), Folder(keeper.publish("second")), NOW)
    for role in ("XB.json",):
        shutil.copy(keeper.folder / "before" / "metadata" / role, keeper.register.path / "metadata" / role)
    assert code(newer.kept, keeper.publish("third")) == "directory_rolled_back"


def test_a_frozen_directory_expires(keeper: Keeper) -> None:
    first = keeper.folder / "first"
    kept = reading.refresh(begun(keeper), Folder(first), NOW).kept
    late = NOW + keeping.LIFE["timestamp"] + timedelta(seconds=1)
    assert code(kept, first, late - timedelta(seconds=2)) is None
    assert code(kept, first, late) == "directory_expired"
    assert code(kept, keeper.publish("second", late), late) is None


def test_parts_of_different_times_are_refused(keeper: Keeper) -> None:
    keeper.state([entry(), entry("xb-247")], NOW)
    second = keeper.publish("second")
    mixed = shutil.copytree(second, keeper.folder / "mixed")
    shutil.copy(keeper.folder / "first" / "1.snapshot.json", mixed / "2.snapshot.json")
    assert code(begun(keeper), mixed) == "directory_rolled_back"


def test_one_key_of_two_is_too_few(keeper: Keeper) -> None:
    keeping.enter(keeper.register, entry("xc-247", "XC"), NOW)
    one = [key for key in keeper.register.signers() if key.public_key.keyid in _keys(keeper, "targets")][:1]
    keeping.sign(keeper.register, one)
    with pytest.raises(keeping.SignaturesMissingError):
        keeper.publish("second")
    keeping.sign(keeper.register, keeper.register.signers())
    assert code(begun(keeper), keeper.publish("second")) is None


def test_a_reader_refuses_a_list_that_too_few_keys_signed(keeper: Keeper, monkeypatch) -> None:
    monkeypatch.setattr(keeping, "_demand_signed", lambda *_: None)
    keeping.enter(keeper.register, entry("xc-247", "XC"), NOW)
    assert code(begun(keeper), keeper.publish("second")) == "directory_unsigned"


def test_a_key_of_the_root_is_replaced_and_readers_follow(keeper: Keeper) -> None:
    old = sorted(_keys(keeper, "root"))[0]
    new = signing.new_key(keeper.register.path / "keys" / "root-4.pem")
    keeping.rotate(keeper.register, "root", old, new, NOW)
    with pytest.raises(keeping.SignaturesMissingError):
        keeper.publish("second")
    keeping.sign(keeper.register, keeper.register.signers())
    outcome = reading.refresh(begun(keeper), Folder(keeper.publish("second")), NOW)
    assert outcome.problem is None
    assert json.loads(outcome.kept.root)["signed"]["version"] == 2


def test_a_root_that_its_former_keys_did_not_sign_is_refused(keeper: Keeper, monkeypatch) -> None:
    monkeypatch.setattr(keeping, "_demand_chain", lambda *_: None)
    register = keeper.register
    for old in sorted(_keys(keeper, "root")):
        keeping.rotate(register, "root", old, signing.new_key(keeper.folder / f"{old[:8]}.pem"), NOW)
    stranger = [signing.read_signer(path) for path in keeper.folder.glob("????????.pem")]
    keeping.sign(register, stranger)
    out = keeper.folder / "second"
    keeping.publish(register, out, NOW)
    outcome = reading.refresh(begun(keeper), Folder(out), NOW)
    assert outcome.problem is not None
    assert outcome.problem.code == "directory_unsigned"
    assert outcome.kept == begun(keeper)


def test_a_stolen_time_stamp_key_is_replaced_and_a_far_forward_version_with_it(keeper: Keeper) -> None:
    """TUF 5.3.11: what the stolen key signed does not lock readers out after the rotation."""
    timestamp = keeper.register.metadata("timestamp")
    thief = keeper.register.signers()
    timestamp.signed.version = 10**6
    by = {key.public_key.keyid: key for key in thief}
    timestamp.sign(by[_keys(keeper, "timestamp")[0]])
    stolen = shutil.copytree(keeper.folder / "first", keeper.folder / "stolen")
    signing.write_metadata(stolen / "timestamp.json", timestamp)
    kept = reading.refresh(begun(keeper), Folder(stolen), NOW).kept
    assert code(kept, keeper.publish("second")) == "directory_rolled_back"
    new = signing.new_key(keeper.register.path / "keys" / "timestamp-2.pem")
    keeping.rotate(keeper.register, "timestamp", _keys(keeper, "timestamp")[0], new, NOW)
    keeping.sign(keeper.register, keeper.register.signers())
    after = keeper.publish("third")
    assert code(kept, after) is None
    followed = reading.refresh(kept, Folder(after), NOW).kept
    assert code(followed, stolen) == "directory_unsigned"


def test_a_root_once_followed_is_not_unlearned(keeper: Keeper) -> None:
    new = signing.new_key(keeper.register.path / "keys" / "timestamp-2.pem")
    keeping.rotate(keeper.register, "timestamp", _keys(keeper, "timestamp")[0], new, NOW)
    keeping.sign(keeper.register, keeper.register.signers())
    second = keeper.publish("second")
    shutil.copy(keeper.folder / "first" / "timestamp.json", second / "timestamp.json")
    outcome = reading.refresh(begun(keeper), Folder(second), NOW)
    assert outcome.problem is not None
    assert json.loads(outcome.kept.root)["signed"]["version"] == 2


def test_a_state_speaks_for_itself_alone(keeper: Keeper, monkeypatch) -> None:
    """Its key signs an entry of another State: its whole list is refused, the other's entry stays."""
    foreign = entry("xc-mla", "XC", names={"en": "Not the authority of XC"})
    monkeypatch.setattr(signing, "path_of", lambda state, authority: f"XC/{authority}.json")
    monkeypatch.setattr(
        signing, "read_entry", lambda data: read_entry(data).model_copy(update={"state": "XB"})
    )
    signing.sign_list(keeper.folder / "xb", "XB", [foreign], [keeper.state_key], NOW)
    with pytest.raises(signing.ListUnreadableError):
        keeping.take(keeper.register, keeper.folder / "xb", "XB")
    shutil.copy(keeper.folder / "xb" / "XB.json", keeper.register.path / "metadata")
    shutil.copytree(keeper.folder / "xb" / "targets", keeper.register.path / "targets", dirs_exist_ok=True)
    states = reading.refresh(begun(keeper), Folder(keeper.publish("second")), NOW).states
    assert states["XB"].problem is not None
    assert states["XB"].problem.code == "directory_unreadable"
    assert [each.entry.names for each in states["XC"].entries] == [{"en": "Central authority of State XC"}]


def test_an_entry_stands_under_its_own_name(keeper: Keeper, monkeypatch) -> None:
    monkeypatch.setattr(signing, "path_of", lambda state, authority: f"{state}/xb-247.json")
    keeper.state([entry()], NOW)
    states = reading.refresh(begun(keeper), Folder(keeper.publish("second")), NOW).states
    assert states["XB"].problem is not None
    assert states["XB"].problem.code == "entry_unreadable"


def test_a_keeper_takes_in_only_what_the_state_s_key_signed_and_nothing_older(keeper: Keeper) -> None:
    signing.new_key(keeper.folder / "stranger.pem")
    stranger = signing.read_signer(keeper.folder / "stranger.pem")
    signing.sign_list(keeper.folder / "foreign", "XB", [entry()], [stranger], NOW)
    with pytest.raises(signing.ListRefusedError):
        keeping.take(keeper.register, keeper.folder / "foreign", "XB")
    shutil.copytree(keeper.folder / "xb", keeper.folder / "older")
    keeper.state([entry(), entry("xb-247")], NOW)
    with pytest.raises(signing.ListRefusedError):
        keeping.take(keeper.register, keeper.folder / "older", "XB")
    (keeper.folder / "older" / "XB.json").write_text("{")
    with pytest.raises(signing.ListUnreadableError):
        keeping.take(keeper.register, keeper.folder / "older", "XB")


@pytest.mark.parametrize(
    "path", ["XB/../../keys/a.pem", "XB/../../../outside/a.json", "XB/../XC/xc-mla.json"]
)
def test_a_state_s_list_writes_nothing_beside_its_entries(keeper: Keeper, path: str) -> None:
    """Its paths are a State's words on a keeper's machine: a false one would lie among the keeper's keys."""
    data, send = b"whatever", keeper.folder / "sent"
    file = TargetFile.from_data(path, data, ["sha256"])
    folder, _, name = path.rpartition("/")
    sent = send / "targets" / folder / f"{file.hashes['sha256']}.{name}"
    (send / "targets" / "XB").mkdir(parents=True)
    sent.resolve().parent.mkdir(parents=True, exist_ok=True)
    sent.write_bytes(data)
    listed = Metadata(Targets(version=99, expires=NOW + timedelta(days=30), targets={path: file}))
    listed.sign(keeper.state_key)
    signing.write_metadata(send / "XB.json", listed)
    before = _files(keeper)
    with pytest.raises(signing.ListUnreadableError):
        keeping.take(keeper.register, send, "XB")
    with pytest.raises(signing.ListUnreadableError):
        signing.write_target(keeper.register.path, path, data)
    assert _files(keeper) == before


def _files(keeper: Keeper) -> set[Path]:
    return {found for found in keeper.folder.rglob("*") if found.is_file()}


def test_a_keeper_takes_no_other_list_under_a_version_it_has(keeper: Keeper) -> None:
    """A State that signed twice from the same list: two contents of one version would be two truths."""
    before = keeper.folder / "before"
    shutil.copytree(keeper.folder / "xb", before)
    keeper.state([entry(), entry("xb-fiu")], NOW)
    signing.sign_list(before, "XB", [entry("xb-asset")], [keeper.state_key], NOW)
    with pytest.raises(signing.ListRefusedError):
        keeping.take(keeper.register, before, "XB")
    assert keeping.take(keeper.register, keeper.folder / "xb", "XB") == 2  # the same again is none


def test_a_register_of_older_versions_publishes_nothing_over_newer_ones(keeper: Keeper) -> None:
    """A register restored from a copy: readers have seen its versions, and would refuse them."""
    copy = keeper.folder / "copy"
    shutil.copytree(keeper.register.path, copy)
    out = keeper.publish("first")
    with pytest.raises(RegisterRefusesError):
        keeping.publish(Register(copy), out, NOW)
    assert keeping.publish(keeper.register, out, NOW).problem is None


def test_an_entry_confirmed_again_is_the_same_but_for_the_day(keeper: Keeper) -> None:
    later = NOW + timedelta(days=300)
    entries = signing.confirmed_entries(keeper.folder / "xb", "XB", [keeper.state_key], later)
    keeper.state(entries, later)
    keeping.renew(keeper.register, later)
    keeping.sign(keeper.register, keeper.register.signers())
    outcome = reading.refresh(begun(keeper), Folder(keeper.publish("later", later)), later)
    [published] = outcome.states["XB"].entries
    assert read_entry(entry(confirmed_at="2028-04-07T03:12:00Z")) == published.entry


def test_the_register_says_what_is_due(keeper: Keeper) -> None:
    def due(days: int) -> set[tuple[str, str]]:
        held = overview(keeper.register, NOW + timedelta(days=days))
        return {(one.what, one.due) for one in held if one.due}

    assert due(0) == set()
    assert due(11) == {("timestamp", "publication_due")}
    entries_and_list = {("xb-mla", "confirmation_due"), ("xc-mla", "confirmation_due")}
    assert entries_and_list <= due(85)  # confirmed in November
    assert {("XB", "renewal_due"), ("root", "renewal_due"), ("targets", "renewal_due")} <= due(310)
    keeping.enter(keeper.register, entry("xc-fiu", "XC"), NOW)
    assert due(0) == {("targets", "signatures_missing")}
    keeping.remove(keeper.register, "XC", "xc-fiu", NOW)
    keeping.add_state(keeper.register, "XB", [signing.new_key(keeper.folder / "new.pem")], 1, NOW)
    assert ("XB", "signatures_missing") in due(0)  # the list is of the key before
    with pytest.raises(RegisterRefusesError):
        keeping.remove(keeper.register, "XB", "xb-mla", NOW)  # what a State signed, its keys take out


@pytest.mark.parametrize("state", ["xb", "targets", "root", "../X", "X", ""])
def test_only_the_code_of_a_state_is_given_entries(keeper: Keeper, state: str) -> None:
    """Another name would stand beside the metadata of the keeper itself, or could not be read back."""
    before = (keeper.register.path / "metadata" / "targets.json").read_bytes()
    with pytest.raises(RegisterRefusesError):
        keeping.add_state(keeper.register, state, [keeper.state_key.public_key], 1, NOW)
    assert (keeper.register.path / "metadata" / "targets.json").read_bytes() == before


def test_a_revoked_key_of_a_state_signs_nothing_more(keeper: Keeper) -> None:
    fresh = signing.new_key(keeper.folder / "fresh.pem")
    keeping.add_state(keeper.register, "XB", [fresh], 1, NOW)
    keeping.sign(keeper.register, keeper.register.signers())
    states = reading.refresh(begun(keeper), Folder(keeper.publish("second")), NOW).states
    assert states["XB"].problem is not None
    assert states["XB"].problem.code == "directory_unsigned"
    assert states["XC"].problem is None  # one State's trouble is not the others'
    signer = signing.read_signer(keeper.folder / "fresh.pem")
    signing.sign_list(keeper.folder / "xb", "XB", [entry()], [signer], NOW)
    keeping.take(keeper.register, keeper.folder / "xb", "XB")
    assert reading.refresh(begun(keeper), Folder(keeper.publish("third")), NOW).states["XB"].problem is None


def test_a_list_that_was_not_confirmed_for_a_year_expires_alone(keeper: Keeper) -> None:
    late = NOW + signing.LIST_LIFE + timedelta(days=1)
    keeping.renew(keeper.register, late)
    keeping.sign(keeper.register, keeper.register.signers())
    out = keeper.publish("second", late)
    states = reading.refresh(begun(keeper), Folder(out), late).states
    assert states["XB"].problem is not None
    assert states["XB"].problem.code == "directory_expired"
    assert states["XC"].problem is None


def test_a_changed_entry_is_refused(keeper: Keeper) -> None:
    [path] = (keeper.folder / "first" / "targets" / "XB").glob("*.json")
    path.write_bytes(path.read_bytes().replace(b"+00 000 0001", b"+00 000 0002"))
    states = reading.refresh(begun(keeper), Folder(keeper.folder / "first"), NOW).states
    assert states["XB"].problem is not None
    assert states["XB"].problem.code == "directory_rolled_back"


def test_nothing_but_names_of_a_published_folder_is_read(keeper: Keeper) -> None:
    for name in ("../node.toml", "targets/XB/../../x.json", "keys/root-1.pem", "/etc/passwd"):
        with pytest.raises(sources.SourceUnreadableError):
            Folder(keeper.folder / "first").read(name, 10)


def test_large_files_are_refused(keeper: Keeper) -> None:
    (keeper.folder / "first" / "timestamp.json").write_bytes(b" " * (reading.METADATA_BYTES + 1))
    assert code(begun(keeper), keeper.folder / "first") == "directory_too_large"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("state", "xb"),
        ("designations", []),
        ("region", {"code": "XC-01", "names": {"en": "Region"}}),
        ("valid_from", "yesterday"),
        ("extra", 1),
        ("contacts", [{"purpose": "gossip"}]),
        ("card", {"schema": "comity-card/1"}),
    ],
)
def test_an_entry_is_read_strictly(field: str, value: object) -> None:
    with pytest.raises(EntryUnreadableError):
        read_entry(entry(**{field: value}))


def _keys(keeper: Keeper, role: str) -> list[str]:
    return list(keeper.register.metadata("root").signed.roles[role].keyids)
