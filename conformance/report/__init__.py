"""Reports: what the judge found, in the words and numbers that all forms share. Start with `results`.

outputs/ has the forms for programs, screens/ those for people. `recorded` reads reports again, `diff` compares them.
"""
