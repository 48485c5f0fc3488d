# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
"""What a raw function raises by itself; the client around it raises its own errors before."""


class UnexpectedStatus(Exception):
    """The server answered with an error, or with a status that the contract does not name.

    `status_code` and `content` (bytes) are the answer's; the message does not repeat the content.
    """

    def __init__(self, status_code: int, content: bytes, operation: str = "") -> None:
        self.status_code = status_code
        self.content = content
        self.operation = operation
        super().__init__(f"{operation or 'the request'} was answered with status {status_code}")

    def __reduce__(self) -> tuple[type["UnexpectedStatus"], tuple[int, bytes, str]]:
        return type(self), (self.status_code, self.content, self.operation)


__all__ = ["UnexpectedStatus"]
