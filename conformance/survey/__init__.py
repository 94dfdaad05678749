"""The state of Adam: libraries made from nothing, each judged in an environment of its own.

`python -m conformance.survey DIR` does it; README.md has the form of a row and the table.
"""
