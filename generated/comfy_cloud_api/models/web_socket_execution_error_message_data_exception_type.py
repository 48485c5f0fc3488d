# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from enum import StrEnum


class WebSocketExecutionErrorMessageDataExceptionType(StrEnum):
    """Known values; one nobody has heard of becomes a member of its own, so that it can be read and sent again."""

    DISPATCHERERROR = "DispatcherError"
    IMAGEDOWNLOADERROR = "ImageDownloadError"
    INACTIVESUBSCRIPTIONERROR = "InactiveSubscriptionError"
    INSUFFICIENTFUNDSERROR = "InsufficientFundsError"
    MODELDOWNLOADERROR = "ModelDownloadError"
    OOMERROR = "OOMError"
    PANICERROR = "PanicError"
    SERVICEERROR = "ServiceError"
    VALIDATIONERROR = "ValidationError"
    WEBSOCKETERROR = "WebSocketError"

    @classmethod
    def _missing_(cls, value: object) -> "WebSocketExecutionErrorMessageDataExceptionType | None":
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return member
