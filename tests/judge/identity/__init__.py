"""Tests of conformance/identity/."""
