"""Tests of conformance/trial/."""
