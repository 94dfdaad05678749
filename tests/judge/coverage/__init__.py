"""Tests of conformance/coverage/."""
