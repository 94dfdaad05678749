"""Tests of conformance/selftest/."""
