"""Tests of adamref/storage/."""
