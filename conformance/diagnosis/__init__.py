"""Diagnosis: what explains the numbers of a subject that fails. Start with `diagnosis`.

`smallest_failure` finds the smallest input that still fails, with the changes of `shrink`; `contrast` compares two
Adams. A subject that conforms loads `diagnosis` alone, so whatever needs the oracle is imported inside its functions.
"""
