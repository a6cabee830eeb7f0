from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path

import pytest
import typer
from stylebridge import __version__, doctor
from stylebridge.cli import doctor as cli_doctor
from stylebridge.doctor import Check
from typer.testing import CliRunner

LIBGL = "libGL.so.1: cannot open shared object file: No such file or directory"


@pytest.fixture
def fake_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is searched before the real packages; every package but NumPy and OpenCV is an empty one there."""
    folder = tmp_path / "packages"
    folder.mkdir()
    for package in doctor.PACKAGES:
        if not package.required:
            (folder / f"{package.module}.py").write_text("__version__ = '1.2.3'\n")
    (folder / "torch.py").write_text("raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')")
    (folder / "onnxruntime.py").write_text(
        "__version__ = '9.9'\ndef get_available_providers(): return ['CUDAExecutionProvider', 'CPUExecutionProvider']"
    )
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


def probed() -> dict[str, Check]:
    return {check.name: check for check in doctor.probe_packages()}


def test_packages_are_really_imported(fake_packages: Path) -> None:
    import cv2
    import numpy as np

    checks = probed()
    assert list(checks) == [package.name for package in doctor.PACKAGES]
    assert checks["NumPy"] == Check("NumPy", "ok", np.__version__)
    assert checks["OpenCV"].status == "ok"
    assert checks["OpenCV"].detail.startswith(f"{cv2.__version__}, reads video, ")
    assert checks["ONNX"] == Check("ONNX", "ok", "1.2.3")
    assert checks["ONNX Runtime"].detail == "9.9, runs on CUDA, CPU"
    assert checks["PyTorch"] == Check("PyTorch", "missing", "not installed", "pip install 'stylebridge[torch]'")


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("raise ImportError('no such symbol')", "ImportError: no such symbol"),
        ("import a_module_that_is_not_there", "ModuleNotFoundError: No module named 'a_module_that_is_not_there'"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("print('half a line', end=''); raise OSError('bad\\nELF')", "OSError: bad ELF"),
        ("import os; os._exit(5)", "importing it ended the process with exit status 5"),
        ("import os; os.abort()", "importing it ended the process with exit status -6"),
    ],
)
def test_a_broken_package_is_named_and_the_rest_goes_on(fake_packages: Path, code: str, found: str) -> None:
    (fake_packages / "onnx.py").write_text(code)
    checks = probed()
    assert checks["ONNX"] == Check("ONNX", "broken", found, "pip install --force-reinstall --no-deps onnx")
    assert checks["onnxsim"].status == checks["ONNX Runtime"].status == "ok"


def test_a_package_that_hangs_is_broken(fake_packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [package for package in doctor.PACKAGES if package.module in ("onnxsim", "onnx")]
    monkeypatch.setattr(doctor, "PACKAGES", wanted)
    monkeypatch.setattr(doctor, "PROBE_TIMEOUT_S", 3)
    (fake_packages / "onnxsim.py").write_text("import threading; threading.Event().wait()")
    checks = probed()
    assert checks["onnxsim"].status == "broken"
    assert checks["onnxsim"].detail == "importing it took longer than 3 s"
    assert checks["ONNX"].status == "ok"


def test_a_missing_system_library_of_opencv_is_broken_with_its_cure(fake_packages: Path) -> None:
    (fake_packages / "cv2.py").write_text(f"raise ImportError({LIBGL!r})")
    check = probed()["OpenCV"]
    assert check.status == "broken"
    assert "the system library libGL.so.1 is missing" in check.detail
    assert "apt-get install libgl1 libglib2.0-0" in check.fix
    assert not doctor.is_usable([check])


def test_a_file_in_the_working_folder_is_no_package(
    fake_packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numpy.py").write_text("raise ImportError('shadowed')")
    monkeypatch.chdir(tmp_path)
    assert probed()["NumPy"].status == "ok"


def test_only_the_required_packages_make_it_unusable() -> None:
    fine = [Check("NumPy", "ok", ""), Check("OpenCV", "ok", ""), Check("PyTorch", "missing", "")]
    assert doctor.is_usable(fine)
    assert not doctor.is_usable([*fine[1:], Check("NumPy", "missing", "")])


def test_a_check_that_fails_is_reported_not_raised(fake_packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def check_weather() -> Check:
        raise RuntimeError("rain")

    monkeypatch.setattr(doctor, "CHECKS", (doctor.check_python, check_weather))
    assert doctor.examine()[-1] == Check("weather", "broken", "RuntimeError: rain")


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")
@pytest.mark.parametrize(
    ("script", "status", "detail"),
    [
        ("echo 'Mono JIT compiler version 6.8'; echo more", "ok", "Mono JIT compiler version 6.8"),
        ("echo 'on the other channel' >&2", "ok", "on the other channel"),
        ("exit 4", "broken", "ended with exit status 4"),
        (None, "missing", "used by the tests"),
    ],
)
def test_a_program_is_asked_for_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None, status: str, detail: str
) -> None:
    if script is not None:
        (tmp_path / "mono").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "mono").chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", str(tmp_path))
    check = doctor.check_mono()
    assert check.status == status
    assert detail in check.detail
    assert (check.fix == "") == (status == "ok")


@pytest.mark.parametrize("as_file", [True, False])
def test_the_weights_are_found_where_the_setting_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_file: bool
) -> None:
    file = tmp_path / "vgg19-dcbb9e9d.pth"
    monkeypatch.setenv("STYLEBRIDGE_WEIGHTS", str(file if as_file else tmp_path))
    assert doctor.check_weights().status == "missing"
    file.write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    assert doctor.check_weights().status == "broken"
    with file.open("r+b") as stream:
        stream.truncate(2 << 20)
    assert doctor.check_weights() == Check("VGG weights", "ok", f"{file}, 2 MiB")


def test_the_weights_are_found_in_the_cache_of_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STYLEBRIDGE_WEIGHTS", raising=False)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    missing = doctor.check_weights()
    assert missing.status == "missing"
    assert str(tmp_path / "hub" / "checkpoints") in missing.fix


def test_the_display_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.platform, "system", lambda: "Linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert doctor.check_display().status == "missing"
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert doctor.check_display() == Check("display", "ok", "WAYLAND_DISPLAY=wayland-0")


class TestCommand:
    @pytest.fixture
    def app(self, fake_packages: Path) -> typer.Typer:
        app = typer.Typer()
        app.command()(cli_doctor.command)
        return app

    def test_json_is_complete_and_missing_things_are_no_failure(self, app: typer.Typer) -> None:
        done = CliRunner().invoke(app, ["--json"])
        assert done.exit_code == 0
        report = json.loads(done.stdout)
        assert report["usable"] is True
        checks = {check["name"]: check for check in report["checks"]}
        assert len(checks) == len(report["checks"]) == len(doctor.PACKAGES) + len(doctor.CHECKS)
        assert checks["stylebridge"]["detail"].startswith(f"{__version__} on Python 3.")
        assert checks["machine"]["detail"].split()[1] == "CPUs,"
        assert checks["PyTorch"]["status"] == "missing"
        assert all(check["fix"] for check in checks.values() if check["status"] != "ok")

    def test_the_table_names_every_check_and_its_cure(self, app: typer.Typer) -> None:
        done = CliRunner().invoke(app, [], env={"COLUMNS": "200"})
        assert done.exit_code == 0
        assert "pip install 'stylebridge[torch]'" in done.stdout
        assert all(package.name in done.stdout for package in doctor.PACKAGES)

    def test_a_broken_requirement_ends_in_1(self, app: typer.Typer, fake_packages: Path) -> None:
        (fake_packages / "numpy.py").write_text("raise ImportError('bad build')")
        done = CliRunner().invoke(app, ["--json"])
        assert done.exit_code == 1
        report = json.loads(done.stdout)
        assert report["usable"] is False
        assert [c["detail"] for c in report["checks"] if c["name"] == "NumPy"] == ["ImportError: bad build"]


def test_the_report_imports_nothing_heavy_into_its_own_process() -> None:
    code = "import sys, stylebridge.doctor, stylebridge.cli.doctor; print(*sys.modules)"
    loaded = os.popen(f'"{sys.executable}" -c "{code}"').read().split()  # noqa: S605
    assert "stylebridge.doctor" in loaded
    assert not {"numpy", "cv2", "torch", "onnx", "rich.table"} & set(loaded)
