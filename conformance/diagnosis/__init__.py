"""Diagnosis: what explains a failure.

Start with `diagnosis`, which finds the explanation of a report: from `symptoms` to `guesses`, then
`formula`, and `narrowing` where nothing fits. `smallest_failure` finds the
smallest input that fails, and `contrast` compares two Adams. A subject that conforms loads none
of this.
"""
