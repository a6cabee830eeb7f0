"""The edge: every form that a game may send becomes the Frame's, and nothing is copied without need."""

from __future__ import annotations

import zlib
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from stylebridge.contract import PixelContract, Side
from stylebridge.frame import PLANES, Camera, Clock, Frame
from stylebridge.wire import WireFault
from stylebridge.wire.codec import FrameHeader, decode_frame, encode_frame, encode_table
from stylebridge.wire.layout import Error, PlaneFields
from stylebridge.wire.outgoing import outgoing_from
from stylebridge.wire.planes import Packed, frame_from_wire, pack, unpack
from stylebridge.wire.planetable import lay_out

from .pictures import full_frame
from .wireform import NUMBERS, WireForm, planes_of

SESSION = bytes(range(16))
H, W = 5, 7
RANDOM = np.random.default_rng(8)
COLOR = RANDOM.integers(0, 256, (H, W, 4), dtype=np.uint8)
EVERY_BYTE = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(16, 16, 3)


def header_of(frame: Frame, packed: Packed) -> FrameHeader:
    """The header as the other side reads it, so that its checks are passed too."""
    outgoing = outgoing_from(frame, packed, SESSION, 1)
    return decode_frame(encode_frame(0, outgoing.fields, packed.table))


def received(array: NDArray[Any], **form: Any) -> Frame:
    """A frame whose plane came in this form; a colour plane is added to the others."""
    wire = WireForm(array, **form)
    color = WireForm(np.zeros((*array.shape[:2], 3), np.uint8))
    forms = [wire] if wire.plane == "color" else [color, wire]
    planes, parts = planes_of(forms)
    like = Frame(color=np.zeros((*array.shape[:2], 3), np.uint8))
    fields = outgoing_from(like, pack(like, ()), SESSION, 1).fields
    fields = fields._replace(plane_count=len(planes), payload_bytes=planes[-1].offset + planes[-1].length)
    return frame_from_wire(decode_frame(encode_frame(0, fields, encode_table(planes))), parts)


@pytest.mark.parametrize("padding", [0, 1, 64])
@pytest.mark.parametrize("rows", ["top", "bottom"])
@pytest.mark.parametrize("layout", ["hwc", "chw"])
@pytest.mark.parametrize("order", ["rgb", "bgr"])
@pytest.mark.parametrize("channels", [3, 4])
def test_colour_bytes_come_out_as_rgb_top_row_first(
    channels: int, order: str, layout: str, rows: str, padding: int
) -> None:
    color = COLOR[:, :, :channels]
    frame = received(color, order=order, layout=layout, rows=rows, padding=padding)
    assert np.array_equal(frame.color, color)
    assert frame.color.flags.c_contiguous


@pytest.mark.parametrize("form", [{"order": "bgr"}, {"layout": "chw"}, {"rows": "bottom"}, {"padding": 3}])
def test_a_form_that_is_not_heeded_would_be_seen(form: dict[str, Any]) -> None:
    wire = WireForm(COLOR[:, :, :3], **form)
    plain = WireForm(COLOR[:, :, :3])
    assert bytes(planes_of([wire])[1][0]) != bytes(planes_of([plain])[1][0])


@pytest.mark.parametrize("name", ["depth", "motion", "normals", "ids", "occlusion"])
@pytest.mark.parametrize("rows", ["top", "bottom"])
@pytest.mark.parametrize("layout", ["hwc", "chw"])
@pytest.mark.parametrize("padding", [0, 8])
def test_planes_of_data_come_out_as_they_are(name: str, rows: str, layout: str, padding: int) -> None:
    wanted = getattr(full_frame((H, W)), name)
    sent = wanted.astype(np.uint8) if name == "occlusion" else wanted
    got = getattr(received(sent, plane=name, rows=rows, layout=layout, padding=padding), name)
    assert got.dtype == PLANES[name][0]
    assert np.array_equal(got, wanted)
    assert got.flags.c_contiguous
    assert got.flags.aligned


def srgb_bytes(units: NDArray[np.float32], color: Literal["srgb", "linear"]) -> NDArray[np.uint8]:
    """What the pixel contract makes of numbers from 0 to 1."""
    contract = PixelContract(output=Side(layout="nhwc", color=color))
    like = Frame(color=np.zeros((*units.shape[:2], 3), np.uint8))
    return contract.to_frame(np.ascontiguousarray(units[None, :, :, :3]), like).color  # [H,W,3] -> [1,H,W,3]


@pytest.mark.parametrize("space", ["srgb", "linear"])
@pytest.mark.parametrize("dtype", ["f16", "f32"])
@pytest.mark.parametrize("order", ["rgb", "bgr"])
def test_float_colours_become_the_bytes_of_the_pixel_contract(
    space: Literal["srgb", "linear"], dtype: str, order: str
) -> None:
    units = np.linspace(-0.2, 1.3, 64 * 64 * 4).reshape(64, 64, 4).astype(NUMBERS[dtype])
    frame = received(units, color_space=space, order=order)
    assert np.array_equal(frame.rgb, srgb_bytes(units.astype(np.float32), space))
    alpha = np.rint(np.clip(units[:, :, 3].astype(np.float32), 0, 1) * np.float32(255))
    assert np.array_equal(frame.color[:, :, 3], alpha), "alpha is never a colour"


def test_the_two_colour_spaces_differ() -> None:
    units = np.full((2, 2, 3), 0.5, np.float32)
    assert received(units, color_space="srgb").color[0, 0, 0] == 128
    assert received(units, color_space="linear").color[0, 0, 0] == 188


def test_linear_bytes_become_the_bytes_of_the_pixel_contract() -> None:
    units = EVERY_BYTE.astype(np.float32) / np.float32(255)
    assert np.array_equal(received(EVERY_BYTE, color_space="linear").color, srgb_bytes(units, "linear"))
    with_alpha = np.dstack([EVERY_BYTE, EVERY_BYTE[:, :, 0]])
    assert np.array_equal(received(with_alpha, color_space="linear").color[:, :, 3], EVERY_BYTE[:, :, 0])


@pytest.mark.parametrize(("value", "byte"), [(np.nan, 0), (np.inf, 255), (-np.inf, 0), (1e38, 255), (-0.0, 0)])
@pytest.mark.parametrize("space", ["srgb", "linear"])
@pytest.mark.filterwarnings("error")
def test_odd_floats_become_black_or_white(value: float, byte: int, space: str) -> None:
    units = np.full((2, 2, 3), value, np.float32)
    assert (received(units, color_space=space).color == byte).all()


@pytest.mark.parametrize(("dtype", "scale"), [("u16", 0.25), ("u16", 1.0), ("f16", 1.0), ("f16", -2.0), ("f32", 1e-3)])
def test_depth_is_scaled_to_metres(dtype: str, scale: float) -> None:
    values = RANDOM.integers(0, 2000, (H, W)).astype(NUMBERS[dtype])
    got = received(values, plane="depth", scale=(scale, 1.0)).depth
    assert got is not None
    assert got.dtype == np.float32
    assert np.array_equal(got, values.astype(np.float32) * np.float32(scale))


@pytest.mark.filterwarnings("error")
def test_a_scale_that_overflows_gives_infinity_without_noise() -> None:
    values = np.full((2, 2), 3e38, np.float32)
    got = received(values, plane="depth", scale=(10.0, 1.0)).depth
    assert got is not None
    assert np.isinf(got).all()


@pytest.mark.parametrize("dtype", ["f16", "f32"])
def test_motion_that_points_forward_in_fractions_with_y_up_is_turned(dtype: str) -> None:
    forward = RANDOM.uniform(-1, 1, (H, W, 2)).astype(NUMBERS[dtype])
    got = received(forward, plane="motion", scale=(-float(W), float(H))).motion
    assert got is not None
    assert np.array_equal(got[:, :, 0], forward[:, :, 0].astype(np.float32) * -W)
    assert np.array_equal(got[:, :, 1], forward[:, :, 1].astype(np.float32) * H)


@pytest.mark.parametrize("dtype", ["u8", "u16", "u32"])
def test_ids_of_every_width_are_the_same_numbers(dtype: str) -> None:
    values = np.arange(H * W).reshape(H, W).astype(NUMBERS[dtype])
    got = received(values, plane="ids").ids
    assert got is not None
    assert np.array_equal(got, values)


def test_any_byte_but_0_is_occluded() -> None:
    values = np.array([[0, 1, 2, 255]], np.uint8)
    got = received(values, plane="occlusion").occlusion
    assert got is not None
    assert got.tolist() == [[False, True, True, True]]


@pytest.mark.parametrize("options", [{}, {"deflate": True}, {"checksum": True}, {"deflate": True, "checksum": True}])
def test_a_whole_frame_comes_back_from_its_planes(options: dict[str, bool]) -> None:
    frame = full_frame((H, W))
    packed = pack(frame, PLANES, **options)
    got = frame_from_wire(header_of(frame, packed), packed.buffers)
    for name in PLANES:
        assert np.array_equal(getattr(got, name), getattr(frame, name)), name
    assert got.clock == frame.clock
    assert got.camera.name == "eye"
    assert np.array_equal(got.camera.view, frame.camera.view)
    assert np.array_equal(got.camera.projection, frame.camera.projection)
    assert got.session == SESSION.hex()


def test_without_matrices_there_are_none_and_one_alone_stays_alone() -> None:
    view = np.eye(4, dtype=np.float32)
    for camera in (Camera("a"), Camera("a", view), Camera("a", None, view)):
        frame = Frame(color=COLOR, camera=camera, clock=Clock(1, 2.0, 3))
        got = frame_from_wire(header_of(frame, pack(frame, ())), pack(frame, ()).buffers)
        assert (got.camera.view is None) == (camera.view is None)
        assert (got.camera.projection is None) == (camera.projection is None)


@pytest.mark.parametrize(
    ("wanted", "sent"),
    [
        ((), ["color"]),
        (("depth", "color"), ["color", "depth"]),
        (("motion", "ids"), ["color", "motion", "ids"]),
        (("nothing",), ["color"]),
    ],
)
def test_only_the_wanted_planes_go_and_colour_always(wanted: tuple[str, ...], sent: list[str]) -> None:
    packed = pack(full_frame((H, W)), wanted)
    assert [list(PLANES)[plane.plane - 1] for plane in packed.planes] == sent


def test_a_plane_that_the_frame_lacks_is_left_out() -> None:
    assert len(pack(Frame(color=COLOR), PLANES).planes) == 1


def test_sending_copies_nothing_that_lies_in_one_piece() -> None:
    frame = full_frame((H, W))
    for name, buffer in zip(PLANES, pack(frame, PLANES).buffers, strict=True):
        assert np.shares_memory(buffer, getattr(frame, name)), name
    apart = Frame(color=np.asarray(COLOR[::-1]))
    assert not np.shares_memory(pack(apart, ()).buffers[0], COLOR)
    assert pack(apart, ()).buffers[0].tobytes() == COLOR[::-1].tobytes()


def test_receiving_copies_nothing_that_is_in_the_frames_form() -> None:
    frame = full_frame((H, W))
    packed = pack(frame, PLANES)
    got = frame_from_wire(header_of(frame, packed), packed.buffers)
    for name, buffer in zip(PLANES, packed.buffers, strict=True):
        assert np.shares_memory(buffer, getattr(got, name)) == (name != "occlusion"), name


@pytest.mark.parametrize("form", [{"order": "bgr"}, {"layout": "chw"}, {"rows": "bottom"}, {"padding": 4}])
def test_what_is_in_another_form_is_copied_so_that_it_lies_in_one_piece(form: dict[str, Any]) -> None:
    frame = received(COLOR, **form)
    assert frame.color.flags.c_contiguous


def test_floats_that_come_at_an_odd_address_are_moved_to_an_even_one() -> None:
    frame = full_frame((H, W))
    packed = pack(frame, ("depth",))
    crooked = np.empty(packed.buffers[1].size + 1, np.uint8)[1:]
    crooked[:] = packed.buffers[1]
    got = frame_from_wire(header_of(frame, packed), [packed.buffers[0], crooked])
    assert got.depth is not None
    assert got.depth.flags.aligned
    assert np.array_equal(got.depth, frame.depth)


def damaged(kind: str) -> tuple[PlaneFields, bytes]:
    """A deflated plane of 105 bytes that was tampered with; `whole` was not."""
    raw = COLOR[:, :, :3].tobytes()
    deflater = zlib.compressobj(level=9, wbits=-15)
    data = deflater.compress(raw if kind != "bomb" else bytes(1 << 24)) + deflater.flush()
    data = {
        "whole": data,
        "bomb": data,
        "cut": data[:-3],
        "garbage": b"\xff" * len(data),
        "trailing": data + b"\0",
        "with a zlib header": zlib.compress(raw),
        "too little": (small := zlib.compressobj(wbits=-15)).compress(raw[:-1]) + small.flush(),
    }[kind]
    plane = WireForm(COLOR[:, :, :3]).fields()._replace(codec=1, length=len(data))
    return lay_out([plane])[0], data


@pytest.mark.parametrize("kind", ["bomb", "cut", "garbage", "trailing", "with a zlib header", "too little"])
def test_deflate_that_gives_anything_but_the_plane_is_refused(kind: str) -> None:
    with pytest.raises(WireFault, match="plane color") as caught:
        unpack(*damaged(kind), H)
    assert caught.value.code == Error.BAD_CODEC_DATA
    assert unpack(*damaged("whole"), H) == COLOR[:, :, :3].tobytes()


def test_a_bomb_is_not_unpacked_beyond_the_planes_size() -> None:
    with pytest.raises(WireFault, match="unpacks to more than 105 bytes"):
        unpack(*damaged("bomb"), H)


@pytest.mark.parametrize("deflate", [False, True])
def test_one_flipped_bit_is_seen_by_the_checksum(deflate: bool) -> None:
    packed = pack(full_frame((H, W)), (), checksum=True, deflate=deflate)
    data = packed.buffers[0].copy()
    unpack(packed.planes[0], data, H)
    data[3] ^= 0x10
    with pytest.raises(WireFault) as caught:
        unpack(packed.planes[0], data, H)
    assert caught.value.code == Error.BAD_CHECKSUM
