"""Halves: what is kept of parameters of half precision between two steps, and in which format.

Start with `storage`.
"""
