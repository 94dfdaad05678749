"""Tests of what a process owes its user."""
