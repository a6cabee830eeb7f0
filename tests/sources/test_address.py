from __future__ import annotations

from pathlib import Path

import pytest
from stylebridge.errors import InputError
from stylebridge.sources import Options, known_schemes, open_source, registry
from stylebridge.sources.address import Address


@pytest.mark.parametrize(
    ("text", "scheme", "rest", "values"),
    [
        ("video:clip.mp4", "video", "clip.mp4", {}),
        ("VIDEO:clip.mp4", "video", "clip.mp4", {}),
        ("images:a/b?start=3&every=2", "images", "a/b", {"start": "3", "every": "2"}),
        ("images:a%20b%3Fc?size=4x3", "images", "a b?c", {"size": "4x3"}),
        ("images:shot_?.png", "images", "shot_?.png", {}),
        ("images:shot_?.png?stop=2", "images", "shot_?.png", {"stop": "2"}),
        ("zmq://127.0.0.1:5570", "zmq", "//127.0.0.1:5570", {}),
        (r"C:\clips\a.mp4", "", r"C:\clips\a.mp4", {}),
        ("c:/clips/a.mp4?stop=1", "", "c:/clips/a.mp4", {"stop": "1"}),
        ("dir/a:b.png", "", "dir/a:b.png", {}),
        ("clip.mp4?name=a%26b", "", "clip.mp4", {"name": "a&b"}),
    ],
)
def test_an_address_is_taken_apart(text: str, scheme: str, rest: str, values: dict[str, str]) -> None:
    address = Address.parse(text)
    assert (address.scheme, address.rest, dict(address.options.values)) == (scheme, rest, values)


@pytest.mark.parametrize("name", ["100%25.png", "a?b=c.png", "odd:name.png"])
def test_a_file_that_really_is_called_so_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (tmp_path / name).write_text("")
    monkeypatch.chdir(tmp_path)
    assert (Address.parse(name).scheme, Address.parse(name).rest) == ("", name)
    assert Address.parse(f"images:{name}").rest == name


def test_a_file_with_a_percent_sign_can_have_options(tmp_path: Path) -> None:
    (tmp_path / "50%25.png").write_text("")
    address = Address.parse(f"{tmp_path}/50%25.png?stop=1")
    assert (address.rest, address.options.values) == (f"{tmp_path}/50%25.png", {"stop": "1"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "an empty source name"),
        ("  ", "an empty source name"),
        ("images:x?start", "option 'start'; expected NAME=VALUE"),
        ("images:x?start=", "option 'start='; expected NAME=VALUE"),
        ("images:x?start=1&", "option ''; expected NAME=VALUE"),
        ("images:x?start=1&start=2", "option 'start' is given twice"),
    ],
)
def test_a_malformed_address_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Address.parse(text)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("start=-1", "start=-1; expected start to be a whole number from 0"),
        ("start=1.5", "start=1.5; expected"),
        ("start=٣", "start=٣; expected"),
        ("start=" + "9" * 5000, "expected start to be a whole number"),
        ("stop=0", "stop=0; expected stop to be a whole number from 1"),
        ("start=4&stop=4", "stop=4; expected stop to be above start=4"),
        ("every=0", "every=0; expected every to be a whole number from 1"),
        ("size=10", "size=10; expected size to be WIDTHxHEIGHT"),
        ("size=0x5", "size=0x5; expected"),
        ("size=99999x5", "size=99999x5; expected"),
        ("fps=0", "fps=0; expected fps to be a number above 0"),
        ("fps=nan", "fps=nan; expected"),
        ("fps=inf", "fps=inf; expected"),
        ("fps=fast", "fps=fast; expected"),
        ("seed=7", "unknown option 'seed'; expected every or fps or motion or size or start or stop"),
    ],
)
def test_an_option_out_of_bounds_is_refused(picture_folder: Path, option: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        open_source(f"images:{picture_folder}?{option}")


def test_an_unknown_scheme_is_refused_with_a_guess() -> None:
    with pytest.raises(InputError) as caught:
        open_source("vidoe:clip.mp4")
    assert "unknown source vidoe:; expected images:DIR, FILE or GLOB or video:FILE" in str(caught.value)
    assert "Did you mean video:clip.mp4?" in str(caught.value)


def test_a_scheme_unlike_any_other_gets_no_guess() -> None:
    with pytest.raises(InputError, match="unknown source qqq:") as caught:
        open_source("qqq:x")
    assert "ean" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["images", "video", "camera"])
def test_nothing_after_the_colon_is_refused(scheme: str) -> None:
    with pytest.raises(InputError, match=f"nothing after {scheme}:; expected {scheme}:"):
        open_source(f"{scheme}:")


@pytest.mark.parametrize("text", ["nowhere", "no/where", "x" * 5000, "nul\0byte", r"C:\nowhere"])
def test_a_bare_path_that_is_not_there_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no such file or folder; expected a path or images:"):
        open_source(text)


def test_a_bare_file_of_unknown_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello")
    with pytest.raises(InputError, match=r"unknown extension '\.txt'; expected \.avi, .*\.png"):
        open_source(tmp_path / "a.txt")


def test_a_new_scheme_is_one_line(monkeypatch: pytest.MonkeyPatch, picture_folder: Path) -> None:
    monkeypatch.setattr(registry, "_SCHEMES", dict(registry._SCHEMES))
    seen: list[tuple[str, int | None, tuple[int, int] | None]] = []

    def open_scene(where: str, options: Options) -> registry.Source:
        seen.append((where, options.integer("seed", 0, low=0), options.size("size")))
        return open_source(picture_folder)

    registry.register("scene", open_scene, takes="NAME", options=("seed", "size"), suffixes=(".scene",))
    assert "scene:NAME" in known_schemes()
    with open_source("scene:plaza?seed=7&size=4x2&stop=3") as source:
        frames = list(source)
    assert seen == [("plaza", 7, (4, 2))]
    assert [frame.width for frame in frames] == [9, 9, 9]  # an option the scheme claims isn't applied twice
    open_source("level.scene").close()
    assert seen[1] == ("level.scene", 0, None)
