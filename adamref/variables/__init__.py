"""Variables: arrays that an optimizer changes, and the gradients of losses that are written in NumPy. See README.md."""
