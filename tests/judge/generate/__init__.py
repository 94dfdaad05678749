"""Tests of what writes the vectors."""
