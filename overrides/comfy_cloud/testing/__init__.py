"""Emulate Comfy Cloud and open-source ComfyUI: a real server on loopback, for tests without key or network.

    from comfy_cloud.testing import Emulator

It runs workflows of a small set of nodes for real. Names load on first use. The extra `testing` installs what the
server needs.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._faults.faults import Fault as Fault
    from ._faults.rules import FaultOrder as FaultOrder
    from ._faults.rules import Faults as Faults
    from ._journal import Journal as Journal
    from ._journal import JournalEntry as JournalEntry
    from ._routes.gateway import Gateway as Gateway
    from ._state.keys import ApiKeys as ApiKeys
    from .emulator import Emulator as Emulator

__all__ = ["ApiKeys", "Emulator", "Fault", "FaultOrder", "Faults", "Gateway", "Journal", "JournalEntry"]

_MODULES = {
    "ApiKeys": "_state.keys",
    "Emulator": "emulator",
    "Fault": "_faults.faults",
    "FaultOrder": "_faults.rules",
    "Faults": "_faults.rules",
    "Gateway": "_routes.gateway",
    "Journal": "_journal",
    "JournalEntry": "_journal",
}
_EXTRA = {"PIL": "pillow", "python_multipart": "python-multipart", "starlette": "starlette", "uvicorn": "uvicorn"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    try:
        module = import_module(f".{_MODULES[name]}", __name__)
    except ModuleNotFoundError as error:
        missing = _EXTRA.get((error.name or "").partition(".")[0])
        if missing is None:
            raise
        hint = f'could not import {missing}, which the emulator needs: pip install "comfy-cloud[testing]"'
        raise ImportError(hint, name=error.name) from None
    return getattr(module, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
