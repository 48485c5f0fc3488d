# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.prompt_request import PromptRequest
from ...models.prompt_response import PromptResponse
from ...types import Response


def _get_kwargs(
    *,
    body: PromptRequest,
) -> dict[str, Any]:
    _headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/prompt",
        "extensions": {"operation": "executePrompt", "json": True},
    }

    _kwargs["json"] = _types.encode(body)
    _headers["Content-Type"] = "application/json"

    _kwargs["headers"] = _headers
    return _kwargs


def _parse_response(response: httpx.Response) -> PromptResponse:
    if response.status_code == 200:
        return cast(PromptResponse, _types.read(PromptResponse.from_dict, _types.json_content(response)))
    if response.is_success:
        return cast(PromptResponse, _types.read(PromptResponse.from_dict, _types.json_content(response)))
    raise errors.UnexpectedStatus(response.status_code, response.content, "executePrompt")


def _build_response(response: httpx.Response) -> Response[PromptResponse]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("executePrompt", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
    body: PromptRequest,
) -> Response[PromptResponse]:
    """Queue a workflow as a new job

    Hands a workflow to the server, which checks it and queues it as a job. The workflow is in API
    format: a JSON object with one entry per node, where inputs hold values or links to other nodes.

    An accepted answer can still carry `node_errors`: branches that fail validation are dropped and the
    rest runs. There is no idempotency key, so a repeat after a lost answer can start, and bill, a
    second job.

    `POST /api/prompt`

    Args:
        body (PromptRequest): A workflow to run, with options. Fields without a value are left out
            rather than sent as null. There is no idempotency key: sending the same request twice can
            start two paid jobs.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[PromptResponse]
    """

    response = client.get_httpx_client().request(
        **_get_kwargs(
            body=body,
        )
    )
    return _build_response(response)


def sync(
    *,
    client: Client,
    body: PromptRequest,
) -> PromptResponse:
    """Queue a workflow as a new job

    Hands a workflow to the server, which checks it and queues it as a job. The workflow is in API
    format: a JSON object with one entry per node, where inputs hold values or links to other nodes.

    An accepted answer can still carry `node_errors`: branches that fail validation are dropped and the
    rest runs. There is no idempotency key, so a repeat after a lost answer can start, and bill, a
    second job.

    `POST /api/prompt`

    Args:
        body (PromptRequest): A workflow to run, with options. Fields without a value are left out
            rather than sent as null. There is no idempotency key: sending the same request twice can
            start two paid jobs.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        PromptResponse
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: Client,
    body: PromptRequest,
) -> Response[PromptResponse]:
    """Queue a workflow as a new job

    Hands a workflow to the server, which checks it and queues it as a job. The workflow is in API
    format: a JSON object with one entry per node, where inputs hold values or links to other nodes.

    An accepted answer can still carry `node_errors`: branches that fail validation are dropped and the
    rest runs. There is no idempotency key, so a repeat after a lost answer can start, and bill, a
    second job.

    `POST /api/prompt`

    Args:
        body (PromptRequest): A workflow to run, with options. Fields without a value are left out
            rather than sent as null. There is no idempotency key: sending the same request twice can
            start two paid jobs.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[PromptResponse]
    """

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            body=body,
        )
    )
    return _build_response(response)


async def asyncio(
    *,
    client: Client,
    body: PromptRequest,
) -> PromptResponse:
    """Queue a workflow as a new job

    Hands a workflow to the server, which checks it and queues it as a job. The workflow is in API
    format: a JSON object with one entry per node, where inputs hold values or links to other nodes.

    An accepted answer can still carry `node_errors`: branches that fail validation are dropped and the
    rest runs. There is no idempotency key, so a repeat after a lost answer can start, and bill, a
    second job.

    `POST /api/prompt`

    Args:
        body (PromptRequest): A workflow to run, with options. Fields without a value are left out
            rather than sent as null. There is no idempotency key: sending the same request twice can
            start two paid jobs.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        PromptResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
