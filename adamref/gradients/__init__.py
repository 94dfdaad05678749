"""Gradients: arrays, or slices of a few rows, as users hand them over and as a step takes them.

Start with `indexed_slices`.
"""
