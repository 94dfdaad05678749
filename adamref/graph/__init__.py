"""Graphs of TensorFlow 1: what is written is recorded, and computed when it is run."""
