#!/usr/bin/env python3
"""Render examples/picture.png, the picture that the demo works on: hills before an evening sky. Needs Pillow.

    python scripts/render_picture.py

Everything comes from the numbers below, so the picture can be made again and belongs to nobody else.
"""

from __future__ import annotations

import math
import random
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1200, 800
SKY = ((0.0, (18, 28, 66)), (0.45, (124, 66, 120)), (0.68, (240, 130, 90)), (1.0, (255, 214, 140)))
HILLS = (
    # base height, roughness, colour
    (0.60, 0.10, (92, 60, 104)),
    (0.70, 0.09, (62, 44, 86)),
    (0.80, 0.08, (38, 32, 64)),
    (0.91, 0.06, (18, 20, 40)),
)
SUN = (0.66, 0.55, 74)
TARGET = Path(__file__).resolve().parent.parent / "examples" / "picture.png"


def sky_colour(height: float) -> tuple[int, int, int]:
    """The colour of the sky at a height from 0 (top) to 1."""
    for (start, first), (end, second) in pairwise(SKY):
        if height <= end:
            part = (height - start) / (end - start)
            red, green, blue = (round(a + (b - a) * part) for a, b in zip(first, second, strict=True))
            return red, green, blue
    return SKY[-1][1]


def ridge(rng: random.Random, base: float, roughness: float) -> list[tuple[float, float]]:
    """The outline of a row of hills: a few waves of random phase on top of each other."""
    waves = [(2.0**octave, roughness / 1.8**octave, rng.uniform(0, math.tau)) for octave in range(6)]
    points = []
    for x in range(0, WIDTH + 1, 4):
        rise = sum(size * math.sin(x / WIDTH * math.tau * pace * 0.6 + phase) for pace, size, phase in waves)
        points.append((float(x), (base - rise * 0.55) * HEIGHT))
    return points


def disc(times: float) -> tuple[float, float, float, float]:
    """The box around the sun, so many times as large."""
    x, y, radius = SUN[0] * WIDTH, SUN[1] * HEIGHT, SUN[2] * times
    return x - radius, y - radius, x + radius, y + radius


def render() -> Image.Image:
    """The whole picture."""
    rng = random.Random(20)  # noqa: S311 - the same picture every time
    picture = Image.new("RGB", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(picture)
    for y in range(HEIGHT):
        draw.line([(0, y), (WIDTH, y)], fill=sky_colour(min(1.0, y / (HEIGHT * 0.72))))
    for _ in range(160):
        left, top = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT * 0.3)
        light = round(150 + 105 * rng.random())
        draw.ellipse([left, top, left + 1.6, top + 1.6], fill=(light, light, min(255, light + 20)))
    glow = Image.new("L", (WIDTH, HEIGHT))
    ImageDraw.Draw(glow).ellipse(disc(2), fill=150)
    picture.paste((255, 226, 160), mask=glow.filter(ImageFilter.GaussianBlur(70)))
    draw.ellipse(disc(1), fill=(255, 240, 200))
    for base, roughness, colour in HILLS:
        draw.polygon([*ridge(rng, base, roughness), (WIDTH, HEIGHT), (0, HEIGHT)], fill=colour)
    return picture.filter(ImageFilter.SMOOTH)


if __name__ == "__main__":
    render().save(TARGET, optimize=True)
    print(f"{TARGET.name}: {TARGET.stat().st_size // 1000} kB")
