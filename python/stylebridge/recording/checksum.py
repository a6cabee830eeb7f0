"""CRC-32 of pieces put together from those of the pieces, so that every byte is looked at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

_POLYNOMIAL = 0xEDB88320  # of zlib's crc32, lowest bit first
_BYTE = 8


def joined(first: int, second: int, second_bytes: int) -> int:
    """The checksum of a piece and a second one behind it, from the checksums of both."""
    power = 0
    while second_bytes:
        if second_bytes & 1:
            first = _behind(_zeros(power), first)
        second_bytes >>= 1
        power += 1
    return first ^ second


def _behind(tables: Sequence[Sequence[int]], crc: int) -> int:
    lowest, low, high, highest = tables
    return lowest[crc & 255] ^ low[crc >> 8 & 255] ^ high[crc >> 16 & 255] ^ highest[crc >> 24]


@cache
def _zeros(power: int) -> tuple[list[int], ...]:
    """What 2^power zero bytes make of a checksum, for each value of each of its bytes."""
    if power:
        half = _zeros(power - 1)
        bits = [_behind(half, _behind(half, 1 << bit)) for bit in range(32)]
    else:
        bits = [_one_zero(1 << bit) for bit in range(32)]
    tables = []
    for start in range(0, 32, _BYTE):
        table = [0]
        for image in bits[start : start + _BYTE]:
            table += [entry ^ image for entry in table]
        tables.append(table)
    return tuple(tables)


def _one_zero(crc: int) -> int:
    for _ in range(_BYTE):
        crc = crc >> 1 ^ (_POLYNOMIAL if crc & 1 else 0)
    return crc
