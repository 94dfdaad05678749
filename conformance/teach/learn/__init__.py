"""Exercises: wrong Adams to be mended, and how far somebody has come with them."""
