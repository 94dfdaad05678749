"""Truth: the exact results, and the largest error that a right Adam may have. Start with `bound`.

`reference` is the judge's only door to the oracle. `problem` solves the inputs of a vector with it.
"""
