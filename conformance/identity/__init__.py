"""Whose convention a subject follows: start with `search`."""
