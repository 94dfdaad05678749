"""Trial: one subject runs through one vector, and given answers judge it. Start with `run`, then `compare`.

Nothing here needs the oracle: frozen answers are enough for a verdict.
"""
