# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.interrupt_job_body import InterruptJobBody
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: InterruptJobBody | Unset = UNSET,
) -> dict[str, Any]:
    _headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/interrupt",
        "extensions": {"operation": "interruptJob", "json": False},
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = _types.encode(body)
        _headers["Content-Type"] = "application/json"

    _kwargs["headers"] = _headers
    return _kwargs


def _parse_response(response: httpx.Response) -> None:
    if response.status_code == 200:
        return None
    if response.is_success:
        return None
    raise errors.UnexpectedStatus(response.status_code, response.content, "interruptJob")


def _build_response(response: httpx.Response) -> Response[None]:
    _parse_response(response)
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=None,
    )


operation = _types.Operation("interruptJob", _get_kwargs, _parse_response)


def sync_detailed(
    *,
    client: Client,
    body: InterruptJobBody | Unset = UNSET,
) -> Response[None]:
    """Stop running jobs

    Stops jobs that run now. By the contract it stops all running jobs of the account and leaves waiting
    ones alone, which `POST /api/queue` cancels. Newer servers and open-source ComfyUI accept an
    optional `prompt_id` in a JSON body that names the job to stop; without it, newer servers stop the
    oldest running job, or the oldest waiting one if none runs. Name the job whenever one in particular
    is meant.

    `POST /api/interrupt`

    Args:
        body (InterruptJobBody | Unset):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[None]
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
    body: InterruptJobBody | Unset = UNSET,
) -> None:
    """Stop running jobs

    Stops jobs that run now. By the contract it stops all running jobs of the account and leaves waiting
    ones alone, which `POST /api/queue` cancels. Newer servers and open-source ComfyUI accept an
    optional `prompt_id` in a JSON body that names the job to stop; without it, newer servers stop the
    oldest running job, or the oldest waiting one if none runs. Name the job whenever one in particular
    is meant.

    `POST /api/interrupt`

    Args:
        body (InterruptJobBody | Unset):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        None
    """

    sync_detailed(
        client=client,
        body=body,
    )


async def asyncio_detailed(
    *,
    client: Client,
    body: InterruptJobBody | Unset = UNSET,
) -> Response[None]:
    """Stop running jobs

    Stops jobs that run now. By the contract it stops all running jobs of the account and leaves waiting
    ones alone, which `POST /api/queue` cancels. Newer servers and open-source ComfyUI accept an
    optional `prompt_id` in a JSON body that names the job to stop; without it, newer servers stop the
    oldest running job, or the oldest waiting one if none runs. Name the job whenever one in particular
    is meant.

    `POST /api/interrupt`

    Args:
        body (InterruptJobBody | Unset):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[None]
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
    body: InterruptJobBody | Unset = UNSET,
) -> None:
    """Stop running jobs

    Stops jobs that run now. By the contract it stops all running jobs of the account and leaves waiting
    ones alone, which `POST /api/queue` cancels. Newer servers and open-source ComfyUI accept an
    optional `prompt_id` in a JSON body that names the job to stop; without it, newer servers stop the
    oldest running job, or the oldest waiting one if none runs. Name the job whenever one in particular
    is meant.

    `POST /api/interrupt`

    Args:
        body (InterruptJobBody | Unset):

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        None
    """

    await asyncio_detailed(
        client=client,
        body=body,
    )
