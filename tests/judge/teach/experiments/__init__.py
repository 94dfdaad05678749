"""Tests of the experiments of the papers."""
