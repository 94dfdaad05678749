"""Search: inputs that Hypothesis draws.

Start with `fuzz`, the command, or with `hunt`, which fills the vectors.
"""
