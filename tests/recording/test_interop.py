"""Recordings are read by the MCAP project's own reader, and what they hold by a plain msgpack decoder."""

from __future__ import annotations

import json
import zlib
from io import BytesIO
from pathlib import Path

import msgspec
import numpy as np
import pytest
import zstandard
from mcap.reader import NonSeekingReader, make_reader
from mcap.stream_reader import StreamReader
from mcap.writer import Writer as McapWriter
from stylebridge.errors import InputError
from stylebridge.frame import Camera
from stylebridge.recording import Details, Recording, Writer, repair, verify

from .play import moment, moments
from .same import is_same, noise_frame, small_frame


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "play.mcap"
    with Writer(path, Details("test", seed=3), floats="f32") as writer:
        for frame in moments(4):
            writer.write(frame, game="ball", sequence=frame.clock.frame_id + 1)
            writer.write(small_frame(frame.clock.frame_id, camera=Camera("top")), game="a/b%")
    return path


def test_the_mcap_reader_finds_every_message_and_every_checksum_holds(path: Path) -> None:
    with path.open("rb") as file:
        reader = make_reader(file, validate_crcs=True)
        summary = reader.get_summary()
        assert summary is not None
        assert summary.statistics is not None
        assert summary.statistics.message_count == 8
        assert summary.statistics.channel_message_counts == {1: 4, 2: 4}
        messages = list(reader.iter_messages())
        assert [message.sequence for _, _, message in messages] == list(range(8))
        assert {channel.topic for _, channel, _ in messages} == {"/ball/main", "/a%2Fb%25/top"}
        assert [len(list(reader.iter_messages(topics=["/ball/main"])))] == [4]
        assert [item.name for item in reader.iter_metadata()] == ["stylebridge"]
        assert [item.name for item in reader.iter_attachments()] == ["stylebridge.index"]
        assert reader.get_header().profile == "stylebridge"


def test_a_reader_that_cannot_seek_finds_the_same(path: Path) -> None:
    messages = list(NonSeekingReader(BytesIO(path.read_bytes()), validate_crcs=True).iter_messages())
    assert len(messages) == 8
    kinds = [type(record).__name__ for record in StreamReader(BytesIO(path.read_bytes()), emit_chunks=True).records]
    assert kinds.count("Chunk") == kinds.count("MessageIndex") == 8
    assert kinds[0] == "Header"
    assert kinds[-1] == "Footer"


def test_the_schema_describes_what_a_plain_msgpack_decoder_finds(path: Path) -> None:
    with path.open("rb") as file:
        schema, channel, message = next(iter(make_reader(file).iter_messages()))
    assert schema is not None
    described = json.loads(schema.data)
    body = msgspec.msgpack.decode(message.data)
    assert channel.message_encoding == "msgpack"
    assert set(body) == set(described["properties"])
    header = msgspec.msgpack.decode(body["header"])
    assert set(header) == set(described["properties"]["header"]["properties"])
    assert set(header["planes"][0]) == set(
        described["properties"]["header"]["properties"]["planes"]["items"]["properties"]
    )
    assert (header["game"], header["camera"], header["sequence"]) == ("ball", "main", 1)
    for entry, blob in zip(header["planes"], body["planes"], strict=True):
        assert (entry["length"], entry["crc32"]) == (len(blob), zlib.crc32(blob))
    ids = next(blob for entry, blob in zip(header["planes"], body["planes"], strict=True) if entry["name"] == "ids")
    plain = np.frombuffer(zstandard.ZstdDecompressor().decompress(ids), "<u4").reshape(72, 128)
    assert np.array_equal(plain, moment(0).ids)


def test_planes_can_be_decoded_by_the_words_of_the_format_alone(tmp_path: Path) -> None:
    """The decoder that FORMAT.md describes, written out naively."""
    path, frame = tmp_path / "noise.mcap", noise_frame(1, (130, 9))
    with Writer(path, Details("test"), floats="f32") as writer:
        writer.write(frame)
    with path.open("rb") as file:
        _, _, message = next(iter(make_reader(file).iter_messages()))
    body = msgspec.msgpack.decode(message.data)
    header = msgspec.msgpack.decode(body["header"])
    for entry, blob in zip(header["planes"], body["planes"], strict=True):
        if entry["codec"] == "bands-zstd":
            plane = decoded(entry, zstandard.ZstdDecompressor().decompress(blob), 130, 9)
            assert np.array_equal(
                plane.view(np.uint8), getattr(frame, entry["name"]).reshape(130, 9, -1).view(np.uint8)
            )


def decoded(entry: dict[str, object], data: bytes, height: int, width: int) -> np.ndarray:
    channels, size = int(str(entry["channels"])), {"u8": 1, "f16": 2, "f32": 4}[str(entry["dtype"])]
    band_count, mask = -(-height // 96), (1 << 8 * size) - 1
    choices, split = data[: channels * band_count], data[channels * band_count :]
    plane = np.zeros((height, width, channels), object)
    for c in range(channels):
        for y in range(height):
            for x in range(width):
                at = (c * height + y) * width + x
                value = sum(split[b * channels * height * width + at] << 8 * b for b in range(size))
                if size > 1:
                    value = (value >> 1) ^ (mask if value & 1 else 0)
                left, above = (plane[y, x - 1, c] if x else 0), (plane[y - 1, x, c] if y else 0)
                corner = plane[y - 1, x - 1, c] if x and y else 0
                predicted = [left, above, left + above - corner][choices[c * band_count + y // 96]]
                plane[y, x, c] = (value + predicted) & mask
    if entry["name"] == "color":
        plane[:, :, 0] = (plane[:, :, 0] + plane[:, :, 1]) & mask
        plane[:, :, 2] = (plane[:, :, 2] + plane[:, :, 1]) & mask
    return plane.astype(f"<u{size}")


def test_an_mcap_file_of_another_program_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "robot.mcap"
    with path.open("wb") as file:
        writer = McapWriter(file)
        writer.start("ros2", "robot recorder")
        schema = writer.register_schema("std_msgs/String", "ros2msg", b"string data")
        channel = writer.register_channel("/chatter", "cdr", schema)
        writer.add_message(channel, 1, b"hello", 1)
        writer.finish()
    for use in (Recording, verify, repair, lambda p: Writer(p, Details("x"), resume=True)):
        with pytest.raises(
            InputError, match=r"another program \(profile 'ros2', written by 'robot recorder'\)"
        ) as caught:
            use(path)
        assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_another_program_packed_anew_is_repaired(path: Path, tmp_path: Path) -> None:
    """`mcap recover` and `mcap merge` put many messages into one compressed chunk and lose our index."""
    packed = tmp_path / "packed.mcap"
    with path.open("rb") as source, packed.open("wb") as target:
        reader, writer = make_reader(source), McapWriter(target)
        writer.start("stylebridge", "another program")
        ids: dict[int, int] = {}
        for item in reader.iter_metadata():
            writer.add_metadata(item.name, item.metadata)
        for schema, channel, message in reader.iter_messages():
            assert schema is not None
            if not ids:
                schema_id = writer.register_schema(schema.name, schema.encoding, schema.data)
            if channel.id not in ids:
                ids[channel.id] = writer.register_channel(
                    channel.topic, channel.message_encoding, schema_id, channel.metadata
                )
            writer.add_message(ids[channel.id], message.log_time, message.data, message.publish_time, message.sequence)
        writer.finish()
    with pytest.raises(InputError, match="recording repair"):
        Recording(packed)
    report = repair(packed)
    assert (report.frames, report.how) == (8, "rewritten")
    assert verify(packed).ok
    with Recording(packed) as recording, Recording(path) as original:
        assert recording.details == original.details
        assert all(is_same(one, other) for one, other in zip(recording, original, strict=True))
