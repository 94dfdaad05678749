"""Tests of adamref/kernels/deferred/."""
