"""python -m tests.gpu: the CUDA kernels on a real GPU: bits, bounds, graphs and times.

It takes about ten minutes, writes one JSON file with everything, and prints a summary. Exit status:
0 all is right, 1 something is not, 2 no GPU.
"""

import argparse
import json
import platform
import sys
import time
import traceback
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from numba import config, cuda

LARGE = {
    "chunk": 2**22,
    "small": 2000,
    "many": 1000,
    "huge": 2**31 + 2**20 + 5,
    "speed": [10**6, 10**7, 10**8, 10**9],
    "patience": 120,
}
SMALL = LARGE | {"chunk": 50, "small": 40, "many": 12, "huge": 2**12, "speed": [10**4]}
RESULTS = Path(__file__).parents[1] / "benchmarks" / "results"
PACKAGES = ("numpy", "numba", "numba-cuda", "cuda-bindings", "cuda-core", "nvidia-nvvm", "torch")


def installed(package):
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def machine():
    """The device, and what runs on it."""
    found = {"python": platform.python_version(), "system": platform.platform()}
    found |= {package: installed(package) for package in PACKAGES}
    if config.ENABLE_CUDASIM:
        return found | {"device": "simulator"}
    device = cuda.get_current_device()
    found["device"] = device.name.decode() if isinstance(device.name, bytes) else str(device.name)
    found["compute capability"] = list(device.compute_capability)
    found["multiprocessors"] = device.MULTIPROCESSOR_COUNT
    found["memory free, total"] = [int(size) for size in cuda.current_context().get_memory_info()]
    found["CUDA runtime"] = list(cuda.runtime.get_version())
    from cuda.bindings import driver

    found["driver supports CUDA"] = int(driver.cuDriverGetVersion()[1])
    return found


def parts():
    from tests.gpu import bits, graph, speed

    return {
        "large": bits.large,
        "many": bits.many,
        "unaligned": bits.unaligned,
        "host": bits.host,
        "saved": bits.saved,
        "captured": graph.captured,
        "copied": speed.copied,
        "launches": speed.launches,
        "one_tensor": speed.one_tensor,
        "beside_torch": speed.beside_torch,
        "huge": bits.huge,
        "sanitized": graph.sanitized,
    }


def attempt(function, sizes, left):
    """Return the result of a part, or why it has none; a failure must not end the others."""
    if left < 0:
        return {"ok": False, "not run": "the time was up"}
    started = time.perf_counter()
    try:
        found = function(sizes)
    except ModuleNotFoundError as error:
        found = {"ok": True, "not run": str(error)}
    except Exception as error:
        found = {
            "ok": False,
            "error": f"{type(error).__name__}: {error}",
            "traceback": traceback.format_exc(),
        }
    return found | {"seconds": time.perf_counter() - started}


def line(name, found):
    """A part in one line, and its rows."""
    mark = "ok" if found["ok"] else "WRONG"
    if "not run" in found:
        mark = "not run"
    rest = {k: v for k, v in found.items() if k not in ("ok", "rows", "traceback", "says")}
    rows = [f"    {_short(row)}" for row in found.get("rows", [])]
    return "\n".join([f"{name:14}{mark:9}{_short(rest)[:600]}", *rows])


def _short(entries):
    return ", ".join(
        f"{k} {v:,.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in entries.items()
    )


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.gpu", description=__doc__)
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the JSON file")
    parser.add_argument("--only", help="parts, with commas between them")
    parser.add_argument(
        "--small",
        action="store_true",
        help="tiny sizes, in seconds; nothing is written without --out",
    )
    parser.add_argument(
        "--seconds", type=float, default=480, help="after which no further part begins"
    )
    options = parser.parse_args()
    if not config.ENABLE_CUDASIM and not cuda.is_available():
        print("tests.gpu must have an NVIDIA GPU with its driver, and found none.", file=sys.stderr)
        return 2
    started = time.time()
    sizes = SMALL if options.small else LARGE
    chosen = parts()
    if options.only:
        names = options.only.split(",")
        if unknown := [name for name in names if name not in chosen]:
            parser.error(f"--only must name some of {', '.join(chosen)}, got {unknown[0]!r}")
        chosen = {name: chosen[name] for name in names}
    report = {
        "command": [sys.executable, *sys.argv],
        "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "parts": {},
    }
    report["machine"] = attempt(lambda _: machine() | {"ok": True}, sizes, 1)
    print(line("machine", report["machine"]))
    for name, function in chosen.items():
        report["parts"][name] = attempt(function, sizes, options.seconds - (time.time() - started))
        print(line(name, report["parts"][name]), flush=True)
    if options.out != RESULTS or not options.small:
        options.out.mkdir(parents=True, exist_ok=True)
        path = options.out / time.strftime("gpu-%Y%m%d-%H%M%S.json")
        path.write_text(json.dumps(report, indent=1) + "\n")
        print(path)
    all_ok = all(found["ok"] for found in report["parts"].values())
    return 0 if all_ok else 1


if __name__ == "__main__":
    sys.exit(main())
