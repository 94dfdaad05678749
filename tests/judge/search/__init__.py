"""Tests of conformance/search/."""
