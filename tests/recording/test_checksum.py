from __future__ import annotations

import zlib

import numpy as np
import pytest
from stylebridge.recording.checksum import joined

RANDOM = np.random.default_rng(1)


@pytest.mark.parametrize("count", [0, 1, 2, 7, 255, 256, 4097, 1_000_003])
def test_checksums_of_pieces_join_to_that_of_the_whole(count: int) -> None:
    first, second = RANDOM.bytes(1000), RANDOM.bytes(count)
    crc = joined(zlib.crc32(first), zlib.crc32(second), len(second))
    assert crc == zlib.crc32(first + second)
    assert crc != joined(zlib.crc32(first), zlib.crc32(second), len(second) + 1)


def test_an_empty_beginning_changes_nothing() -> None:
    assert joined(zlib.crc32(b""), zlib.crc32(b"frame"), 5) == zlib.crc32(b"frame")
