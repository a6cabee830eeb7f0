"""Write the wire's constants, for Python, C# and people: python tools/make_wire_layout.py [--check]"""

from __future__ import annotations

import argparse
import struct
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

REPO = Path(__file__).resolve().parent.parent
SPEC = REPO / "tools" / "wire.toml"
PYTHON = REPO / "python" / "stylebridge" / "wire" / "layout.py"
CSHARP = REPO / "unity_project" / "Packages" / "com.stylebridge.unity" / "Runtime" / "Core" / "Wire" / "WireLayout.cs"
TABLES = REPO / "tests" / "vectors" / "wire" / "LAYOUT.md"
NOTICE = "Written by tools/make_wire_layout.py from tools/wire.toml; change that."

# type in wire.toml -> struct code, Python annotation
TYPES = {"u8": ("B", "int"), "u16": ("H", "int"), "u32": ("I", "int"), "u64": ("Q", "int")}
TYPES |= {"f32": ("f", "float"), "f64": ("d", "float"), "matrix": ("64s", "bytes")}


class Field(NamedTuple):
    name: str
    kind: str
    says: str
    offset: int
    size: int

    @property
    def code(self) -> str:
        return TYPES[self.kind][0] if self.kind in TYPES else f"{self.kind.partition(':')[2]}s"

    @property
    def annotation(self) -> str:
        return TYPES[self.kind][1] if self.kind in TYPES else "bytes"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when the files on disk are stale")
    check = parser.parse_args().check
    spec = tomllib.loads(SPEC.read_text(encoding="utf-8"))
    files = {PYTHON: python_text(spec), CSHARP: csharp_text(spec), TABLES: tables_text(spec)}
    stale = [path for path, text in files.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    if check:
        for path in stale:
            print(f"{path.relative_to(REPO)} is stale; run: make vectors", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], encoding="utf-8")
    return 0


def fields_of(table: dict[str, Any]) -> list[Field]:
    """The table's fields with their offsets; nothing is padded."""
    found: list[Field] = []
    offset = 0
    for name, kind, says in table["fields"]:
        size = struct.calcsize("<" + Field(name, kind, says, 0, 0).code)
        found.append(Field(name, kind, says, offset, size))
        offset += size
    return found


def python_text(spec: dict[str, Any]) -> str:
    names = {name: "".join(word.title() for word in name.split("_")) for name in [*spec["enums"], *spec["structs"]]}
    lines = [f'"""The wire\'s constants. {NOTICE}"""', "", "from __future__ import annotations", ""]
    lines += ["from enum import IntEnum", "from struct import Struct", "from typing import NamedTuple", ""]
    lines += [f"{key.upper()} = {python_value(spec[key])}" for key in spec if not isinstance(spec[key], dict)]
    lines += [f"{key.upper()} = {value}" for key, value in spec["limits"].items()]
    for name, words in spec["enums"].items():
        lines += ["", "", f"class {names[name]}(IntEnum):", f'    """{enum_doc(name)}"""', ""]
        lines += [f"    {word.upper()} = {value}" for word, value in words.items()]
    for name, table in spec["structs"].items():
        fields = fields_of(table)
        lines += ["", "", f"class {names[name]}Fields(NamedTuple):", f'    """{table["doc"]}"""', ""]
        lines += [f"    {field.name}: {field.annotation}" for field in fields]
    lines += ["", ""]
    for name, table in spec["structs"].items():
        code = "".join(field.code for field in fields_of(table))
        lines.append(f'{name.upper()}_STRUCT = Struct("<{code}")')
    return "\n".join(lines) + "\n"


def python_value(value: object) -> str:
    return f'b"{value}"' if isinstance(value, str) else str(value)


def enum_doc(name: str) -> str:
    return f"Values of `{name}`."


def csharp_text(spec: dict[str, Any]) -> str:
    lines = [f"// {NOTICE}", "namespace Stylebridge.Wire", "{"]
    lines += ["    /// <summary>The wire's constants.</summary>", "    public static class WireConstants"]
    lines += ["    {", *(f"        {line}" for line in csharp_constants(spec)), "    }"]
    for name, words in spec["enums"].items():
        lines += ["", f"    /// <summary>Values of <c>{name}</c>.</summary>", f"    public enum {csharp_enum(name)}"]
        lines += ["    {", *(f"        {pascal(word)} = {value}," for word, value in words.items()), "    }"]
    for name, table in spec["structs"].items():
        fields = fields_of(table)
        lines += ["", f"    /// <summary>{table['doc']} Offsets from its first byte.</summary>"]
        lines += [f"    public static class {pascal(name)}Layout", "    {"]
        lines += [f"        public const int {pascal(field.name)} = {field.offset};" for field in fields]
        lines += [f"        public const int Bytes = {sum(field.size for field in fields)};", "    }"]
    return "\n".join([*lines, "}"]) + "\n"


def csharp_constants(spec: dict[str, Any]) -> Iterator[str]:
    for key, value in [*spec.items(), *spec["limits"].items()]:
        if isinstance(value, dict):
            continue
        if isinstance(value, str):
            number = int.from_bytes(value.encode(), "little")
            yield f'public const uint {pascal(key)} = 0x{number:08X}; // "{value}"'
        else:
            yield f"public const {'int' if value < 2**31 else 'long'} {pascal(key)} = {value};"


def csharp_enum(name: str) -> str:
    """Wire's own words; `Order` and `Layout` alone would say too little beside Unity's names."""
    return "Wire" + pascal(name)


def pascal(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def tables_text(spec: dict[str, Any]) -> str:
    lines = ["# The wire's fields", "", NOTICE, ""]
    lines += ["Little-endian, nothing padded. [README.md](README.md) tells how the parts are used.", ""]
    plain = {key: value for key, value in spec.items() if not isinstance(value, dict)}
    lines += ["| constant | value |", "| --- | ---: |"]
    lines += [f"| `{key}` | {value} |" for key, value in [*plain.items(), *spec["limits"].items()]]
    for name, table in spec["structs"].items():
        fields = fields_of(table)
        size = sum(field.size for field in fields)
        lines += ["", f"## {name}: {size} bytes", "", table["doc"], ""]
        lines += ["| at | field | type | |", "| ---: | --- | --- | --- |"]
        lines += [f"| {field.offset} | `{field.name}` | {field.kind} | {field.says} |" for field in fields]
    for name, words in spec["enums"].items():
        listed = ", ".join(f"`{word}` {value}" for word, value in words.items())
        lines += ["", f"## {name}", "", listed]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
