"""The verdict: start with `check`."""
