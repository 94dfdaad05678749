"""Tests of conformance/diagnosis/."""
