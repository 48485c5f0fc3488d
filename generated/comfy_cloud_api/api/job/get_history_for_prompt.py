# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from typing import Any, cast

import httpx

from ... import errors
from ... import types as _types
from ...client import Client
from ...models.history_detail_response import HistoryDetailResponse
from ...types import Response


def _get_kwargs(
    prompt_id: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/history_v2/{prompt_id}".format(
            prompt_id=_types.path_segment(prompt_id),
        ),
        "extensions": {"operation": "getHistoryForPrompt", "json": True},
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> HistoryDetailResponse:
    if response.status_code == 200:
        return cast(HistoryDetailResponse, _types.read(HistoryDetailResponse.from_dict, _types.json_content(response)))
    if response.is_success:
        return cast(HistoryDetailResponse, _types.read(HistoryDetailResponse.from_dict, _types.json_content(response)))
    raise errors.UnexpectedStatus(response.status_code, response.content, "getHistoryForPrompt")


def _build_response(response: httpx.Response) -> Response[HistoryDetailResponse]:
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(response),
    )


operation = _types.Operation("getHistoryForPrompt", _get_kwargs, _parse_response, deprecated=True)


def sync_detailed(
    prompt_id: str,
    *,
    client: Client,
) -> Response[HistoryDetailResponse]:
    """Fetch the history entry of one run

    Fetches the history entry of one run in full, with everything that was submitted. Open-source
    ComfyUI lacks this path; its `/api/history/{prompt_id}` answers 200 with an empty object for an
    unknown or unfinished run. Deprecated: `getJobDetail` replaces it, which takes the same id; the date
    of its removal is open.

    Deprecated: the API may drop this operation.

    `GET /api/history_v2/{prompt_id}`

    Args:
        prompt_id (str): Id of the run, as given by `POST /api/prompt`.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[HistoryDetailResponse]
    """

    response = client.get_httpx_client().request(
        **_get_kwargs(
            prompt_id=prompt_id,
        )
    )
    return _build_response(response)


def sync(
    prompt_id: str,
    *,
    client: Client,
) -> HistoryDetailResponse:
    """Fetch the history entry of one run

    Fetches the history entry of one run in full, with everything that was submitted. Open-source
    ComfyUI lacks this path; its `/api/history/{prompt_id}` answers 200 with an empty object for an
    unknown or unfinished run. Deprecated: `getJobDetail` replaces it, which takes the same id; the date
    of its removal is open.

    Deprecated: the API may drop this operation.

    `GET /api/history_v2/{prompt_id}`

    Args:
        prompt_id (str): Id of the run, as given by `POST /api/prompt`.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        HistoryDetailResponse
    """

    return sync_detailed(
        prompt_id=prompt_id,
        client=client,
    ).parsed


async def asyncio_detailed(
    prompt_id: str,
    *,
    client: Client,
) -> Response[HistoryDetailResponse]:
    """Fetch the history entry of one run

    Fetches the history entry of one run in full, with everything that was submitted. Open-source
    ComfyUI lacks this path; its `/api/history/{prompt_id}` answers 200 with an empty object for an
    unknown or unfinished run. Deprecated: `getJobDetail` replaces it, which takes the same id; the date
    of its removal is open.

    Deprecated: the API may drop this operation.

    `GET /api/history_v2/{prompt_id}`

    Args:
        prompt_id (str): Id of the run, as given by `POST /api/prompt`.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        Response[HistoryDetailResponse]
    """

    response = await client.get_async_httpx_client().request(
        **_get_kwargs(
            prompt_id=prompt_id,
        )
    )
    return _build_response(response)


async def asyncio(
    prompt_id: str,
    *,
    client: Client,
) -> HistoryDetailResponse:
    """Fetch the history entry of one run

    Fetches the history entry of one run in full, with everything that was submitted. Open-source
    ComfyUI lacks this path; its `/api/history/{prompt_id}` answers 200 with an empty object for an
    unknown or unfinished run. Deprecated: `getJobDetail` replaces it, which takes the same id; the date
    of its removal is open.

    Deprecated: the API may drop this operation.

    `GET /api/history_v2/{prompt_id}`

    Args:
        prompt_id (str): Id of the run, as given by `POST /api/prompt`.

    Raises:
        errors.UnexpectedStatus: for an error status, unless the httpx client in use raises errors of its own.

    Returns:
        HistoryDetailResponse
    """

    return (
        await asyncio_detailed(
            prompt_id=prompt_id,
            client=client,
        )
    ).parsed
