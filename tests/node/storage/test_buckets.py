"""Objects in an S3 bucket: the same promises as of files in a folder."""

from __future__ import annotations

import argparse
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from tests import buckets as double

from comity.cli import node_storage
from comity.node import buckets, config, diagnosing, durable, moving, store, supervisor
from comity.node.exhibits import content
from comity.terms import ComityError

DATA = b"sealed bytes" * 1000
KEY = f"letters/x/{sha256(DATA).hexdigest()}.age"


@pytest.fixture(scope="module")
def server():
    with double.running() as bucket:
        yield bucket


@pytest.fixture
def bucket(server, monkeypatch):
    """The node of the tests with a bucket of its own."""
    server.objects.clear()
    server.requests.clear()
    server.away = False
    node = config.current()
    place = config.ObjectStore(bucket=double.BUCKET, endpoint=server.endpoint, prefix="node")
    (node.folder / place.secret_file).write_text(f"{double.KEY_ID}\n{double.SECRET}\n")
    (node.folder / place.secret_file).chmod(0o600)
    changed = replace(node, objects=place)
    monkeypatch.setattr(config, "current", lambda: changed)
    yield server
    (node.folder / place.secret_file).unlink(missing_ok=True)


def put(key=KEY, data=DATA):
    return store.put(key, io.BytesIO(data))


def test_an_object_is_acknowledged_once_the_bucket_has_it(bucket):
    assert put() == len(DATA)
    assert bucket.objects == {f"node/{KEY}": DATA}
    with store.open(KEY) as stored:
        assert stored.read() == DATA
    assert (store.exists(KEY), store.exists("letters/y")) == (True, False)
    assert not any(config.current().store.rglob("*.age")), "nothing lies in the folder"


def test_an_object_is_never_overwritten(bucket):
    put()
    with pytest.raises(durable.FileExistsAlreadyError):
        put(data=b"other")
    assert bucket.objects[f"node/{KEY}"] == DATA


def test_a_large_object_goes_in_parts_and_is_not_overwritten(bucket, monkeypatch):
    monkeypatch.setattr(buckets, "AT_ONCE", 1 << 20)
    data = bytes(range(256)) * (9 << 12)
    assert put(data=data) == len(data)
    assert bucket.objects[f"node/{KEY}"] == data
    assert any("partNumber=2" in each for each in bucket.requests)
    with pytest.raises(durable.FileExistsAlreadyError):
        put(data=data)


def test_an_object_is_read_at_any_place(bucket):
    put()
    with store.open(KEY) as stored:
        stored.seek(-5, io.SEEK_END)
        assert (stored.tell(), stored.read()) == (len(DATA) - 5, DATA[-5:])
        stored.seek(3)
        assert stored.read(4) == DATA[3:7]


def test_a_finished_file_is_adopted(bucket, tmp_path):
    (tmp_path / "finished").write_bytes(DATA)
    assert store.adopt(KEY, tmp_path / "finished") == len(DATA)
    assert not (tmp_path / "finished").exists()


def test_keys_are_listed_in_order_and_deleted_twice_without_harm(bucket):
    for key in ("letters/b/2", "letters/a/1", "segments/aa/3"):
        put(key)
    assert list(store.keys("letters")) == ["letters/a/1", "letters/b/2"]
    assert list(store.every_key()) == ["letters/a/1", "letters/b/2", "segments/aa/3"]
    store.delete("letters/a/1")
    store.delete("letters/a/1")
    assert list(store.keys("letters")) == ["letters/b/2"]


def test_a_missing_object_is_told_as_one_of_a_folder(bucket):
    with pytest.raises(store.ObjectMissingError):
        store.open("letters/none")
    with pytest.raises(store.ObjectMissingError):
        put("../outside")
    assert bucket.objects == {}


def test_a_store_that_is_away_is_tried_again_and_keeps_no_row(bucket, monkeypatch):
    monkeypatch.setattr(buckets, "_RETRIES", {"max_retries": 0})
    monkeypatch.setattr(buckets, "_known", {})
    bucket.away = True
    with pytest.raises(buckets.StoreUnreachableError) as refused:
        put()
    assert refused.value.temporary
    assert double.SECRET not in str(refused.value)


def test_a_wrong_secret_stores_nothing(bucket, monkeypatch):
    monkeypatch.setattr(buckets, "_known", {})
    path = config.current().folder / "s3-secret"
    path.write_text("another-id\nanother-secret\n")
    with pytest.raises(buckets.StoreUnreachableError):
        put()
    monkeypatch.setattr(buckets, "_known", {})
    path.write_text("one-word")
    with pytest.raises(buckets.StoreUnreachableError, match="s3-secret"):
        put()
    assert bucket.objects == {}


@pytest.mark.django_db
@pytest.mark.usefixtures("keys")
def test_an_exhibits_segments_lie_in_the_bucket_named_by_their_ciphertext(bucket, monkeypatch):
    monkeypatch.setattr(content, "SEGMENT_BYTES", 10_000)
    data = bytes(range(256)) * 100
    stored = content.write(io.BytesIO(data))
    names = {key.rpartition("/")[2]: value for key, value in bucket.objects.items()}
    assert len(stored.segments) == len(names) == 3
    assert all(sha256(value).hexdigest() == name for name, value in names.items())
    assert all(b"mlkem768x25519" in value[:100] for value in names.values()), "hybrid, as letters are"
    with content.read(stored.wrapped_key, [each.ciphertext_sha256 for each in stored.segments]) as stream:
        assert stream.read() == data
    content.discard(stored.segments)
    assert bucket.objects == {}


@pytest.mark.django_db
@pytest.mark.usefixtures("keys")
def test_an_intake_that_the_bucket_cuts_off_leaves_no_segment(bucket, monkeypatch):
    monkeypatch.setattr(content, "SEGMENT_BYTES", 10_000)
    real, count = buckets.Bucket.put, []

    def put_once(self, key, source):
        if count:
            raise buckets.StoreUnreachableError(detail="away")
        count.append(key)
        return real(self, key, source)

    monkeypatch.setattr(buckets.Bucket, "put", put_once)
    with pytest.raises(buckets.StoreUnreachableError):
        content.write(io.BytesIO(bytes(25_000)))
    assert bucket.objects == {}


@pytest.mark.django_db
@pytest.mark.usefixtures("keys")
def of_the_bucket():
    found = diagnosing.diagnose(config.current(), datetime.now(UTC))
    return [each.code for each in found if each.subject == "object store"]


def test_the_doctor_asks_the_bucket(bucket, monkeypatch):
    assert of_the_bucket() == [None]
    monkeypatch.setattr(buckets, "_RETRIES", {"max_retries": 0})
    monkeypatch.setattr(buckets, "_known", {})
    bucket.away = True
    assert of_the_bucket() == ["store_unreachable"]


def test_a_bucket_stands_in_node_toml(tmp_path):
    (tmp_path / "node.toml").write_text(
        'id = "xa-247"\nstate = "XA"\nname = "X"\n[objects]\nbucket = "b"\nendpoint = "https://s3.example"\n'
    )
    assert config.read(tmp_path).objects == config.ObjectStore(bucket="b", endpoint="https://s3.example")
    (tmp_path / "node.toml").write_text(
        'id = "xa-247"\nstate = "XA"\nname = "X"\n[objects]\nbucket = "b"\nsecret = "x"\n'
    )
    with pytest.raises(ComityError):
        config.read(tmp_path)


OTHER = f"segments/{sha256(b'more').hexdigest()}"


def lay_in_folder(key, data):
    path = config.current().store / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.fixture
def laid(bucket):
    """Two objects in the folder of a node whose settings have just been given a bucket."""
    paths = [lay_in_folder(KEY, DATA), lay_in_folder(OTHER, b"more")]
    yield paths
    for each in paths:
        each.unlink(missing_ok=True)


def test_what_lies_in_the_folder_is_moved_into_the_bucket_and_back(bucket, laid):
    node = config.current()
    moved = moving.move(node)
    assert (moved.objects, moved.bytes, moved.damaged) == (2, len(DATA) + 4, [])
    assert bucket.objects == {f"node/{KEY}": DATA, f"node/{OTHER}": b"more"}
    assert not any(each.exists() for each in laid)
    assert moving.move(node).objects == 0
    assert moving.move(node, back=True).objects == 2
    assert [each.read_bytes() for each in laid] == [DATA, b"more"]
    assert bucket.objects == {}


def test_a_move_that_was_interrupted_goes_on(bucket, laid, monkeypatch):
    node, whole, puts = config.current(), buckets.Bucket.put, []

    def put_once(self, key, source):
        if puts:
            raise buckets.StoreUnreachableError(detail="away")
        puts.append(key)
        return whole(self, key, source)

    with monkeypatch.context() as patch:
        patch.setattr(buckets.Bucket, "put", put_once)
        with pytest.raises(buckets.StoreUnreachableError):
            moving.move(node)
    assert sum(each.exists() for each in laid) == 1
    lay_in_folder(KEY, DATA)  # it ended between the copy and the removal
    assert moving.move(node).objects == 2
    assert len(bucket.objects) == 2


def test_nothing_goes_that_was_not_read_back_whole(bucket, laid, monkeypatch):
    monkeypatch.setattr(buckets.Bucket, "put", lambda self, key, source: 0)
    bucket.objects[f"node/{KEY}"] = b"another"
    with pytest.raises(moving.MoveUnprovedError):
        moving.move(config.current())
    assert all(each.exists() for each in laid)


def test_what_is_damaged_stays_and_is_named(bucket, laid):
    laid[0].write_bytes(b"rotten")
    assert moving.move(config.current()).damaged == [KEY]
    assert laid[0].exists()
    assert list(bucket.objects) == [f"node/{OTHER}"]


def test_a_key_of_the_bucket_leads_nowhere_else(bucket):
    bucket.objects["node/a..b/../../../led-outside"] = b"x"
    with pytest.raises(ComityError):
        moving.move(config.current(), back=True)
    assert not (config.current().folder.parent / "led-outside").exists()


def test_nothing_is_moved_without_a_bucket_or_while_the_node_runs(bucket, capsys, monkeypatch):
    node = config.current()
    with pytest.raises(moving.NoBucketError):
        moving.move(replace(node, objects=None))
    monkeypatch.setattr(config, "read", lambda folder: node)
    command = argparse.Namespace(folder=node.folder, back=False, json=True)
    with supervisor.only_one(node), pytest.raises(supervisor.NodeRunningError):
        node_storage.move_objects(command)
    assert node_storage.move_objects(command) == 0
    assert json.loads(capsys.readouterr().out) == {"objects": 0, "bytes": 0, "damaged": []}
