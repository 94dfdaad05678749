"""Gate: the judge inside other people's tests and CI. Start with `cases`, for pytest.

action/ is the GitHub action, and templates/ has the files that `adamref init` writes.
"""
