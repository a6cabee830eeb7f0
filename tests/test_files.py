from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from stylebridge.card import ModelCard, write_model
from stylebridge.contract import PixelContract
from stylebridge.errors import InputError
from stylebridge.files import (
    check_output,
    check_writable,
    missing_folders,
    partial_path,
    remove_empty,
    replacing,
    write_bytes,
)

# Stands for a full disk: the system refuses every byte of a file beyond the limit.
LIMITED = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
from pathlib import Path
import numpy as np
from stylebridge.errors import InputError
try:
    {}
except InputError as error:
    print(error)
"""


class Interrupted(BaseException):
    """Stands for Ctrl-C."""


def below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_the_file_gets_its_name_only_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "new" / "er" / "a.json"
    with replacing(path) as partial:
        partial.write_text("one")
        assert (partial.parent, partial.suffix, partial.name[0]) == (path.parent, ".json", ".")
        assert partial == partial_path(path)
        assert not path.exists()
    assert below(tmp_path) == ["new", "new/er", "new/er/a.json"]
    with replacing(path) as partial:
        partial.write_text("two")
        assert path.read_text() == "one"
    assert path.read_text() == "two"
    assert below(tmp_path) == ["new", "new/er", "new/er/a.json"]


@pytest.mark.parametrize("error", [Interrupted(), ValueError("a bug"), InputError("no picture")])
def test_another_exception_passes_and_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    with pytest.raises(type(error)) as caught, replacing(tmp_path / "new" / "er" / "a.txt") as partial:
        partial.write_text("half")
        raise error
    assert caught.value is error
    assert below(tmp_path) == []


@pytest.mark.parametrize(
    ("error", "reason"), [(OSError(28, "No space left on device"), "No space"), (OSError("gone"), "gone")]
)
def test_what_the_system_refuses_is_bad_input_that_names_the_file(tmp_path: Path, error: OSError, reason: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text("mine")
    with pytest.raises(InputError) as caught, replacing(path) as partial:
        partial.write_text("half")
        raise error
    assert str(caught.value).startswith(f"{path}: can't be written: {reason}")
    assert caught.value.exit_code == 2
    assert below(tmp_path) == ["a.txt"]
    assert path.read_text() == "mine"


def test_a_failure_keeps_folders_that_hold_something(tmp_path: Path) -> None:
    with pytest.raises(InputError), replacing(tmp_path / "new" / "er" / "a.txt") as partial:
        (tmp_path / "new" / "other.txt").write_text("mine")
        partial.write_text("half")
        raise OSError
    assert below(tmp_path) == ["new", "new/other.txt"]


def test_a_file_where_a_folder_must_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for path in (tmp_path / "file" / "a.txt", tmp_path / "file" / "sub" / "a.txt"):
        with pytest.raises(InputError, match=r"a\.txt: can't be written: "):
            write_bytes(path, b"x")
    assert below(tmp_path) == ["file"]


def test_a_block_that_wrote_nothing_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"can't be written: No such file"), replacing(tmp_path / "new" / "a.txt"):
        pass
    assert below(tmp_path) == []


def test_bytes_replace_a_file_whole(tmp_path: Path) -> None:
    write_bytes(tmp_path / "new" / "a.json", b"one")
    write_bytes(tmp_path / "new" / "a.json", b"two")
    assert below(tmp_path) == ["new", "new/a.json"]
    assert (tmp_path / "new" / "a.json").read_bytes() == b"two"


def test_a_place_where_no_file_can_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"sub/a\.png: .*file is a file; expected a folder"):
        check_output(tmp_path / "file" / "sub" / "a.png", force=True)
    with pytest.raises(InputError, match="is a folder; expected a file name"):
        check_output(tmp_path, force=True)
    with pytest.raises(InputError, match=r"already exists\. Pass --force"):
        check_output(tmp_path / "file", force=False)
    with pytest.raises(InputError, match="can't be used: File name too long"):
        check_output(tmp_path / ("x" * 300), force=False)
    check_output(tmp_path / "file", force=True)
    check_output(tmp_path / "new" / "a.png", force=False)
    assert below(tmp_path) == ["file"]


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="no /proc here")
def test_a_folder_without_write_permission_is_refused_by_its_name_or_the_files() -> None:
    with pytest.raises(InputError, match=r"^/proc/stylebridge: no file can be made there.*Choose another place"):
        check_writable(Path("/proc/stylebridge"))
    with pytest.raises(InputError, match=r"^/proc/stylebridge/a\.png: no file can be made there"):
        check_output(Path("/proc/stylebridge/a.png"), force=False)


def test_missing_folders_come_deepest_first_and_go_when_empty(tmp_path: Path) -> None:
    made = missing_folders(tmp_path / "x" / "y")
    assert made == [tmp_path / "x" / "y", tmp_path / "x"]
    made[0].mkdir(parents=True)
    (tmp_path / "x" / "mine").touch()
    remove_empty(made)
    assert below(tmp_path) == ["x", "x/mine"]


def test_a_card_that_cannot_be_written_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    model = tmp_path / "a.onnx"
    model.write_bytes(b"model")
    (tmp_path / "a.card.json").mkdir()
    card = ModelCard(name="a", contract=PixelContract.of("unit"), family="transformer")
    with pytest.raises(InputError, match=r"a\.card\.json: can't be written: Is a directory"):
        write_model(model, b"another", card)
    assert below(tmp_path) == ["a.card.json", "a.onnx"]
    assert model.read_bytes() == b"model"


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limit to set")
@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.bin", "from stylebridge.files import write_bytes; write_bytes(path, bytes(9999))"),
        (
            "a.png",
            "from stylebridge.imaging import write_image;"
            " write_image(path, np.random.default_rng(0).integers(0, 256, (99, 99, 3), np.uint8))",
        ),
        ("a.npz", "from stylebridge.cli.run import write_arrays; write_arrays(path, {'x': np.zeros(9999)})"),
        (
            "a.pt",
            "from stylebridge.nets.checkpoint import save_network;"
            " from stylebridge.nets.registry import NetSpec, build;"
            " spec = NetSpec('transformer', {'widths': [8, 8, 8], 'blocks': 1}); save_network(path, build(spec), spec)",
        ),
    ],
)
def test_a_full_disk_is_refused_alike_by_every_writer(tmp_path: Path, name: str, write: str) -> None:
    if name == "a.pt":
        pytest.importorskip("torch")
    path = tmp_path / "new" / name
    code = LIMITED.format(f"path = Path({str(path)!r}); {write}")
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == f"{path}: can't be written: File too large\n", done.stderr
    assert below(tmp_path) == []
