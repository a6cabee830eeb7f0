"""What works on this machine, and how to get what doesn't; imports nothing heavy into its own process."""

from __future__ import annotations

import importlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from stylebridge import __version__
from stylebridge.places import VGG_NAMES, vgg_file, vgg_place

Status = Literal["ok", "missing", "broken"]

PROBE_TIMEOUT_S = 30
PROGRAM_TIMEOUT_S = 10
MIN_WEIGHTS_BYTES = 1 << 20  # smaller is a pointer file or a broken download


@dataclass(frozen=True, slots=True)
class Check:
    """What was found about one thing, and the command that mends it."""

    name: str
    status: Status
    detail: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Package:
    """A Python package, how to say what it can do, and what brings it."""

    name: str
    module: str
    fix: str
    describe: Callable[[Any], str]
    required: bool = False


def examine() -> list[Check]:
    """Run every check; one that fails in an unforeseen way is reported as broken."""
    with ThreadPoolExecutor(4) as pool:
        packages = pool.submit(probe_packages)
        others = list(pool.map(_guarded, CHECKS))
        return [others[0], *packages.result(), *others[1:]]


def is_usable(checks: Iterable[Check]) -> bool:
    """Whether everything that stylebridge can't do without works."""
    required = {package.name for package in PACKAGES if package.required}
    return all(check.status == "ok" for check in checks if check.name in required)


def probe_packages() -> list[Check]:
    """Import every package in another process; one that takes that process down is named, the rest go on."""
    found: dict[str, Check] = {}
    while pending := [package for package in PACKAGES if package.name not in found]:
        checks, ending = _run_probe([package.module for package in pending])
        found.update((check.name, check) for check in checks)
        culprit = next((package for package in pending if package.name not in found), None)
        if culprit:  # the checks come in order, so the first one without an answer took the process down
            found[culprit.name] = Check(culprit.name, "broken", f"importing it {ending}", _reinstall(culprit))
    return [found[package.name] for package in PACKAGES]


def describe(modules: list[str]) -> None:
    """Run in the other process: import these packages one after another and print what they are, as JSON lines."""
    for package in (package for package in PACKAGES if package.module in modules):
        line = json.dumps(asdict(_described(package)))
        print("\n" + line, flush=True)  # a package may have printed half a line of its own


def _described(package: Package) -> Check:
    try:
        return Check(package.name, "ok", package.describe(_load(package.module)))
    except BaseException as error:
        cause = error.__cause__ or error
        if isinstance(cause, ModuleNotFoundError) and cause.name == package.module.partition(".")[0]:
            return Check(package.name, "missing", "not installed", package.fix)
        what = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        return Check(package.name, "broken", what, getattr(error, "do", "") or _reinstall(package))


def _load(module: str) -> Any:
    if module == "cv2":
        from stylebridge.imaging import opencv

        return opencv()
    return importlib.import_module(module)


def _run_probe(modules: list[str]) -> tuple[list[Check], str]:
    """What the other process could tell, and how it ended."""
    code = f"from stylebridge.doctor import describe; describe({modules!r})"
    root = str(Path(__file__).resolve().parent.parent)
    paths = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), root)))
    # -P: a file named torch.py in the working folder is not torch
    command = [sys.executable, "-P", "-c", code]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=PROBE_TIMEOUT_S, env={**os.environ, "PYTHONPATH": paths}
        )
        output, ending = done.stdout, f"ended the process with exit status {done.returncode}"
    except subprocess.TimeoutExpired as error:
        output, ending = error.stdout or b"", f"took longer than {PROBE_TIMEOUT_S} s"
    return list(_checks_from(output.decode(errors="replace"))), ending


def _checks_from(text: str) -> Iterator[Check]:
    for line in text.splitlines():
        try:
            yield Check(**json.loads(line))
        except (ValueError, TypeError):
            continue  # what the packages themselves print


def _reinstall(package: Package) -> str:
    distribution = "opencv-python" if package.module == "cv2" else package.module.partition(".")[0]
    return f"pip install --force-reinstall --no-deps {distribution}"


def _version(module: Any) -> str:
    return str(getattr(module, "__version__", "version unknown")).removeprefix("v")


def _describe_opencv(cv2: Any) -> str:
    facts = dict(line.split(":", 1) for line in cv2.getBuildInformation().splitlines() if ":" in line)
    facts = {name.strip(): value.strip() for name, value in facts.items()}
    video = "reads video" if facts.get("FFMPEG", "").startswith("YES") else "no FFmpeg: reads few videos"
    windows = "no windows (headless)" if facts.get("GUI", "NONE") == "NONE" else f"windows by {facts['GUI']}"
    return f"{cv2.__version__}, {video}, {windows}"


def _describe_torch(torch: Any) -> str:
    build = f"CUDA {torch.version.cuda}" if torch.version.cuda else "CPU build"
    if torch.cuda.is_available():
        gpus = [torch.cuda.get_device_properties(index) for index in range(torch.cuda.device_count())]
        build += ", " + ", ".join(f"{gpu.name} {gpu.total_memory >> 30} GiB" for gpu in gpus)
    elif torch.version.cuda:
        build += ", no GPU answers"
    return f"{torch.__version__}, {build}, {torch.get_num_threads()} threads"


def _describe_onnxruntime(onnxruntime: Any) -> str:
    providers = [name.removesuffix("ExecutionProvider") for name in onnxruntime.get_available_providers()]
    return f"{_version(onnxruntime)}, runs on {', '.join(providers)}"


def _describe_zmq(zmq: Any) -> str:
    keys = "with CURVE" if zmq.has("curve") else "without CURVE: loopback only"
    return f"pyzmq {zmq.__version__}, libzmq {zmq.zmq_version()}, {keys}"


def _describe_panda3d(core: Any) -> str:
    from stylebridge.errors import InputError
    from stylebridge.scene.render.host import offscreen_host

    try:
        return f"{core.PandaSystem.get_version_string()}, draws with {offscreen_host().driver}"
    except InputError as error:
        return f"{core.PandaSystem.get_version_string()}, colour only: {error}"


PACKAGES = (
    Package("NumPy", "numpy", "pip install numpy", _version, required=True),
    Package("OpenCV", "cv2", "pip install opencv-python", _describe_opencv, required=True),
    Package("PyTorch", "torch", "pip install 'stylebridge[torch]'", _describe_torch),
    Package("ONNX", "onnx", "pip install 'stylebridge[onnx]'", _version),
    Package("onnxsim", "onnxsim", "pip install 'stylebridge[onnx]'", _version),
    Package("ONNX Runtime", "onnxruntime", "pip install 'stylebridge[onnx]'", _describe_onnxruntime),
    Package("ZeroMQ (wire)", "zmq", "pip install 'stylebridge[wire]'", _describe_zmq),
    Package("Panda3D (scene)", "panda3d.core", "pip install 'stylebridge[scene]'", _describe_panda3d),
    Package("zstandard (recording)", "zstandard", "pip install 'stylebridge[recording]'", _version),
    Package("PyAV (H.264)", "av", "pip install 'stylebridge[video]'", _version),
    Package("OpenEXR", "OpenEXR", "pip install 'stylebridge[exr]'", _version),
    Package("ML-Agents", "mlagents_envs", "pip install 'stylebridge[mlagents]'", _version),
)


def check_python() -> Check:
    """Which Python runs which stylebridge where."""
    detail = f"{__version__} on Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    return Check("stylebridge", "ok", detail)


def check_machine() -> Check:
    """How many processors and how much memory this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    cpus = len(affinity(0)) if affinity else os.cpu_count() or 1
    memory = _memory_bytes()
    return Check("machine", "ok", f"{cpus} CPUs, " + (f"{memory / 2**30:.1f} GiB" if memory else "memory unknown"))


def check_display() -> Check:
    """Whether the output window: has somewhere to appear."""
    if platform.system() != "Linux":
        return Check("display", "ok", platform.system())
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        if value := os.environ.get(name):
            return Check("display", "ok", f"{name}={value}")
    return Check("display", "missing", "only the output window: needs one", "start it on a desktop or under xvfb-run")


def check_weights() -> Check:
    """Whether the VGG that training looks through is at hand."""
    place = vgg_place()
    file = vgg_file(place)
    fix = f"put {VGG_NAMES[0]} into {place}, or set STYLEBRIDGE_WEIGHTS to its file or folder"
    if file is None:
        return Check("VGG weights", "missing", "only training needs them", fix)
    size = file.stat().st_size
    if size < MIN_WEIGHTS_BYTES:
        return Check("VGG weights", "broken", f"{file} has only {size} bytes", fix)
    return Check("VGG weights", "ok", f"{file}, {size >> 20} MiB")


def check_compiler() -> Check:
    """The C++ compiler that torch.compile calls."""
    names = filter(None, (os.environ.get("CXX"), "g++", "clang++", "cl"))
    return _program("C++ compiler", names, "only torch.compile needs one", "apt-get install g++")


def check_mono() -> Check:
    """The runtime of the C# tests."""
    return _program("Mono", ["mono"], "used by the tests", "apt-get install mono-mcs mono-runtime")


def check_mcs() -> Check:
    """The compiler of the C# tests."""
    return _program("Mono's compiler", ["mcs"], "used by the tests", "apt-get install mono-mcs mono-runtime")


def check_browser() -> Check:
    """The browser in which the tests look at the reports."""
    names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    return _program("browser", names, "used by the tests", "apt-get install chromium")


def check_ffmpeg() -> Check:
    """FFmpeg's own command, which converts what OpenCV can't read."""
    return _program("ffmpeg", ["ffmpeg"], "only to convert videos by hand", "apt-get install ffmpeg", "-version")


CHECKS: tuple[Callable[[], Check], ...] = (
    check_python,
    check_machine,
    check_display,
    check_weights,
    check_compiler,
    check_mono,
    check_mcs,
    check_browser,
    check_ffmpeg,
)


def _guarded(check: Callable[[], Check]) -> Check:
    try:
        return check()
    except Exception as error:
        return Check(check.__name__.removeprefix("check_"), "broken", f"{type(error).__name__}: {error}")


def _program(name: str, names: Iterable[str], use: str, fix: str, ask: str = "--version") -> Check:
    """A program on the PATH, by the first line of what it says about itself."""
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        return Check(name, "missing", use, fix)
    try:
        done = subprocess.run([path, ask], capture_output=True, timeout=PROGRAM_TIMEOUT_S, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Check(name, "broken", f"{path}: {type(error).__name__}", fix)
    said = done.stdout.decode(errors="replace").strip() or done.stderr.decode(errors="replace").strip()
    if done.returncode != 0:
        return Check(name, "broken", f"{path} ended with exit status {done.returncode}", fix)
    return Check(name, "ok", said.splitlines()[0] if said else path)


def _memory_bytes() -> int | None:
    """The machine's memory, or the container's share of it."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        limit = "max"
    return min(total, int(limit)) if limit.isdecimal() else total
