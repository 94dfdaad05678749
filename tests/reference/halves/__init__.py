"""Tests of adamref/halves."""
