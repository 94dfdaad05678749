"""Outputs: a report as a file for programs and CI. Start with `formats`, the table of them.

Each other module is one format. It has a function ``text(results)``. `adamref check` has an option
for each row of the table.
"""
