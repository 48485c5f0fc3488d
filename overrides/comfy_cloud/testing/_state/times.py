"""Write epoch times, in milliseconds, as the servers write them in JSON."""

from datetime import UTC, datetime


def iso_time(milliseconds: int) -> str:
    """Return an epoch time in ms as ISO 8601 in UTC: `2026-01-31T12:00:00.250Z`."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def zoneless_time(milliseconds: int) -> str:
    """Return an epoch time in ms in UTC without a zone, as ComfyUI has it in assets: `2026-01-31T12:00:00.250000`."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
