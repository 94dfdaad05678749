"""Tests of adamref/kernels/cpu/."""
