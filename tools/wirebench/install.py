"""The peers from PyPI, in a folder of their own beside the environment: nothing else ever sees them."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent.parent / "out" / "bench-peers"
# what they need to be imported, but for numpy, OpenCV and pyzmq, which are the environment's
PACKAGES = {
    "imagezmq": ["imagezmq==1.2.0"],
    "vidgear": ["vidgear==0.3.6", "colorlog", "tqdm", "requests", "urllib3", "idna", "certifi", "charset-normalizer"],
}


def find_peers() -> set[str]:
    """The peers that can be used, fetched when they aren't there; says on stderr which can't be had."""
    sys.path.append(str(FOLDER))  # last, so that the environment's own packages go first; children inherit it
    found = set()
    for name, packages in PACKAGES.items():
        if not (FOLDER / name).is_dir():
            _install(packages)
        if (FOLDER / name).is_dir():
            found.add(name)
        else:
            print(f"bench_wire: {name} can't be installed from PyPI; its figures are left out", file=sys.stderr)
    importlib.invalidate_caches()
    return found


def _install(packages: list[str]) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run(
        [*command, "--retries", "1", "--timeout", "20", "--upgrade", "--target", str(FOLDER), *packages],
        check=False,
        capture_output=True,
    )
