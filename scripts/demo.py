#!/usr/bin/env python3
"""Run a workflow on a picture and save the result, on the emulator. Needs no API key and no network.

    python scripts/demo.py [PICTURE]

It starts the emulator, uploads the picture, runs examples/workflows/blend_api.json (scale, invert, blend), shows the
progress, and saves the result in out/. With a real key and without `base_url`, the same lines run on Comfy Cloud.
"""

from __future__ import annotations

import sys
import time
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "overrides"))

from PIL import Image, UnidentifiedImageError  # noqa: E402

from comfy_cloud import (  # noqa: E402
    ComfyCloud,
    ComfyCloudError,
    Workflow,
    events,
)
from comfy_cloud.testing import Emulator  # noqa: E402

WORDS = {
    events.JobQueued: "waiting for its turn",
    events.JobStarted: "running",
    events.JobCompleted: "done",
    events.JobFailed: "failed",
    events.JobCancelled: "cancelled",
}


def say(what: str, text: str) -> None:
    """Print a line with its label."""
    # Without the flush, a pipe would show all lines at the end.
    print(f"{what:>10}  {text}", flush=True)


def describe(path: Path) -> str:
    """Return a picture's name and size.

    Raises UnidentifiedImageError if the file is not an image, and an error or a warning of a decompression bomb if it
    has too many pixels.
    """
    with warnings.catch_warnings():
        # Pillow warns of a picture that is nearly too large, and the demo ends for both with one line.
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        opened = Image.open(path)
    with opened as picture:
        size = f"{picture.width} x {picture.height}"
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    return f"{shown} ({size}, {path.stat().st_size // 1000} kB)"


def run(picture: Path) -> Path:
    """Run the demo's workflow on a picture and return the path of the result."""
    started = time.monotonic()
    workflow = Workflow.load(ROOT / "examples" / "workflows" / "blend_api.json")

    def show(event: events.JobEvent) -> None:
        words = WORDS.get(type(event))
        if isinstance(event, events.NodeStarted):
            words = f"  {workflow[event.node_id].title}"
        if words is not None:
            say("", f"{time.monotonic() - started:4.1f} s  {words}")

    say("picture", describe(picture))
    with Emulator() as server:
        say("server", f"{server.url} (emulator, started in {time.monotonic() - started:.1f} s)")
        with ComfyCloud(server.api_key, base_url=server.url) as cloud:
            workflow["Picture"]["image"] = picture
            say("upload", "hashing and sending the picture, then the workflow")
            job = cloud.run(workflow, timeout=120, on_event=show)
            say("job", job.id)
            return job.outputs.images[0].save(ROOT / "out" / f"{picture.stem}-blend.png")


def main(arguments: list[str]) -> int:
    """Run the demo and return the exit code."""
    picture = Path(arguments[0]).expanduser().resolve() if arguments else ROOT / "examples" / "picture.png"
    try:
        result = run(picture)
        say("saved", describe(result))
    except UnidentifiedImageError:
        print(f"demo: {picture} must be an image that Pillow can read", file=sys.stderr)
        return 1
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        print(f"demo: {picture} must have at most {Image.MAX_IMAGE_PIXELS} pixels", file=sys.stderr)
        return 1
    except (OSError, ComfyCloudError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
