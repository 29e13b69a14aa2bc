from __future__ import annotations

from contextlib import suppress

import pytest

from comity.sealing import durable


def test_a_file_appears_as_a_whole_or_not_at_all(tmp_path):
    path = tmp_path / "file"

    with suppress(KeyboardInterrupt), durable.replacing(path) as stream:
        stream.write(b"half")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
    with durable.replacing(path) as stream:
        stream.write(b"whole")
        assert not path.exists()
    assert path.read_bytes() == b"whole"


def test_a_new_file_never_replaces_another(tmp_path):
    (tmp_path / "file").write_bytes(b"first")
    with pytest.raises(durable.AlreadyThereError):
        durable.write_new(tmp_path / "file", b"second")
    assert (tmp_path / "file").read_bytes() == b"first"


def test_a_new_file_never_follows_a_link(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(durable.StorageError):
        durable.write_new(tmp_path / "link", b"data")
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with (
        pytest.raises(durable.NotWrittenError, match="No such file"),
        durable.replacing(tmp_path / "no" / "file"),
    ):
        pass


def test_a_folder_appears_as_a_whole_or_not_at_all(tmp_path):
    with suppress(KeyboardInterrupt), durable.growing_folder(tmp_path / "out") as folder:
        (folder / "a").write_bytes(b"a")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_content_and_name_are_synced_before_a_file_counts_as_written(tmp_path, monkeypatch):
    """The order that survives a power cut: content, then the name, then the folder."""
    seen = []
    monkeypatch.setattr(durable.os, "fsync", lambda handle: seen.append("content"))
    monkeypatch.setattr(durable, "sync_folder", lambda folder: seen.append((folder / "file").exists()))
    with durable.replacing(tmp_path / "file") as stream:
        stream.write(b"data")
        assert seen == []
    assert seen == ["content", True]
