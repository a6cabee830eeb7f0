"""The C# codec against the vectors that both languages share."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

VECTORS = Path(__file__).resolve().parent.parent / "vectors" / "wire"
Run = Callable[..., CompletedProcess[str]]


def test_every_vector_is_read_and_written_and_every_broken_one_refused_with_its_code(harness: Run) -> None:
    index = json.loads((VECTORS / "index.json").read_text(encoding="utf-8"))
    done = harness("wire-vectors", VECTORS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip() == f"valid {len(index['valid'])} broken {len(index['broken'])} failed 0"


def test_a_changed_vector_is_noticed(harness: Run, tmp_path: Path) -> None:
    folder = tmp_path / "wire"
    shutil.copytree(VECTORS, folder)
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    index["broken"][0]["code"] = "torn"
    (folder / "index.json").write_text(json.dumps(index), encoding="utf-8")
    data = bytearray((folder / "ack.bin").read_bytes())
    data[16] ^= 1
    (folder / "ack.bin").write_bytes(data)
    done = harness("wire-vectors", folder)
    assert done.returncode == 1
    assert f"FAILED {index['broken'][0]['name']}: expected torn" in done.stdout
    assert "FAILED ack from words" in done.stdout
