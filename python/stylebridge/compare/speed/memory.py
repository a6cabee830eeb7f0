"""Run as a process of its own by the benchmark: opens a model, runs it twice, and prints its peak memory in bytes.

python -m stylebridge.compare.speed.memory MODEL ENGINE WIDTH HEIGHT THREADS
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from stylebridge.compare.speed.benchmark import Subject, open_subject, picture_frame

IMPORTED = {"torch": "torch", "onnxruntime": "onnxruntime"}


def peak_bytes() -> int:
    """The most that this process ever held.

    Where the system tells it per address space that is read: getrusage's figure also counts what the parent held when
    it forked.
    """
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"))
    except OSError:
        found = None
    if found:
        return int(found[1]) << 10
    import resource  # Windows has none

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak << 10


def main(words: list[str]) -> None:
    """Measure what the words name."""
    model, engine, width, height, threads = words
    __import__(IMPORTED.get(engine, "onnxruntime"))
    before = peak_bytes()
    with open_subject(Subject("", Path(model), engine, int(threads) or None)) as stylizer:
        tensor = stylizer.contract.to_tensor(picture_frame((int(width), int(height))))
        for _ in range(2):
            stylizer.infer(tensor)
    print(json.dumps({"before": before, "peak": peak_bytes()}))


if __name__ == "__main__":
    main(sys.argv[1:])
