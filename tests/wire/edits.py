"""Edits that break a valid message, field by field as tools/wire.toml places them."""

from __future__ import annotations

import importlib.util
import struct
import tomllib
from types import ModuleType
from typing import Any, NamedTuple

from .vectors import REPO, Json

Sets = tuple[tuple[int, bytes], ...]


class Broken(NamedTuple):
    """A valid message with an edit, and the code that it then gets."""

    name: str
    base: str
    code: str
    sets: Sets = ()
    cut: int | None = None
    add: bytes = b""
    limit: int | None = None

    def applied(self, base: bytes) -> bytes:
        data = bytearray(base)
        for offset, new in self.sets:
            if offset + len(new) > len(data):
                raise ValueError(f"{self.name}: {len(new)} bytes at {offset} of {len(data)}")
            data[offset : offset + len(new)] = new
        if self.cut is not None and self.cut >= len(data):
            raise ValueError(f"{self.name}: {len(data)} bytes can't be cut to {self.cut}")
        return bytes(data[: self.cut]) + self.add

    def as_json(self) -> Json:
        words: Json = {"name": self.name, "base": self.base, "code": self.code}
        words |= {"set": [[at, new.hex()] for at, new in self.sets]} if self.sets else {}
        words |= {} if self.cut is None else {"cut": self.cut}
        words |= {"add": self.add.hex()} if self.add else {}
        return words | ({} if self.limit is None else {"limit": self.limit})

    @classmethod
    def from_json(cls, words: Json) -> Broken:
        sets = tuple((at, bytes.fromhex(new)) for at, new in words.get("set", ()))
        add = bytes.fromhex(words.get("add", ""))
        return cls(words["name"], words["base"], words["code"], sets, words.get("cut"), add, words.get("limit"))


def layout_tool() -> ModuleType:
    """tools/make_wire_layout.py, which knows the fields' places without the package's help."""
    spec = importlib.util.spec_from_file_location("make_wire_layout", REPO / "tools" / "make_wire_layout.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError("tools/make_wire_layout.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _structs() -> dict[str, dict[str, Any]]:
    tool = layout_tool()
    tables = tomllib.loads(tool.SPEC.read_text(encoding="utf-8"))["structs"]
    return {name: {field.name: field for field in tool.fields_of(table)} for name, table in tables.items()}


STRUCTS = _structs()  # struct -> field name -> its type, offset and size
SIZES = {name: sum(field.size for field in fields.values()) for name, fields in STRUCTS.items()}
BODY = SIZES["prefix"]
TABLE = BODY + SIZES["frame"]


def prefix(**fields: Any) -> Sets:
    return _sets("prefix", 0, fields)


def frame(**fields: Any) -> Sets:
    return _sets("frame", BODY, fields)


def plane(index: int, **fields: Any) -> Sets:
    return _sets("plane", TABLE + index * SIZES["plane"], fields)


def ack(**fields: Any) -> Sets:
    return _sets("ack", BODY, fields)


def matrix(name: str, index: int, bits: int) -> Sets:
    """One number of a matrix, as the bits of its f32."""
    return ((BODY + STRUCTS["frame"][name].offset + 4 * index, bits.to_bytes(4, "little")),)


def payload(planes: int, offset: int, new: bytes) -> Sets:
    """Bytes of the flat form's payload, behind that many planes' entries."""
    return ((payload_at(planes) + offset, new),)


def payload_at(planes: int) -> int:
    return -(-(TABLE + planes * SIZES["plane"]) // 64) * 64


def json_body(base: bytes, text: bytes, **fields: Any) -> dict[str, Any]:
    """Another JSON text instead of a message's own; what is missing is added, what is left is filled with spaces."""
    room = len(base) - BODY
    text = text.ljust(room)
    size = {} if len(text) == room else {"size": BODY + len(text)}
    return {"sets": (*prefix(**size | fields), (BODY, text[:room])), "add": text[room:]}


def cuts(base: str, struct_name: str, start: int = 0, label: str = "") -> list[Broken]:
    """Cut where each field begins and, where it has one, in its middle."""
    found = []
    for field in STRUCTS[struct_name].values():
        name = f"{base}_cut_{label or struct_name}_{field.name}"
        found.append(Broken(name, base, "truncated", cut=start + field.offset))
        if field.size > 1:
            found.append(Broken(f"{name}_middle", base, "truncated", cut=start + field.offset + field.size // 2))
    return found


def _sets(struct_name: str, start: int, fields: dict[str, Any]) -> Sets:
    found = []
    for name, value in fields.items():
        field = STRUCTS[struct_name][name]
        found.append((start + field.offset, struct.pack(f"<{field.code}", value)))
    return tuple(found)
