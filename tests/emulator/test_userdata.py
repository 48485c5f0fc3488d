"""Test user data: files below one folder per user, listed, read, written and deleted."""

from typing import Any

import pytest

from .conftest import Server


@pytest.fixture(params=["cloud", "new", "old"])
def keeper(request: pytest.FixtureRequest) -> Server:
    server: Server = request.getfixturevalue(request.param)
    return server


def put(server: Server, path: str, content: bytes = b"{}", **query: str) -> Any:
    return server.http.post(f"/api/userdata/{path}", content=content, params=query)


def listed(server: Server, **query: str) -> Any:
    return server.get("/api/userdata", **query).json()


def test_a_file_is_written_read_and_deleted(keeper: Server):
    assert put(keeper, "workflows%2Fa.json", b'{"a": 1}').status_code == 200
    path = "/api/userdata/workflows%2Fa.json"
    assert keeper.get(path).content == b'{"a": 1}'
    put(keeper, "workflows%2Fa.json", b"new")
    assert keeper.get(path).content == b"new"
    response = keeper.http.delete(path)
    assert (response.status_code, response.content) == (204, b"")
    assert keeper.http.delete(path).status_code == 404
    assert keeper.get(path).status_code == 404


def test_a_write_that_must_not_overwrite_keeps_the_file(keeper: Server):
    put(keeper, "a.json", b"old")
    response = put(keeper, "a.json", b"new", overwrite="false")
    assert (response.status_code, response.text) == (409, "File already exists")
    assert response.headers["content-type"].startswith("text/plain")
    assert keeper.get("/api/userdata/a.json").content == b"old"
    assert put(keeper, "b.json", overwrite="false").status_code == 200


def test_the_response_to_a_write(cloud: Server, new: Server, old: Server):
    """A path, milliseconds, seconds or a date-time: a client must read all four."""
    body = put(cloud, "w%2Fa.json").json()
    assert (body["path"], body["size"], body["modified"][-1]) == ("w/a.json", 2, "Z")
    for server, kind in ((new, int), (old, float)):
        assert put(server, "w%2Fa.json").json() == "w/a.json"
        full = put(server, "w%2Fa.json", full_info="true").json()
        assert set(full) == {"path", "size", "modified", "created"}
        assert isinstance(full["modified"], kind)
        assert (full["modified"] > 10**12) == (kind is int)


def test_the_cloud_always_describes_the_files_it_lists(cloud: Server):
    put(cloud, "w%2Fb.json", b"12")
    put(cloud, "w%2Fsub%2Fa.json")
    for query in ({}, {"split": "true"}, {"full_info": "false"}):
        (entry,) = listed(cloud, dir="w/", **query)
        assert (entry["path"], entry["size"]) == ("b.json", 2)
        assert isinstance(entry["modified"], float)
    assert [entry["path"] for entry in listed(cloud, dir="w", recurse="true")] == ["b.json", "sub/a.json"]


def test_comfyui_lists_in_the_requested_form(new: Server, old: Server):
    for server in (new, old):
        for path in ("b.json", "a.json", "sub%2Fz.json"):
            put(server, f"w%2F{path}")
        assert listed(server, dir="w/") == listed(server, dir="w") == ["a.json", "b.json"]
        assert listed(server, dir="w/", recurse="true") == ["a.json", "b.json", "sub/z.json"]
        assert listed(server, dir="w/", recurse="true", split="true") == [
            ["a.json", "a.json"],
            ["b.json", "b.json"],
            ["sub/z.json", "sub", "z.json"],
        ]
        full = listed(server, dir="w/", full_info="true", split="true")
        assert [entry["path"] for entry in full] == ["a.json", "b.json"]


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ({}, 400, "Directory not provided"),
        ({"dir": "none/"}, 404, "Directory not found"),
        ({"dir": "../"}, 403, "Invalid directory"),
    ],
)
def test_lists_that_are_refused(keeper: Server, query: dict[str, str], status: int, text: str):
    response = keeper.get("/api/userdata", **query)
    if status == 403 and keeper.emulator.dialect == "cloud":
        status = 400  # the contract knows no 403 here
    assert (response.status_code, response.text) == (status, text)
    assert response.headers["content-type"].startswith("text/plain")


def test_no_path_leaves_the_folder(cloud: Server, new: Server):
    path = "..%2F..%2Fx.json"
    for server, statuses in ((cloud, (403, 400, 404)), (new, (403, 403, 403))):
        responses = [server.http.request(method, f"/api/userdata/{path}") for method in ("POST", "GET", "DELETE")]
        assert tuple(response.status_code for response in responses) == statuses
        assert all(bool(response.text) == (server is cloud) for response in responses)


def test_missing_files_are_reported_in_plain_text_or_without_a_body(cloud: Server, new: Server):
    response = cloud.get("/api/userdata/none")
    assert (response.status_code, response.headers["content-type"]) == (404, "text/plain; charset=utf-8")
    response = new.get("/api/userdata/none")
    assert (response.status_code, response.content) == (404, b"")


def test_the_cloud_reports_a_missing_key_in_plain_text(cloud: Server):
    response = cloud.http.get("/api/userdata/a", headers={"X-API-Key": "wrong"})
    assert (response.status_code, response.headers["content-type"]) == (401, "text/plain; charset=utf-8")


def test_a_raw_slash_is_another_route(new: Server):
    assert put(new, "w/a.json").status_code == 405
    assert new.get("/api/userdata/w/a.json").status_code == 404


def test_comfyui_decodes_a_path_twice(cloud: Server, new: Server):
    """A literal per cent sign must be sent as %2525 there."""
    assert put(new, "100%2525.json").json() == "100%.json"
    assert put(new, "a%252Fb.json").json() == "a/b.json"
    assert put(cloud, "a%252Fb.json").json()["path"] == "a%2Fb.json"
    assert put(new, "%C3%A9%20x.json").json() == "é x.json"


def test_the_content_type_is_guessed_on_comfyui_only(cloud: Server, new: Server):
    for server, expected in ((cloud, "application/octet-stream"), (new, "application/json")):
        put(server, "a.json")
        assert server.get("/api/userdata/a.json").headers["content-type"] == expected


def test_a_folder_is_not_a_file(cloud: Server, new: Server):
    for server, statuses in ((cloud, (404, 404, 400, 400)), (new, (403, 500, 400, 500))):
        put(server, "w%2Fa.json")
        lines = (("GET", "w"), ("DELETE", "w"), ("POST", "w"), ("POST", "w%2Fa.json%2Fb"))
        responses = [server.http.request(method, f"/api/userdata/{path}") for method, path in lines]
        assert tuple(response.status_code for response in responses) == statuses
    assert listed(cloud, dir="w") != []


def test_an_empty_folder_stays(keeper: Server):
    put(keeper, "w%2Fa.json")
    keeper.http.delete("/api/userdata/w%2Fa.json")
    assert listed(keeper, dir="w") == []
