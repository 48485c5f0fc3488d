"""Fixtures: a caller of raw functions in each flavour, and the published contract."""

from __future__ import annotations

import asyncio
import inspect
import ssl
from pathlib import Path
from typing import Any

import pytest
import yaml

from comfy_cloud import AsyncComfyCloud, ComfyCloud, RetryPolicy
from comfy_cloud.raw import models
from comfy_cloud.raw.types import File

ROOT = Path(__file__).resolve().parent.parent.parent
# By libyaml: by Python it takes each worker half a second.
CONTRACT: dict[str, Any] = yaml.load((ROOT / "openapi-cloud.yaml").read_bytes(), Loader=yaml.CSafeLoader)
KEY = "comfyui-0123456789abcdef-the-key"
TLS = ssl.create_default_context()  # made once: it takes longer than a test


class Raw:
    """Calls raw functions through a client of ours, `sync_detailed` or `asyncio_detailed` by its flavour."""

    def __init__(self, flavour: str) -> None:
        self.flavour = flavour

    def detailed(self, url: str, operation: Any, *args: Any, **kwargs: Any) -> Any:
        """The Response of an operation (a module of `raw.api`)."""
        options: dict[str, Any] = {"base_url": url, "retry": RetryPolicy(base_delay=0.001), "ssl_context": TLS}
        if self.flavour == "sync":
            with ComfyCloud(KEY, **options) as cloud:
                return operation.sync_detailed(*args, client=cloud.raw, **kwargs)

        async def call() -> Any:
            async with AsyncComfyCloud(KEY, **options) as cloud:
                return await operation.asyncio_detailed(*args, client=cloud.raw, **kwargs)

        return asyncio.run(call())

    def __call__(self, url: str, operation: Any, *args: Any, **kwargs: Any) -> Any:
        """What an operation answers."""
        return self.detailed(url, operation, *args, **kwargs).parsed


@pytest.fixture(params=["sync", "asyncio"])
def raw(request: pytest.FixtureRequest) -> Raw:
    """Each flavour in turn."""
    return Raw(request.param)


@pytest.fixture
def raw_sync() -> Raw:
    """One flavour, where the other would only say the same."""
    return Raw("sync")


def contract_operations() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Method, path and definition of each operation of the contract, by operationId."""
    return {
        operation["operationId"]: (method.upper(), path, operation)
        for path, item in CONTRACT["paths"].items()
        for method, operation in item.items()
        if method in {"get", "put", "post", "delete", "patch", "head"}
    }


def arguments(operation: Any) -> dict[str, Any]:
    """Something for each argument that a raw function cannot do without."""
    given: dict[str, Any] = {}
    for name, parameter in inspect.signature(operation._get_kwargs).parameters.items():
        kind = str(parameter.annotation).removeprefix("<class '").removesuffix("'>").split(" | ")[0].split(".")[-1]
        if parameter.default is not inspect.Parameter.empty:
            continue
        if kind == "File":
            given[name] = File(b"bytes")
        elif kind in {"str", "int"}:
            given[name] = "some text" if kind == "str" else 3
        else:
            given[name] = getattr(models, kind).from_dict({})
    return given
