"""Scripts: a failure as Python for a Python subject, as protocol lines for a program."""
