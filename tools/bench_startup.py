"""How long `stylebridge --help` takes, against importing torch: python tools/bench_startup.py [--runs 7]"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time

HELP = [sys.executable, "-m", "stylebridge.cli.main", "--help"]
TORCH = [sys.executable, "-c", "import torch"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    seconds(HELP), seconds(TORCH)  # warm the disk cache
    pairs = [(seconds(HELP), seconds(TORCH)) for _ in range(runs)]
    figure = {
        "bench": "startup",
        "help_ms": round(1e3 * statistics.median(pair[0] for pair in pairs), 1),
        "import_torch_ms": round(1e3 * statistics.median(pair[1] for pair in pairs), 1),
        "ratio": round(statistics.median(pair[0] / pair[1] for pair in pairs), 3),
        "limit": 0.25,
        "runs": runs,
    }
    print(json.dumps(figure), flush=True)


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
