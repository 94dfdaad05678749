"""python -m tests.benchmarks: every benchmark, one after another, each in its own process."""

import argparse
import subprocess
import sys

MODULES = ("check", "cpu", "deferred", "halves", "outside", "workers")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("module", nargs="*", choices=MODULES, help="default: all")
    chosen = parser.parse_args().module or MODULES
    for number, module in enumerate(chosen, 1):
        print(f"== python -m tests.benchmarks.{module} ({number} of {len(chosen)})", flush=True)
        subprocess.run([sys.executable, "-m", f"tests.benchmarks.{module}"], check=True)


if __name__ == "__main__":
    main()
