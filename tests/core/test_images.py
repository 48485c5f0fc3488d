"""What files are by their first bytes: a wrong name hides them from nodes, a wrong size refuses what could be used."""

import io
import struct

import pytest
from PIL import Image

from comfy_cloud._core.images import extension_of, image_fault, image_size, image_type

MEBIBYTE = 1 << 20


def made(kind: str, size: tuple[int, int] = (300, 70), mode: str = "RGB", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size).save(buffer, kind, **options)
    return buffer.getvalue()


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)


EVERY_KIND = [
    made("PNG"),
    made("PNG", mode="LA"),
    made("GIF", mode="P"),
    made("JPEG"),
    made("JPEG", progressive=True),
    made("JPEG", exif=b"Exif\0\0" + b"\xff\xc0" * 30_000, comment=b"long before the size"),
    made("JPEG", icc_profile=b"\xff\xc2" * 150_000),
    made("WEBP"),
    made("WEBP", lossless=True),
    made("WEBP", lossless=True, mode="RGBA"),
    made("WEBP", exif=b"Exif\0\0"),
    made("WEBP", mode="RGBA", save_all=True, append_images=[Image.new("RGBA", (300, 70), "red")]),
]


@pytest.mark.parametrize("content", EVERY_KIND, ids=range(len(EVERY_KIND)))
def test_the_size_of_an_image_stands_in_its_header(content: bytes) -> None:
    assert image_size(content) == (300, 70)
    assert image_fault(content, len(content)) is None


@pytest.mark.parametrize("content", EVERY_KIND, ids=range(len(EVERY_KIND)))
def test_a_header_that_is_cut_or_broken_is_not_judged(content: bytes) -> None:
    """A strange file is for the server to judge; here nothing crashes."""
    for end in (*range(60), len(content) // 2):
        assert image_size(content[:end]) in (None, (300, 70))
    for at in range(2, 40):
        image_size(content[:at] + b"\xff\xff\x00" + content[at + 3 :])


@pytest.mark.parametrize(
    ("head", "extension", "kind"),
    [
        (made("PNG"), ".png", "image/png"),
        (made("JPEG"), ".jpg", "image/jpeg"),
        (made("WEBP"), ".webp", "image/webp"),
        (made("GIF"), ".gif", "image/gif"),
        (b"\0\0\0\x20ftypisom", ".mp4", None),
        (b"RIFF\0\0\0\0WAVEfmt ", ".wav", None),
        (made("BMP"), ".bin", None),
        (b"", ".bin", None),
    ],
)
def test_a_file_is_known_by_its_first_bytes(head: bytes, extension: str, kind: str | None) -> None:
    assert (extension_of(head), image_type(head)) == (extension, kind)


@pytest.mark.parametrize(
    ("content", "size", "said"),
    [
        (png(16_384, 3_906), 50 * MEBIBYTE, None),
        (png(8_000, 8_000), 1, None),
        (png(16_385, 1), 1, "16385 x 1 px, more than the 16384 px an edge"),
        (png(1, 20_000), 1, "1 x 20000 px"),
        (png(8_000, 8_001), 1, "8000 x 8001 px (64,008,000), more than the 64 megapixels"),
        (png(10, 10), 50 * MEBIBYTE + 1, "52,428,801 bytes, more than the 52,428,800"),
        (png(10, 10)[:20], 1, None),
        (b"\0\0\0\x20ftypisom", 500 * MEBIBYTE, None),
    ],
)
def test_an_image_beyond_the_limits_is_told_with_figure_and_limit(content: bytes, size: int, said: str | None) -> None:
    fault = image_fault(content, size)
    assert (fault is None) if said is None else (said in str(fault))
