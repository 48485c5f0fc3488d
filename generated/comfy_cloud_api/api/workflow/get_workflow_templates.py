# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.get_workflow_templates_response_200 import (
    GetWorkflowTemplatesResponse200,
)
from ...types import Response


def _get_kwargs() -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/workflow_templates",
        "extensions": {"operation": "getWorkflowTemplates", "json": True},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> GetWorkflowTemplatesResponse200:
    if response.status_code == 200:
        return cast(
            GetWorkflowTemplatesResponse200,
            _types.read(GetWorkflowTemplatesResponse200.from_dict, _types.json_content(response)),
        )
    if response.is_success:
        return cast(
            GetWorkflowTemplatesResponse200,
            _types.read(GetWorkflowTemplatesResponse200.from_dict, _types.json_content(response)),
        )
    raise errors.UnexpectedStatus(response.status_code, response.content, "getWorkflowTemplates")


def _build_response(response: httpx.Response) -> Response[GetWorkflowTemplatesResponse200]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("getWorkflowTemplates", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
) -> Response[GetWorkflowTemplatesResponse200]:
    """List workflow templates

    Lists the workflow templates on offer. Open-source ComfyUI reports those that custom nodes bring
    along. No API key is needed.

    `GET /api/workflow_templates`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[GetWorkflowTemplatesResponse200]
    """

    response = client.get_httpx_client().request(**_get_kwargs())
    return _build_response(response)


def sync(
    *,
    client: Client,
) -> GetWorkflowTemplatesResponse200:
    """List workflow templates

    Lists the workflow templates on offer. Open-source ComfyUI reports those that custom nodes bring
    along. No API key is needed.

    `GET /api/workflow_templates`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        GetWorkflowTemplatesResponse200
    """

    return sync_detailed(
        client=client,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
) -> Response[GetWorkflowTemplatesResponse200]:
    """List workflow templates

    Lists the workflow templates on offer. Open-source ComfyUI reports those that custom nodes bring
    along. No API key is needed.

    `GET /api/workflow_templates`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[GetWorkflowTemplatesResponse200]
    """

    response = await client.get_async_httpx_client().request(**_get_kwargs())
    return _build_response(response)


async def asyncio(
    *,
    client: Client,
) -> GetWorkflowTemplatesResponse200:
    """List workflow templates

    Lists the workflow templates on offer. Open-source ComfyUI reports those that custom nodes bring
    along. No API key is needed.

    `GET /api/workflow_templates`

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        GetWorkflowTemplatesResponse200
    """

    return (
        await asyncio_detailed(
            client=client,
        )
    ).parsed
