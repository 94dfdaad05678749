"""Tests of adamref/kernels/: of backends here, of the rest folder by folder."""
