"""Variables: arrays that an optimizer changes, and gradients of losses that are written in NumPy.

README.md follows one call through the files.
"""
