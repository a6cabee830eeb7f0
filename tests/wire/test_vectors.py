"""The wire's vectors, as they lie on disk: each valid one both ways, each broken one with its code."""

from __future__ import annotations

import json

import msgspec
import pytest
from stylebridge.wire.fault import WireFault
from stylebridge.wire.layout import Error, Kind
from stylebridge.wire.messages import decode_message, encode_message

from .edits import Broken
from .vectors import FOLDER, bytes_from_words, code_of, words_from_bytes

INDEX = json.loads((FOLDER / "index.json").read_bytes())
BROKEN = [Broken.from_json(words) for words in INDEX["broken"]]
WORDS = {name: json.loads((FOLDER / f"{name}.json").read_bytes()) for name in INDEX["valid"]}
BYTES = {name: (FOLDER / f"{name}.bin").read_bytes() for name in INDEX["valid"]}
JSON_KINDS = [name for name, words in WORDS.items() if "body" in words]


@pytest.mark.parametrize("name", INDEX["valid"])
def test_bytes_become_the_words(name: str) -> None:
    assert words_from_bytes(BYTES[name]) == WORDS[name]


@pytest.mark.parametrize("name", INDEX["valid"])
def test_words_become_the_bytes(name: str) -> None:
    assert bytes_from_words(WORDS[name]) == BYTES[name]


@pytest.mark.parametrize("name", JSON_KINDS)
def test_a_message_is_written_as_its_vector(name: str) -> None:
    written = encode_message(decode_message(BYTES[name]))
    meant = WORDS[name].get("means")
    if meant is None:
        assert written == BYTES[name]
    else:
        assert json.loads(written[16:]) == meant
        assert written != BYTES[name]


@pytest.mark.parametrize("edit", BROKEN, ids=lambda edit: edit.name)
def test_broken_bytes_get_the_code(edit: Broken) -> None:
    assert code_of(edit.applied(BYTES[edit.base]), edit.limit) == edit.code


def test_every_kind_and_every_code_of_a_message_has_its_vectors() -> None:
    assert {words["kind"] for words in WORDS.values()} == {kind.name.lower() for kind in Kind}
    codes = {error.name.lower() for error in Error if error < Error.TORN}  # later ones are about peers
    assert {edit.code for edit in BROKEN} == codes
    assert len(WORDS) >= 60
    assert len(BROKEN) >= 800


def test_names_are_told_once_and_every_file_is_listed() -> None:
    assert len({edit.name for edit in BROKEN}) == len(BROKEN)
    listed = {f"{name}.{end}" for name in WORDS for end in ("bin", "json")} | {"index.json", "README.md", "LAYOUT.md"}
    assert {path.name for path in FOLDER.iterdir()} == listed


@pytest.mark.parametrize("name", INDEX["valid"])
def test_a_byte_changed_anywhere_is_noticed(name: str) -> None:
    """Refused, or read as other words, or (between the planes, where nobody looks) not what would be written."""
    data = BYTES[name]
    for at in range(0, len(data), 1 + len(data) // 400):
        changed = bytearray(data)
        changed[at] ^= 0x01
        try:
            words = words_from_bytes(bytes(changed))
        except WireFault:
            continue
        assert words != WORDS[name] or bytes_from_words(words) != changed, f"byte {at}"


@pytest.mark.parametrize("edit", BROKEN[::7], ids=lambda edit: edit.name)
def test_what_is_broken_was_whole_before_the_edit(edit: Broken) -> None:
    assert code_of(BYTES[edit.base]) == ""


def test_an_edit_beyond_its_base_is_an_error_of_the_vector() -> None:
    with pytest.raises(ValueError, match="4 bytes at 22 of 24"):
        Broken("x", "ping", "truncated", ((22, bytes(4)),)).applied(BYTES["ping"])
    with pytest.raises(ValueError, match="can't be cut to 24"):
        Broken("x", "ping", "truncated", cut=24).applied(BYTES["ping"])


@pytest.mark.parametrize("edit", BROKEN[:3], ids=lambda edit: edit.name)
def test_edits_survive_their_json(edit: Broken) -> None:
    assert Broken.from_json(msgspec.json.decode(msgspec.json.encode(edit.as_json()))) == edit
