"""Nothing of the contract is lost: every operation can be called, and asks for what the contract says."""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

import comfy_cloud.raw.api
from comfy_cloud.raw.api.file import view_file
from comfy_cloud.raw.api.model import get_model_preview

from .conftest import Raw, arguments, contract_operations

MODULES = [name for _, name, _ in pkgutil.walk_packages(comfy_cloud.raw.__path__, "comfy_cloud.raw.")]
OPERATIONS = {
    name.rsplit(".", 1)[1]: name for name in MODULES if re.fullmatch(r"comfy_cloud\.raw\.api\.\w+\.\w+", name)
}
PICTURE = b"\x89PNG\r\n\x1a\n\x00\xff\x00 any bytes"


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


@pytest.mark.parametrize("name", MODULES)
def test_every_module_imports(name: str) -> None:
    module = importlib.import_module(name)
    for public in getattr(module, "__all__", ()):
        assert getattr(module, public) is not None


def test_all_operations_of_the_contract_are_there_and_no_others() -> None:
    assert set(comfy_cloud.raw.api.OPERATIONS) == set(contract_operations())
    assert set(OPERATIONS) == {snake(operation_id) for operation_id in contract_operations()}
    for name in OPERATIONS.values():
        module = importlib.import_module(name)
        assert all(callable(getattr(module, kind)) for kind in ("sync", "sync_detailed", "asyncio", "asyncio_detailed"))


@pytest.mark.parametrize("operation_id", sorted(contract_operations()))
def test_an_operation_asks_for_what_the_contract_says(httpserver: HTTPServer, raw: Raw, operation_id: str) -> None:
    method, path, definition = contract_operations()[operation_id]
    status, answer = next((code, answer) for code, answer in definition["responses"].items() if code[0] == "2")
    content_type = next(iter(answer.get("content", {})), None)
    content = b"{}" if content_type == "application/json" else b"some bytes" if content_type else b""
    seen: list[Request] = []

    def handler(request: Request) -> Response:
        seen.append(request)
        return Response(content, status=int(status), content_type=content_type)

    httpserver.expect_request(re.compile(".*")).respond_with_handler(handler)
    operation: Any = importlib.import_module(OPERATIONS[snake(operation_id)])
    given = arguments(operation)
    assert operation._get_kwargs(**given)["extensions"]["operation"] == operation_id
    assert operation.operation.id == operation_id
    response = raw.detailed(httpserver.url_for(""), operation, **given)
    assert response.status_code == int(status)
    assert (response.parsed is None) == (not content)
    assert [request.method for request in seen] == [method]
    assert re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), seen[0].path)


def test_a_picture_arrives_as_bytes(httpserver: HTTPServer, raw: Raw) -> None:
    httpserver.expect_request("/api/view", query_string={"filename": "a.png"}).respond_with_data(
        PICTURE, content_type="image/png"
    )
    picture = raw(httpserver.url_for(""), view_file, filename="a.png")
    assert picture.read() == PICTURE


def test_a_model_preview_arrives_as_bytes(httpserver: HTTPServer, raw: Raw) -> None:
    httpserver.expect_request("/api/experiment/models/preview/loras/0/my style.safetensors").respond_with_data(
        PICTURE, content_type="image/webp"
    )
    preview = raw(httpserver.url_for(""), get_model_preview, "loras", 0, "my style.safetensors")
    assert preview.read() == PICTURE
