"""Read query parameters, and refuse with 400 what the server refuses."""

from starlette.requests import Request

from .._servers.responses import Refusal


def int_parameter(text: str | None, name: str, *, default: int, low: int | None, high: int | None = None) -> int:
    """Return a query parameter as an integer. Refuse anything else, and numbers out of range, with 400."""
    if text is None:
        return default
    try:
        number = int(text)
    except ValueError:
        raise Refusal(400, "INVALID_QUERY", f"{name} must be an integer") from None
    if (low is not None and number < low) or (high is not None and number > high):
        span = f"between {low} and {high}" if high is not None else "a positive integer" if low else f"at least {low}"
        raise Refusal(400, "INVALID_QUERY", f"{name} must be {span}")
    return number


def count_parameter(text: str | None, default: int) -> int:
    """Return a query parameter as a count. The contract documents no 400 for the history, so a bad value is ignored."""
    return int(text[:9]) if text and text.isascii() and text.isdigit() else default


def choice_parameter(value: str | None, name: str, known: tuple[str, ...]) -> str:
    """Return a query parameter that must be one of some words. The first word is the default."""
    if value is None:
        return known[0]
    if value not in known:
        raise Refusal(400, "INVALID_QUERY", f"{name} must be {' or '.join(repr(word) for word in sorted(known))}")
    return value


def bool_parameter(request: Request, name: str, *, default: bool) -> bool:
    """Return a query parameter that must be true or false."""
    value = request.query_params.get(name)
    if value is None:
        return default
    if value.lower() not in ("true", "false"):
        raise Refusal(400, "INVALID_QUERY", f"{name} must be true or false")
    return value.lower() == "true"
