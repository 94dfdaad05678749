"""Explanations: every number of every step of Adam, in the order of the equations."""
