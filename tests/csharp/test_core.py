"""The C# core under Mono: the contract's vectors to the last bit, strict JSON, checksums, refusals that help."""

from __future__ import annotations

import json
import math
import random
import shutil
import struct
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from stylebridge.contract import PixelContract
from stylebridge.errors import StylebridgeError

Run = Callable[..., "subprocess.CompletedProcess[str]"]
VECTORS = Path(__file__).resolve().parent.parent / "vectors" / "contract"

REFUSED_JSON = {  # text: the byte at which it goes wrong
    b"": 0,
    b" ": 1,
    b"{} {}": 3,
    b'{"a":1,}': 7,
    b"[1,]": 3,
    b"[1 2]": 3,
    b"{1:2}": 1,
    b'{"a" 1}': 5,
    b"[": 1,
    b'{"a":1': 6,
    b"01": 1,
    b"-": 1,
    b"+1": 0,
    b"1.": 2,
    b".5": 0,
    b"1e": 2,
    b"1e+": 3,
    b"NaN": 0,
    b"Infinity": 0,
    b"-Infinity": 1,
    b"nul": 3,
    b"True": 0,
    b"'a'": 0,
    b'"a': 2,
    b'"a\tb"': 2,
    b'"\\x41"': 1,
    b'"\\u12g4"': 5,
    b'"\\ud83c"': 1,
    b'"a\\ud83cb"': 2,
    b'"\\ud83c\\u0041"': 1,
    b'"\\udfae"': 1,
    b'"\xff"': 1,
    b'"\xc0\x80"': 1,
    b'"\xe0\x80\x80"': 1,
    b'"\xed\xa0\x80"': 1,
    b'"\xf4\x90\x80\x80"': 1,
    b'"\xf0\x9f\x8e"': 1,
    b"\xef\xbb\xbf{}": 0,
    b"[1] // one": 4,
    b'{"a":1,"a":2}': 7,
    b'{"a":1,"\\u0061":2}': 7,
    b"[" * 33 + b"]" * 33: 32,
    b"1" * 401: 0,
    b"[" + b"1," * 100_000 + b"1]": 200_001 - 2,
    b" " * (1 << 20) + b"1": 1 << 20,
}
ACCEPTED_JSON = {  # text: as it is written again
    b' {"b" : [ 1 , null ] ,\r\n"a":{}}\t': b'{"b":[1,null],"a":{}}',
    b"18446744073709551615": b"18446744073709551615",
    b"-9223372036854775808": b"-9223372036854775808",
    b"9007199254740993": b"9007199254740993",
    b"18446744073709551616": b"1.8446744073709552e19",
    b"-9223372036854775809": b"-9.223372036854776e18",
    b"-0": b"-0",
    b"-0.0": b"-0.0",
    b"4.0": b"4.0",
    b"1E2": b"100.0",
    b"1e-7": b"1e-7",
    b"0.1": b"0.1",
    b"5e-324": b"4.94065645841247e-324",
    b'"\\u00e9\\/\\b\\ud83c\\udfae"': '"é/\\b🎮"'.encode(),
    b'"\\u0000\\u001f\\""': b'"\\u0000\\u001f\\""',
    b'"\x7f"': b'"\x7f"',
    b'"\xf4\x8f\xbf\xbf\xed\x9f\xbf"': b'"\xf4\x8f\xbf\xbf\xed\x9f\xbf"',
    b"[" * 32 + b"]" * 32: b"[" * 32 + b"]" * 32,
}


def read_json(harness: Run, folder: Path, texts: list[bytes]) -> list[bytes | int]:
    """What the C# reader makes of each text: the text it writes again, or the byte at which it refuses."""
    cases = folder / "cases"
    cases.write_text("".join(f"{text.hex()}\n" for text in texts))
    done = harness("json", cases)
    assert done.returncode == 0, done.stderr
    answers = [line.split(" ") for line in done.stdout.splitlines()]
    return [bytes.fromhex(words[1]) if words[0] == "ok" else int(words[1]) for words in answers]


WIDE = ("-O=-float32",)  # computes floats as float64, as older runtimes do


@pytest.mark.parametrize("runtime", [(), WIDE, ("--interpreter",)])
def test_contract_vectors_are_reproduced_to_the_last_bit(harness: Run, runtime: tuple[str, ...]) -> None:
    done = harness("contract", VECTORS, runtime=runtime)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    checks = int(done.stdout.split()[0])
    refusals = json.loads((VECTORS / "refusals.json").read_text())
    cases = json.loads((VECTORS / "index.json").read_text())["cases"]
    assert checks > 10 * len(cases) + len(refusals["contracts"]) + len(refusals["outputs"])


def test_the_wide_runtime_really_computes_wider(harness: Run) -> None:
    assert [harness("wide", runtime=runtime).stdout for runtime in ((), WIDE)] == ["float32\n", "wide\n"]


@pytest.mark.parametrize(
    "name", ["unit_srgb.input.f32", "everything.input.f32", "linear.f32", "thresholds.nearest.f32"]
)
def test_a_vector_altered_by_one_ulp_is_noticed(harness: Run, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(VECTORS, tmp_path / "vectors")
    numbers = bytearray((folder / name).read_bytes())
    numbers[80] ^= 1
    (folder / name).write_bytes(numbers)
    done = harness("contract", folder)
    assert done.returncode == 1
    wrong = [line for line in done.stdout.splitlines() if line.startswith("WRONG")]
    assert wrong
    assert all(line.startswith(f"WRONG {name.removesuffix('.f32')}") and ": 1 of " in line for line in wrong)


def test_a_picture_altered_by_one_level_is_noticed(harness: Run, tmp_path: Path) -> None:
    folder = shutil.copytree(VECTORS, tmp_path / "vectors")
    shown = bytearray((folder / "resize8.shown.rgb").read_bytes())
    shown[-1] ^= 1
    (folder / "resize8.shown.rgb").write_bytes(shown)
    done = harness("contract", folder)
    assert done.returncode == 1
    assert "WRONG resize8.shown: 1 of 561 differ" in done.stdout


@pytest.mark.parametrize(("old", "new"), [('"code": "bad-multiple"', '"code": ""'), ('"code": ""', '"code": "nan"')])
def test_a_refusal_of_another_nature_is_noticed(harness: Run, tmp_path: Path, old: str, new: str) -> None:
    folder = shutil.copytree(VECTORS, tmp_path / "vectors")
    refusals = (folder / "refusals.json").read_text()
    (folder / "refusals.json").write_text(refusals.replace(old, new, 1))
    done = harness("contract", folder)
    assert done.returncode == 1
    assert done.stdout.count("WRONG") == 1


def test_contracts_are_written_as_python_writes_them(harness: Run, tmp_path: Path) -> None:
    paths = [VECTORS / f"{name}.json" for name in json.loads((VECTORS / "index.json").read_text())["cases"]]
    (tmp_path / "list").write_text("".join(f"{path}\n" for path in paths))
    written = harness("contract-json", tmp_path / "list").stdout.splitlines()
    assert written == [PixelContract.from_json(path.read_bytes()).to_json() for path in paths]


def test_frames_leave_no_garbage_once_prepared(harness: Run) -> None:
    bytes_left = dict(line.split() for line in harness("garbage").stdout.splitlines())
    assert bytes_left["Pad"] == bytes_left["Resize"] == "0"
    assert int(bytes_left["array"]) > 200_000  # the measure sees an array a frame


def test_misuse_is_refused_with_what_was_expected(harness: Run) -> None:
    done = harness("misuse")
    said = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert done.returncode == 0, done.stderr
    assert len(said) == 24
    for name, line in said.items():
        assert line.startswith("refused: "), name
        assert "; expected " in line, name
    assert said["another size"].endswith("Call Prepare with the frame's size first")


def test_bad_json_is_refused_with_its_offset(harness: Run, tmp_path: Path) -> None:
    assert dict(zip(REFUSED_JSON, read_json(harness, tmp_path, list(REFUSED_JSON)), strict=True)) == REFUSED_JSON


def test_good_json_is_written_again_without_loss(harness: Run, tmp_path: Path) -> None:
    assert dict(zip(ACCEPTED_JSON, read_json(harness, tmp_path, list(ACCEPTED_JSON)), strict=True)) == ACCEPTED_JSON


def test_damaged_json_is_accepted_where_msgspec_accepts_it(harness: Run, tmp_path: Path) -> None:
    chance = random.Random(3)
    whole = '{"id":184467440737,"a":[1.5e-3,-2,true,null],"s":"é\\n\\u00e9🎮","o":{"k":[]}}'.encode()
    texts = [damaged(chance, whole) for _ in range(3000)]
    answers = read_json(harness, tmp_path, texts)
    accepted = [isinstance(answer, bytes) for answer in answers]
    assert [text for text, ours in zip(texts, accepted, strict=True) if ours != readable(text)] == []
    assert 100 < sum(accepted) < 2900
    for text, answer in zip(texts, answers, strict=True):
        if isinstance(answer, bytes):
            assert msgspec.json.decode(answer) == msgspec.json.decode(text), text


def damaged(chance: random.Random, whole: bytes) -> bytes:
    text = bytearray(whole)
    for _ in range(chance.randint(1, 2)):
        at = chance.randrange(len(text))
        if chance.random() < 0.3:
            del text[at]
        else:
            text[at] = chance.choice(b'0123456789eE.-+"\\{}[],: \n\tu\x00\x80\xc3\xff' + whole)
    return bytes(text)


def readable(text: bytes) -> bool:
    try:
        msgspec.json.decode(text)
        pairs: list[list[str]] = []
        json.loads(text, object_pairs_hook=lambda found: pairs.append([name for name, _ in found]))
    except (msgspec.MsgspecError, UnicodeError, ValueError):
        return False
    return all(len(names) == len(set(names)) for names in pairs)


def test_float64_is_read_and_written_to_the_last_bit(harness: Run, tmp_path: Path) -> None:
    chance = random.Random(1)
    texts = [repr(struct.unpack("<d", chance.randbytes(8))[0]) for _ in range(4000)]
    texts += [f"{chance.randrange(10)}.{chance.getrandbits(130)}e{chance.randint(-330, 310)}" for _ in range(4000)]
    for _ in range(1000):  # just half-way between two float64, and a trace beyond
        whole = (1 << 53) + chance.getrandbits(52)
        texts += [f"{2 * whole + 1}.0", f"{2 * whole + 1}.0000000000000001", f"{2 * whole}.9999999999999999"]
    texts += ["2.4703282292062327e-324", "2.4703282292062328e-324", "1.7976931348623158e308", "0e99999", "1e-99999"]
    texts = [text for text in texts if "n" not in text and math.isfinite(float(text))]
    answers = read_json(harness, tmp_path, [text.encode() for text in texts])
    wrong = [text for text, answer in zip(texts, answers, strict=True) if float(answer).hex() != float(text).hex()]
    assert wrong == []


def test_values_put_together_in_csharp_are_read_by_python(harness: Run) -> None:
    written = msgspec.json.decode(harness("written").stdout)
    assert written == {
        "z": -(2**63),
        "a": 2**64 - 1,
        "text": '"\\/\b\f\n\r\t\x01\x7fé🎮',
        "none": None,
        "list": [True, -0.0, 4.0, 0.1, 5e-324, 1.7976931348623157e308],
        "empty": {},
    }
    assert list(written) == ["z", "a", "text", "none", "list", "empty"]


def test_checksums_are_those_of_zlib(harness: Run, tmp_path: Path) -> None:
    chance = random.Random(2)
    blocks = [chance.randbytes(size) for size in (*range(40), 1000, 4097, 70_001)] + [b"123456789", bytes(64)]
    (tmp_path / "blocks").write_text("".join(f"{block.hex()}\n" for block in blocks))
    done = harness("crc32", tmp_path / "blocks")
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines() == [f"{zlib.crc32(block):08x}" for block in blocks]


@pytest.mark.parametrize(
    "parts",
    [
        ("no frame", "", "", ""),
        ("no frame", "one", "send one", "peer 3"),
        ("two\nlines", "one  line", "über", "a file"),
        ("no frame", "", "look", ""),
    ],
)
def test_errors_read_as_in_python(harness: Run, parts: tuple[str, str, str, str]) -> None:
    found, expected, do, where = parts
    line = str(StylebridgeError(found, expected=expected, do=do, where=where))
    assert harness("line", *parts).stdout == line + "\n"


def test_an_unknown_command_of_the_harness_fails(harness: Run) -> None:
    assert harness("contracts", VECTORS).returncode == 2
    assert harness("contract", VECTORS / "nowhere").returncode == 2
