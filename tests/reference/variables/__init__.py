"""Tests of adamref/variables/."""
