"""Write the wire's test vectors: python tools/make_wire_vectors.py [--check]

tests/vectors/wire/README.md tells what the files hold. The words of the valid messages stand in tests/wire/valid.py,
the edits that break them in tests/wire/broken_*.py, each with the code that the README's checks give it, written down
by hand. Nothing is written as long as the Python codec sees one of them in another way.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from wire.broken import broken
from wire.edits import Broken
from wire.valid import valid
from wire.vectors import FOLDER, Json, bytes_from_words, code_of, words_from_bytes

KEPT = {"README.md", "LAYOUT.md"}  # not written here


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when the files on disk are stale")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where they lie")
    args = parser.parse_args()
    folder: Path = args.folder
    words = valid()
    bases = {name: bytes_from_words(message) for name, message in words.items()}
    edits = broken(bases)
    wrong = [*mistold(words, bases), *miscoded(edits, bases)]
    if wrong:
        print("the codec differs from the vectors: " + "; ".join(wrong), file=sys.stderr)
        return 1
    files = {"index.json": index_text(list(words), edits)}
    files |= {f"{name}.bin": data for name, data in bases.items()}
    files |= {f"{name}.json": as_json(message) for name, message in words.items()}
    present = {path.name for path in folder.iterdir()} - KEPT if folder.is_dir() else set()
    stale = [name for name, content in files.items() if name not in present or (folder / name).read_bytes() != content]
    extra = sorted(present - set(files))
    if args.check:
        if stale or extra:
            listed = ", ".join([*stale, *extra][:5])
            print(f"stale wire vectors: {listed} … run: make vectors", file=sys.stderr)
        return 1 if stale or extra else 0
    folder.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (folder / name).write_bytes(files[name])
    for name in extra:
        (folder / name).unlink()
    return 0


def mistold(words: dict[str, Json], bases: dict[str, bytes]) -> list[str]:
    """The valid messages that the codec reads as something else."""
    return [name for name, data in bases.items() if code_of(data) or words_from_bytes(data) != words[name]]


def miscoded(edits: list[Broken], bases: dict[str, bytes]) -> list[str]:
    """The broken messages to which the codec gives another code."""
    found = []
    for edit in edits:
        code = code_of(edit.applied(bases[edit.base]), edit.limit)
        if code != edit.code:
            found.append(f"{edit.name} is {code or 'taken'}, not {edit.code}")
    return found


def index_text(names: list[str], edits: list[Broken]) -> bytes:
    """One line for each, so that a change shows as the line it is."""
    lines = ['{"valid": [', ",\n".join(f" {json.dumps(name)}" for name in names), '], "broken": [']
    lines += [",\n".join(f" {json.dumps(edit.as_json())}" for edit in edits), "]}", ""]
    return "\n".join(lines).encode()


def as_json(value: Json) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()


if __name__ == "__main__":
    sys.exit(main())
