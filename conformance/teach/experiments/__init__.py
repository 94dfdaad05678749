"""Experiments of the papers on Adam, small enough to run while one waits. README.md has them all.

Each module is one experiment: functions that return numbers, and no picture.
"""
