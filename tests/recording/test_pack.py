from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from stylebridge.errors import InputError
from stylebridge.recording import Details, Recording, Writer, pack, verify
from stylebridge.recording.codec import SWIFT, BadPlane, Floats, decode_plane, encode_plane

from .play import moments
from .same import is_same, noise_frame


@pytest.fixture
def hasty(tmp_path: Path) -> Path:
    """A recording that was written at level 0, in two runs."""
    path = tmp_path / "play.mcap"
    for resume, floats in ((False, "f16"), (True, "f32")):
        options: dict[str, Floats] = {"floats": floats}  # type: ignore[dict-item]
        with Writer(path, Details("test", seed=3), level=SWIFT, resume=resume, **options) as writer:  # type: ignore[arg-type]
            for number, frame in enumerate(moments(3), start=1 + 3 * resume):
                writer.write(frame, game="plaza", sequence=number)
    return path


@pytest.mark.parametrize("name", ["color", "depth", "motion", "normals", "ids", "occlusion"])
@pytest.mark.parametrize("floats", ["f16", "f32"])
def test_a_plane_of_level_0_reads_like_a_packed_one(name: str, floats: Floats) -> None:
    plane = getattr(noise_frame(3, (97, 13), alpha=True), name)
    back = [decode_plane(*encode_plane(name, plane, floats, level), 97, 13) for level in (SWIFT, 1)]
    assert (back[0].dtype, back[0].tobytes()) == (back[1].dtype, back[1].tobytes())


def test_a_raw_plane_of_another_size_is_refused() -> None:
    entry, blob = encode_plane("color", noise_frame(6).color, "f16", SWIFT)
    with pytest.raises(BadPlane, match=r"it holds \d+ bytes, not \d+"):
        decode_plane(entry, blob, 1, 1)


def test_packing_keeps_every_frame_and_what_is_said_of_it(hasty: Path, tmp_path: Path) -> None:
    small = tmp_path / "small.mcap"
    packing = pack(hasty, small)
    assert (packing.frames, packing.how, packing.bytes) == (6, "packed", small.stat().st_size)
    assert packing.bytes < 0.6 * hasty.stat().st_size
    assert verify(small).ok
    with Recording(hasty) as before, Recording(small) as after:
        assert [run.as_dict() for run in after.runs] == [run.as_dict() for run in before.runs]
        for name in ("log_ns", "wall_ns", "simulation_s", "frame_id", "sequence", "run", "planes", "estimated"):
            assert np.array_equal(after.rows[name], before.rows[name]), name
        assert after.streams == before.streams
        for one, other in zip(before, after, strict=True):
            assert is_same(one, other)


def test_packing_in_place_once_is_enough(hasty: Path) -> None:
    before = hasty.stat().st_size
    assert pack(hasty).how == "packed"
    packed = hasty.read_bytes()
    assert len(packed) < 0.6 * before
    assert pack(hasty).how == "packed already"
    assert hasty.read_bytes() == packed
    assert list(hasty.parent.iterdir()) == [hasty]


def test_a_recording_that_was_packed_goes_on(hasty: Path) -> None:
    pack(hasty)
    with Writer(hasty, Details("test"), level=SWIFT, resume=True) as writer:
        assert writer.frame_count == 6
        writer.write(next(moments(1)))
    assert verify(hasty).ok


def test_what_is_there_or_being_written_is_not_packed_over(hasty: Path, tmp_path: Path) -> None:
    (tmp_path / "there.mcap").write_bytes(b"mine")
    with pytest.raises(InputError, match="already exists"):
        pack(hasty, tmp_path / "there.mcap")
    with pytest.raises(InputError, match="is read and written at once"):
        pack(hasty, hasty, force=True)
    assert (tmp_path / "there.mcap").read_bytes() == b"mine"


def test_a_damaged_frame_stops_the_packing_and_leaves_the_file(hasty: Path) -> None:
    data = bytearray(hasty.read_bytes())
    data[len(data) // 3] ^= 1
    hasty.write_bytes(data)
    with pytest.raises(InputError, match="is damaged: plane"):
        pack(hasty)
    assert hasty.read_bytes() == data
    assert list(hasty.parent.iterdir()) == [hasty]
