"""Tests of adamref/graph/, where there is a counterpart against TensorFlow's own graphs."""
