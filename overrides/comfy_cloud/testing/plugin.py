"""Provide the pytest plugin: an emulator and clients connected to it, as fixtures.

pytest loads the plugin in every environment that has the package. So it imports nothing but pytest until a fixture is
used, and starts no server that no test asks for.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import ssl

    from .._async.client import AsyncComfyCloud
    from .._sync.client import ComfyCloud
    from . import Emulator

_MARKER = (
    pytest.mark.comfy_cloud.name
)  # from an attribute: no string contains the package's name, so that a vendored copy works
_FAIL = pytest.mark.comfy_cloud_fail.name
_URL, _KEY = "COMFY_CLOUD_BASE_URL", "COMFY_CLOUD_API_KEY"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(dialect=..., **options): how to start the emulator of this test; the options of Emulator",
    )
    config.addinivalue_line(
        "markers", f"{_FAIL}(node or operation, ...): what fails in this test; the arguments of Emulator.fail"
    )


@pytest.fixture
def comfy_cloud_emulator(request: pytest.FixtureRequest) -> Iterator["Emulator"]:
    """Provide a running Emulator, with the dialect "cloud" unless a `comfy_cloud` marker says otherwise.

    Each `comfy_cloud_fail` marker calls `Emulator.fail` with its arguments. While the emulator runs,
    COMFY_CLOUD_BASE_URL and COMFY_CLOUD_API_KEY point to it.
    """
    emulator = _started(request.node)
    with emulator, pytest.MonkeyPatch.context() as environment:
        environment.setenv(_URL, emulator.url)
        environment.setenv(_KEY, emulator.api_key)
        _order_failures(request.node, emulator)
        yield emulator


@pytest.fixture
def comfy_cloud_client(comfy_cloud_emulator: "Emulator") -> Iterator["ComfyCloud"]:
    """Provide a ComfyCloud connected to the emulator. It is closed after the test."""
    from .._sync.client import ComfyCloud

    emulator = comfy_cloud_emulator
    with ComfyCloud(emulator.api_key, base_url=emulator.url, ssl_context=_no_tls()) as client:
        yield client


@pytest.fixture
def async_comfy_cloud_client(comfy_cloud_emulator: "Emulator") -> "AsyncComfyCloud":
    """Provide an AsyncComfyCloud connected to the emulator.

    The client is not open yet. The test enters it with `async with`, in any event loop.
    """
    from .._async.client import AsyncComfyCloud

    emulator = comfy_cloud_emulator
    return AsyncComfyCloud(emulator.api_key, base_url=emulator.url, ssl_context=_no_tls())


def _started(test: pytest.Item) -> "Emulator":
    marker = test.get_closest_marker(_MARKER)
    if marker is not None and marker.args:
        pytest.fail(f"@pytest.mark.{_MARKER} must have keyword arguments only, such as dialect=...", pytrace=False)
    try:
        # Import here: a missing extra must fail the tests that use the fixture, not the whole run.
        from . import Emulator

        return Emulator(**({} if marker is None else marker.kwargs))
    except ImportError as error:
        pytest.fail(str(error), pytrace=False)
    except (TypeError, ValueError, OSError) as error:
        pytest.fail(f"@pytest.mark.{_MARKER}: {error}", pytrace=False)


def _order_failures(test: pytest.Item, emulator: "Emulator") -> None:
    for marker in reversed(list(test.iter_markers(_FAIL))):
        try:
            emulator.fail(*marker.args, **marker.kwargs)
        except (TypeError, ValueError) as error:
            pytest.fail(f"@pytest.mark.{_FAIL}: {error}", pytrace=False)


def _no_tls() -> "ssl.SSLContext":
    import ssl

    # The emulator uses plain HTTP, and loading the system's certificates takes longer than a typical test.
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
