"""Local files: what is uploaded is read whole and left alone, what is saved is whole or not there."""

from __future__ import annotations

import errno
import gzip
import io
import os
import re
import threading
from pathlib import Path
from typing import IO, Any, cast

import pytest
from blake3 import blake3

from comfy_cloud import UploadError
from comfy_cloud._core.inputs import FileContent
from comfy_cloud._files import PartFile, Source, part_files, target_path

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


def test_a_source_knows_what_it_uploads(tmp_path: Path) -> None:
    """Name, type, size and hash are those of the file."""
    path = tmp_path / "Mein Bild.png"
    path.write_bytes(PNG)
    source = Source(path, "here")
    assert (source.name, source.mime_type, source.size) == ("Mein Bild.png", "image/png", 108)
    assert source.hash == blake3(PNG).hexdigest()
    assert source.open().read() == PNG
    source.close()


@pytest.mark.parametrize(
    ("content", "extension"),
    [(PNG, ".png"), (b"\xff\xd8\xff.", ".jpg"), (b"RIFF....WEBPVP8 ", ".webp"), (b"?", ".bin")],
)
def test_bytes_get_a_name_by_what_they_are(content: bytes, extension: str) -> None:
    """Servers tell files by their extension."""
    source = Source(content, "here")
    assert source.name == f"upload-{blake3(content).hexdigest()[:12]}{extension}"


def test_a_source_is_hashed_only_when_somebody_asks(tmp_path: Path) -> None:
    """To hash 512 MiB takes as long as to send them, and a ComfyUI has no use for it."""
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    first, second = Source(path, "here"), Source(path, "there")
    assert first.identity != second.identity
    assert first.hash == second.hash
    assert first.identity == second.identity


def test_a_file_that_does_not_know_its_end_has_a_size(tmp_path: Path) -> None:
    """Such as one that is unpacked while it is read."""
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(PNG))
    with gzip.open(path) as file:
        source = Source(file, "here")
        assert (source.size, source.open().read()) == (len(PNG), PNG)
        source.close()


def test_a_file_is_read_from_where_it_stands_and_left_there() -> None:
    """The caller goes on with it as if nothing had happened."""
    file = io.BytesIO(b"before" + PNG)
    file.seek(6)
    source = Source(file, "here")
    assert source.size == len(PNG)
    assert source.open().read() == PNG
    assert source.open().read() == PNG, "a second try sends the same"
    source.close()
    assert (file.tell(), file.closed) == (6, False)


def test_a_pipe_is_copied_before_it_is_sent() -> None:
    """What can be read only once can be hashed and sent all the same."""
    reading, writing = os.pipe()
    os.write(writing, PNG)
    os.close(writing)
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        source = Source(pipe, "here")
        assert source.open().read() == PNG
        source.close()


def test_a_file_that_went_away_is_named() -> None:
    """The error says which input holds it."""
    with pytest.raises(UploadError, match=r"node 1 \(LoadImage\), input 'image'.*nowhere"):
        Source(Path("nowhere.png"), "node 1 (LoadImage), input 'image'")


def test_a_file_that_cannot_be_read_when_it_is_sent_is_named(tmp_path: Path) -> None:
    """It may go away, or be closed, between the look at it and the upload."""
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    file = path.open("rb")
    sources = [Source(path, "node 1, input 'image'"), Source(file, "node 2, input 'image'")]
    path.unlink()
    file.close()
    for number, source in enumerate(sources, 1):
        with pytest.raises(UploadError, match=f"node {number}, input 'image': could not read the file"):
            source.open()
        source.close()


def test_a_file_opened_as_text_is_refused() -> None:
    """Rather than uploaded as something else."""

    class Text:
        def read(self, size: int = -1) -> str:
            return "text" if size else ""

    with pytest.raises(UploadError, match="binary mode"):
        Source(cast(FileContent, cast(IO[bytes], Text())), "here")


def test_no_path_is_held_open_between_hash_and_upload(tmp_path: Path) -> None:
    """A workflow with a thousand pictures does not run out of file descriptors."""
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    open_before = len(os.listdir("/proc/self/fd"))
    sources = [Source(path, "here") for _ in range(50)]
    assert len(os.listdir("/proc/self/fd")) == open_before
    for source in sources:
        source.close()


def test_a_target_appears_only_when_all_is_there(tmp_path: Path) -> None:
    """Whoever watches the folder never sees half a file."""
    target = tmp_path / "new" / "a.png"
    part = PartFile(target)
    part.write(b"half")
    assert not target.exists()
    part.restart()
    part.write(b"whole")
    assert part.place(overwrite=False) == target
    part.discard()
    assert target.read_bytes() == b"whole"
    assert list(target.parent.iterdir()) == [target]


def test_a_part_file_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    """After an error the folder is as it was."""
    part = PartFile(tmp_path / "a.png")
    part.write(b"x")
    part.discard()
    part.discard()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a disk that is always full")
def test_a_part_file_on_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    """What is still buffered cannot be written when it is given up; that is no reason to leave the rest there."""
    part = PartFile(tmp_path / "a.png")
    with open("/dev/full", "wb", buffering=1 << 16) as full:
        os.dup2(full.fileno(), part._file.fileno())
        part.write(b"x")
        with pytest.raises(OSError, match="No space left"):
            part.place(overwrite=False)
        part.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_long_name_of_wide_characters_has_a_part_file(tmp_path: Path) -> None:
    """File systems count bytes; a name that they take is not refused because of the part file's."""
    target = tmp_path / ("\N{RED APPLE}" * 50 + ".png")
    part = PartFile(target)
    part.write(b"x")
    assert part.place(overwrite=False) == target


def test_files_are_placed_where_no_hard_links_are_to_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """USB sticks and some network shares have none; nothing is overwritten there either."""

    def no_links(*_: Any) -> None:
        raise OSError(errno.EOPNOTSUPP, "not supported")

    monkeypatch.setattr(os, "link", no_links)
    for content, name in ((b"one", "a.png"), (b"two", "a-1.png"), (b"one", "a.png")):
        part = PartFile(tmp_path / "a.png")
        part.write(content)
        assert part.place(overwrite=False) == tmp_path / name
        part.discard()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-1.png", "a.png"]


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("links", [False, True])
def test_a_part_file_that_a_cleaner_removed_places_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overwrite: bool, links: bool
) -> None:
    """An empty file under the final name would pass for a result; what stood there before still stands."""
    if not links:
        monkeypatch.setattr(os, "link", raising(errno.EPERM))
    (tmp_path / "a.png").write_bytes(b"before")
    part = PartFile(tmp_path / "a.png")
    part.write(b"x")
    part._path.unlink()
    with pytest.raises(FileNotFoundError):
        part.place(overwrite=overwrite)
    part.discard()
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"before"]


@pytest.mark.parametrize("number", [errno.ENOENT, errno.EIO, errno.ENOSPC, errno.EROFS, errno.ESTALE])
def test_only_a_file_system_without_links_is_answered_by_a_claim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Whatever else goes wrong while a file is placed leaves no file."""
    monkeypatch.setattr(os, "link", raising(number))
    part = PartFile(tmp_path / "a.png")
    with pytest.raises(OSError, match=re.escape(os.strerror(number))):
        part.place(overwrite=False)
    part.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_save_that_is_given_up_while_it_is_placed_is_whole_or_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cancelled save discards its part file while the thread that places it goes on."""
    monkeypatch.setattr(os, "link", raising(errno.EPERM))
    claimed, given_up = threading.Event(), threading.Event()
    replace = Path.replace

    def slow(self: Path, target: Path) -> Path:
        claimed.set()
        given_up.wait(0.2)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", slow)
    part = PartFile(tmp_path / "a.png")
    part.write(b"whole")
    placing = threading.Thread(target=part.place, kwargs={"overwrite": False})
    placing.start()
    claimed.wait()
    part.discard()
    given_up.set()
    placing.join()
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"whole"]


def test_a_save_that_was_given_up_is_not_placed_later(tmp_path: Path) -> None:
    """The thread that was to place it may only begin after the cancellation."""
    part = PartFile(tmp_path / "a.png")
    part.write(b"x")
    part.discard()
    with pytest.raises(FileNotFoundError):
        part.place(overwrite=False)
    assert list(tmp_path.iterdir()) == []


def test_bytes_are_on_the_disk_before_they_get_their_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a power failure a whole name must not stand for half a file."""
    synced: list[bytes] = []
    fsync = os.fsync

    def watched(number: int) -> None:
        assert list(tmp_path.glob("*.png")) == []
        synced.append(next(tmp_path.glob(".*.part")).read_bytes())
        fsync(number)

    monkeypatch.setattr(os, "fsync", watched)
    part = PartFile(tmp_path / "a.png")
    part.write(b"whole")
    part.place(overwrite=False)
    assert synced == [b"whole"]


def test_what_a_killed_save_left_is_removed_by_the_next_one(tmp_path: Path) -> None:
    """Folders would fill up with files that nobody may delete without looking; one that is being written stays."""
    (tmp_path / ".a.png.0123456789abcdef.part").write_bytes(b"half")
    (tmp_path / ".a.png.notes.part").write_bytes(b"somebody else's")
    other = PartFile(tmp_path / "a.png")
    other.write(b"other")
    part = PartFile(tmp_path / "a.png", part_files(tmp_path))
    part.write(b"x")
    assert part.place(overwrite=False) == tmp_path / "a.png"
    assert other.place(overwrite=False) == tmp_path / "a-1.png"
    assert sorted(path.name for path in tmp_path.iterdir()) == [".a.png.notes.part", "a-1.png", "a.png"]


def raising(number: int) -> Any:
    """A function of `os` that fails."""

    def fail(*_: Any) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def test_a_folder_in_the_way_is_not_written_into(tmp_path: Path) -> None:
    """A directory called like the file is left alone."""
    (tmp_path / "a.png").mkdir()
    part = PartFile(tmp_path / "a.png")
    part.write(b"x")
    assert part.place(overwrite=False) == tmp_path / "a-1.png"


@pytest.mark.parametrize(
    ("where", "expected"), [("{tmp}", "{tmp}/n.png"), ("{tmp}/x/", "{tmp}/x/n.png"), ("{tmp}/x", "{tmp}/x")]
)
def test_a_target_is_a_folder_if_it_is_one_or_ends_like_one(where: str, expected: str, tmp_path: Path) -> None:
    """`save("out/")` and `save("out.png")` both mean what they look like."""
    assert target_path(where.format(tmp=tmp_path), "n.png") == Path(expected.format(tmp=tmp_path))
