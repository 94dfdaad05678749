"""Screens: what the commands print on a terminal. Start with `table`."""
