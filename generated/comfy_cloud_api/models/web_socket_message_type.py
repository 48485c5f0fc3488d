# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from enum import StrEnum


class WebSocketMessageType(StrEnum):
    """Known values; one nobody has heard of becomes a member of its own, so that it can be read and sent again."""

    EXECUTED = "executed"
    EXECUTING = "executing"
    EXECUTION_CACHED = "execution_cached"
    EXECUTION_ERROR = "execution_error"
    EXECUTION_INTERRUPTED = "execution_interrupted"
    EXECUTION_START = "execution_start"
    EXECUTION_SUCCESS = "execution_success"
    PROGRESS = "progress"
    PROGRESS_STATE = "progress_state"
    STATUS = "status"

    @classmethod
    def _missing_(cls, value: object) -> "WebSocketMessageType | None":
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return member
