"""Names of local files: a hostile or odd server name must not write elsewhere, fail to open, or hide another file."""

from __future__ import annotations

from typing import Any

import pytest

from comfy_cloud._core.names import FIELDS, check_template, fill_template, numbered_name, safe_name, unique_names


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("cat.png", "cat.png"),
        ("Ünïcode 猫 🐈.png", "Ünïcode 猫 🐈.png"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\win.ini", "win.ini"),
        ("/abs/olute.png", "olute.png"),
        ("folder/", "folder"),
        ("C:\\temp\\a.png", "a.png"),
        ("C:a.png", "a.png"),
        ("a/../b.png", "b.png"),
        ("a\x00b\nc\x7f.png", "abc.png"),
        ("x\u202egnp.exe", "xgnp.exe"),
        ("zero\u200bwidth\ufeff.png", "zerowidth.png"),
        ("line\u2028break.png", "linebreak.png"),
        ("half\ud800.png", "half.png"),
        ("a.png. . ", "a.png"),
        ("  .hidden.png", "hidden.png"),
        (".bashrc", "bashrc"),
        ('a<b>c:d"e|f?g*h.png', "a_b_c_d_e_f_g_h.png"),
        ("stream.png:evil", "stream.png_evil"),
        ("cafe\u0301.png", "caf\u00e9.png"),
        ("e\u200d\u0301.png", "\u00e9.png"),
    ],
)
def test_a_server_name_becomes_a_plain_file_name(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.parametrize("name", ["", " ", ".", "..", "...", "///", "\\", "a/..", "\x00", "\u200b", "C:", None, 7, []])
def test_a_name_of_which_nothing_is_left_gets_the_fallback(name: object) -> None:
    assert safe_name(name) == "output"
    assert safe_name(name, fallback="mask") == "mask"


@pytest.mark.parametrize(
    "name", ["CON", "nul.txt", "Aux.tar.gz", "com1.png", "LPT9", "COM\u00b9.png", "nul .txt", "conin$", "CON.", "prn:"]
)
def test_a_windows_device_is_not_opened_in_place_of_a_file(name: str) -> None:
    stem = safe_name(name).split(".")[0].rstrip().lower()
    assert stem not in {"con", "nul", "aux", "prn", "com1", "lpt9", "com\u00b9", "conin$"}


@pytest.mark.parametrize("name", ["console.png", "com10.png", "nullable.txt", "com.png", "auxiliary"])
def test_names_that_only_begin_like_a_device_stay(name: str) -> None:
    assert safe_name(name) == name


@pytest.mark.parametrize("stem", ["x" * 300, "猫" * 150, "🐈" * 100, "e\u0301" * 150, "CON" + " " * 300 + "x"])
def test_a_long_name_fits_every_file_system_and_keeps_its_extension(stem: str) -> None:
    safe = safe_name(stem + ".safetensors")
    assert safe.endswith(".safetensors")
    assert len(safe.encode()) <= 200
    assert not safe.startswith("CON")


def test_a_long_name_with_a_dot_near_its_start_is_not_cut_down_to_it() -> None:
    assert len(safe_name("v1." + "x" * 300).encode()) == 200


def test_names_made_of_a_hash_stay_as_they_are() -> None:
    name = "0a1b2c3d" * 8 + ".png"
    assert safe_name(name) == name
    assert list(unique_names(["other.png", name])) == ["other.png", name]


@pytest.mark.parametrize(
    "name", [".. /C:/x:.png", "x" * 199 + ".. .png", "con.con", " . a . ", "_nul", "A\u030a\u0301/B\u0307.", "C:D:e"]
)
def test_a_safe_name_is_safe_again(name: str) -> None:
    assert safe_name(safe_name(name)) == safe_name(name)


def test_names_in_use_get_the_first_free_number_before_the_extension() -> None:
    assert list(unique_names(["a.png"] * 3)) == ["a.png", "a-1.png", "a-2.png"]
    assert list(unique_names(["a.png", "a-1.png", "a-3.png", "a.png"])) == ["a.png", "a-1.png", "a-3.png", "a-2.png"]
    assert list(unique_names(["a.png", "a.png", "a-1.png"])) == ["a.png", "a-1.png", "a-1-1.png"]
    assert list(unique_names(["a", "a"])) == ["a", "a-1"]


@pytest.mark.parametrize(
    ("wanted", "taken"), [("A.PNG", "a.png"), ("stra\u00dfe.png", "STRASSE.png"), ("caf\u00e9.png", "cafe\u0301.png")]
)
def test_names_that_some_systems_take_for_the_same_file_do_not_overwrite_each_other(wanted: str, taken: str) -> None:
    assert list(unique_names([taken, wanted])) == [taken, numbered_name(wanted, 1)]


def test_a_numbered_name_stays_within_the_length_and_keeps_its_number() -> None:
    long = safe_name("猫" * 150 + ".png")
    _, numbered = unique_names([long, long])
    assert numbered.endswith("-1.png")
    assert len(numbered.encode()) <= 200
    assert numbered_name("v2.cat.png", 12) == "v2.cat-12.png"


# Templates are checked when they are given, and no field leads out of the folder.

VALUES: dict[str, Any] = {
    "filename": "cat_01.tar.gz", "node": "9", "index": 2, "kind": "file", "job": "5f1c", "key": "cat-42"
}  # fmt: skip


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{filename}", "cat_01.tar.gz"),
        ("{key}-{node}-{index}{suffix}", "cat-42-9-2.gz"),
        ("{index:04}_{stem}{suffix}", "0002_cat_01.tar.gz"),
        ("{job}.{kind}", "5f1c.file"),
    ],
)
def test_fields_become_a_name(template: str, name: str) -> None:
    assert fill_template(check_template(template), VALUES) == name


def test_a_value_cannot_lead_out_of_the_folder() -> None:
    assert "/" not in fill_template("{key}{suffix}", {**VALUES, "key": "../../etc/passwd"})


def test_a_file_without_a_suffix_has_none() -> None:
    assert fill_template("{stem}|{suffix}", {**VALUES, "filename": "made"}) == "made_"


@pytest.mark.parametrize(
    "template", ["{sed}", "{filename.__class__}", "{0}", "{}", "{index:s}", "{", "a/{filename}", "  ", 5]
)
def test_a_template_that_cannot_work_is_an_error_that_lists_the_fields(template: Any) -> None:
    with pytest.raises(ValueError, match=r"name must be a template of \{filename\}") as caught:
        check_template(template)
    assert all(f"{{{field}}}" in str(caught.value) for field in FIELDS)
