"""Subjects: how a user gives an Adam to the judge, and how its name is found. Start with `subject`.

`subject` has the contract. `shipped` names the adapters in subjects/ and imports none of them.
"""
