"""Storage: files of everything that an optimizer remembers, written atomically.

Start with `checkpoint`.
"""
