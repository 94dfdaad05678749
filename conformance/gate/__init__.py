"""Gate: the judge inside other people's tests and CI. Start with `cases`, for pytest.

action/ is the GitHub action, templates/ has the files that `adamref init` writes. README.md is for
users.
"""
