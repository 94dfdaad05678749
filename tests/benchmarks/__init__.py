"""Timings, as ratios within one run. `python -m tests.benchmarks` runs them all; each module runs alone too."""
