"""Times, as ratios within one run: `python -m tests.benchmarks`; each module runs alone too."""
