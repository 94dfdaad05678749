"""Tests of conformance/vectors/, and of the vectors themselves."""
