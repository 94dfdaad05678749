"""Self-test: how many wrong Adams the vectors reject, and how many right ones they accept.

Start with `selftest`. `mutants` changes one place of adamref at a time, `changed_copy` loads it,
and `killing` looks for a vector that notices it.
"""
