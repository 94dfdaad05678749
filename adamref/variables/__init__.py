"""Arrays that an optimizer changes, and gradients of what NumPy computes from them: see README.md."""
