# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from enum import StrEnum


class WebSocketProgressStateMessageType(StrEnum):
    """Known values; one nobody has heard of becomes a member of its own, so that it can be read and sent again."""

    PROGRESS_STATE = "progress_state"

    @classmethod
    def _missing_(cls, value: object) -> "WebSocketProgressStateMessageType | None":
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return member
