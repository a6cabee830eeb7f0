"""WebDataset shards: read by tarfile alone and by the webdataset package, and always the same bytes."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.frame import Frame
from stylebridge.imaging import opencv
from stylebridge.recording import Recording
from stylebridge.recording.exporters.webdataset import LEAST_SHARD_BYTES, export_shards

from .play import moment, moments, record

COUNT = 7
SHARD_BYTES = 400_000


@pytest.fixture
def played(tmp_path: Path) -> Path:
    return record(tmp_path / "play.mcap", moments(COUNT))


def export(path: Path, out: Path, **options: object) -> list[Path]:
    with Recording(path) as recording:
        numbers = recording.index()
        export_shards(recording, numbers, out, **({"shard_bytes": SHARD_BYTES} | options))  # type: ignore[arg-type]
    return sorted(out.glob("*.tar"))


def samples(shards: list[Path]) -> dict[str, dict[str, bytes]]:
    """Members by key and by what follows the first dot, as the convention has it."""
    found: dict[str, dict[str, bytes]] = {}
    for shard in shards:
        with tarfile.open(shard) as tar:
            for member in tar:
                key, _, kind = member.name.partition(".")
                file = tar.extractfile(member)
                assert file is not None
                found.setdefault(key, {})[kind] = file.read()
    return found


def rgb(data: bytes) -> np.ndarray:
    return np.asarray(opencv().imdecode(np.frombuffer(data, np.uint8), 1)[:, :, ::-1])


def array(data: bytes) -> np.ndarray:
    return np.asarray(np.load(io.BytesIO(data), allow_pickle=False))


def check(sample: dict[str, bytes], frame: Frame) -> None:
    assert np.array_equal(rgb(sample["png"]), frame.color)
    for plane in ("depth", "motion", "normals", "ids", "occlusion"):
        found = array(sample[f"{plane}.npy"])
        assert found.dtype == getattr(frame, plane).dtype
        assert np.array_equal(found, getattr(frame, plane))


def test_tarfile_reads_every_frame(played: Path, tmp_path: Path) -> None:
    shards = export(played, tmp_path / "out")
    assert [shard.name for shard in shards] == [f"play-{n:06d}.tar" for n in range(len(shards))]
    assert len(shards) > 2
    assert all(shard.stat().st_size <= SHARD_BYTES + 20_000 for shard in shards)  # and the end of a tar file
    found = samples(shards)
    assert list(found) == [f"{n:08d}" for n in range(COUNT)]
    for number, sample in enumerate(found.values()):
        check(sample, moment(number))
        about = json.loads(sample["json"])
        assert (about["number"], about["before"]) == (number, number - 1 if number else None)


def test_webdataset_reads_every_frame(played: Path, tmp_path: Path) -> None:
    wds = pytest.importorskip("webdataset")
    shards = [str(shard) for shard in export(played, tmp_path / "out")]
    found = list(wds.WebDataset(shards, shardshuffle=False).decode("rgb8"))
    assert [sample["json"]["number"] for sample in found] == list(range(COUNT))
    for number, sample in enumerate(found):
        assert np.array_equal(sample["png"], moment(number).color)
        assert np.array_equal(sample["motion.npy"], moment(number).motion)
        assert np.array_equal(sample["occlusion.npy"], moment(number).occlusion)


def test_the_same_recording_makes_the_same_bytes(played: Path, tmp_path: Path) -> None:
    first, second = export(played, tmp_path / "a"), export(played, tmp_path / "b")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    other = export(record(tmp_path / "other.mcap", moments(COUNT + 1)), tmp_path / "c")
    assert other[-1].read_bytes() != first[-1].read_bytes()


def test_pairs_bring_the_frame_before_along(tmp_path: Path) -> None:
    frames = [moment(0), moment(1), moment(5), moment(6)]
    found = samples(export(record(tmp_path / "a.mcap", frames), tmp_path / "out", pairs=True))
    assert list(found) == ["00000001", "00000003"]
    assert np.array_equal(rgb(found["00000003"]["before.png"]), moment(5).color)


def test_half_floats_take_half_the_room(played: Path, tmp_path: Path) -> None:
    sample = samples(export(played, tmp_path / "out", half=True, planes=("color", "depth", "ids")))["00000002"]
    depth, ids = array(sample["depth.npy"]), array(sample["ids.npy"])
    assert (depth.dtype, ids.dtype) == (np.float16, np.uint32)
    wanted = moment(2).depth
    assert wanted is not None
    assert np.array_equal(depth, wanted.astype(np.float16))
    assert set(sample) == {"json", "png", "depth.npy", "ids.npy"}


def test_a_sample_larger_than_a_shard_has_one_of_its_own(played: Path, tmp_path: Path) -> None:
    assert len(export(played, tmp_path / "out", shard_bytes=LEAST_SHARD_BYTES)) == COUNT


def test_what_cannot_work_is_refused(tmp_path: Path) -> None:
    path = record(tmp_path / "a.mcap", [moment(0), moment(5), moment(6, (36, 64))])
    with pytest.raises(InputError, match="shards of 10 bytes"):
        export(path, tmp_path / "out", shard_bytes=10)
    path = record(tmp_path / "b.mcap", [moment(0)])
    with pytest.raises(InputError, match="no two frames follow each other"):
        export(path, tmp_path / "out", pairs=True)
    (tmp_path / "out").write_text("mine")
    with pytest.raises(InputError, match="is a file; expected a folder"):
        export(path, tmp_path / "out")
