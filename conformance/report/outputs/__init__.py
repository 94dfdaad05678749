"""Outputs: a report as a file for programs and CI. Each module has a function `text`; cli/outputs.py has options."""
