"""The pytest plugin: an emulator and clients on it as fixtures.

pytest loads it in every environment that has the package, so that it imports nothing beyond pytest until a fixture
is used. It starts no server that no test asks for.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import ssl

    from .. import AsyncComfyCloud, ComfyCloud
    from . import Emulator

_MARKER = pytest.mark.comfy_cloud.name  # no string: the name of the package stands in none
_URL, _KEY = "COMFY_CLOUD_BASE_URL", "COMFY_CLOUD_API_KEY"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(dialect=..., **options): how to start the emulator of this test; the options of Emulator",
    )


@pytest.fixture
def comfy_cloud_emulator(request: pytest.FixtureRequest) -> Iterator["Emulator"]:
    """A running Emulator, dialect "cloud" unless a `comfy_cloud` marker says otherwise. While it runs,
    COMFY_CLOUD_BASE_URL and COMFY_CLOUD_API_KEY lead to it."""
    emulator = _started(request.node)
    with emulator, pytest.MonkeyPatch.context() as environment:
        environment.setenv(_URL, emulator.url)
        environment.setenv(_KEY, emulator.api_key)
        yield emulator


@pytest.fixture
def comfy_cloud_client(comfy_cloud_emulator: "Emulator") -> Iterator["ComfyCloud"]:
    """A ComfyCloud on the emulator; closed after the test."""
    from .. import ComfyCloud

    emulator = comfy_cloud_emulator
    with ComfyCloud(emulator.api_key, base_url=emulator.url, ssl_context=_no_tls()) as client:
        yield client


@pytest.fixture
def async_comfy_cloud_client(comfy_cloud_emulator: "Emulator") -> "AsyncComfyCloud":
    """An AsyncComfyCloud on the emulator that is not open yet: the test enters it with `async with`, in whatever
    event loop it has."""
    from .. import AsyncComfyCloud

    emulator = comfy_cloud_emulator
    return AsyncComfyCloud(emulator.api_key, base_url=emulator.url, ssl_context=_no_tls())


def _started(test: pytest.Item) -> "Emulator":
    marker = test.get_closest_marker(_MARKER)
    if marker is not None and marker.args:
        pytest.fail(f"@pytest.mark.{_MARKER} takes options by name, like dialect=...", pytrace=False)
    try:
        from . import Emulator

        return Emulator(**({} if marker is None else marker.kwargs))
    except ImportError as error:
        pytest.fail(str(error), pytrace=False)
    except (TypeError, ValueError) as error:
        pytest.fail(f"@pytest.mark.{_MARKER}: {error}", pytrace=False)


def _no_tls() -> "ssl.SSLContext":
    import ssl

    # The emulator speaks plain HTTP: loading the certificates of the whole world takes longer than the test.
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
