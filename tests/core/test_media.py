"""Every kind of file that ComfyUI saves gives back its workflow, and no broken one does harm."""

from __future__ import annotations

import contextlib
import io
import json
import random
import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
from PIL import Image, features

from comfy_cloud import UIFormatError, Workflow, WorkflowError
from comfy_cloud._core.media import bounds
from comfy_cloud._core.media.png import SIGNATURE

GRAPH = {"7": {"class_type": "SaveImage", "inputs": {"filename_prefix": "größe\n雪"}}}
PROMPT = json.dumps(GRAPH, ensure_ascii=False)
SAVE = json.dumps({"nodes": [{"id": 7, "type": "SaveImage", "widgets_values": ["size"]}], "links": [], "version": 0.4})
NODES = {"SaveImage": {"input": {"required": {"filename_prefix": ["STRING", {}]}}, "output_node": True}}
Texts = dict[str, str]


def chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def apng(texts: Texts) -> bytes:
    body = b"".join(chunk(b"comf", name.encode() + b"\0" + text.encode()) for name, text in texts.items())
    return SIGNATURE + chunk(b"IHDR", bytes(13)) + chunk(b"IDAT", b"picture") + body + chunk(b"IEND", b"")


def png_after_the_picture(texts: Texts) -> bytes:
    body = b"".join(chunk(b"iTXt", name.encode() + b"\0\0\0\0\0" + text.encode()) for name, text in texts.items())
    return SIGNATURE + chunk(b"IHDR", bytes(13)) + chunk(b"IDAT", b"picture") + body + chunk(b"IEND", b"")


def picture(kind: str) -> Callable[[Texts], bytes]:
    def make(texts: Texts) -> bytes:
        image, file = Image.new("RGB", (16, 16)), io.BytesIO()
        exif = image.getexif()
        for tag, (name, text) in zip((0x010F, 0x0110), texts.items(), strict=False):
            exif[tag] = f"{name}:{text}".encode()
        image.save(file, kind, exif=exif)
        return file.getvalue()

    return make


def user_comment(texts: Texts) -> bytes:
    """A JPEG with the texts as JSON in its user comment, little-endian."""
    comment = b"UNICODE\0" + json.dumps(texts).encode("utf-16-le")
    tiff = b"II*\0" + struct.pack("<IHHHIII", 8, 1, 0x8769, 4, 1, 26, 0)
    tiff += struct.pack("<HHHIII", 1, 0x9286, 7, len(comment), 44, 0) + comment
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(tiff) + 8) + b"Exif\0\0" + tiff + b"\xff\xd9"


def gif(label: int) -> Callable[[Texts], bytes]:
    def make(texts: Texts) -> bytes:
        text = json.dumps(texts).encode()
        blocks = b"\x0bCOMFYUI 1.0" if label == 0xFF else b""
        blocks += b"".join(bytes([len(text[at : at + 255])]) + text[at : at + 255] for at in range(0, len(text), 255))
        frame = b"\x2c" + bytes(8) + b"\0\x02\x02\x44\x01\0"
        head = b"GIF89a\x01\0\x01\0\x80\0\0" + bytes(6)
        return head + frame + b"\x21" + bytes([label]) + blocks + b"\0\x3b"

    return make


def comments(texts: Texts) -> bytes:
    entries = [f"{name}={text}".encode() for name, text in {"encoder": "test", **texts}.items()]
    sized = b"".join(struct.pack("<I", len(entry)) + entry for entry in entries)
    return struct.pack("<I", 4) + b"test" + struct.pack("<I", len(entries)) + sized


def flac(texts: Texts) -> bytes:
    block = comments(texts)
    return b"fLaC" + b"\0\0\0\x22" + bytes(34) + b"\x84" + len(block).to_bytes(3, "big") + block + b"\xff\xf8sound"


def ogg(first: bytes, mark: bytes) -> Callable[[Texts], bytes]:
    """Its comments go over several pages, with a page of another stream between them."""

    def page(stream: int, number: int, lacing: list[int], body: bytes) -> bytes:
        head = struct.pack("<4sBBqIIIB", b"OggS", 0, 0, 0, stream, number, 0, len(lacing))
        return head + bytes(lacing) + body

    def make(texts: Texts) -> bytes:
        packet = mark + comments(texts)
        lacing = [255] * (len(packet) // 255) + [len(packet) % 255]
        pages = page(5, 0, [len(first)], first) + page(6, 0, [3], b"xyz")
        at = 0
        for number in range(0, len(lacing), 2):
            body = packet[at : at + sum(lacing[number : number + 2])]
            pages += page(5, number + 1, lacing[number : number + 2], body) + page(6, number, [1], b"-")
            at += len(body)
        return pages

    return make


def mp3(version: int, encoding: int, *, comment: bool = False) -> Callable[[Texts], bytes]:
    codec, end = ("utf-16", b"\0\0") if encoding == 1 else ("utf-8", b"\0")

    def number(value: int) -> bytes:
        return bytes(value >> 7 * place & 0x7F for place in (3, 2, 1, 0))

    def make(texts: Texts) -> bytes:
        frames = b""
        for name, text in {"note": "x", **({"c": json.dumps(texts)} if comment else texts)}.items():
            body = bytes([encoding]) + (b"eng" if comment else b"") + name.encode(codec) + end + text.encode(codec)
            kind = (b"COM" if comment else b"TXX") + (b"" if version == 2 else b"M" if comment else b"X")
            size = len(body).to_bytes(3, "big") if version == 2 else struct.pack(">I", len(body))
            frames += kind + (number(len(body)) if version == 4 else size) + (b"" if version == 2 else b"\0\0") + body
        return b"ID3" + bytes([version, 0, 0]) + number(len(frames) + 20) + frames + bytes(20) + b"\xff\xfbsound"

    return make


def box(kind: bytes, *parts: bytes, wide: bool = False) -> bytes:
    body = b"".join(parts)
    if wide:
        return struct.pack(">I4sQ", 1, kind, len(body) + 16) + body
    return struct.pack(">I4s", len(body) + 8, kind) + body


def mp4(texts: Texts) -> bytes:
    """As ffmpeg writes it with `use_metadata_tags`, behind the film."""
    keys = box(b"keys", bytes(4), struct.pack(">I", len(texts)), *(box(b"mdta", name.encode()) for name in texts))
    items = [
        box(struct.pack(">I", index), box(b"data", struct.pack(">II", 1, 0), text.encode()))
        for index, text in enumerate(texts.values(), 1)
    ]
    meta = box(b"meta", bytes(4), box(b"hdlr", bytes(4), b"mdta", bytes(12)), keys, box(b"ilst", *items))
    film = box(b"mdat", b"film" * 9, wide=True)
    return box(b"ftyp", b"isom\0\0\2\0") + film + box(b"moov", box(b"mvhd", bytes(100)), box(b"udta", meta))


def mov(texts: Texts) -> bytes:
    """As iTunes does, and QuickTime, whose `meta` has no version: a comment, which is an object."""
    items = box(b"\xa9cmt", box(b"data", struct.pack(">II", 1, 0), json.dumps(texts).encode()))
    meta = box(b"meta", box(b"hdlr", bytes(4), b"mdir", bytes(12)), box(b"ilst", items))
    return box(b"ftyp", b"qt  \0\0\2\0") + box(b"moov", meta)


def free_form(texts: Texts) -> bytes:
    items = [
        box(
            b"----",
            box(b"mean", bytes(4), b"me"),
            box(b"name", bytes(4), k.encode()),
            box(b"data", bytes(8), v.encode()),
        )
        for k, v in texts.items()
    ]
    meta = box(b"meta", bytes(4), box(b"hdlr", bytes(4), b"mdir", bytes(12)), box(b"ilst", *items))
    return box(b"ftyp", b"M4A \0\0\2\0") + box(b"moov", box(b"udta", meta))


def element(kind: int, body: bytes, *, unknown: bool = False) -> bytes:
    size = b"\x01" + b"\xff" * 7 if unknown else (len(body) | 1 << 56).to_bytes(8, "big")
    return kind.to_bytes((kind.bit_length() + 7) // 8, "big") + size + body


def webm(*, unknown: bool) -> Callable[[Texts], bytes]:
    def make(texts: Texts) -> bytes:
        tags = b"".join(
            element(0x7373, element(0x67C8, element(0x45A3, name.upper().encode()) + element(0x4487, text.encode())))
            for name, text in texts.items()
        )
        segment = element(0x1549A966, b"info") + element(0x1F43B675, b"film" * 9) + element(0x1254C367, tags)
        return element(0x1A45DFA3, b"head") + element(0x18538067, segment, unknown=unknown)

    return make


def latent(texts: Texts) -> bytes:
    header = json.dumps({"__metadata__": texts, "latent_tensor": {"data_offsets": [0, 4]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(4)


def glb(*path: str) -> Callable[[Texts], bytes]:
    def make(texts: Texts) -> bytes:
        header: object = texts
        for name in reversed(path):
            header = {name: header}
        text = json.dumps(header).encode()
        return b"glTF" + struct.pack("<III", 2, len(text) + 20, len(text)) + b"JSON" + text

    return make


KINDS: dict[str, Callable[[Texts], bytes]] = {
    "apng": apng,
    "png after the picture": png_after_the_picture,
    "webp": picture("webp"),
    "jpeg": picture("jpeg"),
    "jpeg comment": user_comment,
    "gif comment": gif(0xFE),
    "gif application": gif(0xFF),
    "flac": flac,
    "opus": ogg(b"OpusHead", b"OpusTags"),
    "vorbis": ogg(b"\x01vorbis", b"\x03vorbis"),
    "mp3 2.2": mp3(2, 1),
    "mp3 2.3": mp3(3, 1),
    "mp3 2.4": mp3(4, 3),
    "mp3 comment": mp3(4, 3, comment=True),
    "mp4": mp4,
    "mov": mov,
    "m4a": free_form,
    "webm": webm(unknown=False),
    "webm, streamed": webm(unknown=True),
    "latent": latent,
    "glb": glb("asset", "extras"),
    "glb, whole": glb("extras"),
}
if "avif" in features.modules and features.check("avif"):  # Pillow before 11.3 does not know the word
    KINDS["avif"] = picture("avif")


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_comfyui_saved_gives_its_workflow(kind: str) -> None:
    """What people have at hand is the result, not the file it came from."""
    data = KINDS[kind]({"workflow": SAVE, "prompt": PROMPT})
    assert Workflow.loads(data).to_dict() == GRAPH
    assert Workflow.loads(data, node_info=NODES).to_dict() == GRAPH  # the graph that was run, not what it was made of


@pytest.mark.parametrize("kind", KINDS)
def test_the_editors_save_in_a_file_is_converted(kind: str) -> None:
    data = KINDS[kind]({"workflow": SAVE})
    assert Workflow.loads(data, node_info=NODES)["7"]["filename_prefix"] == "size"
    with pytest.raises(UIFormatError, match=r"carries only the editor's workflow.*node_info=cloud\.nodes\.info\(\)"):
        Workflow.loads(data)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_without_a_workflow_says_so(kind: str) -> None:
    """A tag called prompt with words in it is somebody's own, and no workflow that is broken."""
    for texts in ({}, {"prompt": "a cat, best quality"}):
        with pytest.raises(WorkflowError, match=r"the text is an? \w+.* that carries no workflow"):
            Workflow.loads(KINDS[kind](texts))


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_was_cut_is_refused_or_still_good(kind: str) -> None:
    data = KINDS[kind]({"prompt": PROMPT})
    for size in range(len(data)):
        try:
            workflow = Workflow.loads(data[:size])
        except WorkflowError:
            refused = size
        else:
            assert workflow.to_dict() == GRAPH
    assert refused > len(PROMPT)


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_raises_nothing_else(kind: str) -> None:
    """A file from anywhere must not bring down the program that looks into it, nor keep it busy."""
    data = KINDS[kind]({"workflow": SAVE, "prompt": PROMPT})
    rng = random.Random(kind)
    begun = time.perf_counter()
    for _ in range(400):
        damaged = bytearray(data)
        for _ in range(rng.randint(1, 8)):
            damaged[rng.randrange(len(damaged))] = rng.choice((0, 1, 0x7F, 0xFF, rng.randrange(256)))
        with contextlib.suppress(WorkflowError):
            Workflow.loads(bytes(damaged), node_info=NODES)
    assert time.perf_counter() - begun < 20


def hostile() -> dict[str, bytes]:
    shared = b"II*\0" + struct.pack("<IH", 8, 60_000)  # 60,000 tags that all hold the same megabytes
    shared += struct.pack("<HHII", 0x010F, 2, 4_000_000, 0) * 60_000 + bytes(4_000_000)
    riff = b"EXIF" + struct.pack("<I", len(shared)) + shared
    deep = b'{"extras":' * 200_000
    return {
        "shared texts": b"RIFF" + struct.pack("<I", len(riff) + 4) + b"WEBP" + riff,
        "endless boxes": box(b"ftyp", b"isom") + struct.pack(">I4s", 0, b"free") * 2,
        "huge box": box(b"ftyp", b"isom") + struct.pack(">I4sQ", 1, b"moov", 2**63),
        "empty elements": b"\x1aE\xdf\xa3\x80" + b"\x18\x53\x80\x67\x80" * 20_000,
        "many comments": b"fLaC\x84\0\0\x0c" + struct.pack("<III", 0, 2**32 - 1, 0),
        "empty pages": struct.pack("<4sBBqIIIB", b"OggS", 0, 0, 0, 5, 0, 0, 0) * 30_000,
        "nested header": b"glTF" + struct.pack("<III", 2, len(deep) + 20, len(deep)) + b"JSON" + deep,
        "huge header": struct.pack("<Q", 2**31) + b"{" + bytes(100),
        "many frames": b"ID3\x03\0\0\x0f\x7f\x7f\x7f" + b"TXXX\0\0\0\0\0\0" * 300_000,
    }


@pytest.mark.parametrize("case", hostile())
def test_a_hostile_file_is_refused_in_a_second_and_without_much_memory(case: str) -> None:
    data = hostile()[case]
    begun = time.process_time()
    with pytest.raises(WorkflowError):
        Workflow.loads(data)
    assert time.process_time() - begun < 1
    tracemalloc.start()
    try:
        with pytest.raises(WorkflowError):
            Workflow.loads(data)
        assert tracemalloc.get_traced_memory()[1] < 200e6
    finally:
        tracemalloc.stop()


def test_texts_of_a_file_are_limited_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comfy_cloud._core.media.MAX_TEXT_BYTES", 100)
    assert bounds.MAX_TEXT_BYTES > 100
    with pytest.raises(WorkflowError, match="is a FLAC with texts larger than 100 bytes"):
        Workflow.loads(flac({"prompt": PROMPT, "workflow": SAVE}))
