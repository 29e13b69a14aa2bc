"""Objects in an S3 bucket: the same promises as of files in a folder."""

from __future__ import annotations

import io
from dataclasses import replace
from hashlib import sha256

import pytest
from tests import buckets as double

from comity.node import buckets, checking, config, durable, store
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
def test_the_doctor_asks_the_bucket(bucket, monkeypatch):
    found = {each.subject: each.code for each in checking._bucket(config.current())}
    assert found == {"object store": None}
    monkeypatch.setattr(buckets, "_RETRIES", {"max_retries": 0})
    monkeypatch.setattr(buckets, "_known", {})
    bucket.away = True
    assert [each.code for each in checking._bucket(config.current())] == ["store_unreachable"]


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
