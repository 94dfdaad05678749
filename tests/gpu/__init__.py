"""Checks that need a real GPU: `python -m tests.gpu`, from a checkout with numba-cuda."""
