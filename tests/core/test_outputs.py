"""Which outputs a job has: a user who saves them loses files when one of these fails."""

from typing import Any

import pytest

from comfy_cloud._core.outputs import OutputEntry, read_outputs


def image(filename: str = "cat.png", **fields: Any) -> dict[str, Any]:
    return {"filename": filename, "subfolder": "", "type": "output", **fields}


def kind_of(key: str, entry: dict[str, Any]) -> str:
    (read,) = read_outputs({"1": {key: [entry]}})
    return read.kind


def test_every_kind_is_listed_in_the_order_of_the_server() -> None:
    outputs = {
        "12": {"images": [image("b.png"), image("a.png")]},
        "3": {"gifs": [image("clip.mp4")], "audio": [image("song.flac")], "text": ["a caption"]},
        "7": {"3d": [image("tree.glb")], "latents": [image("noise.latent")]},
    }
    assert [
        (entry.node_id, entry.key, entry.kind, entry.filename or entry.text) for entry in read_outputs(outputs)
    ] == [
        ("12", "images", "image", "b.png"),
        ("12", "images", "image", "a.png"),
        ("3", "gifs", "video", "clip.mp4"),
        ("3", "audio", "audio", "song.flac"),
        ("3", "text", "text", "a caption"),
        ("7", "3d", "3d", "tree.glb"),
        ("7", "latents", "file", "noise.latent"),
    ]


def test_an_entry_keeps_what_is_needed_to_fetch_it() -> None:
    entry = {"filename": "x.png", "subfolder": "today", "type": "temp", "id": "more"}
    assert read_outputs({"9": {"images": [entry]}}) == (
        OutputEntry("9", "images", "image", "x.png", "today", "temp", None),
    )
    assert read_outputs({"9": {"images": [entry]}})[0].raw == entry


@pytest.mark.parametrize("missing", [{}, {"subfolder": None, "type": None}, {"subfolder": 4, "type": ["output"]}])
def test_a_file_without_folder_or_type_is_looked_for_among_the_outputs(missing: dict[str, Any]) -> None:
    (entry,) = read_outputs({"9": {"images": [{"filename": "x.png", **missing}]}})
    assert (entry.subfolder, entry.type) == ("", "output")


def test_a_video_listed_as_an_image_with_a_flag_beside_it_is_one_video() -> None:
    (entry,) = read_outputs({"2": {"images": [image("clip.webm")], "animated": [True]}})
    assert (entry.kind, entry.key) == ("video", "images")


def test_the_same_file_under_two_keys_is_saved_once_where_it_stood_first() -> None:
    outputs = {"5": {"images": [image("clip.mp4")], "gifs": [image("clip.mp4", format="video/h264-mp4")]}}
    assert [entry.key for entry in read_outputs(outputs)] == ["images"]


def test_files_that_differ_in_folder_or_type_are_not_taken_for_one() -> None:
    entries = [image(), image(subfolder="a"), image(type="temp"), image()]
    assert len(read_outputs({"5": {"images": entries}})) == 3


def test_two_nodes_whose_pictures_have_the_same_hash_name_both_keep_theirs() -> None:
    outputs = {"5": {"images": [image("c0ffee.png")]}, "6": {"images": [image("c0ffee.png")]}}
    assert [entry.node_id for entry in read_outputs(outputs)] == ["5", "6"]


@pytest.mark.parametrize(
    ("key", "entry", "kind"),
    [
        ("gifs", image("a.bin", format="video/h264-mp4"), "video"),
        ("gifs", image("a.mp4", format="image/gif"), "image"),
        ("videos", image("sound", media_type="audio/flac"), "audio"),
        ("files", image("thing", mimeType="model/gltf-binary"), "3d"),
        ("images", image("a.webp", format="application/octet-stream"), "image"),
        ("images", image("a.PNG", format="png"), "image"),
        ("images", image("a.json"), "file"),
        ("text", image("a.txt"), "file"),
        ("images", image("no-extension"), "image"),
        ("gifs", image("no-extension"), "image"),
        ("Video", image("a.unheard-of"), "video"),
        ("3d", image("no-extension"), "3d"),
        ("something_new", image("no-extension"), "file"),
        ("something_new", image("a.ogg"), "audio"),
    ],
)
def test_the_kind_comes_from_the_media_type_then_the_extension_then_the_key(
    key: str, entry: dict[str, Any], kind: str
) -> None:
    assert kind_of(key, entry) == kind


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        (["one", "two"], ["one", "two"]),
        ("alone", ["alone"]),
        ([["nested", "twice"], "flat"], ["nested", "twice", "flat"]),
        ([42, 1.5], ["42", "1.5"]),
        ([{"text": "in an object"}, {"content": "here too"}], ["in an object", "here too"]),
        (["same", "same"], ["same", "same"]),
        ([""], [""]),
        ([None, True, {}, {"text": 4}], []),
    ],
)
def test_texts_arrive_as_text_in_whatever_form_a_node_sends_them(value: object, texts: list[str]) -> None:
    entries = read_outputs({"2": {"text": value}})
    assert [entry.text for entry in entries] == texts
    assert all(entry.kind == "text" and entry.filename is None for entry in entries)


def test_text_of_a_custom_key_is_kept_and_its_numbers_and_flags_are_not() -> None:
    entries = read_outputs({"2": {"tags": ["1girl, hat"], "size": [512, 512], "done": [True], "animated": ["yes"]}})
    assert [(entry.key, entry.text) for entry in entries] == [("tags", "1girl, hat")]


@pytest.mark.parametrize(
    ("filename", "expected"),
    [("x.png [output]", ("x.png", "output")), ("x.png [temp]", ("x.png", "temp")), ("x[1].png", ("x[1].png", "input"))],
)
def test_a_name_with_its_folder_in_brackets_is_fetched_by_the_name_alone(
    filename: str, expected: tuple[str, str]
) -> None:
    (entry,) = read_outputs({"2": {"images": [image(filename, type="input")]}})
    assert (entry.filename, entry.type) == expected
    assert entry.kind == "image"


def test_one_file_where_a_list_is_promised_is_not_lost() -> None:
    assert [entry.filename for entry in read_outputs({"2": {"images": image()}, "3": image("b.png")})] == [
        "cat.png",
        "b.png",
    ]


def test_a_node_with_a_plain_list_and_a_list_of_nodes_are_read_too() -> None:
    assert [(entry.node_id, entry.filename) for entry in read_outputs({"2": [image()]})] == [("2", "cat.png")]
    nodes = [{"node_id": "4", "images": [image()]}, image("b.png", nodeId="5", mediaType="images"), image("c.png")]
    assert [(entry.node_id, entry.key, entry.filename) for entry in read_outputs(nodes)] == [
        ("4", "images", "cat.png"),
        ("5", "images", "b.png"),
        ("", "", "c.png"),
    ]


GLB = ("chair.glb", "mesh", "output")


@pytest.mark.parametrize(
    ("node", "where"),
    [
        ({"result": [{"filename": "mesh/chair.glb", "subfolder": "", "type": "output", "mediaType": "3d"}]}, GLB),
        ({"result": ["mesh/chair.glb", None]}, GLB),
        ({"result": ["mesh/chair.glb", None, {"camera": 1}], "3d": [image("chair.glb", subfolder="mesh")]}, GLB),
        ({"3d": ["mesh\\chair.glb"]}, GLB),
        ({"result": ["mesh/chair.glb [temp]"]}, ("chair.glb", "mesh", "temp")),
        ({"images": [image("b/c.png", subfolder="a")]}, ("c.png", "a/b", "output")),
        ({"images": [image("c.png [input]", subfolder="a/")]}, ("c.png", "a", "input")),
        ({"images": [[[image("deep.png")]]]}, ("deep.png", "", "output")),
        ({"images": {"0": image("in_object.png")}}, ("in_object.png", "", "output")),
        ({"ui": {"images": [image("wrapped.png")]}}, ("wrapped.png", "", "output")),
        ({"images": [{"url": "/api/view?filename=x.png&subfolder=a%2Fb&type=temp"}]}, ("x.png", "a/b", "temp")),
    ],
)
def test_a_file_is_found_in_every_form_that_servers_give_it(node: object, where: tuple[str, str, str]) -> None:
    (entry,) = read_outputs({"12": node})
    assert (entry.filename, entry.subfolder, entry.type) == where
    assert entry.fault is None


@pytest.mark.parametrize(
    "value", [{"url": "https://files.test/n.png?signature=abc"}, "https://files.test/a/n.png?signature=abc"]
)
def test_a_file_with_an_address_only_is_told_and_shows_no_address(value: object) -> None:
    (entry,) = read_outputs({"3": {"images": [value]}})
    assert (entry.filename, entry.kind) == ("n.png", "file")
    assert "address" in str(entry.fault)
    assert "signature" not in repr(entry)


PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.mark.parametrize(
    "value",
    [f"data:image/png;base64,{PNG}", {"data": PNG}, {"image": f"data:image/png;base64,{PNG}"}, {"b64_json": PNG}],
)
def test_a_picture_inside_the_answer_is_an_output(value: object) -> None:
    (entry,) = read_outputs({"3": {"images": [value]}})
    assert (entry.filename, entry.kind) == ("3_images.png", "image")
    assert entry.content is not None
    assert entry.content.startswith(b"\x89PNG")


@pytest.mark.parametrize("text", ["chair.glb", "https://example.test/x.png", "aGVsbG8gd29ybGQ="])
def test_a_text_stays_a_text_where_texts_are_told(text: str) -> None:
    (entry,) = read_outputs({"3": {"text": [text]}})
    assert (entry.text, entry.kind) == (text, "text")


def test_nested_lists_and_objects_have_an_end() -> None:
    value: object = image("x.png")
    for _ in range(5000):
        value = [value]
    assert read_outputs({"1": {"images": value}}) == ()


@pytest.mark.parametrize(
    "junk",
    [
        None,
        "text",
        7,
        True,
        [],
        {},
        [None, 3, []],
        {"1": None, "2": 5},
        {"1": {"images": None}},
        {"1": {"images": [None, 3, {}, {"filename": None}, {"filename": 7}, {"filename": "  "}, {"filename": ""}]}},
        {"1": {"images": [{"filename": " [output]"}]}},
    ],
)
def test_answers_without_outputs_give_none_instead_of_an_error(junk: object) -> None:
    assert read_outputs(junk) == ()


def test_entries_can_be_put_in_a_set_and_show_no_address_in_their_repr() -> None:
    (entry,) = read_outputs({"1": {"images": [image(url="https://storage.test/x?signature=abc")]}})
    assert {entry} == {entry}
    assert "signature" not in repr(entry)
