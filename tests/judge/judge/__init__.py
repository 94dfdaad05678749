"""Tests of conformance/judge/."""
