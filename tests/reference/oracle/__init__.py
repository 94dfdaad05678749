"""Tests of adamref/oracle/."""
