"""Warn callers of methods that stand on a deprecated operation. No I/O."""

from __future__ import annotations

import sys
import warnings

from .operations import OPERATIONS

PACKAGE = __name__.rpartition("._core.")[0]


def warn_deprecated(operation: str) -> None:
    """Warn the caller of a public method if the method is that of the deprecated `operation`.

    The layer uses such operations as a fallback too, for instance to wait for a job. Its callers cannot help that, so
    only the modules of the methods that the table names are looked for among the callers. The warning points at the
    code outside the package, which Python shows by default if that is a script.
    """
    row = OPERATIONS.get(operation)
    if row is None or not row.method:
        return
    groups = {method.rpartition(".")[0] for method in row.method.split(", ")}
    homes = tuple(f".resources.{group}" if group else ".client" for group in groups)
    frame, level, named = sys._getframe(1), 2, False
    while frame.f_back is not None and (frame.f_globals.get("__name__") or "").startswith(f"{PACKAGE}."):
        named = named or frame.f_globals["__name__"].endswith(homes)
        frame, level = frame.f_back, level + 1
    if named:
        methods = " and ".join(f"cloud.{method}" for method in row.method.split(", "))
        warnings.warn(
            f"{methods}: the API deprecates {operation} and may drop it; its raw function's docstring says what to use",
            DeprecationWarning,
            stacklevel=level,
        )
