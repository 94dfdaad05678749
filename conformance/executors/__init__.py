"""Executors: where tasks run, in processes of this machine or on a cluster. See README.md.

All of them have the interface of `concurrent.futures.Executor`. `open_lanes` in `lanes` is the way
in; nothing here knows what a task is.
"""
