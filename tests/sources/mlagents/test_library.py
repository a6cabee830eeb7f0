"""mlagents-envs imports where it doesn't by itself."""

from __future__ import annotations

import importlib
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from stylebridge.errors import StylebridgeError
from stylebridge.sources.mlagents import library, protos

library.load()
from mlagents_envs.communicator_objects.agent_info_pb2 import AgentInfoProto  # noqa: E402
from mlagents_envs.communicator_objects.command_pb2 import RESET, CommandProto  # noqa: E402
from mlagents_envs.communicator_objects.observation_pb2 import ObservationProto  # noqa: E402


def package(folder: Path, monkeypatch: pytest.MonkeyPatch, **files: str) -> str:
    name = f"{folder.name}_objects"
    (folder / name).mkdir()
    for stem, text in ({"__init__": ""} | files).items():
        (folder / name / f"{stem}.py").write_text(text)
    monkeypatch.syspath_prepend(str(folder))
    return name


def test_messages_and_enums_are_those_of_the_descriptors() -> None:
    info = AgentInfoProto(id=-4, done=True, action_mask=[True, False])
    info.observations.append(ObservationProto(shape=[2, 1, 1], name="é", compressed_data=b"\x00\xff"))
    again = AgentInfoProto.FromString(info.SerializeToString())
    assert again == info
    assert again.observations[0].WhichOneof("observation_data") == "compressed_data"
    assert (RESET, CommandProto.Value("QUIT"), CommandProto.Name(0)) == (1, 2, "STEP")


def test_messages_survive_the_library_s_own_threads() -> None:
    info = AgentInfoProto(id=7)
    assert pickle.loads(pickle.dumps(info)) == info


def test_modules_that_import_by_themselves_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = package(tmp_path, monkeypatch, fine_pb2="VALUE = 3")
    assert protos.provide(name) is False
    assert importlib.import_module(f"{name}.fine_pb2").VALUE == 3


def test_modules_that_do_not_are_built_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    file = FileDescriptorProto(name="own/thing.proto", package="own")
    file.message_type.add(name="Thing").field.add(name="size", number=1, type=5, label=1)
    text = f"raise TypeError('too old')\nx = f(serialized_pb={file.SerializeToString()!r})"
    name = package(tmp_path, monkeypatch, thing_pb2=text)
    assert protos.provide(name) is True
    module = importlib.import_module(f"{name}.thing_pb2")
    assert module.Thing(size=5).size == 5
    assert protos.provide(name) is False
    assert importlib.import_module(f"{name}.thing_pb2") is module


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("raise TypeError", "there is no descriptor in it"),
        ("raise TypeError\nf(serialized_pb=b'\\xff\\xff')", "its descriptor can't be read"),
        ("raise TypeError\nf(serialized_pb='\u20ac')", "its descriptor can't be read"),
        ("raise TypeError\nf(serialized_pb=open)", "there is no descriptor in it"),
    ],
)
def test_a_foreign_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, found: str) -> None:
    name = package(tmp_path, monkeypatch, odd_pb2=text)
    with pytest.raises(StylebridgeError, match=f"odd_pb2.py: {found}"):
        protos.provide(name)
    assert f"{name}.odd_pb2" not in sys.modules


def test_it_imports_on_a_python_without_distutils_and_says_nothing() -> None:
    code = (
        "import sys\n"
        "class Gone:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in ('distutils', '_distutils_hack'): raise ModuleNotFoundError(name=name)\n"
        "sys.meta_path.insert(0, Gone())\n"
        "from stylebridge.sources.mlagents.library import load\n"
        "load(), load()\n"
        "import mlagents_envs.environment as e\n"
        "assert e.UnityEnvironment._check_communication_compatibility('1.0.0', '1.5.0', '')\n"
        "assert not e.UnityEnvironment._check_communication_compatibility('2.0.0', '1.5.0', '')\n"
        "print('distutils' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("False\n", "")


@pytest.mark.parametrize("text", ["", "1", "1.x", "1.2.3.4", "v1.2"])
def test_a_version_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="invalid version number"):
        library.Version(text)
    assert library.Version("1.5").version == (1, 5, 0)
