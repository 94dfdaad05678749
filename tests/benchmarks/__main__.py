"""python -m tests.benchmarks: every benchmark, one after another, each in its own process."""

import subprocess
import sys

MODULES = ("check", "cpu", "deferred")


def main() -> None:
    for module in MODULES:
        print(f"== python -m tests.benchmarks.{module}", flush=True)
        subprocess.run([sys.executable, "-m", f"tests.benchmarks.{module}"], check=True)


if __name__ == "__main__":
    main()
