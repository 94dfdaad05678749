"""Cases that `test_simulator` runs in a process of its own, with Numba's CUDA simulator."""
