"""Runs outside of this process: one side asks a program, the other one serves a subject."""
