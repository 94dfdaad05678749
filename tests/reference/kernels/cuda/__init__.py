"""Tests of adamref/kernels/cuda/, in Numba's simulator and on compiled code."""
