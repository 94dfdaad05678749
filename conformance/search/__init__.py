"""Search: inputs that are drawn, small ones by Hypothesis.

Start with `fuzz`, the command, or with `hunt`, which fills the vectors.
"""
