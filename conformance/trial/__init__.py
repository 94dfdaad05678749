"""Trial: one subject runs through one vector, and the answers judge it. Start with `run`.

Then read `compare`. `events` is where the code of a user meets the judge, `contract` what it must
return. `judged_runs` judges the same runs under many conventions. Nothing here needs the oracle.
"""
