"""Subjects: how a user gives an Adam to the judge, and how its name is found. Start with `subject`.

The contract of a subject stands in `subject`. `shipped` names the adapters in subjects/; none is imported here.
"""
