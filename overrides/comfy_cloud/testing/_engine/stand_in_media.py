"""Make the media of stand-ins: labelled pictures, films, tones, boxes and empty latents, each valid in its format.

A film is MPEG-4 with frames in JPEG, a tone is WAV, a box is a binary glTF. This module knows no nodes and no jobs.
"""

import functools
import io
import json
import math
import struct
import textwrap
import wave
from typing import Any

from PIL import Image, ImageDraw, ImageFont

_RATE = 8000  # Hz, of a tone
_LONGEST_TONE = 30.0  # s
_FILM_RATE = 8  # frames a second
_MOST_FRAMES = 240
_SMALLEST_LABEL = 48  # px; a label in a smaller picture could not be read
_CUBE = [(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)]
_FACES = [0, 1, 3, 0, 3, 2, 4, 6, 7, 4, 7, 5, 0, 4, 5, 0, 5, 1, 2, 3, 7, 2, 7, 6, 0, 2, 6, 0, 6, 4, 1, 5, 7, 1, 7, 3]


def picture(width: int, height: int, lines: list[str], digest: bytes) -> Image.Image:
    """Return a picture with these lines of text. `digest` chooses its colours."""
    dark, light = ((digest[at] // 3, digest[at + 1] // 3, digest[at + 2] // 3) for at in (0, 3))
    image = Image.new("RGB", (width, height), dark)
    draw = ImageDraw.Draw(image)
    edge = min(width, height)
    left, top = digest[6] * width // 512, digest[7] * height // 512
    draw.ellipse((left, top, left + edge // 2, top + edge // 2), fill=light)
    if edge >= _SMALLEST_LABEL:
        size = max(8, edge // 20)
        text = "\n".join(part for line in lines for part in textwrap.wrap(line[:500], 2 * (width - size) // size)[:4])
        draw.multiline_text((size // 2, size // 2), text, fill=(255, 255, 255), font=_font(size))
    return image


@functools.cache
def _font(size: int) -> Any:
    return ImageFont.load_default(size)


def mask(width: int, height: int, digest: bytes) -> Image.Image:
    """Return a mask with a disc in it."""
    image = Image.new("L", (width, height), 0)
    left, top = digest[6] * width // 512, digest[7] * height // 512
    edge = max(1, min(width, height) // 2)
    ImageDraw.Draw(image).ellipse((left, top, left + edge, top + edge), fill=255)
    return image


def jpeg(image: Image.Image) -> bytes:
    """Return the image as JPEG."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def animation(frames: list[Image.Image], file_format: str) -> bytes:
    """Return the frames as an animated picture, `"PNG"` or `"WEBP"`."""
    buffer = io.BytesIO()
    frames[0].save(buffer, file_format, save_all=True, append_images=frames[1:], duration=1000 // _FILM_RATE)
    return buffer.getvalue()


def tone(seconds: float, digest: bytes) -> bytes:
    """Return a tone as WAV. `digest` chooses its pitch."""
    pitch = 220 * 2 ** (digest[0] % 25 / 12)
    count = max(1, int(min(seconds, _LONGEST_TONE) * _RATE))
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        samples = (int(8000 * math.sin(2 * math.pi * pitch * at / _RATE)) for at in range(count))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return buffer.getvalue()


def box(label: str, digest: bytes) -> bytes:
    """Return a coloured box as binary glTF 2.0."""
    points = b"".join(struct.pack("<3f", *point) for point in _CUBE)
    binary = points + struct.pack(f"<{len(_FACES)}H", *_FACES)
    colour = [round(part / 255, 3) for part in digest[:3]]
    document = {
        "asset": {"version": "2.0", "generator": label},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "name": label}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1, "material": 0}]}],
        "materials": [{"pbrMetallicRoughness": {"baseColorFactor": [*colour, 1.0]}}],
        "buffers": [{"byteLength": len(binary)}],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": len(points), "target": 34962},
            {"buffer": 0, "byteOffset": len(points), "byteLength": len(binary) - len(points), "target": 34963},
        ],
        "accessors": [
            {
                "bufferView": 0,
                "componentType": 5126,
                "count": len(_CUBE),
                "type": "VEC3",
                "min": [-0.5] * 3,
                "max": [0.5] * 3,
            },
            {"bufferView": 1, "componentType": 5123, "count": len(_FACES), "type": "SCALAR"},
        ],
    }
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def latent(width: int, height: int, count: int) -> bytes:
    """Return an empty latent in the safetensors format. The size is in its shape, and its data is empty."""
    header = {
        "latent_tensor": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]},
        "__metadata__": {"width": str(width), "height": str(height), "count": str(count)},
    }
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text


def film(frames: list[Image.Image], count: int) -> bytes:
    """Return a film of `count` frames as MPEG-4, the given frames over and over. Each frame is a JPEG."""
    pictures = [jpeg(frame) for frame in frames]
    samples = [pictures[at % len(pictures)] for at in range(min(count, _MOST_FRAMES))]
    head = _box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isommp41")
    media = b"".join(samples)
    movie = _movie([len(sample) for sample in samples], frames[0].size, len(head) + 8)
    return head + _box(b"mdat", media) + movie


def _movie(sizes: list[int], size: tuple[int, int], start: int) -> bytes:
    """Return the description of a film whose frames have these numbers of bytes, beginning at byte `start`."""
    width, height = size
    length = len(sizes)
    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    entry = struct.pack(">6xH16xHHII4xH32xHh", 1, width, height, 0x480000, 0x480000, 1, 24, -1)
    tables = _box(
        b"stbl",
        _full(b"stsd", struct.pack(">I", 1), _box(b"jpeg", entry)),
        _full(b"stts", struct.pack(">III", 1, length, 1)),
        _full(b"stsc", struct.pack(">IIII", 1, 1, length, 1)),
        _full(b"stsz", struct.pack(f">II{length}I", 0, length, *sizes)),
        _full(b"stco", struct.pack(">II", 1, start)),
    )
    data = _box(b"dinf", _full(b"dref", struct.pack(">I", 1), _full(b"url ", flags=1)))
    information = _box(b"minf", _full(b"vmhd", bytes(8), flags=1), data, tables)
    media = _box(
        b"mdia",
        _full(b"mdhd", struct.pack(">IIIIHH", 0, 0, _FILM_RATE, length, 0x55C4, 0)),
        _full(b"hdlr", struct.pack(">I4s12x", 0, b"vide"), b"frames\0"),
        information,
    )
    shape = struct.pack(">II", width << 16, height << 16)
    track = _full(b"tkhd", struct.pack(">IIIII8xhhhH", 0, 0, 1, 0, length, 0, 0, 0, 0), matrix, shape, flags=3)
    times = struct.pack(">IIIIIH10x", 0, 0, _FILM_RATE, length, 0x10000, 0x100)
    return _box(b"moov", _full(b"mvhd", times, matrix, bytes(24), struct.pack(">I", 2)), _box(b"trak", track, media))


def _box(kind: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return struct.pack(">I4s", 8 + len(content), kind) + content


def _full(kind: bytes, *parts: bytes, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", flags), *parts)
