"""Tests of conformance/truth/."""
