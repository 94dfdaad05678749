"""Tests of the commands that teach."""
