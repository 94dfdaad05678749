"""Reports: findings of the judge, in words and numbers that all forms share. Start with `results`.

outputs/ has the forms for programs, screens/ those for people. `recorded` reads a report again, and
`diff` compares two. README.md says how to add a format.
"""
