"""What only a real GPU can show: `python -m tests.gpu`, from a checkout with NumPy, numba-cuda and perhaps PyTorch."""
