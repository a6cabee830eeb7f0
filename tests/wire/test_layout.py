"""What is generated is up to date, and a change of the one truth shows in every language."""

from __future__ import annotations

import copy
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from stylebridge.wire import layout

from .edits import STRUCTS, layout_tool
from .vectors import REPO

TOOL = layout_tool()
SPEC = tomllib.loads(TOOL.SPEC.read_text(encoding="utf-8"))
TEXTS = ("python_text", "csharp_text", "tables_text")


@pytest.mark.parametrize("script", ["make_wire_layout.py", "make_wire_vectors.py"])
def test_generated_files_are_up_to_date(script: str) -> None:
    found = subprocess.run([sys.executable, REPO / "tools" / script, "--check"], capture_output=True, text=True)
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


@pytest.mark.parametrize("text", TEXTS)
def test_the_spec_as_it_is_gives_the_files_as_they_are(text: str) -> None:
    paths = {"python_text": TOOL.PYTHON, "csharp_text": TOOL.CSHARP, "tables_text": TOOL.TABLES}
    assert getattr(TOOL, text)(SPEC) == paths[text].read_text(encoding="utf-8")


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("change", ["version", "limit", "word", "value", "struct", "type", "order"])
def test_a_changed_spec_changes_every_file(text: str, change: str) -> None:
    spec: dict[str, Any] = copy.deepcopy(SPEC)
    fields = spec["structs"]["ack"]["fields"]
    match change:
        case "version":
            spec["version"] += 1
        case "limit":
            spec["limits"]["max_side"] *= 2
        case "word":
            spec["enums"]["codec"]["zstd"] = 2
        case "value":
            spec["enums"]["codec"]["deflate"] = 2
        case "struct":
            spec["structs"]["nack"] = {"doc": "Nothing.", "fields": [["sequence", "u64", ""]]}
        case "type":
            fields[0][1] = "u32"
        case "order":  # of two fields of different sizes: both offsets change
            fields[1], fields[2] = fields[2], fields[1]
    assert getattr(TOOL, text)(spec) != getattr(TOOL, text)(SPEC)


@pytest.mark.parametrize("stale", ["ping.bin", "index.json", "ping.json"])
def test_a_stale_vector_is_named_in_one_line(stale: str, tmp_path: Path) -> None:
    folder = copied(tmp_path)
    with (folder / stale).open("ab") as file:
        file.write(b" ")
    assert checked(folder) == f"stale wire vectors: {stale} … run: make vectors\n"


def test_a_missing_and_an_extra_vector_are_named(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "pong.bin").unlink()
    (folder / "gong.bin").write_bytes(b"")
    assert checked(folder) == "stale wire vectors: pong.bin, gong.bin … run: make vectors\n"
    assert checked(folder, "write") == ""
    assert checked(folder) == ""
    assert not (folder / "gong.bin").exists()


@pytest.mark.parametrize("name", STRUCTS)
def test_the_package_unpacks_the_fields_that_the_spec_lists(name: str) -> None:
    fields = STRUCTS[name]
    named = getattr(layout, f"{name.title()}Fields")
    code = getattr(layout, f"{name.upper()}_STRUCT")
    assert list(named._fields) == list(fields)
    assert code.size == sum(field.size for field in fields.values())
    for at, field in enumerate(fields.values()):  # a byte set in one field is seen in that field alone
        data = bytearray(code.size)
        data[field.offset] = 1
        assert [
            index for index, value in enumerate(code.unpack(data)) if value not in (0, bytes(field_size(value)))
        ] == [at]


def field_size(value: object) -> int:
    return len(value) if isinstance(value, bytes) else 0


def copied(tmp_path: Path) -> Path:
    """tests/vectors/wire in a place where it may be spoiled."""
    source = TOOL.TABLES.parent
    folder = tmp_path / "wire"
    folder.mkdir()
    for path in source.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def checked(folder: Path, mode: str = "check") -> str:
    """What tools/make_wire_vectors.py says about that folder."""
    words = {"check": ["--check"], "write": []}[mode]
    command = [sys.executable, REPO / "tools" / "make_wire_vectors.py", *words, "--folder", folder]
    found = subprocess.run(command, capture_output=True, text=True)
    assert found.returncode == (1 if found.stderr else 0)
    return found.stderr
